import * as path from "node:path";
import { readJson, writeJson } from "../firehose/files";
import { evenRanges, overlap } from "./hash-keys";

/** A shard, as it is kept in its stream's folder. */
export interface ShardState {
    readonly id: string;
    readonly index: number;
    /** First and last hash key, in decimal. */
    readonly start: string;
    readonly end: string;
    readonly created: number;
    /** Shards that it came from when the stream was cut anew: one, or two that were merged. */
    readonly parents: readonly string[];
    /** When it was closed: it takes no more records then, and can still be read. */
    readonly closed?: number;
}

/** What a stream remembers of itself. */
export interface StreamState {
    /** Hex digits that tell it from a former stream of the same name. */
    readonly incarnation: string;
    /** Milliseconds since 1970. */
    readonly created: number;
    readonly shards: readonly ShardState[];
}

/** The folder of a stream. A name of dots alone, which AWS allows, is spelled so that it does not lead elsewhere. */
export function streamFolder(data: string, streamName: string): string {
    return path.join(
        data,
        "kinesis",
        streamName.replace(/^\.+$/, (dots) => "%2E".repeat(dots.length)),
    );
}

/** The state kept in a stream's folder, or undefined when there is none. */
export function readState(folder: string): StreamState | undefined {
    return readJson<StreamState>(path.join(folder, "stream.json"));
}

/** Keeps a state in the place of the former one. */
export function writeState(folder: string, state: StreamState): void {
    writeJson(path.join(folder, "stream.json"), state);
}

/** A new stream with so many shards. */
export function newState(incarnation: string, now: number, shardCount: number): StreamState {
    return { incarnation, created: now, shards: cut(shardCount, 0, now, []) };
}

/** The shards that take records. */
export function openShards({ shards }: StreamState): readonly ShardState[] {
    return shards.filter(({ closed }) => closed === undefined);
}

/**
 * A stream cut into so many equal shards: the open ones are closed, and new ones come from them. AWS gets there by single splits and merges;
 * here it is one step, and a shard that would come from more than two names the outer two.
 */
export function resharded(state: StreamState, shardCount: number, now: number): StreamState {
    const open = openShards(state);
    if (open.length === shardCount) return state;
    const closed = state.shards.map((shard) => (shard.closed === undefined ? { ...shard, closed: now } : shard));
    return { ...state, shards: [...closed, ...cut(shardCount, state.shards.length, now, open)] };
}

/** A stream without the shards that were closed so long ago that all their records are gone. */
export function withoutExpired(state: StreamState, before: number): StreamState {
    return { ...state, shards: state.shards.filter(({ closed = Number.POSITIVE_INFINITY }) => closed >= before) };
}

/** Id of a shard by its number. */
export function shardIdOf(index: number): string {
    return `shardId-${String(index).padStart(12, "0")}`;
}

function cut(count: number, from: number, now: number, parents: readonly ShardState[]): ShardState[] {
    return evenRanges(count).map((range, i) => {
        const before = parents.filter(({ start, end }) => overlap({ start: BigInt(start), end: BigInt(end) }, range));
        const outer = before.length > 2 ? [before[0], before.at(-1)] : before;
        return {
            id: shardIdOf(from + i),
            index: from + i,
            start: String(range.start),
            end: String(range.end),
            created: now,
            parents: (outer as ShardState[]).map(({ id }) => id),
        };
    });
}

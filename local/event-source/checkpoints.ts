import * as fs from "node:fs";
import * as path from "node:path";
import { readJson, writeJson } from "../firehose/files";

/** How far a mapping has come in one shard. */
export interface ShardProgress {
    /** Position of the next record of each lane. */
    readonly lanes: readonly number[];
    /** Whether the shard is closed and everything in it is done. */
    readonly done: boolean;
}

interface State {
    /** What tells the stream from a former one of its name. */
    readonly incarnation: string;
    readonly shards: Readonly<Record<string, ShardProgress>>;
}

/** How far a mapping has come, on disk: after a kill it goes on from there. */
export interface Checkpoints {
    /** What is known of a shard, or undefined when it is new. */
    shard(shardId: string): ShardProgress | undefined;
    /** Whether the mapping has never read this stream. */
    readonly isNew: boolean;
    keep(shardId: string, progress: ShardProgress): void;
}

/** Where the state of a mapping is kept. */
export function checkpointFile(data: string, uuid: string): string {
    return path.join(data, "event-source", `${uuid}.json`);
}

/** Opens the state of a mapping. Positions in a former stream of the same name mean nothing, and are forgotten. */
export function openCheckpoints(file: string, incarnation: string): Checkpoints {
    const kept = readJson<State>(file);
    const isNew = kept?.incarnation !== incarnation;
    const shards: Record<string, ShardProgress> = isNew ? {} : { ...kept.shards };
    return {
        isNew,
        shard: (shardId) => shards[shardId],
        keep(shardId, progress) {
            shards[shardId] = progress;
            writeJson(file, { incarnation, shards } satisfies State);
        },
    };
}

/** Forgets the state of a mapping. */
export function removeCheckpoints(file: string): void {
    fs.rmSync(file, { force: true });
}

/** The positions of so many lanes: when their number has changed, all begin where the slowest one was. */
export function lanePositions({ lanes }: ShardProgress, count: number): readonly number[] {
    return lanes.length === count ? lanes : Array.from({ length: count }, () => Math.min(...lanes));
}

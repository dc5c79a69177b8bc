import * as fs from "node:fs";
import * as path from "node:path";
import type { Services } from "../services";
import { hashKeyOf } from "./hash-keys";
import { parseSequence, type Sequence, sequenceNumbers, streamDigits } from "./sequence";
import { openShardLog, type ShardLog } from "./shard-log";
import {
    newState,
    openShards,
    readState,
    resharded,
    type ShardState,
    type StreamState,
    withoutExpired,
    writeState,
} from "./shards";

/** A shard at work. */
export interface Shard {
    readonly state: ShardState;
    readonly log: ShardLog;
    /** The sequence number of a record by its position. */
    sequenceNumber(position: number): string;
    /** Lowest and highest hash key. */
    readonly start: bigint;
    readonly end: bigint;
}

/** A stream at work. */
export interface Stream {
    readonly incarnation: string;
    readonly created: number;
    /** Every shard that may still be read, in the order of their numbers. */
    shards(): readonly Shard[];
    shard(shardId: string): Shard | undefined;
    /** The open shard that takes records with this partition key, or with this hash key when it is given. */
    shardFor(partitionKey: string, explicitHashKey?: string): Shard;
    /** What a sequence number of this stream says, or undefined when it is not one. */
    parse(sequence: string): Sequence | undefined;
    /** Cuts the stream into so many shards. */
    reshard(shardCount: number): void;
    /** Deletes what is older than the retention period. */
    trim(retentionMs: number): Promise<void>;
    close(): Promise<void>;
}

/** Opens the stream kept in a folder; a folder that has none gets an empty one with so many shards. */
export function openStream(
    { clock, randomHex }: Pick<Services, "clock" | "randomHex">,
    folder: string,
    shardCount: number,
): Stream {
    let state = readState(folder) ?? made(newState(randomHex(32), clock.now(), shardCount));
    const digits = streamDigits(state.incarnation);
    const opened = new Map<string, Shard>();
    let open: readonly Shard[] = [];
    openAll();

    return {
        incarnation: state.incarnation,
        created: state.created,
        shards: () => [...opened.values()],
        shard: (shardId) => opened.get(shardId),
        shardFor(partitionKey, explicitHashKey) {
            const key = explicitHashKey === undefined ? hashKeyOf(partitionKey) : BigInt(explicitHashKey);
            return open.find(({ end }) => key <= end) as Shard;
        },
        parse: (sequence) => parseSequence(digits, sequence),
        reshard(shardCount) {
            keep(resharded(state, shardCount, clock.now()));
        },
        async trim(retentionMs) {
            const before = clock.now() - retentionMs;
            const left = withoutExpired(state, before);
            if (left.shards.length < state.shards.length) keep(left);
            await Promise.all([...opened.values()].map(({ log }) => log.trim(before)));
        },
        async close() {
            await Promise.all([...opened.values()].map(({ log }) => log.close()));
        },
    };

    function made(fresh: StreamState): StreamState {
        writeState(folder, fresh);
        return fresh;
    }

    function keep(next: StreamState): void {
        writeState(folder, next);
        state = next;
        openAll();
        // Whoever waits for records of a shard that is closed now learns that none will come.
        for (const { log } of opened.values()) log.wake();
    }

    function openAll(): void {
        const known = new Map(opened);
        opened.clear();
        for (const shard of state.shards) {
            const before = known.get(shard.id);
            known.delete(shard.id);
            opened.set(shard.id, shardAt(shard, before?.log));
        }
        for (const [id, gone] of known) {
            void gone.log.close();
            fs.rmSync(path.join(folder, id), { recursive: true, force: true });
        }
        const ids = new Set(openShards(state).map(({ id }) => id));
        open = [...opened.values()].filter((shard) => ids.has(shard.state.id));
    }

    function shardAt(shard: ShardState, log?: ShardLog): Shard {
        return {
            state: shard,
            log: log ?? openShardLog(path.join(folder, shard.id), clock),
            sequenceNumber: sequenceNumbers(digits, shard.index),
            start: BigInt(shard.start),
            end: BigInt(shard.end),
        };
    }
}

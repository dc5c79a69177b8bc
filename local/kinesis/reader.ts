import { bodyIn, type LoggedRecord } from "../records/frame";
import type { Caller, Services } from "../services";
import { requireKey } from "./access";
import type { StreamConfig } from "./config";
import type { Shard, Stream } from "./stream";

/** Most bytes of data that one read gives: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_RECORDS = 10_000;

/** A shard as a consumer sees it. */
export interface ShardDescription {
    readonly id: string;
    /** Shards whose records come before this one's; those that are gone are still named. */
    readonly parents: readonly string[];
    readonly hashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
    /** Whether it takes records. */
    readonly isOpen: boolean;
}

/** Where to begin in a shard that one has not read before. */
export type StartingPosition = "TRIM_HORIZON" | "LATEST" | { readonly atTimestamp: number };

/** Where a read ended. */
export interface ReadEnd {
    /** Position to go on from. */
    readonly next: number;
    /** Milliseconds between the last record that was given and now; 0 at the end of the shard. */
    readonly millisBehindLatest: number;
    /** Whether the shard is closed and nothing is left in it. */
    readonly isDrained: boolean;
}

/** What a read gives. */
export interface ReadResult extends ReadEnd {
    readonly records: readonly LoggedRecord[];
    /** That of the record at a position: many take none. */
    sequenceNumber(position: number): string;
}

/** What a reader may say of what it reads. */
export interface ReadOptions {
    readonly records?: number;
    wants?(partitionKey: string): boolean;
}

/** Records that arrived together, as they stand in the shard's log: for who passes them on. */
export interface RecordRun {
    readonly count: number;
    readonly arrival: number;
    readonly body: Buffer;
    /** Position after the last of them. */
    readonly next: number;
    /** The sequence number of the first. Those of the others follow it one by one. */
    readonly sequenceNumber: string;
}

/** What a read of whole runs gives. */
export interface ReadRuns extends ReadEnd {
    readonly runs: readonly RecordRun[];
}

/**
 * How other local services read streams: by position, which counts the records of a shard from 0 and stays good across restarts. A
 * consumer keeps its own positions, together with the stream's {@link KinesisReader.incarnation}: a stream that was deleted and made again
 * under the same name has another one, and its positions begin anew.
 */
export interface KinesisReader {
    /** Hex digits that tell a stream from a former one of the same name, or undefined when there is no such stream. */
    incarnation(streamArn: string): string | undefined;
    /** Every shard that may still be read, parents before their children. A consumer reads a shard when its parents are drained. */
    shards(streamArn: string): readonly ShardDescription[];
    /** The position at which to begin. */
    positionOf(streamArn: string, shardId: string, start: StartingPosition): Promise<number>;
    /**
     * Reads records (at most 10 MiB, and 10,000 unless told otherwise) from a position on, or from the oldest one within the retention period.
     * Those with partition keys that are not wanted are left out.
     * The caller needs `kinesis:GetRecords`, and `kms:Decrypt` where the stream has a key of the account's own.
     */
    read(
        caller: Caller,
        streamArn: string,
        shardId: string,
        position: number,
        limits?: ReadOptions,
    ): Promise<ReadResult>;
    /** Reads as {@link KinesisReader.read} does, but whole runs, about so many bytes of them. */
    readRuns(caller: Caller, streamArn: string, shardId: string, position: number, bytes: number): Promise<ReadRuns>;
    /**
     * Resolves when there is a record at this position, when the shard is closed, when the stream is gone, or when the signal aborts. It may
     * resolve early: read, and wait again.
     */
    waitForRecords(streamArn: string, shardId: string, position: number, signal: AbortSignal): Promise<void>;
}

/** What the reader needs. */
export interface ReaderServices {
    readonly services: Pick<Services, "clock" | "iam" | "metrics">;
    /** The stream with this ARN, or AWS's error when there is none. */
    open(streamArn: string): { readonly stream: Stream; readonly config: StreamConfig };
    /** The shard, or AWS's error when there is none. */
    openShard(streamArn: string, shardId: string): Shard;
    find(streamArn: string): { readonly stream: Stream } | undefined;
}

/** Makes the {@link KinesisReader}. */
export function createReader({ services, open, openShard, find }: ReaderServices): KinesisReader {
    const { clock, iam, metrics } = services;

    /** Records that are older than the retention period are not given any more, whether or not they are deleted. */
    async function trimHorizon({ log }: Shard, { retentionMs }: StreamConfig): Promise<number> {
        return log.positionAt(clock.now() - retentionMs);
    }

    /** Where a caller that may read a shard begins. */
    async function enter(caller: Caller, arn: string, shardId: string, position: number) {
        iam.authorize(caller, "kinesis:GetRecords", arn);
        const { config } = open(arn);
        requireKey(iam, caller, config, "kms:Decrypt");
        const shard = openShard(arn, shardId);
        return { shard, config, from: Math.max(position, await trimHorizon(shard, config)) };
    }

    function endOf(
        { log, state }: Shard,
        { name }: StreamConfig,
        { count, next, last = clock.now() }: { count: number; next: number; last: number | undefined },
    ): ReadEnd {
        const isBehind = next < log.next();
        const millisBehindLatest = isBehind ? Math.max(0, clock.now() - last) : 0;
        const metric = (metricName: string, value: number) =>
            metrics.put("AWS/Kinesis", metricName, { StreamName: name }, value);
        metric("GetRecords.IteratorAgeMilliseconds", millisBehindLatest);
        metric("GetRecords.Records", count);
        return {
            next,
            millisBehindLatest,
            isDrained: state.closed !== undefined && !isBehind && !log.isWriting(),
        };
    }

    return {
        incarnation: (arn) => find(arn)?.stream.incarnation,
        shards: (arn) =>
            open(arn)
                .stream.shards()
                .map(({ state }) => ({
                    id: state.id,
                    parents: state.parents,
                    hashKeyRange: { StartingHashKey: state.start, EndingHashKey: state.end },
                    isOpen: state.closed === undefined,
                })),
        async positionOf(arn, shardId, start) {
            const { config } = open(arn);
            const shard = openShard(arn, shardId);
            if (start === "LATEST") return shard.log.next();
            const horizon = await trimHorizon(shard, config);
            return start === "TRIM_HORIZON"
                ? horizon
                : Math.max(horizon, await shard.log.positionAt(start.atTimestamp));
        },
        async read(caller, arn, shardId, position, options = {}) {
            const { shard, config, from } = await enter(caller, arn, shardId, position);
            const { records, next } = await shard.log.read(from, {
                records: options.records ?? MAX_RECORDS,
                bytes: MAX_BYTES,
            });
            const { wants } = options;
            const wanted = wants ? records.filter(({ partitionKey }) => wants(partitionKey)) : records;
            return {
                records: wanted,
                sequenceNumber: shard.sequenceNumber,
                ...endOf(shard, config, { count: records.length, next, last: records.at(-1)?.arrival }),
            };
        },
        async readRuns(caller, arn, shardId, position, bytes) {
            const { shard, config, from } = await enter(caller, arn, shardId, position);
            const runs = (await shard.log.frames(from, bytes)).map((frame): RecordRun => {
                const skipped = Math.max(0, from - frame.first);
                const next = frame.first + frame.header.count;
                return {
                    count: frame.header.count - skipped,
                    arrival: frame.header.arrival,
                    body: bodyIn(frame, skipped).body,
                    next,
                    sequenceNumber: shard.sequenceNumber(frame.first + skipped),
                };
            });
            const count = runs.reduce((sum, run) => sum + run.count, 0);
            const last = runs.at(-1);
            return { runs, ...endOf(shard, config, { count, next: last?.next ?? from, last: last?.arrival }) };
        },
        async waitForRecords(arn, shardId, position, signal) {
            const shard = find(arn)?.stream.shard(shardId);
            if (shard && (shard.state.closed === undefined || shard.log.isWriting()))
                await shard.log.reached(position, signal);
        },
    };
}

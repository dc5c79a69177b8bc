import { isServiceError } from "../errors";
import type { ReadRuns, ShardDescription } from "../kinesis";
import type { RecordLog } from "../records/log";
import type { Caller } from "../services";
import type { SourceConfig, StreamConfig } from "./config";
import type { FirehoseServices } from "./delivery";
import { logFailure } from "./diagnostics";
import { countIn, dataBytesIn, type SourceNote } from "./runs";
import { endsOf, positionsIn, type SourcePositions } from "./source-positions";
import { createWaker } from "./waker";

/** Bytes of records that are read from a shard, and written to the log, at once, and some more. */
const READ_BYTES = 1024 * 1024;

/** Pause after a source that could not be read. */
const PAUSE_MS = 1000;

/** What a role needs to read a stream. https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#firehose-assume-role */
const ACTIONS = ["kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"];

/** The Kinesis stream that a delivery stream reads. */
export interface Source {
    /** Copies what comes into the log, until the signal aborts. */
    run(): Promise<void>;
    /** Has it look again whether the log takes more. */
    wake(): void;
    /** Resolves when all that the Kinesis stream holds now is in the log. Rejects when the signal aborts before. */
    caughtUp(): Promise<void>;
}

/** What a {@link Source} works with. */
export interface SourceSettings {
    readonly services: FirehoseServices;
    /** The configuration of the delivery stream as it is now, or undefined when it is gone. */
    readonly config: () => StreamConfig | undefined;
    readonly folder: string;
    readonly log: RecordLog;
    /** Bytes on disk beyond which nothing more is read. */
    readonly backlogBytes: number;
    readonly signal: AbortSignal;
    step(name: string): void;
    /** Told of errors that nobody expected. */
    onError(error: unknown): void;
}

/**
 * Makes a {@link Source}. Records are copied into the log of the delivery stream as they stand in their shard, together
 * with the positions that the shards are read up to: however it ends, the next start goes on where the log does.
 */
export function createSource(settings: SourceSettings): Source {
    const { services, config, folder, log, signal } = settings;
    const { clock, iam, kinesis, metrics } = services;
    const room = createWaker(clock);
    const drained = new Set<string>();
    let positions: SourcePositions | undefined;
    let waiting: { readonly ends: SourcePositions; resolve(): void; reject(error: unknown): void }[] = [];
    signal.addEventListener("abort", () => {
        room.wake();
        for (const { reject } of waiting.splice(0)) reject(signal.reason);
    });

    return {
        async run() {
            while (!signal.aborted) {
                try {
                    await cycle();
                } catch (error) {
                    if (signal.aborted) return;
                    report(error);
                    await clock.sleep(PAUSE_MS, signal);
                }
            }
        },
        wake: room.wake,
        async caughtUp() {
            const source = config()?.source;
            if (!source || kinesis.incarnation(source.arn) === undefined) return;
            const ends = await endsOf(kinesis, source.arn);
            if (hasReached(ends)) return;
            await new Promise<void>((resolve, reject) => {
                if (signal.aborted) reject(signal.reason);
                else waiting.push({ ends, resolve, reject });
            });
        },
    };

    /** Reads each shard once, and waits for records when there are none. */
    async function cycle(): Promise<void> {
        const stream = config();
        if (!stream?.source || log.size() > settings.backlogBytes) return await room.sleep(Number.POSITIVE_INFINITY);
        const { source } = stream;
        const caller = entered(stream, source);
        const shards = shardsToRead(source);
        let copied = 0;
        for (const { id } of shards) copied += await copy(stream, caller, source.arn, id);
        for (const each of waiting) if (hasReached(each.ends)) each.resolve();
        waiting = waiting.filter(({ ends }) => !hasReached(ends));
        if (copied === 0) await somethingNew(source.arn, shards);
    }

    function entered(stream: StreamConfig, { arn, roleArn }: SourceConfig): Caller {
        const caller = iam.assume(roleArn, "firehose.amazonaws.com", stream.arn, "firehose");
        for (const action of ACTIONS) iam.authorize(caller, action, arn);
        return caller;
    }

    /** The shards that may have more, those that came from others only once the others have been read. */
    function shardsToRead({ arn }: SourceConfig): readonly ShardDescription[] {
        const incarnation = kinesis.incarnation(arn) ?? "";
        if (positions?.incarnation !== incarnation) {
            positions = positionsIn(log, folder, incarnation);
            drained.clear();
        }
        const shards = kinesis.shards(arn);
        const isRead = (id: string) => drained.has(id) || !shards.some((shard) => shard.id === id);
        return shards.filter(({ id, parents }) => !drained.has(id) && parents.every(isRead));
    }

    async function copy(stream: StreamConfig, caller: Caller, arn: string, shardId: string): Promise<number> {
        const before = positions as SourcePositions;
        const read = await kinesis.readRuns(caller, arn, shardId, before.shards[shardId] ?? 0, READ_BYTES);
        if (signal.aborted) return 0;
        const upTo = (next: number) => ({ ...before, shards: { ...before.shards, [shardId]: next } });
        if (read.runs.length > 0) {
            settings.step("source:read");
            await log.append(
                read.runs.map(({ count, arrival, body, next, sequenceNumber }) => {
                    const note: SourceNote = { ...upTo(next), origin: { shardId, sequenceNumber } };
                    return { count, arrival, body, note: JSON.stringify(note) };
                }),
            );
            settings.step("source:copied");
        }
        positions = upTo(read.next);
        if (read.isDrained) drained.add(shardId);
        putMetrics(stream, read);
        return read.runs.length;
    }

    /** Resolves when one of the shards has more, or is closed. */
    async function somethingNew(arn: string, shards: readonly ShardDescription[]): Promise<void> {
        if (signal.aborted) return;
        const over = new AbortController();
        const stop = () => over.abort();
        signal.addEventListener("abort", stop);
        const waits = shards.map(({ id }) => kinesis.waitForRecords(arn, id, positions?.shards[id] ?? 0, over.signal));
        await Promise.race(waits.length > 0 ? waits : [clock.sleep(PAUSE_MS, over.signal)]).finally(() => {
            signal.removeEventListener("abort", stop);
            over.abort();
        });
    }

    function hasReached(ends: SourcePositions): boolean {
        if (positions?.incarnation !== ends.incarnation) return false;
        const { shards } = positions;
        return Object.entries(ends.shards).every(([id, end]) => (shards[id] ?? 0) >= end);
    }

    function putMetrics(stream: StreamConfig, { runs, millisBehindLatest }: ReadRuns): void {
        const metric = (metricName: string, value: number) =>
            metrics.put("AWS/Firehose", metricName, { DeliveryStreamName: stream.name }, value);
        metric("KinesisMillisBehindLatest", millisBehindLatest);
        if (runs.length === 0) return;
        metric("DataReadFromKinesisStream.Records", countIn(runs));
        metric("DataReadFromKinesisStream.Bytes", dataBytesIn(runs));
    }

    /** A role that may not read the stream, or a stream that is gone, is told in the log of the delivery stream. */
    function report(error: unknown): void {
        // Where the configuration itself is what cannot be read, there is no log to tell it in.
        const stream = isServiceError(error) ? config() : undefined;
        if (stream?.source && isServiceError(error))
            logFailure(services, stream, stream.source.arn, { code: `Kinesis.${error.code}`, message: error.message });
        else settings.onError(error);
    }
}

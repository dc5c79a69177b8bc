import * as fs from "node:fs";
import * as path from "node:path";
import { frameOfData } from "../records/frame";
import { openLog } from "../records/log";
import type { Arranged } from "./arrange";
import type { Arranger } from "./arranger";
import type { StreamConfig, TransformConfig } from "./config";
import { columnsFor } from "./conversion-table";
import { type Cursor, readCursor, writeCursor } from "./cursor";
import { deliver } from "./deliver";
import type { Delivery } from "./delivery";
import { destinationArn, logFailure } from "./diagnostics";
import { identityOf } from "./files";
import { batchFormer, type Forming } from "./forming";
import { recordIds } from "./record";
import type { Run } from "./runs";
import { readSealed, type Sealed, seal, sealedFile } from "./sealed";
import { createSource } from "./source";
import { createStaging, type Staging } from "./staging";
import { type Transformed, transform } from "./transform";
import { createWaker } from "./waker";

/** Bytes of records that are staged at once when no function says how many it wants. */
const BATCH_BYTES = 1024 * 1024;

/** Bytes of all partitions together that are delivered, full or not: they take room on the disk. */
const MAX_STAGED_BYTES = 256 * 1024 * 1024;

/** Pause after an error that nobody expected, such as a full disk. */
const PAUSE_MS = 1000;

/** How many records a stream has had, and what became of them. It survives a restart. */
export interface DeliveryStatus {
    readonly accepted: number;
    /** Committed to a table, or written to an object. */
    readonly delivered: number;
    /** Reported in an object below the error prefix. */
    readonly failed: number;
    /** Dropped by the function. */
    readonly dropped: number;
    /** Accepted, and none of the above yet. */
    readonly pending: number;
}

/** A delivery stream at work. */
export interface DeliveryStream {
    /** Accepts records, and gives their ids once they are on disk. */
    put(records: readonly Uint8Array[]): Promise<readonly string[]>;
    /** Bytes of records on disk. */
    backlog(): number;
    status(): DeliveryStatus;
    /** Begins to deliver. */
    start(): void;
    /** Has its configuration read again. */
    changed(): void;
    /** Delivers everything accepted so far, whatever the buffering hints say. Rejects when the stream stops before. */
    flush(): Promise<void>;
    /** Resolves when nothing is pending. Rejects when the stream stops before. */
    idle(): Promise<void>;
    /** Stops. What is accepted stays on disk. */
    close(): Promise<void>;
}

/** Settings of {@link openStream}. */
export interface StreamOptions {
    readonly arranger: Pick<Arranger, "arrange" | "event">;
    /** Bytes on disk beyond which the stream's source is not read. */
    readonly backlogBytes: number;
    /** Called after each thing that delivery does; when it throws, delivery ends there, as if the process had been killed. */
    readonly step?: ((streamName: string, step: string) => void) | undefined;
    /** Told of errors that nobody expected; delivery starts again from what is on disk. */
    readonly onError: (streamName: string, error: unknown) => void;
}

interface Batch {
    readonly runs: readonly Run[];
    readonly result: Promise<Transformed>;
}

/** Opens the stream kept in a folder. `config` gives its configuration as it is now, or undefined when it is gone. */
export function openStream(
    services: Delivery["services"],
    name: string,
    folder: string,
    config: () => StreamConfig | undefined,
    options: StreamOptions,
): DeliveryStream {
    const { clock, metrics } = services;
    const { incarnation } = identityOf(folder, () => ({
        incarnation: services.randomHex(32),
        created: clock.now(),
    }));
    const ids = recordIds(incarnation);
    const waker = createWaker(clock);
    const stop = new AbortController();
    let cursor = readCursor(folder);
    const log = openLog(path.join(folder, "log"), cursor.position, { onAppend: waker.wake });
    // Where a cursor is lost, delivery begins with what is kept.
    cursor = { ...cursor, position: Math.max(cursor.position, log.first()) };
    const delivery: Delivery = {
        services,
        incarnation,
        log,
        arranger: options.arranger,
        staging: path.join(folder, "staging"),
        signal: stop.signal,
        step,
    };
    const source = createSource({
        services,
        config,
        folder,
        log,
        backlogBytes: options.backlogBytes,
        signal: stop.signal,
        step,
        onError: (error) => options.onError(name, error),
    });
    let flushTo = 0;
    let running: Promise<void> | undefined;
    let waiting: { readonly position: number; readonly resolve: () => void; readonly reject: (e: Error) => void }[] =
        [];

    return {
        async put(records) {
            const first = await log.append([frameOfData(records, clock.now())]);
            return records.map((_record, index) => ids.put(first + index));
        },
        backlog: log.size,
        status() {
            const { delivered, failed, dropped, position } = cursor;
            const accepted = log.next();
            return { accepted, delivered, failed, dropped, pending: accepted - position };
        },
        start() {
            running ??= Promise.all([run(), source.run()]).then(abandon);
        },
        changed() {
            waker.wake();
            source.wake();
        },
        async flush() {
            await caughtUp();
            flushTo = log.next();
            waker.wake();
            await reached(flushTo);
        },
        async idle() {
            await caughtUp();
            while (cursor.position < log.next()) {
                await reached(log.next());
                await caughtUp();
            }
        },
        async close() {
            stop.abort();
            waker.wake();
            await running;
            await log.close();
            abandon();
        },
    };

    function reached(position: number): Promise<void> {
        if (cursor.position >= position) return Promise.resolve();
        if (stop.signal.aborted) return Promise.reject(stopped());
        return new Promise((resolve, reject) => {
            waiting.push({ position, resolve, reject });
        });
    }

    /** Resolves when the source has nothing that is not in the log. */
    async function caughtUp(): Promise<void> {
        await source.caughtUp().catch((error) => {
            throw stop.signal.aborted ? stopped() : error;
        });
    }

    /** Tells who waits that what they wait for does not come. */
    function abandon(): void {
        for (const { reject } of waiting.splice(0)) reject(stopped());
    }

    function stopped(): Error {
        return new Error(`The delivery stream "${name}" has stopped.`);
    }

    function step(step: string): void {
        try {
            options.step?.(name, step);
        } catch (error) {
            stop.abort(error);
            throw error;
        }
    }

    async function run(): Promise<void> {
        while (!stop.signal.aborted) {
            try {
                await cycle();
            } catch (error) {
                if (stop.signal.aborted) return;
                options.onError(name, error);
                await clock.sleep(PAUSE_MS, stop.signal);
            }
        }
    }

    /** Delivers from the cursor on, until the stream stops. Everything that it keeps in memory can be made again from the disk. */
    async function cycle(): Promise<void> {
        await resume();
        const former = batchFormer(log.reader(cursor.position), cursor.position);
        try {
            await work(former, await createStaging(delivery.staging, delivery.arranger.arrange));
        } finally {
            await former.close();
        }
    }

    async function work(former: ReturnType<typeof batchFormer>, empty: Staging): Promise<void> {
        let staging = empty;
        let since = Number.POSITIVE_INFINITY;
        let batch: Batch | undefined;
        while (!stop.signal.aborted) {
            const stream = config();
            const forming = stream && (await former.fill(hintOf(stream)));
            const now = clock.now();
            if (!stream || !forming) await waker.sleep(Number.POSITIVE_INFINITY);
            else if (staging.records > 0 && deliverAt(stream, forming) <= now) await deliverStaged(stream);
            else if (batch || ripeAt(stream, forming) <= now) await process(stream);
            else await waker.sleep(Math.min(deliverAt(stream, forming), ripeAt(stream, forming)) - now);
        }

        function deliverAt({ buffer, partitionKeys }: StreamConfig, { runs }: Forming): number {
            const drained = !batch && runs.length === 0 && cursor.position < flushTo;
            // Each partition has a buffer of its own.
            const full = partitionKeys
                ? staging.largest >= buffer.bytes || staging.bytes >= MAX_STAGED_BYTES
                : staging.bytes >= buffer.bytes;
            return full || drained ? 0 : since + buffer.ms;
        }

        async function deliverStaged(stream: StreamConfig): Promise<void> {
            await finish(stream, seal(folder, stream, incarnation, cursor.position, staging));
            staging = await createStaging(delivery.staging, delivery.arranger.arrange);
            since = Number.POSITIVE_INFINITY;
        }

        async function process(stream: StreamConfig): Promise<void> {
            const current: Batch = batch ?? begin(stream, former.take());
            const transformed = await current.result;
            if (stop.signal.aborted) return;
            step("transformed");
            // The next batch is with the function while this one is staged.
            const ready = ripeAt(stream, await former.fill(hintOf(stream))) <= clock.now();
            batch = ready ? begin(stream, former.take()) : undefined;
            await stage(stream, current, transformed);
            step("staged");
            since = Math.min(since, clock.now());
        }

        async function stage(stream: StreamConfig, { runs }: Batch, transformed: Transformed): Promise<void> {
            const columns = stream.conversion && columnsFor(services, stream, stream.conversion);
            const before = staging.partitions;
            const made = await staging.add({ config: stream, incarnation, runs, transformed, columns });
            if (stream.transform) reportTransform(stream, stream.transform, made);
            if (made.conversionFailure) logFailure(services, stream, destinationArn(stream), made.conversionFailure);
            if (stream.partitionKeys && staging.partitions !== before) metric("PartitionCount", staging.partitions);
        }
    }

    function reportTransform(
        stream: StreamConfig,
        { lambdaArn }: TransformConfig,
        { failure, succeeded }: Arranged,
    ): void {
        metric("ExecuteProcessing.Success", failure ? 0 : 1);
        metric("SucceedProcessing.Records", succeeded);
        if (failure) logFailure(services, stream, destinationArn(stream), failure, lambdaArn);
    }

    function metric(metricName: string, value: number): void {
        metrics.put("AWS/Firehose", metricName, { DeliveryStreamName: name }, value);
    }

    function hintOf(stream: StreamConfig): number {
        return stream.transform?.buffer.bytes ?? BATCH_BYTES;
    }

    function ripeAt(stream: StreamConfig, { runs, full, oldest }: Forming): number {
        if (runs.length === 0) return Number.POSITIVE_INFINITY;
        return full || cursor.position < flushTo ? 0 : oldest + (stream.transform?.buffer.ms ?? 0);
    }

    function begin(stream: StreamConfig, { runs }: Forming): Batch {
        const started = clock.now();
        if (!stream.transform) return { runs, result: Promise.resolve({ attempts: 0, ended: started }) };
        const ports = { services, event: options.arranger.event };
        const records = { incarnation, runs };
        const result = transform(ports, stream, stream.transform, records, stop.signal).then((transformed) => {
            metric("ExecuteProcessing.Duration", transformed.ended - started);
            return transformed;
        });
        // Who awaits it may be busy with a delivery when it fails.
        result.catch(() => undefined);
        return { runs, result };
    }

    /** Ends a delivery that was sealed and not finished. */
    async function resume(): Promise<void> {
        const sealed = readSealed(folder);
        if (!sealed) return;
        const stream = config();
        if (stream && sealed.to > cursor.position) await finish(stream, sealed);
        else fs.rmSync(sealedFile(folder), { force: true });
    }

    async function finish(stream: StreamConfig, sealed: Sealed): Promise<void> {
        step("sealed");
        const { delivered, failed } = await deliver(delivery, stream, sealed);
        advance({
            position: sealed.to,
            delivered: cursor.delivered + delivered,
            failed: cursor.failed + failed,
            dropped: cursor.dropped + sealed.dropped,
        });
        step("advanced");
        fs.rmSync(sealedFile(folder), { force: true });
        step("unsealed");
        await log.trim(cursor.position);
        source.wake();
        step("trimmed");
        const done = waiting.filter(({ position }) => position <= cursor.position);
        waiting = waiting.filter(({ position }) => position > cursor.position);
        for (const { resolve } of done) resolve();
    }

    function advance(to: Cursor): void {
        writeCursor(folder, to);
        cursor = to;
    }
}

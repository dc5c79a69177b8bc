import { crc32 } from "node:zlib";
import type { Clock } from "../clock";
import { type Payload, payloadWriter } from "../payload";
import type { Caller } from "../services";
import type { Entry, StreamSource } from "./source";

/** Bytes of an event, which is what a function takes at most: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** Bytes of an event around its records. */
const ENVELOPE_BYTES = '{"Records":[]}'.length;

/** Which records of which shard a lane takes: those of some partition keys, so that a key's records stay in order. */
export interface Lane {
    readonly shardId: string;
    readonly index: number;
    /** How many lanes the shard has. */
    readonly of: number;
}

/** When a batch is full. */
export interface BatchLimits {
    readonly records: number;
    /** How long to gather records after the first one, in milliseconds. */
    readonly windowMs: number;
}

/** Records for one call of the function. */
export interface Batch {
    readonly entries: readonly Entry[];
    /** Position to go on from. */
    readonly next: number;
}

/** Whether records with a partition key are this lane's. */
export function isOfLane({ index, of }: Lane, partitionKey: string): boolean {
    return of === 1 || crc32(partitionKey) % of === index;
}

/** The event with these records. */
export function eventOf(entries: readonly Entry[]): Payload {
    const payload = payloadWriter(entries.reduce((sum, { bytes }) => sum + bytes + 1, ENVELOPE_BYTES));
    payload.write('{"Records":[');
    entries.forEach((entry, index) => {
        if (index > 0) payload.write(",");
        payload.write(entry.json());
    });
    payload.write("]}");
    return payload.end();
}

/** What {@link gather} needs. */
export interface Gathering {
    readonly source: StreamSource;
    readonly caller: Caller;
    readonly clock: Clock;
    readonly lane: Lane;
    readonly limits: BatchLimits;
    readonly signal: AbortSignal;
    /** Told of a position before which nothing is left for the lane. */
    readonly passed: (position: number) => void;
}

/** The next batch of a lane from a position on, when it is full or its window has ended; nothing when the shard has ended, or the signal aborts. */
export async function gather(gathering: Gathering, from: number): Promise<Batch | undefined> {
    const { source, caller, clock, lane, limits, signal } = gathering;
    const isOwn = (partitionKey: string) => isOfLane(lane, partitionKey);
    const entries: Entry[] = [];
    let bytes = ENVELOPE_BYTES;
    let next = from;
    let end = Number.POSITIVE_INFINITY;
    while (!signal.aborted) {
        const { records, windowMs } = limits;
        // A lane that shares its shard finds so many of its own among as many more.
        const limit = (records - entries.length) * lane.of;
        const read = await source.read(caller, lane.shardId, next, limit, isOwn);
        for (const entry of read.entries) {
            bytes += entry.bytes + 1;
            if (entries.length === records || (entries.length > 0 && bytes > MAX_EVENT_BYTES))
                return { entries, next: entry.position };
            entries.push(entry);
        }
        next = read.next;
        if (entries.length === 0) gathering.passed(next);
        else end = Math.min(end, clock.now() + windowMs);
        if (entries.length >= records) return { entries, next };
        if (read.isMore) continue;
        if (entries.length > 0 && (read.isDrained || clock.now() >= end)) return { entries, next };
        if (read.isDrained) return undefined;
        await waitUntil(gathering, next, end - clock.now());
    }
    return undefined;
}

/** Waits for a record, or for the end of the window. */
async function waitUntil({ source, lane, clock, signal }: Gathering, position: number, ms: number): Promise<void> {
    if (!Number.isFinite(ms)) return source.wait(lane.shardId, position, signal);
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal.addEventListener("abort", abort);
    await Promise.race([source.wait(lane.shardId, position, stop.signal), clock.sleep(ms, stop.signal)]);
    signal.removeEventListener("abort", abort);
    stop.abort();
}

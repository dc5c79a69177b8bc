import * as fs from "node:fs/promises";
import type { Clock } from "../clock";
import {
    bodyOf,
    type Frame,
    type FrameHeader,
    frameOf,
    headerAt,
    type LoggedRecord,
    type NewRecord,
} from "../records/frame";
import { framesFrom, lastPlace, placeOf } from "../records/frames";
import { createSegment, grown, marksOf, recoverSegments, SEGMENT_BYTES, type Segment } from "../records/segment";
import { createTail, type KeptFrame, keptFrame } from "./tail";

/** Bytes of records that one write takes together, unless a single put has more. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** How much a read gives at most. At least one record is given when there is one. */
export interface ReadLimits {
    readonly records: number;
    /** Bytes of data. */
    readonly bytes: number;
}

/** Records that were read, and the position after the last of them. */
export interface ReadRecords {
    readonly records: readonly LoggedRecord[];
    readonly next: number;
}

/** The records of one shard, on disk. Positions count them from 0. */
export interface ShardLog {
    /** Position of the next record that comes. */
    next(): number;
    /** Appends records and gives the position of the first once they are written. Calls that come during a write share the next one. */
    append(records: readonly NewRecord[]): Promise<number>;
    /** The records from a position on, or from the oldest one that is left. */
    read(from: number, limits: ReadLimits): Promise<ReadRecords>;
    /** Whole frames, about so many bytes of them, from the one on that holds a position, or from the oldest one that is left. */
    frames(from: number, bytes: number): Promise<readonly Frame[]>;
    /** Position of the first record that arrived at a time or later; that of the next one to come when there is none. */
    positionAt(time: number): Promise<number>;
    /** Resolves when a record at this position can be read, when somebody calls `wake`, or when the signal aborts. */
    reached(position: number, signal: AbortSignal): Promise<void>;
    /** Wakes all that wait for a record. */
    wake(): void;
    /** Whether records are on their way that have no position yet. */
    isWriting(): boolean;
    /** Deletes the files whose records all arrived before a time. */
    trim(before: number): Promise<void>;
    /** Waits for what is being written, closes the file, and wakes all that wait for a record. */
    close(): Promise<void>;
}

interface Waiting {
    readonly records: readonly NewRecord[];
    readonly resolve: (first: number) => void;
    readonly reject: (error: unknown) => void;
}

/** Opens the log kept in a folder. */
export function openShardLog(folder: string, clock: Pick<Clock, "now">, segmentBytes = SEGMENT_BYTES): ShardLog {
    const recovered = recoverSegments(folder);
    const { segments } = recovered;
    let { next } = recovered;
    let arrival: number | undefined;
    let handle: fs.FileHandle | undefined;
    let writing: Promise<void> | undefined;
    const waiting: Waiting[] = [];
    const tail = createTail();
    /** The frame from the disk in which a read ended: the next one goes on there, as a rule. */
    let partlyRead: KeptFrame | undefined;
    const watchers = new Set<{ readonly position: number; readonly done: () => void }>();

    return {
        next: () => next,
        append: (records) =>
            new Promise((resolve, reject) => {
                waiting.push({ records, resolve, reject });
                writing ??= write();
            }),
        async read(from, limits) {
            const gathered = gathering(from, limits);
            await read(from, (kept) => gathered.add(kept.records()));
            return gathered.result();
        },
        async frames(from, bytes) {
            const frames: Frame[] = [];
            let left = bytes;
            await read(from, ({ frame }) => {
                frames.push(frame);
                left -= frame.header.length;
                return left > 0;
            });
            return frames;
        },
        async positionAt(time) {
            const place = lastPlace(segments, (mark) => mark.arrival < time);
            if (place && place.mark.arrival >= time) return place.mark.first;
            for await (const { first, header } of framesFrom(segments, place)) if (header.arrival >= time) return first;
            return next;
        },
        reached(position, signal) {
            if (position < next || signal.aborted) return Promise.resolve();
            return new Promise((resolve) => {
                const done = () => {
                    watchers.delete(watcher);
                    signal.removeEventListener("abort", done);
                    resolve();
                };
                const watcher = { position, done };
                watchers.add(watcher);
                signal.addEventListener("abort", done);
            });
        },
        wake,
        isWriting: () => writing !== undefined,
        async trim(before) {
            while (segments.length > 1 && firstArrival(segments[1] as Segment) < before)
                await fs.rm((segments.shift() as Segment).file, { force: true });
            const oldest = (segments[0] as Segment).first;
            tail.trim(oldest);
            if (partlyRead && partlyRead.frame.first < oldest) partlyRead = undefined;
        },
        async close() {
            wake();
            await writing;
            await handle?.close();
            handle = undefined;
        },
    };

    /** Gives the frames from a position on to `take`, until that gives false. */
    async function read(from: number, take: (frame: KeptFrame) => boolean): Promise<void> {
        const kept = from < next ? tail.from(from) : [];
        if (kept) {
            partlyRead = undefined;
            return void kept.every(take);
        }
        const begun = partlyRead && holds(partlyRead, from) ? partlyRead : undefined;
        if (begun && !take(begun)) return;
        const rest = begun ? endOf(begun) : from;
        for await (const frame of framesFrom(segments, placeOf(segments, rest))) {
            const read = keptFrame(frame);
            if (endOf(read) <= rest || take(read)) continue;
            partlyRead = read;
            return;
        }
    }

    function wake(): void {
        for (const { done } of [...watchers]) done();
    }

    async function write(): Promise<void> {
        // A turn of the event loop gathers the puts that arrive together.
        await new Promise<void>((resolve) => setImmediate(resolve));
        while (waiting.length > 0) await writeGroup(nextGroup());
        writing = undefined;
    }

    function nextGroup(): readonly Waiting[] {
        let bytes = 0;
        const end = waiting.findIndex(({ records }) => {
            const full = bytes >= GROUP_BYTES;
            for (const { data } of records) bytes += data.length;
            return full;
        });
        return waiting.splice(0, end < 0 ? waiting.length : end);
    }

    async function writeGroup(group: readonly Waiting[]): Promise<void> {
        const records = group.flatMap((put) => put.records);
        try {
            // Arrival times never fall, not even when the clock is set back.
            arrival = Math.max(arrival ?? (await lastArrival()), clock.now());
            const bytes = frameOf({ count: records.length, arrival, body: bodyOf(records) });
            await store(bytes, arrival);
            tail.add({ bytes, offset: 0, first: next, header: headerAt(bytes, 0) as FrameHeader });
        } catch (error) {
            for (const put of group) put.reject(error);
            wake();
            return;
        }
        let first = next;
        next += records.length;
        for (const put of group) {
            put.resolve(first);
            first += put.records.length;
        }
        for (const { position, done } of [...watchers]) if (position < next) done();
    }

    async function store(frame: Buffer, at: number): Promise<void> {
        let last = segments.at(-1) as Segment;
        if (last.size > 0 && last.size >= segmentBytes) {
            await handle?.close();
            handle = undefined;
            last = createSegment(folder, next);
            segments.push(last);
        }
        handle ??= await fs.open(last.file, "r+");
        let written = 0;
        // A write that fails midway leaves bytes beyond `size`: the next one overwrites them, and recovery does not take them for a frame.
        while (written < frame.length)
            written += (await handle.write(frame, written, frame.length - written, last.size + written)).bytesWritten;
        grown(last, next, frame.length, at);
    }

    async function lastArrival(): Promise<number> {
        let last = 0;
        const place = lastPlace(segments, () => true);
        for await (const { header } of framesFrom(segments, place)) last = header.arrival;
        return last;
    }
}

function holds(kept: KeptFrame, position: number): boolean {
    return kept.frame.first <= position && position < endOf(kept);
}

/** Position after the last record of a frame. */
function endOf({ frame }: KeptFrame): number {
    return frame.first + frame.header.count;
}

/** Records on their way to a reader. */
interface Gathered {
    /** Takes records in, those before the first position apart. Gives false once the limits are reached. */
    add(records: readonly LoggedRecord[]): boolean;
    result(): ReadRecords;
}

function gathering(from: number, limits: ReadLimits): Gathered {
    const gathered: LoggedRecord[] = [];
    let next = from;
    let bytes = 0;
    return {
        add(records) {
            for (const record of records) {
                if (record.position < from) continue;
                bytes += record.data.length;
                if (gathered.length === limits.records || (gathered.length > 0 && bytes > limits.bytes)) return false;
                gathered.push(record);
                next = record.position + 1;
            }
            return true;
        },
        result: () => ({ records: gathered, next }),
    };
}

/** When the first record of a segment arrived; later than anything when it has none yet. */
function firstArrival(segment: Segment): number {
    return marksOf(segment)[0]?.arrival ?? Number.POSITIVE_INFINITY;
}

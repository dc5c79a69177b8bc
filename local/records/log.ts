import * as fs from "node:fs/promises";
import { frameOf, type NewFrame } from "./frame";
import { type LogReader, logReader } from "./log-reader";
import { createSegment, grown, recoverSegments, SEGMENT_BYTES, type Segment } from "./segment";

/** Bytes of frames that one write takes together, unless a single put has more. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** Records on disk, in the order in which they came. Positions count them from 0. */
export interface RecordLog {
    /** Position of the first record that is kept. */
    first(): number;
    /** Position of the next record that comes. */
    next(): number;
    /** Bytes on disk. */
    size(): number;
    /**
     * Appends frames and gives the position of the first record once they are written. Calls that come during a write share the next one. A
     * note is written with the records of its frame, so that neither is there without the other; it replaces the former one.
     */
    append(frames: readonly NewFrame[]): Promise<number>;
    /** The last note. */
    note(): string | undefined;
    /** Reads records from a position on. */
    reader(from: number): LogReader;
    /** Deletes the files whose records all come before a position, which has been reached. */
    trim(before: number): Promise<void>;
    /** Waits for what is being written, and closes the file. */
    close(): Promise<void>;
}

/** Settings of {@link openLog}. */
export interface LogOptions {
    /** @default 16 MiB */
    readonly segmentBytes?: number;
    /** Called after each write. */
    readonly onAppend?: () => void;
}

interface Waiting {
    readonly frames: readonly NewFrame[];
    readonly resolve: (first: number) => void;
    readonly reject: (error: unknown) => void;
}

/** Opens the log kept in a folder. `least` is a position that it must not begin before: records up to there have been dealt with. */
export function openLog(folder: string, least: number, options: LogOptions = {}): RecordLog {
    const { segments, ...recovered } = recoverSegments(folder, least);
    const { segmentBytes = SEGMENT_BYTES } = options;
    let { next, note } = recovered;
    let last = segments[segments.length - 1] as Segment;
    let handle: fs.FileHandle | undefined;
    const waiting: Waiting[] = [];
    let writing: Promise<void> | undefined;

    return {
        first: () => segments[0]?.first ?? next,
        next: () => next,
        size: () => segments.reduce((total, segment) => total + segment.size, 0),
        append(frames) {
            return new Promise((resolve, reject) => {
                waiting.push({ frames, resolve, reject });
                writing ??= write();
            });
        },
        note: () => note,
        reader: (from) => logReader(segments, from),
        async trim(before) {
            // When nothing is left, the file that is being written goes too.
            if (before === next && last.first < next && !writing) await begin();
            while (segments.length > 1 && (segments[1] as Segment).first <= before)
                await fs.rm((segments.shift() as Segment).file, { force: true });
        },
        async close() {
            await writing;
            await handle?.close();
            handle = undefined;
        },
    };

    async function write(): Promise<void> {
        // A turn of the event loop gathers the puts that arrive together.
        await new Promise<void>((resolve) => setImmediate(resolve));
        while (waiting.length > 0) await writeGroup();
        writing = undefined;
    }

    async function writeGroup(): Promise<void> {
        const group: Waiting[] = [];
        for (let bytes = 0; waiting.length > 0 && bytes < GROUP_BYTES; ) {
            const put = waiting.shift() as Waiting;
            group.push(put);
            bytes += put.frames.reduce((sum, { body }) => sum + body.length, 0);
        }
        const frames = group.flatMap((put) => put.frames);
        try {
            if (last.first < next && last.size >= segmentBytes) await begin();
            await store(frames);
        } catch (error) {
            for (const put of group) put.reject(error);
            return;
        }
        note = frames.findLast((frame) => frame.note !== undefined)?.note ?? note;
        for (const put of group) {
            put.resolve(next);
            next += put.frames.reduce((sum, { count }) => sum + count, 0);
        }
        options.onAppend?.();
    }

    /** Lets another segment follow. */
    async function begin(): Promise<void> {
        const former = handle;
        handle = undefined;
        last = createSegment(folder, next, note);
        segments.push(last);
        await former?.close();
    }

    async function store(frames: readonly NewFrame[]): Promise<void> {
        handle ??= await fs.open(last.file, "r+");
        const bytes = Buffer.concat(frames.map(frameOf));
        let written = 0;
        // A write that fails midway leaves bytes beyond `size`: the next one overwrites them, and recovery does not take them for a frame.
        while (written < bytes.length)
            written += (await handle.write(bytes, written, bytes.length - written, last.size + written)).bytesWritten;
        grown(last, next, bytes.length, frames[0]?.arrival ?? 0);
    }
}

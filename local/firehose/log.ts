import * as fs from "node:fs/promises";
import { frameMaker, noteLine } from "./frame";
import { type LogReader, logReader } from "./log-reader";
import { createSegment, recoverSegments } from "./segments";

/** Bytes after which a segment is followed by another one: what is delivered is deleted in such pieces. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

/** Bytes of lines that one write takes together, unless a single put has more. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** The records of a stream that are accepted and not yet delivered, on disk. Positions count the records from 0. */
export interface RecordLog {
    /** Position of the first record that is kept. */
    first(): number;
    /** Position of the next record that comes. */
    next(): number;
    /** Bytes on disk. */
    size(): number;
    /**
     * Appends lines and gives the position of the first once they are written. `line` makes the line of a record, without line feed, when
     * its position is known. Lines of one call stay together; calls that come during a write share the next one. The note, one line of
     * ASCII, is written with them, so that neither is there without the other; it replaces the former one.
     */
    append(count: number, line: (index: number, position: number) => string, note?: string): Promise<number>;
    /** The last note. */
    note(): string | undefined;
    /** Reads lines from a position on. */
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
    readonly count: number;
    readonly line: (index: number, position: number) => string;
    readonly note: string | undefined;
    readonly resolve: (first: number) => void;
    readonly reject: (error: unknown) => void;
}

/** Opens the log kept in a folder. `least` is a position that it must not begin before: records up to there have been delivered. */
export function openLog(folder: string, least: number, options: LogOptions = {}): RecordLog {
    const { segments, ...recovered } = recoverSegments(folder, least);
    const { segmentBytes = SEGMENT_BYTES } = options;
    let { next, note } = recovered;
    let last = segments[segments.length - 1] as (typeof segments)[number];
    let handle: fs.FileHandle | undefined;
    const frameOf = frameMaker();
    const waiting: Waiting[] = [];
    let writing: Promise<void> | undefined;

    return {
        first: () => segments[0]?.first ?? next,
        next: () => next,
        size: () => segments.reduce((total, segment) => total + segment.size, 0),
        append(count, line, note) {
            return new Promise((resolve, reject) => {
                waiting.push({ count, line, note, resolve, reject });
                writing ??= write();
            });
        },
        note: () => note,
        reader: (from) => logReader(segments, from),
        async trim(before) {
            // When nothing is left, the file that is being written goes too.
            if (before === next && last.first < next && !writing) await begin();
            while (segments.length > 1 && (segments[1] as (typeof segments)[number]).first <= before)
                await fs.rm((segments.shift() as (typeof segments)[number]).file, { force: true });
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
        const firsts: number[] = [];
        let lines = "";
        let position = next;
        let noted = note;
        while (waiting.length > 0 && lines.length < GROUP_BYTES) {
            const put = waiting.shift() as Waiting;
            group.push(put);
            firsts.push(position);
            for (let index = 0; index < put.count; index++) lines += `${put.line(index, position + index)}\n`;
            position += put.count;
            noted = put.note ?? noted;
        }
        if (noted !== note) lines += noteLine(noted as string);
        try {
            if (last.first < next && last.size >= segmentBytes) await begin();
            await store(frameOf(lines, position - next));
        } catch (error) {
            for (const put of group) put.reject(error);
            return;
        }
        next = position;
        note = noted;
        group.forEach((put, index) => {
            put.resolve(firsts[index] as number);
        });
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

    async function store(frame: Buffer): Promise<void> {
        handle ??= await fs.open(last.file, "r+");
        let written = 0;
        // A write that fails midway leaves bytes beyond `size`: the next one overwrites them, and recovery does not take them for a frame.
        while (written < frame.length)
            written += (await handle.write(frame, written, frame.length - written, last.size + written)).bytesWritten;
        last.size += frame.length;
    }
}

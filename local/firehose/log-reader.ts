import * as fs from "node:fs/promises";
import { HEADER_LENGTH, headerAt, isNote } from "./frame";
import type { Segment } from "./segments";

/** Bytes that are read at once, unless a line is longer. */
const WINDOW = 256 * 1024;

/** Reads the lines of a log in order. */
export interface LogReader {
    /** The next lines, some hundreds at a time; none at the end of what is written, where later lines may follow. */
    lines(): Promise<readonly string[]>;
    close(): Promise<void>;
}

/** Makes a reader of these segments, a list that grows at its end and shrinks at its start, from a position on. */
export function logReader(segments: readonly Segment[], from: number): LogReader {
    let segment = segments.findLast(({ first }) => first <= from) ?? (segments[0] as Segment);
    let skip = Math.max(0, from - segment.first);
    let offset = 0;
    let left = 0;
    let handle: fs.FileHandle | undefined;
    let memory = Buffer.alloc(0);

    return {
        async lines() {
            for (;;) {
                if (offset === segment.size && !(await advance())) return [];
                const lines = await read(WINDOW);
                const wanted = skip === 0 ? lines : lines.slice(skip);
                skip -= lines.length - wanted.length;
                if (wanted.length > 0) return wanted;
            }
        },
        async close() {
            await handle?.close();
            handle = undefined;
        },
    };

    /** Goes to the segment after this one, when there is one: then nothing is added to this one any more. */
    async function advance(): Promise<boolean> {
        const following = segments.find(({ first }) => first > segment.first);
        if (!following) return false;
        await handle?.close();
        handle = undefined;
        segment = following;
        offset = 0;
        return segment.size > 0;
    }

    async function read(window: number): Promise<readonly string[]> {
        handle ??= await fs.open(segment.file, "r");
        const remaining = segment.size - offset;
        const length = Math.min(window, remaining);
        if (memory.length < length) memory = Buffer.allocUnsafe(length);
        const { bytesRead } = await handle.read(memory, 0, length, offset);
        const lines: string[] = [];
        const used = linesIn(memory.subarray(0, bytesRead), lines);
        offset += used;
        if (used > 0) return lines;
        if (length === remaining) throw new Error(`The log file ${segment.file} is damaged at byte ${offset}.`);
        return read(window * 2);
    }

    /** Adds the whole lines but notes to `lines` and gives the number of bytes that they and their headers take. */
    function linesIn(bytes: Buffer, lines: string[]): number {
        let at = 0;
        for (;;) {
            if (left === 0) {
                const header = headerAt(bytes, at);
                if (!header) return at;
                left = header.length;
                at += HEADER_LENGTH;
            }
            const end = bytes.lastIndexOf(10, Math.min(at + left, bytes.length) - 1) + 1;
            if (end <= at) return at;
            for (const line of bytes.toString("latin1", at, end - 1).split("\n")) if (!isNote(line)) lines.push(line);
            left -= end - at;
            at = end;
        }
    }
}

import * as fs from "node:fs";
import * as path from "node:path";
import { bodyIn, type FrameHeader, frameOf, HEADER_BYTES, headerAt, isWhole } from "./frame";

/** Bytes after which a segment is followed by another one, as a rule: what is not needed any more is deleted in such pieces. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;

/** Bytes between two marks: how far a reader has to look for a position. */
const MARK_BYTES = 128 * 1024;

/** A place in a segment where a frame begins. */
export interface Mark {
    /** Position of the frame's first record. */
    readonly first: number;
    readonly offset: number;
    readonly arrival: number;
}

/** A file of a log. */
export interface Segment {
    readonly file: string;
    /** Position of its first record. */
    readonly first: number;
    /** Bytes that are written and acknowledged; what lies beyond them does not count. */
    size: number;
    /** Some of its frames in order, the first one among them, or undefined when nobody has looked yet. */
    marks: Mark[] | undefined;
}

/** The segments of a log. */
export interface Recovered {
    /** In order, at least one. */
    readonly segments: Segment[];
    /** Position after the last record. */
    readonly next: number;
    /** The last note. */
    readonly note: string | undefined;
}

/** Makes a segment without records that begins at a position. It holds the note, if there is one, so that those before it can go. */
export function createSegment(folder: string, first: number, note?: string): Segment {
    const file = path.join(folder, `${String(first).padStart(16, "0")}.log`);
    const start = note === undefined ? Buffer.alloc(0) : frameOf({ count: 0, arrival: 0, body: Buffer.alloc(0), note });
    fs.writeFileSync(file, start);
    return { file, first, size: start.length, marks: [] };
}

/**
 * The segments of a folder. What a kill left unfinished at their end is cut off. When there is none, or they end before `least`, another one
 * begins there.
 */
export function recoverSegments(folder: string, least = 0): Recovered {
    fs.mkdirSync(folder, { recursive: true });
    const segments = fs
        .readdirSync(folder)
        .filter((name) => /^\d{16}\.log$/.test(name))
        .sort()
        .map((name): Segment => {
            const file = path.join(folder, name);
            return { file, first: Number.parseInt(name, 10), size: fs.statSync(file).size, marks: undefined };
        });
    const last = segments.at(-1);
    const whole = last && wholeFrames(last);
    const next = last && whole ? last.first + whole.count : 0;
    const note = whole?.note ?? (whole?.bytes === 0 ? noteBefore(segments) : undefined);
    if (last && whole) {
        if (whole.bytes < last.size) fs.truncateSync(last.file, whole.bytes);
        last.size = whole.bytes;
        last.marks = whole.marks;
        if (next >= least) return { segments, next, note };
    }
    return { segments: [...segments, createSegment(folder, least, note)], next: least, note };
}

/** Counts a frame that has been written at the end of a segment. */
export function grown(segment: Segment, first: number, bytes: number, arrival: number): void {
    mark(segment.marks, { first, offset: segment.size, arrival });
    segment.size += bytes;
}

/** The marks of a segment, found by reading the headers of its frames when it is from an earlier run. */
export function marksOf(segment: Segment): readonly Mark[] {
    segment.marks ??= findMarks(segment);
    return segment.marks;
}

function mark(marks: Mark[] | undefined, frame: Mark): void {
    const before = marks?.at(-1);
    if (!before || frame.offset - before.offset >= MARK_BYTES) marks?.push(frame);
}

interface WholeFrames {
    readonly bytes: number;
    /** Number of records. */
    readonly count: number;
    readonly marks: Mark[];
    /** The last note. */
    readonly note: string | undefined;
}

/** What stands in the whole frames at the start of a segment. Only the last one can be torn: another begins when the one before is complete. */
function wholeFrames({ file, first }: Segment): WholeFrames {
    const all = fs.readFileSync(file);
    const marks: Mark[] = [];
    let bytes = 0;
    let count = 0;
    let note: string | undefined;
    while (isWhole(all, bytes)) {
        const header = headerAt(all, bytes) as FrameHeader;
        const frame = { bytes: all, offset: bytes, first: first + count, header };
        if (header.count > 0) mark(marks, { first: frame.first, offset: bytes, arrival: header.arrival });
        note = bodyIn(frame).note || note;
        bytes += HEADER_BYTES + header.length;
        count += header.count;
    }
    return { bytes, count, marks, note };
}

/** The last note before the last segment, whose beginning a kill cut off. */
function noteBefore(segments: readonly Segment[]): string | undefined {
    const before = segments.at(-2);
    return before && wholeFrames(before).note;
}

function findMarks({ file, first, size }: Segment): Mark[] {
    const marks: Mark[] = [];
    const header = Buffer.alloc(HEADER_BYTES);
    const handle = fs.openSync(file, "r");
    try {
        for (let at = { first, offset: 0 }; at.offset < size; ) {
            fs.readSync(handle, header, 0, HEADER_BYTES, at.offset);
            const { length, count, arrival } = headerAt(header, 0) as FrameHeader;
            mark(marks, { ...at, arrival });
            at = { first: at.first + count, offset: at.offset + HEADER_BYTES + length };
        }
    } finally {
        fs.closeSync(handle);
    }
    return marks;
}

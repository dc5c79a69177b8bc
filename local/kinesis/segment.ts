import * as fs from "node:fs";
import * as path from "node:path";
import { type FrameHeader, HEADER_BYTES, headerAt, isWhole } from "./frame";

/** Bytes between two marks: how far a reader has to look for a position. */
const MARK_BYTES = 128 * 1024;

/** A place in a segment where a frame begins. */
export interface Mark {
    /** Position of the frame's first record. */
    readonly first: number;
    readonly offset: number;
    readonly arrival: number;
}

/** A file of a shard's log. */
export interface Segment {
    readonly file: string;
    /** Position of its first record. */
    readonly first: number;
    /** Bytes that are written and acknowledged; what lies beyond them does not count. */
    size: number;
    /** Some of its frames in order, the first one among them, or undefined when nobody has looked yet. */
    marks: Mark[] | undefined;
}

/** Makes an empty segment that begins at a position. */
export function createSegment(folder: string, first: number): Segment {
    const file = path.join(folder, `${String(first).padStart(16, "0")}.log`);
    fs.closeSync(fs.openSync(file, "w"));
    return { file, first, size: 0, marks: [] };
}

/** The segments of a folder in order, and the position after their last record. What a kill left unfinished at their end is cut off. */
export function recoverSegments(folder: string): { readonly segments: Segment[]; readonly next: number } {
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
    if (!last) return { segments: [createSegment(folder, 0)], next: 0 };
    return { segments, next: last.first + cutTornEnd(last) };
}

/** Notes a frame that has been written at the end of a segment. */
export function note(segment: Segment, first: number, bytes: number, arrival: number): void {
    const { marks } = segment;
    const before = marks?.at(-1);
    if (marks && (!before || segment.size - before.offset >= MARK_BYTES))
        marks.push({ first, offset: segment.size, arrival });
    segment.size += bytes;
}

/** The marks of a segment, found by reading the headers of its frames when it is from an earlier run. */
export function marksOf(segment: Segment): readonly Mark[] {
    segment.marks ??= findMarks(segment);
    return segment.marks;
}

/** Only the last segment can be torn: another begins when the one before is complete. Gives the number of its records. */
function cutTornEnd(segment: Segment): number {
    const bytes = fs.readFileSync(segment.file);
    segment.size = 0;
    segment.marks = [];
    let count = 0;
    while (isWhole(bytes, segment.size)) {
        const header = headerAt(bytes, segment.size) as FrameHeader;
        note(segment, segment.first + count, HEADER_BYTES + header.length, header.arrival);
        count += header.count;
    }
    if (segment.size < bytes.length) fs.truncateSync(segment.file, segment.size);
    return count;
}

function findMarks(segment: Segment): Mark[] {
    const found: Segment = { ...segment, size: 0, marks: [] };
    const header = Buffer.alloc(HEADER_BYTES);
    const handle = fs.openSync(segment.file, "r");
    try {
        for (let first = segment.first; found.size < segment.size; ) {
            fs.readSync(handle, header, 0, HEADER_BYTES, found.size);
            const { length, count, arrival } = headerAt(header, 0) as FrameHeader;
            note(found, first, HEADER_BYTES + length, arrival);
            first += count;
        }
    } finally {
        fs.closeSync(handle);
    }
    return found.marks as Mark[];
}

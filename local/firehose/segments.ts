import * as fs from "node:fs";
import * as path from "node:path";
import { wholeFrames } from "./frame";

/** A file of the log. */
export interface Segment {
    readonly file: string;
    /** Position of its first record. */
    readonly first: number;
    /** Bytes that are written and acknowledged; what lies beyond them does not count. */
    size: number;
}

/** Where a segment that begins at a position is kept. */
export function segmentFile(folder: string, first: number): string {
    return path.join(folder, `${String(first).padStart(16, "0")}.log`);
}

/**
 * Reads which segments there are and the position after their last record, and cuts off what a kill left unfinished. When there is none,
 * or they end before `least`, a new one begins there.
 */
export function recoverSegments(folder: string, least: number): { segments: Segment[]; next: number } {
    fs.mkdirSync(folder, { recursive: true });
    const segments = fs
        .readdirSync(folder)
        .filter((name) => /^\d{16}\.log$/.test(name))
        .sort()
        .map((name) => {
            const file = path.join(folder, name);
            return { file, first: Number.parseInt(name, 10), size: fs.statSync(file).size };
        });
    const last = segments.at(-1);
    const next = last ? last.first + cutTornEnd(last) : 0;
    if (last && next >= least) return { segments, next };
    return { segments: [...segments, createSegment(folder, least)], next: least };
}

/** Makes an empty segment. */
export function createSegment(folder: string, first: number): Segment {
    const file = segmentFile(folder, first);
    fs.closeSync(fs.openSync(file, "a"));
    return { file, first, size: 0 };
}

/** Only the last segment can be torn: another begins when the one before is complete. Gives the number of its records. */
function cutTornEnd(segment: Segment): number {
    const { count, end } = wholeFrames(fs.readFileSync(segment.file));
    if (end < segment.size) fs.truncateSync(segment.file, end);
    segment.size = end;
    return count;
}

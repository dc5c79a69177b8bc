import * as fs from "node:fs";
import * as path from "node:path";
import { frameMaker, noteLine, type WholeFrames, wholeFrames } from "./frame";

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
 * Reads which segments there are, the position after their last record and the last note, and cuts off what a kill left unfinished. When
 * there is none, or they end before `least`, a new one begins there.
 */
export function recoverSegments(
    folder: string,
    least: number,
): { segments: Segment[]; next: number; note: string | undefined } {
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
    const frames = last && cutTornEnd(last);
    const next = last && frames ? last.first + frames.count : 0;
    const note = frames?.note ?? (frames?.end === 0 ? noteBefore(segments) : undefined);
    if (last && next >= least) return { segments, next, note };
    return { segments: [...segments, createSegment(folder, least, note)], next: least, note };
}

/** Makes a segment without records. It begins with the note, if there is one, so that those before it can go. */
export function createSegment(folder: string, first: number, note?: string): Segment {
    const file = segmentFile(folder, first);
    const start = note === undefined ? Buffer.alloc(0) : frameMaker()(noteLine(note), 0);
    fs.writeFileSync(file, start);
    return { file, first, size: start.length };
}

/** Only the last segment can be torn: another begins when the one before is complete. */
function cutTornEnd(segment: Segment): WholeFrames {
    const frames = wholeFrames(fs.readFileSync(segment.file));
    if (frames.end < segment.size) fs.truncateSync(segment.file, frames.end);
    segment.size = frames.end;
    return frames;
}

/** The last note before the last segment, whose beginning a kill cut off. */
function noteBefore(segments: readonly Segment[]): string | undefined {
    const before = segments.at(-2);
    return before && wholeFrames(fs.readFileSync(before.file)).note;
}

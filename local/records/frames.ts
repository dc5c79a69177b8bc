import * as fs from "node:fs/promises";
import { type Frame, framesIn, HEADER_BYTES, headerAt } from "./frame";
import { type Mark, marksOf, type Segment } from "./segment";

/** Bytes that are read at once, unless a frame is longer. */
const WINDOW_BYTES = 256 * 1024;

/** Where reading begins. */
export interface Place {
    readonly segment: Segment;
    readonly mark: Mark;
}

/** A place at or before a position. There is none when nothing is written. */
export function placeOf(segments: readonly Segment[], position: number): Place | undefined {
    return lastPlace(segments, ({ first }) => first <= position);
}

/** The last marked place of which something holds, which must hold of all before it too; the very first place when there is none. */
export function lastPlace(segments: readonly Segment[], holds: (mark: Mark) => boolean): Place | undefined {
    for (const segment of [...segments].reverse()) {
        const first = marksOf(segment)[0];
        if (!first || (!holds(first) && segment !== segments[0])) continue;
        return { segment, mark: marksOf(segment).findLast(holds) ?? first };
    }
    return undefined;
}

/** Every frame from a place to the end of what is written. */
export async function* framesFrom(segments: readonly Segment[], place: Place | undefined): AsyncGenerator<Frame> {
    if (!place) return;
    let segment: Segment | undefined = place.segment;
    let { offset, first } = place.mark;
    while (segment) {
        yield* framesOf(segment, offset, first);
        const before: number = segment.first;
        segment = segments.find((other) => other.first > before);
        offset = 0;
        first = segment?.first ?? 0;
    }
}

async function* framesOf(segment: Segment, from: number, firstPosition: number): AsyncGenerator<Frame> {
    const end = segment.size;
    const handle = from < end ? await open(segment.file) : undefined;
    if (!handle) return;
    try {
        let first = firstPosition;
        for (let at = from; at < end; ) {
            const bytes = await windowAt(handle, at, end);
            for (const frame of framesIn(bytes, first)) {
                yield frame;
                first += frame.header.count;
                at += HEADER_BYTES + frame.header.length;
            }
        }
    } finally {
        await handle.close();
    }
}

/** A segment that was trimmed since it was looked up has nothing to read. */
async function open(file: string): Promise<fs.FileHandle | undefined> {
    try {
        return await fs.open(file, "r");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}

/** Bytes that hold at least the whole frame at an offset, in memory that `allocate` gives. */
export async function windowAt(
    handle: fs.FileHandle,
    at: number,
    end: number,
    allocate: (length: number) => Buffer = Buffer.allocUnsafe,
): Promise<Buffer> {
    const bytes = allocate(Math.min(WINDOW_BYTES, end - at));
    await handle.read(bytes, 0, bytes.length, at);
    const whole = HEADER_BYTES + (headerAt(bytes, 0)?.length ?? 0);
    if (whole <= bytes.length) return bytes;
    const longer = allocate(whole);
    await handle.read(longer, 0, longer.length, at);
    return longer;
}

import * as fs from "node:fs/promises";
import { type Frame, framesIn, HEADER_BYTES } from "./frame";
import { windowAt } from "./frames";
import type { Segment } from "./segment";

/** Reads the records of a log in order. */
export interface LogReader {
    /**
     * The next frames, with some hundreds of records as a rule; none at the end of what is written, where later ones may follow. The first one
     * of all may begin before the position. Their bytes are memory that threads may share.
     */
    frames(): Promise<readonly Frame[]>;
    close(): Promise<void>;
}

/** Makes a reader of these segments, a list that grows at its end and shrinks at its start, from a position on. */
export function logReader(segments: readonly Segment[], from: number): LogReader {
    let segment = segments.findLast(({ first }) => first <= from) ?? (segments[0] as Segment);
    let next = segment.first;
    let offset = 0;
    let handle: fs.FileHandle | undefined;

    return {
        async frames() {
            for (;;) {
                if (offset === segment.size && !(await advance())) return [];
                const isWanted = ({ first, header }: Frame) => header.count > 0 && first + header.count > from;
                const frames = (await read()).filter(isWanted);
                if (frames.length > 0) return frames;
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
        next = segment.first;
        offset = 0;
        return segment.size > 0;
    }

    async function read(): Promise<readonly Frame[]> {
        handle ??= await fs.open(segment.file, "r");
        const bytes = await windowAt(handle, offset, segment.size, shared);
        const frames = [...framesIn(bytes, next)];
        const last = frames.at(-1);
        if (!last) throw new Error(`The log file ${segment.file} is damaged at byte ${offset}.`);
        next = last.first + last.header.count;
        offset += last.offset + HEADER_BYTES + last.header.length;
        return frames;
    }
}

/** Memory that other threads may read. */
function shared(length: number): Buffer {
    return Buffer.from(new SharedArrayBuffer(length));
}

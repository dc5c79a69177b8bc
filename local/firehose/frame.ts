import { crc32 } from "node:zlib";

/**
 * What one write puts into the log: a header, then whole lines. Header and lines stand or fall together, so that a write that a kill cut
 * short is recognized and removed as a whole.
 */
export interface FrameHeader {
    /** Number of lines. */
    readonly count: number;
    /** Bytes of the lines, line feeds included. */
    readonly length: number;
    readonly crc: number;
}

/** Bytes of a header: three numbers of eight hex digits, two spaces and a line feed. */
export const HEADER_LENGTH = 27;

/**
 * Makes what makes frames of lines, each of them ASCII and ending in a line feed. A frame is good until the next one is made: their memory
 * is used again.
 */
export function frameMaker(): (lines: string, count: number) => Buffer {
    let memory = Buffer.alloc(0);
    return (lines, count) => {
        const length = HEADER_LENGTH + lines.length;
        if (memory.length < length) memory = Buffer.allocUnsafe(length);
        const frame = memory.subarray(0, length);
        frame.write(lines, HEADER_LENGTH, "latin1");
        const crc = crc32(frame.subarray(HEADER_LENGTH));
        frame.write(`${hex(count)} ${hex(lines.length)} ${hex(crc)}\n`, "latin1");
        return frame;
    };
}

/** The header at an offset, or undefined when there is none. */
export function headerAt(bytes: Buffer, offset: number): FrameHeader | undefined {
    if (offset + HEADER_LENGTH > bytes.length) return undefined;
    const text = bytes.toString("latin1", offset, offset + HEADER_LENGTH);
    const match = /^([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8})\n$/.exec(text);
    if (!match) return undefined;
    const [count, length, crc] = match.slice(1).map((digits) => Number.parseInt(digits, 16)) as [
        number,
        number,
        number,
    ];
    return { count, length, crc };
}

/** How many records stand in whole frames at the start of these bytes, and where the last such frame ends. */
export function wholeFrames(bytes: Buffer): { readonly count: number; readonly end: number } {
    let count = 0;
    let end = 0;
    for (;;) {
        const header = headerAt(bytes, end);
        const next = end + HEADER_LENGTH + (header?.length ?? 0);
        if (!header || next > bytes.length || crc32(bytes.subarray(end + HEADER_LENGTH, next)) !== header.crc) break;
        count += header.count;
        end = next;
    }
    return { count, end };
}

function hex(value: number): string {
    return value.toString(16).padStart(8, "0");
}

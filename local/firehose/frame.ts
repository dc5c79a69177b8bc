import { crc32 } from "node:zlib";

/**
 * What one write puts into the log: a header, then whole lines, at the end perhaps a note. They stand or fall together, so that a write that
 * a kill cut short is recognized and removed as a whole.
 */
export interface FrameHeader {
    /** Number of lines, the note apart. */
    readonly count: number;
    /** Bytes of the lines, line feeds included. */
    readonly length: number;
    readonly crc: number;
}

/** Bytes of a header: three numbers of eight hex digits, two spaces and a line feed. */
export const HEADER_LENGTH = 27;

/**
 * Makes what makes frames of lines, whose characters stand for a byte each, and which end in a line feed. A frame is good until the next one is made: their memory
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

/** The line that holds a note: what whoever appends wants to remember with the lines, one line of ASCII. */
export function noteLine(note: string): string {
    return `${String.fromCharCode(NOTE)}${note}\n`;
}

/** Whether a line holds a note. */
export function isNote(line: string): boolean {
    return line.charCodeAt(0) === NOTE;
}

/** The number sign: no record's line begins with it. */
const NOTE = 35;

/** What stands in the whole frames at the start of some bytes. */
export interface WholeFrames {
    /** Number of records. */
    readonly count: number;
    /** Where the last frame ends. */
    readonly end: number;
    /** The last note. */
    readonly note?: string;
}

/** Reads the whole frames at the start of these bytes. */
export function wholeFrames(bytes: Buffer): WholeFrames {
    let count = 0;
    let end = 0;
    let note: string | undefined;
    for (;;) {
        const header = headerAt(bytes, end);
        const next = end + HEADER_LENGTH + (header?.length ?? 0);
        if (!header || next > bytes.length || crc32(bytes.subarray(end + HEADER_LENGTH, next)) !== header.crc) break;
        count += header.count;
        end = next;
        const lastLine = bytes.lastIndexOf(10, next - 2) + 1;
        if (bytes[lastLine] === NOTE) note = bytes.toString("latin1", lastLine + 1, next - 1);
    }
    return { count, end, ...(note !== undefined && { note }) };
}

function hex(value: number): string {
    return value.toString(16).padStart(8, "0");
}

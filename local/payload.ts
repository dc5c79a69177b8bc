/**
 * JSON on its way to a function or back: a text or, where it is long, the bytes of its UTF-8 in memory of their own. Bytes are handed from one
 * thread to another as they are; whoever sends them has them no more. A text would be copied each time, into a heap that is cleaned up for it.
 */
export type Payload = string | Uint8Array<ArrayBuffer>;

/** Characters from which on a payload is long. */
const LONG = 64 * 1024;

/** A text as a payload: as bytes where it is long. */
export function payloadOf(text: string): Payload {
    if (text.length < LONG) return text;
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    bytes.write(text);
    return bytes;
}

/** Puts a payload together. */
export interface PayloadWriter {
    /** Adds a text. */
    write(text: string): void;
    /** The payload of all that was written. */
    end(): Payload;
}

/** Makes a {@link PayloadWriter} for at most so many bytes of UTF-8. However long the payload is, no text of that length is ever made. */
export function payloadWriter(longest: number): PayloadWriter {
    const bytes = Buffer.allocUnsafeSlow(longest);
    let length = 0;
    return {
        write(text) {
            length += bytes.write(text, length);
        },
        end: () => (length < LONG ? bytes.toString("utf8", 0, length) : bytes.subarray(0, length)),
    };
}

/** The text of a payload. */
export function textOf(payload: Payload): string {
    return typeof payload === "string"
        ? payload
        : Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString();
}

/** Bytes of a payload in UTF-8. */
export function lengthOf(payload: Payload): number {
    return typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
}

/** What a message with this payload hands over to the thread that gets it. */
export function handedOver(payload: Payload | undefined): ArrayBuffer[] {
    return payload === undefined || typeof payload === "string" ? [] : [payload.buffer];
}

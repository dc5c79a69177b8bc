/**
 * JSON on its way to a function or back: a text or, where it is long, the bytes of its UTF-8 in memory of their own. Bytes are handed from one
 * thread to another as they are; whoever sends them has them no more. A text would be copied each time, into a heap that is cleaned up for it.
 */
export type Payload = string | Uint8Array<ArrayBuffer>;

/** Characters from which on a payload is long. */
const LONG = 64 * 1024;

/** A text as a payload: as bytes where it is long. */
export function payloadOf(text: string): Payload {
    return text.length < LONG ? text : bytesOf([text], Buffer.byteLength(text), "utf8");
}

/**
 * A payload with JSON values of ASCII between commas in its middle, `before` and `after` around them. Where it is long, no text of that length
 * is ever made.
 */
export function asciiPayload(before: string, values: readonly string[], after: string): Payload {
    const length = values.reduce((sum, value) => sum + value.length + 1, before.length + after.length);
    if (length < LONG) return before + values.join(",") + after;
    const pieces = values.flatMap((value) => [",", value]);
    pieces[0] = before;
    pieces.push(after);
    return bytesOf(pieces, length - 1, "latin1");
}

/** The text of a payload. */
export function textOf(payload: Payload): string {
    return typeof payload === "string" ? payload : Buffer.from(payload.buffer).toString();
}

/** Bytes of a payload in UTF-8. */
export function lengthOf(payload: Payload): number {
    return typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
}

/** What a message with this payload hands over to the thread that gets it. */
export function handedOver(payload: Payload | undefined): ArrayBuffer[] {
    return payload === undefined || typeof payload === "string" ? [] : [payload.buffer];
}

function bytesOf(pieces: readonly string[], length: number, encoding: BufferEncoding): Uint8Array<ArrayBuffer> {
    const bytes = Buffer.from(new ArrayBuffer(length));
    let at = 0;
    for (const piece of pieces) at += bytes.write(piece, at, encoding);
    return bytes;
}

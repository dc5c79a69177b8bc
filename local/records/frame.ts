import { crc32 } from "node:zlib";

/** A record as a log keeps it. */
export interface LoggedRecord {
    /** Its place in the log, counted from 0. */
    readonly position: number;
    /** When it was accepted, in milliseconds since 1970. */
    readonly arrival: number;
    /** Empty where records have none. */
    readonly partitionKey: string;
    readonly data: Buffer;
}

/** What a producer gives of a record. */
export type NewRecord = Pick<LoggedRecord, "partitionKey"> & { readonly data: Uint8Array };

/**
 * What one put adds to a log: a header, then records that arrived together, at the end perhaps a note. They stand or fall together, so that a
 * write that a kill cut short is recognized and removed.
 */
export interface FrameHeader {
    /** Bytes after the header. */
    readonly length: number;
    /** Number of records. */
    readonly count: number;
    readonly arrival: number;
}

/** A frame that is to be made. */
export interface NewFrame {
    readonly count: number;
    readonly arrival: number;
    /** The records, as {@link bodyOf} or another frame has them. */
    readonly body: Uint8Array;
    /** What whoever appends wants to remember with the records. */
    readonly note?: string;
}

/** Bytes of a header: length, checksum of all that follows, count, arrival. */
export const HEADER_BYTES = 20;

/** Bytes before the key and the data of each record: their lengths. */
const LENGTHS_BYTES = 6;

/** Records one behind the other. */
export function bodyOf(records: readonly NewRecord[]): Buffer {
    const keys = records.map(({ partitionKey }) => Buffer.byteLength(partitionKey));
    const body = Buffer.allocUnsafe(
        records.reduce((sum, { data }, i) => sum + LENGTHS_BYTES + (keys[i] as number) + data.length, 0),
    );
    let at = 0;
    records.forEach(({ partitionKey, data }, index) => {
        const keyLength = keys[index] as number;
        body.writeUInt16LE(keyLength, at);
        body.writeUInt32LE(data.length, at + 2);
        body.write(partitionKey, at + LENGTHS_BYTES);
        body.set(data, at + LENGTHS_BYTES + keyLength);
        at += LENGTHS_BYTES + keyLength + data.length;
    });
    return body;
}

/** A frame of records without keys. */
export function frameOfData(data: readonly Uint8Array[], arrival: number): NewFrame {
    return { count: data.length, arrival, body: bodyOf(data.map((each) => ({ partitionKey: "", data: each }))) };
}

/** Makes a frame. */
export function frameOf({ count, arrival, body, note = "" }: NewFrame): Buffer {
    const length = body.length + Buffer.byteLength(note);
    const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
    frame.writeUInt32LE(length, 0);
    frame.writeUInt32LE(count, 8);
    frame.writeDoubleLE(arrival, 12);
    frame.set(body, HEADER_BYTES);
    frame.write(note, HEADER_BYTES + body.length);
    frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
    return frame;
}

/** The header at an offset, or undefined when the bytes end before it does. */
export function headerAt(bytes: Buffer, offset: number): FrameHeader | undefined {
    if (offset + HEADER_BYTES > bytes.length) return undefined;
    return {
        length: bytes.readUInt32LE(offset),
        count: bytes.readUInt32LE(offset + 8),
        arrival: bytes.readDoubleLE(offset + 12),
    };
}

/** Whether the frame at an offset, header and all, is as it was written. */
export function isWhole(bytes: Buffer, offset: number): boolean {
    const header = headerAt(bytes, offset);
    const end = offset + HEADER_BYTES + (header?.length ?? 0);
    if (!header || end > bytes.length) return false;
    return crc32(bytes.subarray(offset + 8, end)) === bytes.readUInt32LE(offset + 4);
}

/** A whole frame among the bytes that hold it. */
export interface Frame {
    readonly bytes: Buffer;
    readonly offset: number;
    /** Position of its first record. */
    readonly first: number;
    readonly header: FrameHeader;
}

/** The whole frames at the start of these bytes, whose first record has this position. */
export function* framesIn(bytes: Buffer, firstPosition: number): Generator<Frame> {
    let first = firstPosition;
    for (let offset = 0; ; ) {
        const header = headerAt(bytes, offset);
        const end = offset + HEADER_BYTES + (header?.length ?? 0);
        if (!header || end > bytes.length) return;
        yield { bytes, offset, first, header };
        first += header.count;
        offset = end;
    }
}

/** The records of a frame. Their data are views of its bytes. */
export function recordsIn({ bytes, offset, first, header }: Frame): LoggedRecord[] {
    const { count, arrival } = header;
    const records: LoggedRecord[] = [];
    let at = offset + HEADER_BYTES;
    for (let index = 0; index < count; index++) {
        const { key, data, end } = placesAt(bytes, at);
        records.push({
            position: first + index,
            arrival,
            partitionKey: bytes.toString("utf8", key, data),
            data: bytes.subarray(data, end),
        });
        at = end;
    }
    return records;
}

/** Where the parts of a record begin, and where it ends. */
export interface RecordPlaces {
    readonly key: number;
    readonly data: number;
    readonly end: number;
}

/** The parts of the record that begins at an offset. */
export function placesAt(bytes: Buffer, at: number): RecordPlaces {
    const key = at + LENGTHS_BYTES;
    const data = key + bytes.readUInt16LE(at);
    return { key, data, end: data + bytes.readUInt32LE(at + 2) };
}

/** The bytes of a frame's records from one of them on, and its note. */
export function bodyIn({ bytes, offset, header }: Frame, from = 0): { readonly body: Buffer; readonly note: string } {
    let start = offset + HEADER_BYTES;
    let at = start;
    for (let index = 0; index < header.count; index++) {
        if (index === from) start = at;
        at = placesAt(bytes, at).end;
    }
    return { body: bytes.subarray(start, at), note: bytes.toString("utf8", at, offset + HEADER_BYTES + header.length) };
}

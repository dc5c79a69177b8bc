import { crc32 } from "node:zlib";

/** A record as a shard keeps it. */
export interface ShardRecord {
    /** Its place in the shard, counted from 0. */
    readonly position: number;
    /** When it was accepted, in milliseconds since 1970; it never falls from one record to the next. */
    readonly arrival: number;
    readonly partitionKey: string;
    readonly data: Buffer;
}

/** What a producer gives of a record. */
export type NewRecord = Pick<ShardRecord, "partitionKey"> & { readonly data: Uint8Array };

/**
 * What one write puts into a shard's log: a header, then records that arrived together. They stand or fall together, so that a write that
 * a kill cut short is recognized and removed as a whole.
 */
export interface FrameHeader {
    /** Bytes after the header. */
    readonly length: number;
    /** Number of records. */
    readonly count: number;
    readonly arrival: number;
}

/** Bytes of a header: length, checksum of all that follows, count, arrival. */
export const HEADER_BYTES = 20;

/** Bytes before the key and the data of each record: their lengths. */
const LENGTHS_BYTES = 6;

/** Makes a frame. */
export function frameOf(records: readonly NewRecord[], arrival: number): Buffer {
    const keys = records.map(({ partitionKey }) => Buffer.from(partitionKey));
    const length = records.reduce((sum, { data }, i) => sum + LENGTHS_BYTES + bytesOf(keys[i]) + data.length, 0);
    const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
    frame.writeUInt32LE(length, 0);
    frame.writeUInt32LE(records.length, 8);
    frame.writeDoubleLE(arrival, 12);
    let at = HEADER_BYTES;
    records.forEach(({ data }, index) => {
        const key = keys[index] as Buffer;
        frame.writeUInt16LE(key.length, at);
        frame.writeUInt32LE(data.length, at + 2);
        frame.set(key, at + LENGTHS_BYTES);
        frame.set(data, at + LENGTHS_BYTES + key.length);
        at += LENGTHS_BYTES + key.length + data.length;
    });
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

/** The records of the whole frame at an offset, whose first one has this position. Their data are views of `bytes`. */
export function recordsAt(bytes: Buffer, offset: number, first: number): ShardRecord[] {
    const { count, arrival } = headerAt(bytes, offset) as FrameHeader;
    const records: ShardRecord[] = [];
    let at = offset + HEADER_BYTES;
    for (let index = 0; index < count; index++) {
        const keyEnd = at + LENGTHS_BYTES + bytes.readUInt16LE(at);
        const end = keyEnd + bytes.readUInt32LE(at + 2);
        records.push({
            position: first + index,
            arrival,
            partitionKey: bytes.toString("utf8", at + LENGTHS_BYTES, keyEnd),
            data: bytes.subarray(keyEnd, end),
        });
        at = end;
    }
    return records;
}

function bytesOf(key: Buffer | undefined): number {
    return key?.length ?? 0;
}

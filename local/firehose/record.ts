import { createHash } from "node:crypto";

/**
 * A record in the log is one line: the JSON object that the transform function is given, so that an event is made by joining lines.
 * All that stands before the data has a fixed length, which makes the parts of a line a matter of slicing.
 */
const BEFORE_ID = '{"recordId":"';
const BEFORE_ARRIVAL = '","approximateArrivalTimestamp":';
const BEFORE_DATA = ',"data":"';
const AFTER_DATA = '"}';
const BEFORE_ORIGIN = '","kinesisRecordMetadata":';
const ID_LENGTH = 62;
const ARRIVAL_LENGTH = 13;
const ARRIVAL_AT = BEFORE_ID.length + ID_LENGTH + BEFORE_ARRIVAL.length;
const DATA_AT = ARRIVAL_AT + ARRIVAL_LENGTH + BEFORE_DATA.length;

/** Gives records their ids, in AWS's look: one kind for who puts a record, another for the function that transforms it. */
export interface RecordIds {
    /** The `RecordId` that PutRecord answers: 224 characters. */
    put(position: number): string;
    /** The `recordId` that the transform function sees: 62 digits. */
    transform(position: number): string;
}

/** Makes the {@link RecordIds} of a stream. `incarnation` is what tells two streams of one name apart, as hex digits. */
export function recordIds(incarnation: string): RecordIds {
    const hash = createHash("sha512").update(incarnation).digest();
    const letters = Buffer.concat([hash, hash, hash])
        .toString("base64")
        .slice(0, 224 - 16);
    const digits = `4966${BigInt(`0x${hash.toString("hex")}`)
        .toString()
        .slice(0, 36)}`;
    return {
        put: (position) => letters + position.toString(36).padStart(16, "0"),
        transform: (position) => `${digits}${String(position).padStart(16, "0")}000000`,
    };
}

/** Where a record stood in the Kinesis stream that it was read from. */
export interface Origin {
    readonly shardId: string;
    readonly sequenceNumber: string;
    readonly partitionKey: string;
}

/** The line of a record, without a line feed: ASCII only. `data` is base64. */
export function recordLine(id: string, arrival: number, data: string, origin?: Origin): string {
    // Spaces, because JSON has no numbers with leading zeros; real times have thirteen digits anyway.
    const stamp = String(arrival).padStart(ARRIVAL_LENGTH);
    const line = BEFORE_ID + id + BEFORE_ARRIVAL + stamp + BEFORE_DATA + data;
    return line + (origin ? `${BEFORE_ORIGIN}${metadataOf(origin, arrival)}}` : AFTER_DATA);
}

/** Members in AWS's order: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html */
function metadataOf({ sequenceNumber, partitionKey, shardId }: Origin, arrival: number): string {
    const key = asciiJson(partitionKey);
    return `{"sequenceNumber":"${sequenceNumber}","subsequenceNumber":0,"partitionKey":${key},"shardId":"${shardId}","approximateArrivalTimestamp":${arrival}}`;
}

/** A text as JSON in ASCII. Most need no escapes. */
function asciiJson(text: string): string {
    if (/^[\w .:/-]*$/.test(text)) return `"${text}"`;
    const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return JSON.stringify(text).replace(/[^ -~]/g, escaped);
}

/** The id in a line. */
export function idOf(line: string): string {
    return line.slice(BEFORE_ID.length, BEFORE_ID.length + ID_LENGTH);
}

/** The arrival time in a line, in milliseconds since 1970. */
export function arrivalOf(line: string): number {
    return Number(line.slice(ARRIVAL_AT, ARRIVAL_AT + ARRIVAL_LENGTH));
}

/** The data in a line, base64. */
export function dataOf(line: string): string {
    return line.slice(DATA_AT, dataEnd(line));
}

/** The sequence number of a record: that of the Kinesis stream, or Firehose's own for what was put. */
export function sequenceNumberOf(line: string): string {
    const after = line.slice(dataEnd(line));
    if (after === AFTER_DATA) return idOf(line).slice(0, -6);
    return (JSON.parse(after.slice(BEFORE_ORIGIN.length, -1)) as Origin).sequenceNumber;
}

/** A line that says where its record came from ends in two braces, any other in a quote and a brace. */
function dataEnd(line: string): number {
    return line.endsWith(AFTER_DATA) ? line.length - AFTER_DATA.length : line.indexOf('"', DATA_AT);
}

/** Bytes of a line's data once it is decoded. */
export function sizeOf(line: string): number {
    const end = dataEnd(line);
    const encoded = end - DATA_AT;
    const padding = line[end - 1] !== "=" || encoded === 0 ? 0 : line[end - 2] === "=" ? 2 : 1;
    return (encoded / 4) * 3 - padding;
}

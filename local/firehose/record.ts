import { createHash } from "node:crypto";

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

/** What a function is told of where a record stood in a Kinesis stream. */
export interface KinesisMetadata {
    readonly shardId: string;
    readonly sequenceNumber: string;
    readonly partitionKey: string;
}

/** A record as the function gets it: JSON in ASCII. `data` is base64. */
export function recordJson(id: string, arrival: number, data: string, origin?: KinesisMetadata): string {
    const json = `{"recordId":"${id}","approximateArrivalTimestamp":${arrival},"data":"${data}"`;
    return origin ? `${json},"kinesisRecordMetadata":${metadataOf(origin, arrival)}}` : `${json}}`;
}

/** Characters around the data and the partition key in {@link recordJson}, and a comma: at most some 400. */
const AROUND = 512;

/** As long as {@link recordJson} can be, and more, for a partition key and data of so many bytes. */
export function longestJson(keyBytes: number, dataBytes: number): number {
    // An escape of six characters stands for a byte or more.
    return AROUND + 6 * keyBytes + Math.ceil(dataBytes / 3) * 4;
}

/** Members in AWS's order: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html */
function metadataOf({ sequenceNumber, partitionKey, shardId }: KinesisMetadata, arrival: number): string {
    const key = asciiJson(partitionKey);
    return `{"sequenceNumber":"${sequenceNumber}","subsequenceNumber":0,"partitionKey":${key},"shardId":"${shardId}","approximateArrivalTimestamp":${arrival}}`;
}

/** A text as JSON in ASCII. Most need no escapes. */
function asciiJson(text: string): string {
    if (/^[\w .:/-]*$/.test(text)) return `"${text}"`;
    const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return JSON.stringify(text).replace(/[^ -~]/g, escaped);
}

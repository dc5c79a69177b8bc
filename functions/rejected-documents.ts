import type * as S3 from "@aws-sdk/client-s3";
import { inParallel } from "./in-parallel";
import type { KinesisRecord } from "./kinesis-events";
import { pauseBefore } from "./pause";

/** A record that nobody can use, and why: sentences that never quote it. */
export interface RejectedRecord {
    readonly record: KinesisRecord;
    readonly problems: readonly string[];
}

/** Objects written at once. */
const CONCURRENCY = 32;

const ATTEMPTS = 4;

/**
 * Makes the function that keeps rejected records in a bucket, each as an object of its own below the prefix, in the folder of the hour (UTC)
 * in which Kinesis got it, named after its place in the stream: kept twice it is the same object. It gives the records that it could not
 * keep before the deadline (milliseconds since 1970). The client is made for the first rejected record.
 */
export function rejectedDocuments(bucket: string, prefix: string) {
    let connection: Connection | undefined;

    return async (rejected: readonly RejectedRecord[], deadline: number): Promise<readonly KinesisRecord[]> => {
        const reasons = await inParallel(CONCURRENCY, rejected, (each) => keep(each, deadline));
        const lost = rejected.filter((_, index) => reasons[index] !== undefined);
        if (lost.length > 0) console.error({ outcome: "NotKept", records: lost.length, reason: reasons.find(Boolean) });
        return lost.map(({ record }) => record);
    };

    /** Why a record could not be kept, or undefined when it is. */
    async function keep(rejected: RejectedRecord, deadline: number): Promise<string | undefined> {
        connection ??= connect();
        const { client, sdk } = connection;
        const object = { Bucket: bucket, Key: `${prefix}${nameOf(rejected.record)}`, Body: textOf(rejected) };
        let reason = "TimeIsUp";
        for (let attempt = 0; attempt < ATTEMPTS && (await pauseBefore(attempt, deadline)); attempt++) {
            try {
                const abortSignal = AbortSignal.timeout(Math.max(0, deadline - Date.now()));
                await client.send(new sdk.PutObjectCommand(object), { abortSignal });
                return undefined;
            } catch (error) {
                reason = (error as Error).name;
            }
        }
        return reason;
    }
}

/** The SDK is not in the bundle: Lambda has it, and most containers never need it. */
function connect() {
    const sdk = require("@aws-sdk/client-s3") as typeof S3;
    return { sdk, client: new sdk.S3Client({ maxAttempts: 1 }) };
}

type Connection = ReturnType<typeof connect>;

/** `2026/11/20/10/shardId-000000000000-4959….json` */
function nameOf({ eventID, kinesis }: KinesisRecord): string {
    const hour = new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString().slice(0, 13);
    return `${hour.replace(/[-T]/g, "/")}/${eventID.replace(":", "-")}.json`;
}

/** As Firehose writes what it could not deliver, so that the same tools read both: without a time of its own, so that it is always the same. */
function textOf({ record: { eventID, kinesis }, problems }: RejectedRecord): string {
    const { data, partitionKey, sequenceNumber, approximateArrivalTimestamp } = kinesis;
    return `${JSON.stringify({
        arrivalTimestamp: Math.round(approximateArrivalTimestamp * 1000),
        errorCode: "Rejected",
        errorMessage: problems.join("; "),
        eventId: eventID,
        sequenceNumber,
        partitionKey,
        rawData: data,
    })}\n`;
}

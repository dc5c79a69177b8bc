import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import type { StreamResource } from "./config";
import type { DeliveryStream } from "./stream";
import { constraint, nameConstraints, refuse } from "./validation";

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
const MAX_RECORDS = 500;
const MAX_RECORD_BYTES = 1_024_000;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** What the operations that put records need. */
export interface PutServices {
    readonly services: Pick<Services, "iam" | "metrics">;
    /** Bytes on disk beyond which nothing more is accepted. */
    readonly backlogBytes: number;
    /** Whether a record is throttled, for tests of what a client does then. */
    readonly throttled: (streamName: string, index: number) => boolean;
    arn(streamName: string): string;
    /** The stream, or AWS's error when there is none. */
    open(streamName: string): { readonly stream: DeliveryStream; readonly resource: StreamResource };
}

interface RecordInput {
    readonly Data: Uint8Array;
}

interface Entry {
    readonly RecordId?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
}

const SLOW_DOWN = { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." } as const;

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
export const putRecord =
    (put: PutServices) =>
    async (input: { readonly DeliveryStreamName: string; readonly Record: RecordInput }, caller: Caller) => {
        const { DeliveryStreamName: name, Record: record } = input;
        refuse([...nameConstraints(name), ...dataConstraints("record.data", record)]);
        put.services.iam.authorize(caller, "firehose:PutRecord", put.arn(name));
        const { entries, encrypted } = await accept(put, name, [record]);
        const [entry] = entries;
        if (!entry?.RecordId) throw slowDown();
        return { RecordId: entry.RecordId, Encrypted: encrypted };
    };

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
export const putRecordBatch =
    (put: PutServices) =>
    async (
        input: { readonly DeliveryStreamName: string; readonly Records: readonly RecordInput[] },
        caller: Caller,
    ) => {
        const { DeliveryStreamName: name, Records: records } = input;
        refuse([...nameConstraints(name), ...recordsConstraints(records)]);
        put.services.iam.authorize(caller, "firehose:PutRecordBatch", put.arn(name));
        if (bytesIn(records) > MAX_BATCH_BYTES)
            throw serviceError("InvalidArgumentException", "Records size exceeds 4 MB limit");
        const { entries, encrypted } = await accept(put, name, records);
        const failed = entries.filter(({ ErrorCode }) => ErrorCode).length;
        return { FailedPutCount: failed, Encrypted: encrypted, RequestResponses: entries };
    };

async function accept(
    { open, services, backlogBytes, throttled }: PutServices,
    name: string,
    records: readonly RecordInput[],
): Promise<{ readonly entries: readonly Entry[]; readonly encrypted: boolean }> {
    const { stream, resource } = open(name);
    if (resource.inputs.kinesisSourceConfiguration)
        throw serviceError(
            "InvalidArgumentException",
            "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
        );
    const metric = (metricName: string, value: number) =>
        services.metrics.put("AWS/Firehose", metricName, { DeliveryStreamName: name }, value);
    if (stream.backlog() > backlogBytes) {
        metric("ThrottledRecords", records.length);
        throw slowDown();
    }
    const refused = records.map((_record, index) => throttled(name, index));
    const taken = records.filter((_record, index) => !refused[index]);
    const ids = taken.length > 0 ? await stream.put(taken.map(({ Data }) => Data)) : [];
    metric("IncomingPutRequests", 1);
    metric("IncomingRecords", taken.length);
    metric("IncomingBytes", bytesIn(taken));
    if (taken.length < records.length) metric("ThrottledRecords", records.length - taken.length);
    let next = 0;
    const entries = refused.map((isRefused) => (isRefused ? SLOW_DOWN : { RecordId: ids[next++] as string }));
    return { entries, encrypted: resource.inputs.serverSideEncryption?.enabled ?? false };
}

function slowDown(): Error {
    return serviceError(SLOW_DOWN.ErrorCode, SLOW_DOWN.ErrorMessage, 503);
}

function bytesIn(records: readonly RecordInput[]): number {
    return records.reduce((total, { Data }) => total + Data.length, 0);
}

function recordsConstraints(records: readonly RecordInput[]): string[] {
    if (records.length === 0) return [constraint("records", "[]", "have length greater than or equal to 1")];
    if (records.length > MAX_RECORDS)
        return [constraint("records", undefined, `have length less than or equal to ${MAX_RECORDS}`)];
    return records.flatMap((record, index) => dataConstraints(`records.${index + 1}.member.data`, record));
}

function dataConstraints(member: string, { Data: { length } }: RecordInput): string[] {
    if (length <= MAX_RECORD_BYTES) return [];
    const shown = `java.nio.HeapByteBuffer[pos=0 lim=${length} cap=${length}]`;
    return [constraint(member, shown, `have length less than or equal to ${MAX_RECORD_BYTES}`)];
}

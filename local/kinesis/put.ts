import { serviceError } from "../errors";
import { constraint, refuse } from "../firehose/validation";
import type { Caller } from "../services";
import { enter, type KinesisAccess, type OpenedStream, requireKey, type StreamReference } from "./access";
import { HASH_KEYS } from "./hash-keys";
import type { Limits } from "./limits";
import type { Shard } from "./stream";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const MAX_RECORDS = 500;
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const MAX_KEY_LENGTH = 256;

/** What the operations that put records need. */
export interface PutServices extends KinesisAccess {
    readonly limits: Limits;
    /** Whether a record of a put is throttled, by its place in the batch: for tests of what a producer does then. */
    readonly throttled: (streamName: string, index: number) => boolean;
}

interface RecordInput {
    readonly Data: Uint8Array;
    readonly PartitionKey: string;
    readonly ExplicitHashKey?: string;
}

interface Entry {
    readonly ShardId?: string;
    readonly SequenceNumber?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
export const putRecord = (put: PutServices) => async (input: RecordInput & StreamReference, caller: Caller) => {
    const opened = enter(put, caller, "PutRecord", input);
    refuse(recordConstraints("", input, opened.config.maxRecordBytes));
    const [entry] = (await accept(put, caller, opened, [input])) as [Entry];
    put.services.metrics.put("AWS/Kinesis", "PutRecord.Success", dimensions(opened), entry.ErrorCode ? 0 : 1);
    if (entry.ErrorCode) throw serviceError(entry.ErrorCode, entry.ErrorMessage ?? "");
    return { ...entry, EncryptionType: opened.config.encryption };
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export const putRecords =
    (put: PutServices) =>
    async (input: { readonly Records: readonly RecordInput[] } & StreamReference, caller: Caller) => {
        const opened = enter(put, caller, "PutRecords", input);
        refuse(batchConstraints(input.Records, opened.config.maxRecordBytes));
        if (input.Records.reduce((sum, record) => sum + sizeOf(record), 0) > MAX_REQUEST_BYTES)
            throw serviceError("InvalidArgumentException", "Records size exceeds 10 MB limit");
        const entries = await accept(put, caller, opened, input.Records);
        const failed = entries.filter(({ ErrorCode }) => ErrorCode).length;
        const metric = (name: string, value: number) =>
            put.services.metrics.put("AWS/Kinesis", name, dimensions(opened), value);
        metric("PutRecords.Success", failed < entries.length ? 1 : 0);
        metric("PutRecords.TotalRecords", entries.length);
        metric("PutRecords.SuccessfulRecords", entries.length - failed);
        metric("PutRecords.ThrottledRecords", failed);
        return { FailedRecordCount: failed, Records: entries, EncryptionType: opened.config.encryption };
    };

/** Gives every record to its shard, and each its own outcome. Records of one shard keep their order. */
async function accept(
    put: PutServices,
    caller: Caller,
    opened: OpenedStream,
    records: readonly RecordInput[],
): Promise<Entry[]> {
    const { stream, config } = opened;
    requireKey(put.services.iam, caller, config, "kms:GenerateDataKey");
    const entries: Entry[] = new Array(records.length);
    const byShard = new Map<Shard, number[]>();
    // Every hash key is checked before any record is taken.
    const shards = records.map((record) => stream.shardFor(record.PartitionKey, hashKeyIn(record)));
    records.forEach((record, index) => {
        const shard = shards[index] as Shard;
        if (put.throttled(config.name, index) || !put.limits.take(config, shard, sizeOf(record)))
            entries[index] = rateExceeded(put, opened, shard);
        else {
            const indexes = byShard.get(shard) ?? [];
            byShard.set(shard, indexes);
            indexes.push(index);
        }
    });
    await Promise.all([...byShard].map(([shard, indexes]) => append(shard, indexes, records, entries)));
    const taken = entries.flatMap(({ ErrorCode }, index) => (ErrorCode ? [] : [records[index] as RecordInput]));
    const metric = (name: string, value: number) =>
        put.services.metrics.put("AWS/Kinesis", name, dimensions(opened), value);
    metric("IncomingRecords", taken.length);
    metric(
        "IncomingBytes",
        taken.reduce((sum, { Data }) => sum + Data.length, 0),
    );
    if (taken.length < records.length) metric("WriteProvisionedThroughputExceeded", records.length - taken.length);
    return entries;
}

async function append(shard: Shard, indexes: readonly number[], records: readonly RecordInput[], entries: Entry[]) {
    const first = await shard.log.append(
        indexes.map((index) => {
            const { PartitionKey: partitionKey, Data: data } = records[index] as RecordInput;
            return { partitionKey, data };
        }),
    );
    indexes.forEach((index, at) => {
        entries[index] = { ShardId: shard.state.id, SequenceNumber: shard.sequenceNumber(first + at) };
    });
}

function rateExceeded({ services }: PutServices, { config }: OpenedStream, { state }: Shard): Entry {
    const ErrorMessage = `Rate exceeded for shard ${state.id} in stream ${config.name} under account ${services.place.account}.`;
    return { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage };
}

function hashKeyIn({ ExplicitHashKey: key }: RecordInput): string | undefined {
    if (key === undefined || BigInt(key) < HASH_KEYS) return key;
    throw serviceError(
        "InvalidArgumentException",
        `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${key}`,
    );
}

function batchConstraints(records: readonly RecordInput[], maxBytes: number): string[] {
    if (records.length === 0) return [constraint("records", "[]", "have length greater than or equal to 1")];
    if (records.length > MAX_RECORDS)
        return [constraint("records", undefined, `have length less than or equal to ${MAX_RECORDS}`)];
    return records.flatMap((record, i) => recordConstraints(`records.${i + 1}.member.`, record, maxBytes));
}

function recordConstraints(at: string, record: RecordInput, maxBytes: number): string[] {
    const { PartitionKey: key, ExplicitHashKey: hashKey } = record;
    const problems: string[] = [];
    if (key.length < 1) problems.push(constraint(`${at}partitionKey`, key, "have length greater than or equal to 1"));
    if (key.length > MAX_KEY_LENGTH && [...key].length > MAX_KEY_LENGTH)
        problems.push(constraint(`${at}partitionKey`, key, `have length less than or equal to ${MAX_KEY_LENGTH}`));
    if (hashKey !== undefined && !/^(0|[1-9]\d{0,38})$/.test(hashKey))
        problems.push(
            constraint(`${at}explicitHashKey`, hashKey, "satisfy regular expression pattern: 0|([1-9]\\d{0,38})"),
        );
    if (sizeOf(record) > maxBytes)
        problems.push(constraint(`${at}data`, undefined, `have length less than or equal to ${maxBytes}`));
    return problems;
}

/** Bytes that count against the limits: the data and the partition key. */
function sizeOf({ Data, PartitionKey }: RecordInput): number {
    return Data.length + Buffer.byteLength(PartitionKey);
}

function dimensions({ config }: OpenedStream) {
    return { StreamName: config.name };
}

import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { RuntimeProcess } from "./runtime-process";

/** A record of a Kinesis stream. */
export interface StoredRecord {
    readonly sequenceNumber: string;
    readonly text: string;
}

/** Every record that a stream has. */
export async function recordsOf(runtime: RuntimeProcess, StreamName: string): Promise<readonly StoredRecord[]> {
    const client = new KinesisClient(runtime.client());
    const records: StoredRecord[] = [];
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    for (const { ShardId } of Shards) {
        const from = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" } as const;
        let { ShardIterator } = await client.send(new GetShardIteratorCommand(from));
        for (let isMore = true; isMore && ShardIterator; ) {
            const read = await client.send(new GetRecordsCommand({ ShardIterator }));
            for (const { SequenceNumber = "", Data = [] } of read.Records ?? [])
                records.push({ sequenceNumber: SequenceNumber, text: Buffer.from(Data).toString() });
            ShardIterator = read.NextShardIterator;
            isMore = (read.MillisBehindLatest ?? 0) > 0;
        }
    }
    client.destroy();
    return records;
}

/** Every item of a table, as plain values. */
export async function itemsOf(runtime: RuntimeProcess, TableName: string): Promise<readonly Record<string, unknown>[]> {
    const client = new DynamoDBClient(runtime.client());
    const items: Record<string, unknown>[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) items.push(...Items.map(plainMap));
    client.destroy();
    return items;
}

function plain({ S, N, BOOL, L, M }: AttributeValue): unknown {
    if (S !== undefined) return S;
    if (N !== undefined) return Number(N);
    if (L) return L.map(plain);
    return M ? plainMap(M) : (BOOL ?? null);
}

function plainMap(map: Record<string, AttributeValue>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, plain(value)]));
}

/** The keys of the objects of a bucket below a folder. */
export async function keysOf(runtime: RuntimeProcess, Bucket: string, Prefix: string): Promise<readonly string[]> {
    const client = new S3Client({ ...runtime.client(), forcePathStyle: true });
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
        keys.push(...Contents.map(({ Key = "" }) => Key));
    client.destroy();
    return keys;
}

/** The objects of a bucket below a folder: their texts by key. */
export async function objectsOf(
    runtime: RuntimeProcess,
    Bucket: string,
    Prefix: string,
): Promise<ReadonlyMap<string, string>> {
    const client = new S3Client({ ...runtime.client(), forcePathStyle: true });
    const objects = new Map<string, string>();
    for (const Key of await keysOf(runtime, Bucket, Prefix)) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        objects.set(Key, (await Body?.transformToString()) ?? "");
    }
    client.destroy();
    return objects;
}

/** Every message of a queue, which it then no longer shows for a while. */
export async function messagesOf(runtime: RuntimeProcess, QueueUrl: string): Promise<readonly Message[]> {
    const client = new SQSClient(runtime.client());
    const messages: Message[] = [];
    for (let isMore = true; isMore; ) {
        const received = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        messages.push(...(received.Messages ?? []));
        isMore = (received.Messages ?? []).length > 0;
    }
    client.destroy();
    return messages;
}

/** How many events of a log group match a pattern. */
export async function countLogged(
    runtime: RuntimeProcess,
    logGroupName: string,
    filterPattern: string,
): Promise<number> {
    const client = new CloudWatchLogsClient(runtime.client());
    let count = 0;
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName, filterPattern }))
        count += events.length;
    client.destroy();
    return count;
}

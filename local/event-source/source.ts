import type { DynamoDB } from "../dynamodb";
import type { Kinesis, StreamRecord } from "../kinesis";
import type { Caller } from "../services";
import type { MappingConfig, SourceKind } from "./config";

/** A record on its way to the function. */
export interface Entry {
    readonly position: number;
    readonly sequenceNumber: string;
    /** Records with the same key are processed in order. */
    readonly partitionKey: string;
    /** When it came into the stream, in milliseconds since 1970. */
    readonly arrival: number;
    /** The record as it stands in the event. */
    readonly json: string;
}

/** What a read of a shard gives. */
export interface Entries {
    /** Those that are wanted. */
    readonly entries: readonly Entry[];
    readonly next: number;
    /** Whether anything was read at all: then there may be more. */
    readonly isMore: boolean;
    readonly isDrained: boolean;
}

/** A stream that a mapping reads. */
export interface StreamSource {
    /** What tells the stream from a former one of its name, or undefined when there is none. */
    incarnation(): string | undefined;
    shards(): readonly { readonly id: string; readonly parents: readonly string[]; readonly isOpen?: boolean }[];
    positionOf(shardId: string, start: MappingConfig["start"]): Promise<number>;
    /** Reads so many records from a position on; those with other partition keys than the wanted ones are left out. */
    read(
        caller: Caller,
        shardId: string,
        position: number,
        limit: number,
        wants: (partitionKey: string) => boolean,
    ): Promise<Entries>;
    /** Resolves when there may be something at a position, or when the signal aborts. */
    wait(shardId: string, position: number, signal: AbortSignal): Promise<void>;
}

/** The services that have streams. */
export interface SourceServices {
    readonly kinesis: Pick<Kinesis, "incarnation" | "positionOf" | "read" | "shards" | "waitForRecords">;
    readonly dynamodb: Pick<DynamoDB, "streams">;
}

/** What the function's role must be allowed on the stream; of actions in one list, one is enough. */
export const PERMISSIONS: Readonly<Record<SourceKind, readonly (readonly string[])[]>> = {
    kinesis: [
        ["kinesis:GetRecords"],
        ["kinesis:GetShardIterator"],
        ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary"],
        ["kinesis:ListShards"],
    ],
    dynamodb: [["dynamodb:GetRecords"], ["dynamodb:GetShardIterator"], ["dynamodb:DescribeStream"]],
};

/** The stream that a mapping reads. `roleArn` is the function's, which an event names. */
export function streamSource(
    { kinesis, dynamodb }: SourceServices,
    config: MappingConfig,
    roleArn: string,
): StreamSource {
    const { sourceArn: arn, kind } = config;
    const region = arn.split(":")[3] as string;
    if (kind === "kinesis")
        return {
            incarnation: () => kinesis.incarnation(arn),
            shards: () => kinesis.shards(arn),
            positionOf: (shardId, start) => kinesis.positionOf(arn, shardId, start),
            async read(caller, shardId, position, records, wants) {
                const {
                    records: read,
                    next,
                    isDrained,
                } = await kinesis.read(caller, arn, shardId, position, { records });
                const around = { shardId, arn, region, roleArn };
                const entries = read
                    .filter(({ partitionKey }) => wants(partitionKey))
                    .map((record) => ({ ...fields(record), json: kinesisJson(record, around) }));
                return { entries, next, isMore: read.length > 0, isDrained };
            },
            wait: (shardId, position, signal) => kinesis.waitForRecords(arn, shardId, position, signal),
        };
    const { streams } = dynamodb;
    return {
        incarnation: () => streams.incarnation(arn),
        shards: () => streams.shards(arn),
        positionOf: (shardId, start) => streams.positionOf(arn, shardId, start as "LATEST" | "TRIM_HORIZON"),
        async read(caller, shardId, position, records, wants) {
            const { records: read, next, isDrained } = await streams.read(caller, arn, shardId, position, { records });
            const entries = read
                .filter(({ partitionKey }) => wants(partitionKey))
                .map((change) => ({
                    ...fields(change),
                    json: JSON.stringify({ ...change.record, eventSourceARN: arn }),
                }));
            return { entries, next, isMore: read.length > 0, isDrained };
        },
        wait: (shardId, position, signal) => streams.waitForRecords(arn, shardId, position, signal),
    };
}

function fields({ position, sequenceNumber, partitionKey, arrival }: Omit<Entry, "json">): Omit<Entry, "json"> {
    return { position, sequenceNumber, partitionKey, arrival };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-event-example */
function kinesisJson(
    { sequenceNumber, partitionKey, data, arrival }: StreamRecord,
    { shardId, arn, region, roleArn }: { shardId: string; arn: string; region: string; roleArn: string },
): string {
    return JSON.stringify({
        kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey,
            sequenceNumber,
            data: data.toString("base64"),
            approximateArrivalTimestamp: arrival / 1000,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${shardId}:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: roleArn,
        awsRegion: region,
        eventSourceARN: arn,
    });
}

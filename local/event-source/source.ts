import type { DynamoDB } from "../dynamodb";
import type { Kinesis } from "../kinesis";
import type { LoggedRecord } from "../records/frame";
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
    /** The record as it stands in the event. It is made when it is asked for: a batch of them would be much to keep. */
    json(): string;
    /** Bytes of that, or some more. */
    readonly bytes: number;
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
                const read = await kinesis.read(caller, arn, shardId, position, { records, wants });
                const { next, isDrained, sequenceNumber } = read;
                const around = { shardId, arn, region, roleArn, sequenceNumber };
                const entries = read.records.map((record) => new KinesisEntry(record, around));
                return { entries, next, isMore: next > position, isDrained };
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
                .map(({ position: at, sequenceNumber, partitionKey, arrival, record }): Entry => {
                    const json = JSON.stringify({ ...record, eventSourceARN: arn });
                    const bytes = Buffer.byteLength(json);
                    return { position: at, sequenceNumber, partitionKey, arrival, json: () => json, bytes };
                });
            return { entries, next, isMore: read.length > 0, isDrained };
        },
        wait: (shardId, position, signal) => streams.waitForRecords(arn, shardId, position, signal),
    };
}

/** What an event says of where its records come from. */
interface Around {
    readonly shardId: string;
    readonly arn: string;
    readonly region: string;
    readonly roleArn: string;
    sequenceNumber(position: number): string;
}

/** Bytes of a Kinesis record in an event without its key and data: with the longest ARNs, some 900. */
const AROUND_BYTES = 1024;

/** A class, since thousands of them come in a second, and an object with functions of its own is many times as large. */
class KinesisEntry implements Entry {
    readonly bytes: number;

    constructor(
        private readonly record: LoggedRecord,
        private readonly around: Around,
    ) {
        const { partitionKey, data } = record;
        this.bytes = AROUND_BYTES + 6 * Buffer.byteLength(partitionKey) + 4 * Math.ceil(data.length / 3);
    }

    get position() {
        return this.record.position;
    }
    get sequenceNumber() {
        return this.around.sequenceNumber(this.record.position);
    }
    get partitionKey() {
        return this.record.partitionKey;
    }
    get arrival() {
        return this.record.arrival;
    }

    /** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-event-example */
    json(): string {
        const { sequenceNumber } = this;
        const { partitionKey, data, arrival } = this.record;
        const { shardId, arn, region, roleArn } = this.around;
        // Only the key can need escapes. A text is put together faster than an object is made and walked.
        const kinesis = `{"kinesisSchemaVersion":"1.0","partitionKey":${JSON.stringify(partitionKey)},"sequenceNumber":"${sequenceNumber}","data":"${data.toString("base64")}","approximateArrivalTimestamp":${arrival / 1000}}`;
        return `{"kinesis":${kinesis},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"${shardId}:${sequenceNumber}","eventName":"aws:kinesis:record","invokeIdentityArn":"${roleArn}","awsRegion":"${region}","eventSourceARN":"${arn}"}`;
    }
}

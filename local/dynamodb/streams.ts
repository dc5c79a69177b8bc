import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import { type StreamRecordShape, sequenceNumber, streamRecord } from "./changes";
import type { StreamConfig, TableConfig } from "./config";
import { STREAM_RETENTION_MS } from "./model";
import type { TableStore } from "./store";

/** The one shard of a table's stream. AWS has one per partition of the table; one is enough to keep the order of every key. */
export const STREAM_SHARD = "shardId-00000001700000000000-00000000";

/** Most changes that one read gives: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
const MAX_RECORDS = 1000;

/** A change as a consumer sees it. */
export interface TableChange {
    readonly position: number;
    readonly sequenceNumber: string;
    /** When it happened, in milliseconds since 1970. */
    readonly arrival: number;
    /** The same text for all changes of an item: its key. */
    readonly partitionKey: string;
    /** As DynamoDB Streams shows it, binary values in base64. */
    readonly record: StreamRecordShape;
}

/** How other local services read the streams of tables. See `KinesisReader`, which has the same methods. */
export interface TableStreams {
    /** What tells a table's stream from a former one, or undefined when there is no such stream. */
    incarnation(streamArn: string): string | undefined;
    shards(streamArn: string): readonly { readonly id: string; readonly parents: readonly string[] }[];
    /** The position at which to begin. */
    positionOf(streamArn: string, shardId: string, start: "TRIM_HORIZON" | "LATEST"): Promise<number>;
    /** Reads changes (at most 1,000) from a position on. The caller needs `dynamodb:GetRecords`. */
    read(
        caller: Caller,
        streamArn: string,
        shardId: string,
        position: number,
        limits?: { readonly records?: number },
    ): Promise<{
        readonly records: readonly TableChange[];
        readonly next: number;
        readonly millisBehindLatest: number;
        readonly isDrained: false;
    }>;
    /** Resolves when there is a change at this position, when the stream is gone, or when the signal aborts. It may resolve early. */
    waitForRecords(streamArn: string, shardId: string, position: number, signal: AbortSignal): Promise<void>;
}

/** What {@link tableStreams} needs. */
export interface StreamServices {
    readonly services: Pick<Services, "clock" | "iam" | "place">;
    find(tableName: string): TableConfig | undefined;
    store(): Promise<TableStore>;
}

/** Makes the {@link TableStreams}. */
export function tableStreams({ services, find, store }: StreamServices): TableStreams {
    const { clock, iam, place } = services;
    const horizon = () => clock.now() - STREAM_RETENTION_MS;

    function findStream(arn: string): { readonly stream: StreamConfig; readonly table: TableConfig } | undefined {
        const table = find(/:table\/([^/]+)\/stream\//.exec(arn)?.[1] ?? "");
        return table?.stream?.arn === arn ? { stream: table.stream, table } : undefined;
    }

    async function open(arn: string) {
        const found = findStream(arn);
        if (!found)
            throw serviceError("ResourceNotFoundException", `Requested resource not found: Stream: ${arn} not found`);
        return { ...found, log: await (await store()).changes(found.table.name) };
    }

    return {
        incarnation: (arn) => findStream(arn)?.stream.label,
        shards: (arn) => (findStream(arn) ? [{ id: STREAM_SHARD, parents: [] }] : []),
        async positionOf(arn, _shardId, start) {
            const { log } = await open(arn);
            return start === "LATEST" ? log.next() : log.positionAt(horizon());
        },
        async read(caller, arn, _shardId, position, { records: limit = MAX_RECORDS } = {}) {
            iam.authorize(caller, "dynamodb:GetRecords", arn);
            const { stream, table, log } = await open(arn);
            const attributes = table.description.KeySchema.map(({ AttributeName }) => AttributeName);
            const from = Math.max(position, await log.positionAt(horizon()));
            const changes = await log.read(from, Math.min(limit, MAX_RECORDS), horizon());
            const next = (changes.at(-1)?.position ?? from - 1) + 1;
            return {
                records: changes.map((change) => ({
                    position: change.position,
                    sequenceNumber: sequenceNumber(change.position),
                    arrival: change.arrival,
                    partitionKey: JSON.stringify(attributes.map((name) => change.keys[name])),
                    record: streamRecord(change, stream, place.region),
                })),
                next,
                millisBehindLatest: next < log.next() ? clock.now() - (changes.at(-1)?.arrival ?? clock.now()) : 0,
                isDrained: false,
            };
        },
        async waitForRecords(arn, _shardId, position, signal) {
            const { log } = await open(arn);
            await log.reached(position, signal);
        },
    };
}

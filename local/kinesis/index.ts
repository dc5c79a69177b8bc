import type { Bindings } from "../resources";
import type { JsonService, Operation, Services } from "../services";
import { type KinesisAccess, notFound } from "./access";
import { kinesisBindings } from "./bindings";
import {
    ON_DEMAND_SHARDS,
    STREAM_TYPE,
    type StreamInputs,
    type StreamResource,
    shardCountOf,
    streamArn,
    streamConfig,
} from "./config";
import { describeStream, describeStreamSummary, listShards } from "./describe";
import { getRecords, getShardIterator } from "./iterators";
import { shardLimits, unlimited } from "./limits";
import { listStreams, listTagsForStream } from "./list";
import { putRecord, putRecords } from "./put";
import { createReader, type KinesisReader } from "./reader";
import { streamFolder } from "./shards";
import { openStream, type Stream } from "./stream";

export type {
    KinesisReader,
    ReadRuns,
    ShardDescription,
    StartingPosition,
} from "./reader";

/** How often a stream deletes what is older than its retention period, in milliseconds. */
const TRIM_MS = 60_000;

/** Settings of {@link createKinesis}. */
export interface KinesisOptions {
    /** Whether a record of a put is throttled, by its place in the batch: for tests of what a producer does then. @default none is */
    readonly throttled?: (streamName: string, index: number) => boolean;
    /** Whether the shards of provisioned streams take no more than on AWS: 1 MiB and 1,000 records a second. @default false: a laptop's limits are its own */
    readonly shardLimits?: boolean;
}

/** Amazon Kinesis Data Streams: streams whose shards are logs on disk. */
export interface Kinesis extends KinesisReader {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** Begins to delete what is older than the retention periods. */
    start(): void;
    /** Stops; what is accepted stays on disk. */
    close(): Promise<void>;
}

/** What {@link createKinesis} needs. */
export type KinesisServices = Pick<Services, "clock" | "iam" | "metrics" | "place" | "randomHex" | "resources">;

/** Makes the local {@link Kinesis}. */
export function createKinesis(services: KinesisServices, options: KinesisOptions = {}): Kinesis {
    const { clock, place, resources } = services;
    const streams = createStreams(services);
    const access: KinesisAccess = { services, arn: (name) => streamArn(place, name), find: streams.find };
    const byArn = (arn: string) => {
        const found = streams.find(arn.slice(arn.lastIndexOf("/") + 1));
        return found?.config.arn === arn ? found : undefined;
    };
    const open = (arn: string) => {
        const found = byArn(arn);
        if (found) return found;
        throw notFound(`Stream ${arn.slice(arn.lastIndexOf("/") + 1)} under account ${place.account} not found.`);
    };
    const reader = createReader({
        services,
        find: byArn,
        open,
        openShard(arn, shardId) {
            const shard = open(arn).stream.shard(shardId);
            if (shard) return shard;
            const name = arn.slice(arn.lastIndexOf("/") + 1);
            throw notFound(`Shard ${shardId} in stream ${name} under account ${place.account} does not exist`);
        },
    });
    const put = {
        ...access,
        limits: options.shardLimits ? shardLimits(clock) : unlimited,
        throttled: options.throttled ?? (() => false),
    };
    const read = { ...access, reader };
    const operations: Record<string, Operation> = {
        PutRecord: putRecord(put),
        PutRecords: putRecords(put),
        GetShardIterator: getShardIterator(read),
        GetRecords: getRecords(read),
        DescribeStream: describeStream(access),
        DescribeStreamSummary: describeStreamSummary(access),
        ListShards: listShards(access),
        ListStreams: listStreams(access, streams.names),
        ListTagsForStream: listTagsForStream(access),
    };
    let stop = new AbortController();
    let trimming: Promise<void> | undefined;
    resources.onChange(STREAM_TYPE, streams.changed);

    return {
        ...reader,
        service: { target: "Kinesis_20131202", name: "kinesis", client: "@aws-sdk/client-kinesis", operations },
        bindings: kinesisBindings(services, streams),
        start() {
            stop = new AbortController();
            trimming = trimNowAndThen(stop.signal);
        },
        async close() {
            stop.abort();
            await trimming;
            await streams.close();
        },
    };

    async function trimNowAndThen(signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            await streams.trim();
            await clock.sleep(TRIM_MS, signal);
        }
    }
}

/** The streams of the table of resources, opened when they are first used. */
function createStreams(services: KinesisServices) {
    const { place, resources } = services;
    const opened = new Map<string, Stream>();
    const retired = new Set<string>();
    let byName: ReadonlyMap<string, StreamResource> | undefined;

    function all(): ReadonlyMap<string, StreamResource> {
        byName ??= new Map(
            resources
                .all<StreamInputs>(STREAM_TYPE)
                .map((resource) => [streamConfig(resource).name, resource] as const)
                .filter(([name]) => !retired.has(name)),
        );
        return byName;
    }

    function find(name: string) {
        const resource = all().get(name);
        if (!resource) return undefined;
        const shards = shardCountOf(resource.inputs) ?? ON_DEMAND_SHARDS;
        const stream = opened.get(name) ?? openStream(services, streamFolder(place.data, name), shards);
        opened.set(name, stream);
        return { stream, config: streamConfig(resource) };
    }

    async function close(): Promise<void> {
        const streams = [...opened.values()];
        opened.clear();
        await Promise.all(streams.map((stream) => stream.close()));
    }

    return {
        find,
        close,
        names: () => [...all().keys()],
        changed: () => {
            byName = undefined;
        },
        welcome: (name: string) => void retired.delete(name),
        reshard: (name: string, shardCount: number) => find(name)?.stream.reshard(shardCount),
        async retire(name: string) {
            retired.add(name);
            byName = undefined;
            const stream = opened.get(name);
            opened.delete(name);
            await stream?.close();
        },
        async trim() {
            for (const name of all().keys()) {
                const found = find(name);
                await found?.stream.trim(found.config.retentionMs).catch(warn);
            }
        },
    };
}

function warn(error: unknown): void {
    process.emitWarning(
        `Old records of a stream could not be deleted: ${error instanceof Error ? error.stack : error}`,
    );
}

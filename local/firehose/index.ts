import { serviceError } from "../errors";
import type { Bindings } from "../resources";
import type { Caller, JsonService, Operation } from "../services";
import { createArranger } from "./arranger";
import { firehoseBindings, streamArn } from "./bindings";
import { STREAM_TYPE, type StreamInputs, type StreamResource, streamConfig } from "./config";
import type { FirehoseServices } from "./delivery";
import { describeDeliveryStream } from "./describe";
import { identityOf, streamFolder } from "./files";
import { listDeliveryStreams, listTagsForDeliveryStream } from "./list";
import { putRecord, putRecordBatch } from "./put";
import { type DeliveryStatus, type DeliveryStream, openStream } from "./stream";

export type { DeliveryStatus } from "./stream";

/** Settings of {@link createFirehose}. */
export interface FirehoseOptions {
    /** Bytes of accepted records on disk, per stream, beyond which a put is answered with "Slow down.", and a source not read. @default 512 MiB */
    readonly backlogBytes?: number;
    /** Whether a record of a put is throttled, by its place in the batch: for tests of what a client does then. @default none is */
    readonly throttled?: (streamName: string, index: number) => boolean;
    /** Called after each thing that delivery does; when it throws, delivery ends there as if the process had been killed. For tests. */
    readonly step?: (streamName: string, step: string) => void;
    /** Told of errors that nobody expected, such as a full disk; delivery goes on from what is on disk. @default a warning of the process */
    readonly onError?: (streamName: string, error: unknown) => void;
}

/** Amazon Data Firehose: durable buffers, a function that transforms, S3 and Iceberg destinations. */
export interface Firehose {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** Puts a record into the stream with this ARN, as a service does that has it for a target. The caller needs `firehose:PutRecord`. */
    put(caller: Caller, streamArn: string, data: Uint8Array): Promise<void>;
    /** Begins to deliver, with what a former run left on disk. */
    start(): void;
    /** Stops delivering; what is accepted stays on disk. */
    close(): Promise<void>;
    /** Resolves when a stream, or every stream, has nothing pending. */
    idle(streamName?: string): Promise<void>;
    /** Delivers everything that a stream has accepted so far, whatever its buffering hints say. */
    flush(streamName: string): Promise<void>;
    /** What became of the records of each stream. */
    status(): Readonly<Record<string, DeliveryStatus>>;
}

/** Makes the local {@link Firehose}. */
export function createFirehose(services: FirehoseServices, options: FirehoseOptions = {}): Firehose {
    const { place, resources } = services;
    const backlogBytes = options.backlogBytes ?? 512 * 1024 * 1024;
    const arranger = createArranger();
    const open = new Map<string, DeliveryStream>();
    const retired = new Set<string>();
    let byName: ReadonlyMap<string, StreamResource> | undefined;
    let started = false;

    resources.onChange(STREAM_TYPE, () => {
        byName = undefined;
        for (const stream of open.values()) stream.changed();
        if (started) startAll();
    });

    const arn = (name: string) => streamArn(place, name);
    const put = {
        services,
        backlogBytes,
        throttled: options.throttled ?? (() => false),
        arn,
        open: (name: string) => ({ resource: find(name), stream: opened(name) }),
    };
    const putOne = putRecord(put);
    const operations: Record<string, Operation> = {
        PutRecord: putOne,
        PutRecordBatch: putRecordBatch(put),
        DescribeDeliveryStream: describeDeliveryStream({ services, arn, find, identity }),
        ListDeliveryStreams: listDeliveryStreams(services, all),
        ListTagsForDeliveryStream: listTagsForDeliveryStream(services, arn, find),
    };

    return {
        service: { target: "Firehose_20150804", name: "firehose", client: "@aws-sdk/client-firehose", operations },
        bindings: firehoseBindings(services, {
            welcome: (name) => void retired.delete(name),
            async retire(name) {
                retired.add(name);
                byName = undefined;
                const stream = open.get(name);
                open.delete(name);
                await stream?.close();
            },
        }),
        async put(caller, streamArn, Data) {
            const DeliveryStreamName = streamArn.slice(streamArn.lastIndexOf("/") + 1);
            await putOne({ DeliveryStreamName, Record: { Data } }, caller);
        },
        start() {
            started = true;
            startAll();
        },
        async close() {
            started = false;
            const streams = [...open.values()];
            open.clear();
            await Promise.all(streams.map((stream) => stream.close()));
            await arranger.close();
        },
        async idle(name) {
            const names = name === undefined ? [...all().keys()] : [name];
            await Promise.all(names.map((each) => opened(each).idle()));
        },
        flush: (name) => opened(name).flush(),
        status: () => Object.fromEntries([...all().keys()].map((name) => [name, opened(name).status()])),
    };

    function all(): ReadonlyMap<string, StreamResource> {
        byName ??= new Map(
            resources
                .all<StreamInputs>(STREAM_TYPE)
                .map((resource) => [String(resource.outputs.name ?? resource.inputs.name), resource] as const)
                .filter(([name]) => !retired.has(name)),
        );
        return byName;
    }

    function find(name: string): StreamResource {
        const resource = all().get(name);
        if (resource) return resource;
        throw serviceError("ResourceNotFoundException", `Firehose ${name} not found under account ${place.account}.`);
    }

    function identity(name: string) {
        opened(name);
        return identityOf(streamFolder(place.data, name), () => {
            throw new Error(`The delivery stream "${name}" has lost its folder.`);
        });
    }

    function startAll(): void {
        for (const name of all().keys()) opened(name).start();
    }

    function opened(name: string): DeliveryStream {
        find(name);
        const known = open.get(name);
        if (known) return known;
        const config = () => {
            const resource = all().get(name);
            return resource && streamConfig(resource);
        };
        const stream = openStream(services, name, streamFolder(place.data, name), config, {
            arranger,
            backlogBytes,
            step: options.step,
            onError: options.onError ?? warn,
        });
        open.set(name, stream);
        if (started) stream.start();
        return stream;
    }
}

function warn(streamName: string, error: unknown): void {
    process.emitWarning(
        `Delivery of "${streamName}" starts again after an error: ${error instanceof Error ? error.stack : error}`,
    );
}

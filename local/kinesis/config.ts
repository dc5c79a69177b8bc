import type { Properties, Resource } from "../resources";
import type { Place } from "../services";

/** Pulumi's type of a stream. */
export const STREAM_TYPE = "aws:kinesis/stream:Stream";

/** Shards of a new on-demand stream: https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html */
export const ON_DEMAND_SHARDS = 4;

/** The inputs of a stream, as far as the service reads them. */
export interface StreamInputs extends Properties {
    readonly name?: string;
    readonly shardCount?: number;
    /** Hours. */
    readonly retentionPeriod?: number;
    readonly streamModeDetails?: { readonly streamMode?: string };
    readonly encryptionType?: string;
    readonly kmsKeyId?: string;
    readonly maxRecordSizeInKib?: number;
    readonly shardLevelMetrics?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
}

/** A stream in the table of resources. */
export type StreamResource = Resource<StreamInputs, Properties>;

/** A stream, as the service needs it. */
export interface StreamConfig {
    readonly name: string;
    readonly arn: string;
    readonly mode: "PROVISIONED" | "ON_DEMAND";
    readonly retentionMs: number;
    readonly encryption: "NONE" | "KMS";
    readonly kmsKeyId: string | undefined;
    /** Most bytes of a record, its partition key included. */
    readonly maxRecordBytes: number;
    readonly shardLevelMetrics: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
}

/** ARN of a stream. */
export function streamArn({ region, account }: Place, name: string): string {
    return `arn:aws:kinesis:${region}:${account}:stream/${name}`;
}

/** How many shards these inputs ask for; undefined where the number is AWS's own business. */
export function shardCountOf({ shardCount, streamModeDetails }: StreamInputs): number | undefined {
    return streamModeDetails?.streamMode === "ON_DEMAND" ? undefined : (shardCount ?? 1);
}

const parsed = new WeakMap<StreamResource, StreamConfig>();

/** The configuration in a resource, parsed once. */
export function streamConfig(resource: StreamResource): StreamConfig {
    const known = parsed.get(resource) ?? parse(resource);
    parsed.set(resource, known);
    return known;
}

function parse({ inputs, outputs }: StreamResource): StreamConfig {
    return {
        name: String(outputs.name ?? inputs.name),
        arn: String(outputs.arn),
        mode: inputs.streamModeDetails?.streamMode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED",
        retentionMs: (inputs.retentionPeriod ?? 24) * 3_600_000,
        encryption: inputs.encryptionType === "KMS" ? "KMS" : "NONE",
        kmsKeyId: inputs.kmsKeyId,
        maxRecordBytes: (inputs.maxRecordSizeInKib ?? 1024) * 1024,
        shardLevelMetrics: inputs.shardLevelMetrics ?? [],
        tags: inputs.tags ?? {},
    };
}

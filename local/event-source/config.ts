import type { Properties, Resource } from "../resources";

/** Pulumi's type of an event-source mapping. */
export const MAPPING_TYPE = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** The inputs of a mapping, as far as the service reads them. */
export interface MappingInputs extends Properties {
    readonly functionName: string;
    readonly eventSourceArn?: string;
    readonly enabled?: boolean;
    readonly batchSize?: number;
    readonly maximumBatchingWindowInSeconds?: number;
    readonly startingPosition?: string;
    readonly startingPositionTimestamp?: string;
    readonly parallelizationFactor?: number;
    readonly functionResponseTypes?: readonly string[];
    readonly bisectBatchOnFunctionError?: boolean;
    readonly maximumRetryAttempts?: number;
    readonly maximumRecordAgeInSeconds?: number;
    readonly destinationConfig?: { readonly onFailure?: { readonly destinationArn?: string } };
    readonly filterCriteria?: { readonly filters?: readonly unknown[] };
    readonly tumblingWindowInSeconds?: number;
    readonly tags?: Readonly<Record<string, string>>;
}

/** A mapping in the table of resources. */
export type MappingResource = Resource<MappingInputs, Properties>;

/** What kind of source an ARN names. */
export type SourceKind = "kinesis" | "dynamodb";

/** How failed batches are tried again. */
export interface RetryRules {
    /** Whether the function tells which record failed first. */
    readonly reportsFailures: boolean;
    /** Whether a failed batch is split in two. */
    readonly bisects: boolean;
    /** Tries after the first one; endless when it says so. */
    readonly maxRetries: number;
    /** Age at which a record is given up, in milliseconds; may be endless. */
    readonly maxAgeMs: number;
}

/** A mapping, as the service needs it. */
export interface MappingConfig extends RetryRules {
    readonly uuid: string;
    readonly functionArn: string;
    readonly kind: SourceKind;
    readonly sourceArn: string;
    readonly enabled: boolean;
    readonly batchSize: number;
    readonly windowMs: number;
    readonly start: "TRIM_HORIZON" | "LATEST" | { readonly atTimestamp: number };
    /** How many batches of a shard are with the function at once. */
    readonly parallel: number;
    /** The queue that is told of what is given up. */
    readonly destinationArn: string | undefined;
}

/** The kind of a source, or undefined when it is none that runs locally. */
export function kindOf(sourceArn: string): SourceKind | undefined {
    if (/^arn:aws:kinesis:[^:]+:\d{12}:stream\/[^/]+$/.test(sourceArn)) return "kinesis";
    return /^arn:aws:dynamodb:[^:]+:\d{12}:table\/[^/]+\/stream\/.+$/.test(sourceArn) ? "dynamodb" : undefined;
}

const parsed = new WeakMap<MappingResource, MappingConfig>();

/** The configuration in a resource, parsed once. */
export function mappingConfig(resource: MappingResource): MappingConfig {
    const known = parsed.get(resource) ?? parse(resource);
    parsed.set(resource, known);
    return known;
}

function parse({ id, inputs, outputs }: MappingResource): MappingConfig {
    const sourceArn = inputs.eventSourceArn ?? "";
    return {
        uuid: id,
        functionArn: String(outputs.functionArn),
        kind: kindOf(sourceArn) ?? "kinesis",
        sourceArn,
        enabled: inputs.enabled ?? true,
        batchSize: inputs.batchSize ?? 100,
        windowMs: (inputs.maximumBatchingWindowInSeconds ?? 0) * 1000,
        start: startOf(inputs),
        parallel: inputs.parallelizationFactor ?? 1,
        reportsFailures: inputs.functionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
        bisects: inputs.bisectBatchOnFunctionError ?? false,
        maxRetries: endless(inputs.maximumRetryAttempts),
        maxAgeMs: endless(inputs.maximumRecordAgeInSeconds) * 1000,
        destinationArn: inputs.destinationConfig?.onFailure?.destinationArn || undefined,
    };
}

function startOf({ startingPosition, startingPositionTimestamp }: MappingInputs): MappingConfig["start"] {
    if (startingPosition === "AT_TIMESTAMP") return { atTimestamp: Date.parse(startingPositionTimestamp ?? "") };
    return startingPosition === "LATEST" ? "LATEST" : "TRIM_HORIZON";
}

function endless(limit = -1): number {
    return limit === -1 ? Number.POSITIVE_INFINITY : limit;
}

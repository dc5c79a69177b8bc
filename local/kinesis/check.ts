import type { Properties } from "../resources";
import type { StreamInputs } from "./config";

const METRICS = [
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
    "ALL",
];

/** What AWS would refuse in the inputs of a stream beyond its schema: a sentence each. */
export function streamProblems(properties: Properties): readonly string[] {
    const inputs = properties as StreamInputs;
    return [
        ...nameProblems(inputs),
        ...modeProblems(inputs),
        ...range("retentionPeriod", inputs.retentionPeriod, 24, 8760),
        ...range("maxRecordSizeInKib", inputs.maxRecordSizeInKib, 1024, 10_240),
        ...encryptionProblems(inputs),
        ...(inputs.shardLevelMetrics ?? []).flatMap((metric) => oneOf("shardLevelMetrics", metric, METRICS)),
    ];
}

function nameProblems({ name }: StreamInputs): string[] {
    if (name === undefined || /^[a-zA-Z0-9_.-]{1,128}$/.test(name)) return [];
    return [`"name" must be 1 to 128 letters, digits, "_", "." or "-", not "${name}".`];
}

function modeProblems({ streamModeDetails, shardCount }: StreamInputs): string[] {
    const mode = streamModeDetails?.streamMode ?? "PROVISIONED";
    if (mode === "ON_DEMAND")
        return shardCount === undefined ? [] : ['"shardCount" must not be set when the stream\'s mode is "ON_DEMAND".'];
    if (mode !== "PROVISIONED") return oneOf("streamModeDetails.streamMode", mode, ["PROVISIONED", "ON_DEMAND"]);
    if (shardCount !== undefined && Number.isInteger(shardCount) && shardCount >= 1) return [];
    return ['"shardCount" must be at least 1 when the stream\'s mode is "PROVISIONED".'];
}

function encryptionProblems({ encryptionType, kmsKeyId }: StreamInputs): string[] {
    if (encryptionType === "KMS" && !kmsKeyId) return ['"kmsKeyId" is required when "encryptionType" is "KMS".'];
    return oneOf("encryptionType", encryptionType, ["NONE", "KMS"]);
}

function range(path: string, value: number | undefined, least: number, most: number): string[] {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}

function oneOf(path: string, value: string | undefined, allowed: readonly string[]): string[] {
    if (value === undefined || allowed.includes(value)) return [];
    return [`"${path}" must be ${allowed.map((each) => `"${each}"`).join(" or ")}, not "${value}".`];
}

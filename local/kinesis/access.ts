import { isServiceError, serviceError } from "../errors";
import { constraint, refuse } from "../firehose/validation";
import type { Caller, Services } from "../services";
import type { StreamConfig } from "./config";
import type { Stream } from "./stream";

/** How a request names its stream. */
export interface StreamReference {
    readonly StreamName?: string;
    readonly StreamARN?: string;
}

/** A stream, and how it is configured. */
export interface OpenedStream {
    readonly stream: Stream;
    readonly config: StreamConfig;
}

/** What every operation on a stream needs. */
export interface KinesisAccess {
    readonly services: Pick<Services, "clock" | "iam" | "metrics" | "place">;
    arn(streamName: string): string;
    /** The stream of that name, or undefined when there is none. */
    find(streamName: string): OpenedStream | undefined;
}

/** The name in a reference: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
export function nameIn({ StreamName: name, StreamARN: arn }: StreamReference): string {
    refuse([...nameConstraints(name), ...arnConstraints(arn)]);
    const named = name ?? arn?.slice(arn.indexOf(":stream/") + ":stream/".length);
    if (named !== undefined) return named;
    throw serviceError("InvalidArgumentException", "Either StreamARN or StreamName must be specified.");
}

/** Lets a caller do something with a stream, and gives the stream; throws AWS's errors when it may not, or when there is none. */
export function enter(access: KinesisAccess, caller: Caller, action: string, reference: StreamReference): OpenedStream {
    const name = nameIn(reference);
    access.services.iam.authorize(caller, `kinesis:${action}`, reference.StreamARN ?? access.arn(name));
    const found = access.find(name);
    if (found && (reference.StreamARN ?? found.config.arn) === found.config.arn) return found;
    throw notFound(`Stream ${name} under account ${access.services.place.account} not found.`);
}

/**
 * Throws unless a caller may use the key of an encrypted stream, where that is a key of the account's own; the one that AWS keeps for
 * Kinesis asks nobody. https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
 */
export function requireKey(
    iam: Services["iam"],
    caller: Caller,
    { encryption, kmsKeyId }: StreamConfig,
    action: "kms:Decrypt" | "kms:GenerateDataKey",
): void {
    if (encryption !== "KMS" || !/^arn:aws:kms:[^:]+:\d{12}:key\//.test(kmsKeyId ?? "")) return;
    try {
        iam.authorize(caller, action, kmsKeyId as string);
    } catch (error) {
        throw isServiceError(error) ? serviceError("KMSAccessDeniedException", error.message) : error;
    }
}

/** Makes AWS's error for what is not there. */
export function notFound(message: string): Error {
    return serviceError("ResourceNotFoundException", message);
}

/** What is wrong with a number that has a range. */
export function rangeConstraints(member: string, value: number | undefined, least: number, most: number): string[] {
    if (value === undefined) return [];
    if (value < least) return [constraint(member, String(value), `have value greater than or equal to ${least}`)];
    if (value > most) return [constraint(member, String(value), `have value less than or equal to ${most}`)];
    return [];
}

function nameConstraints(name: string | undefined): string[] {
    if (name === undefined) return [];
    if (name.length < 1) return [constraint("streamName", name, "have length greater than or equal to 1")];
    if (name.length > 128) return [constraint("streamName", name, "have length less than or equal to 128")];
    if (/^[a-zA-Z0-9_.-]+$/.test(name)) return [];
    return [constraint("streamName", name, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")];
}

function arnConstraints(arn: string | undefined): string[] {
    if (arn === undefined || /^arn:aws.*:kinesis:.*:\d{12}:stream\/\S+$/.test(arn)) return [];
    return [
        constraint("streamARN", arn, "satisfy regular expression pattern: arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+"),
    ];
}

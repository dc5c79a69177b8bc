import type { Properties, Resource } from "../resources";
import type { Place } from "../services";

/** Pulumi's type of a queue. */
export const QUEUE_TYPE = "aws:sqs/queue:Queue";

/** The inputs of a queue, as far as the service reads them. */
export interface QueueInputs extends Properties {
    readonly name?: string;
    readonly fifoQueue?: boolean;
    readonly delaySeconds?: number;
    readonly maxMessageSize?: number;
    readonly messageRetentionSeconds?: number;
    readonly receiveWaitTimeSeconds?: number;
    readonly visibilityTimeoutSeconds?: number;
    readonly redrivePolicy?: string;
    readonly redriveAllowPolicy?: string;
    readonly kmsMasterKeyId?: string;
    readonly sqsManagedSseEnabled?: boolean;
    readonly policy?: string;
    readonly tags?: Readonly<Record<string, string>>;
}

/** A queue in the table of resources. */
export type QueueResource = Resource<QueueInputs, Properties>;

/** Where messages go that were received too often. */
export interface Redrive {
    readonly deadLetterTargetArn: string;
    readonly maxReceiveCount: number;
}

/** A queue, as the service needs it. Times are in milliseconds. */
export interface QueueConfig {
    readonly name: string;
    readonly arn: string;
    readonly url: string;
    readonly created: number;
    readonly modified: number;
    readonly delayMs: number;
    readonly maxBytes: number;
    readonly retentionMs: number;
    readonly waitMs: number;
    readonly visibilityMs: number;
    readonly redrive: Redrive | undefined;
    /** What GetQueueAttributes shows of the inputs. */
    readonly attributes: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
}

/** ARN of a queue. */
export function queueArn({ region, account }: Place, name: string): string {
    return `arn:aws:sqs:${region}:${account}:${name}`;
}

/** URL of a queue. */
export function queueUrl(place: Place, name: string): string {
    return `${place.endpoint()}/${place.account}/${name}`;
}

/** The redrive policy in its text, or undefined when there is none or it is not one. */
export function redriveOf(policy: string | undefined): Redrive | undefined {
    if (!policy) return undefined;
    try {
        const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as Record<string, unknown>;
        if (typeof deadLetterTargetArn !== "string" || !(Number(maxReceiveCount) >= 1)) return undefined;
        return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
    } catch {
        return undefined;
    }
}

const parsed = new WeakMap<QueueResource, QueueConfig>();

/** The configuration in a resource, parsed once. */
export function queueConfig(resource: QueueResource): QueueConfig {
    const known = parsed.get(resource) ?? parse(resource);
    parsed.set(resource, known);
    return known;
}

function parse({ inputs, outputs }: QueueResource): QueueConfig {
    const {
        delaySeconds = 0,
        maxMessageSize = 262_144,
        messageRetentionSeconds = 345_600,
        receiveWaitTimeSeconds = 0,
        visibilityTimeoutSeconds = 30,
    } = inputs;
    return {
        name: String(outputs.name ?? inputs.name),
        arn: String(outputs.arn),
        url: String(outputs.url),
        created: Number(outputs.createdTimestamp ?? 0),
        modified: Number(outputs.modifiedTimestamp ?? 0),
        delayMs: delaySeconds * 1000,
        maxBytes: maxMessageSize,
        retentionMs: messageRetentionSeconds * 1000,
        waitMs: receiveWaitTimeSeconds * 1000,
        visibilityMs: visibilityTimeoutSeconds * 1000,
        redrive: redriveOf(inputs.redrivePolicy),
        attributes: {
            DelaySeconds: String(delaySeconds),
            MaximumMessageSize: String(maxMessageSize),
            MessageRetentionPeriod: String(messageRetentionSeconds),
            ReceiveMessageWaitTimeSeconds: String(receiveWaitTimeSeconds),
            VisibilityTimeout: String(visibilityTimeoutSeconds),
            ...(inputs.redrivePolicy && { RedrivePolicy: inputs.redrivePolicy }),
            ...(inputs.redriveAllowPolicy && { RedriveAllowPolicy: inputs.redriveAllowPolicy }),
            ...(inputs.kmsMasterKeyId
                ? { KmsMasterKeyId: inputs.kmsMasterKeyId }
                : { SqsManagedSseEnabled: String(inputs.sqsManagedSseEnabled ?? true) }),
        },
        tags: inputs.tags ?? {},
    };
}

import { serviceError } from "../errors";
import type { Caller } from "../services";
import { enter, invalid, type OpenedQueue, type QueueAccess, requireSeconds } from "./access";
import { attributesDigest, bodyDigest, type MessageAttributes } from "./message";
import type { Received } from "./queue";
import { requireBatch, tried } from "./send";

/** Most messages in flight: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const MAX_IN_FLIGHT = 120_000;
const MAX_VISIBILITY = 43_200;

interface ReceiveRequest {
    readonly QueueUrl: string;
    readonly AttributeNames?: readonly string[];
    readonly MessageSystemAttributeNames?: readonly string[];
    readonly MessageAttributeNames?: readonly string[];
    readonly MaxNumberOfMessages?: number;
    readonly VisibilityTimeout?: number;
    readonly WaitTimeSeconds?: number;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
export const receiveMessage =
    (access: QueueAccess, signal: () => AbortSignal) => async (input: ReceiveRequest, caller: Caller) => {
        const { MaxNumberOfMessages: most = 1, VisibilityTimeout: hidden, WaitTimeSeconds: wait } = input;
        const opened = enter(access, caller, "ReceiveMessage", input.QueueUrl);
        if (most < 1 || most > 10) throw invalid(most, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.");
        requireSeconds(hidden, "VisibilityTimeout", MAX_VISIBILITY);
        requireSeconds(wait, "WaitTimeSeconds", 20);
        const { config, queue } = opened;
        if (queue.counts(config).inFlight >= MAX_IN_FLIGHT)
            throw serviceError("OverLimit", "Too many messages in flight.", 403);
        const visibilityMs = hidden === undefined ? config.visibilityMs : hidden * 1000;
        const waitMs = wait === undefined ? config.waitMs : wait * 1000;
        const messages = await received(access, opened, { most, visibilityMs, waitMs }, signal());
        const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
        return messages.length === 0
            ? {}
            : { Messages: messages.map((message) => messageOut(message, system, input.MessageAttributeNames ?? [])) };
    };

/** Takes messages, and waits for the first one if need be. */
async function received(
    { services }: QueueAccess,
    { queue, config }: OpenedQueue,
    { most, visibilityMs, waitMs }: { readonly most: number; readonly visibilityMs: number; readonly waitMs: number },
    signal: AbortSignal,
): Promise<readonly Received[]> {
    const end = services.clock.now() + waitMs;
    for (;;) {
        const messages = queue.take(config, most, visibilityMs);
        const left = end - services.clock.now();
        if (messages.length > 0 || left <= 0 || signal.aborted) return messages;
        await queue.wait(left, signal);
    }
}

function messageOut(message: Received, system: readonly string[], wanted: readonly string[]) {
    const attributes = systemAttributes(message, system);
    const own = ownAttributes(message.attributes, wanted);
    const digest = attributesDigest(own);
    return {
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        MD5OfBody: bodyDigest(message.body),
        Body: message.body,
        ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
        ...(digest && {
            MD5OfMessageAttributes: digest,
            MessageAttributes: Object.fromEntries(
                Object.entries(own).map(([name, { BinaryValue: bytes, ...rest }]) => [
                    name,
                    bytes === undefined ? rest : { ...rest, BinaryValue: Buffer.from(bytes, "base64") },
                ]),
            ),
        }),
    };
}

function systemAttributes(message: Received, wanted: readonly string[]): Readonly<Record<string, string>> {
    const all: Readonly<Record<string, string>> = {
        SenderId: message.sender,
        SentTimestamp: String(message.sent),
        ApproximateReceiveCount: String(message.receiveCount),
        ApproximateFirstReceiveTimestamp: String(message.firstReceived),
        ...(message.sourceArn && { DeadLetterQueueSourceArn: message.sourceArn }),
    };
    return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes("All") || wanted.includes(name)));
}

function ownAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
    const isWanted = (name: string) =>
        wanted.some(
            (each) => each === "All" || (each.endsWith(".*") ? name.startsWith(each.slice(0, -2)) : each === name),
        );
    return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
export const deleteMessage =
    (access: QueueAccess) => (input: { readonly QueueUrl: string; readonly ReceiptHandle: string }, caller: Caller) => {
        const opened = enter(access, caller, "DeleteMessage", input.QueueUrl);
        remove(access, opened, input.ReceiptHandle);
    };

interface DeleteEntry {
    readonly Id: string;
    readonly ReceiptHandle: string;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html */
export const deleteMessageBatch =
    (access: QueueAccess) =>
    (input: { readonly QueueUrl: string; readonly Entries: readonly DeleteEntry[] }, caller: Caller) => {
        const opened = enter(access, caller, "DeleteMessage", input.QueueUrl);
        requireBatch(input.Entries);
        const made = input.Entries.map(({ Id, ReceiptHandle }) => ({
            Id,
            outcome: tried(() => remove(access, opened, ReceiptHandle)),
        }));
        return {
            Successful: made.flatMap(({ Id, outcome }) => ("value" in outcome ? [{ Id }] : [])),
            Failed: made.flatMap(({ Id, outcome }) => ("failure" in outcome ? [{ Id, ...outcome.failure }] : [])),
        };
    };

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export const changeMessageVisibility =
    (access: QueueAccess) =>
    (
        input: { readonly QueueUrl: string; readonly ReceiptHandle: string; readonly VisibilityTimeout: number },
        caller: Caller,
    ) => {
        const { queue } = enter(access, caller, "ChangeMessageVisibility", input.QueueUrl);
        requireSeconds(input.VisibilityTimeout, "VisibilityTimeout", MAX_VISIBILITY);
        const outcome = queue.hide(input.ReceiptHandle, input.VisibilityTimeout * 1000);
        if (outcome === "no handle") throw invalidHandle(input.ReceiptHandle);
        if (outcome === "not in flight")
            throw serviceError(
                "MessageNotInflight",
                `Value ${input.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
            );
    };

function remove({ services }: QueueAccess, { queue, config }: OpenedQueue, receipt: string): void {
    if (!queue.remove(receipt)) throw invalidHandle(receipt);
    services.metrics.put("AWS/SQS", "NumberOfMessagesDeleted", { QueueName: config.name }, 1);
}

function invalidHandle(receipt: string): Error {
    return serviceError(
        "ReceiptHandleIsInvalid",
        `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    );
}

import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import { enter, type OpenedQueue, type QueueAccess, requireSeconds } from "./access";
import { attributesDigest, bodyDigest, type Message, type MessageAttributes, messageBytes } from "./message";

/** Longest delay, in seconds: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY = 900;

interface Given {
    readonly MessageBody: string;
    readonly DelaySeconds?: number;
    readonly MessageAttributes?: Readonly<
        Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: Uint8Array }>
    >;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const sendMessage = (access: QueueAccess) => (input: Given & { readonly QueueUrl: string }, caller: Caller) => {
    const opened = enter(access, caller, "SendMessage", input.QueueUrl);
    const message = newMessage(access.services, opened, caller, input);
    opened.queue.add([message]);
    count(access, opened, 1);
    return answer(message);
};

interface Entry extends Given {
    readonly Id: string;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const sendMessageBatch =
    (access: QueueAccess) =>
    (input: { readonly QueueUrl: string; readonly Entries: readonly Entry[] }, caller: Caller) => {
        const opened = enter(access, caller, "SendMessage", input.QueueUrl);
        requireBatch(input.Entries);
        const made = input.Entries.map((entry) => ({
            Id: entry.Id,
            outcome: tried(() => newMessage(access.services, opened, caller, entry)),
        }));
        const messages = made.flatMap(({ Id, outcome }) =>
            "value" in outcome ? [{ Id, message: outcome.value }] : [],
        );
        if (messages.reduce((bytes, { message }) => bytes + messageBytes(message), 0) > opened.config.maxBytes)
            throw serviceError(
                "BatchRequestTooLong",
                `Batch requests cannot be longer than ${opened.config.maxBytes} bytes.`,
            );
        opened.queue.add(messages.map(({ message }) => message));
        count(access, opened, messages.length);
        return {
            Successful: messages.map(({ Id, message }) => ({ Id, ...answer(message) })),
            Failed: made.flatMap(({ Id, outcome }) => ("failure" in outcome ? [{ Id, ...outcome.failure }] : [])),
        };
    };

/** Checks a message and makes it. */
export function newMessage(
    { clock, randomHex }: Pick<Services, "clock" | "randomHex">,
    { config }: OpenedQueue,
    caller: Caller,
    { MessageBody: body, DelaySeconds: delay, MessageAttributes: given = {} }: Given,
): Message {
    requireSeconds(delay, "DelaySeconds", MAX_DELAY);
    const attributes: MessageAttributes = Object.fromEntries(
        Object.entries(given).map(([name, { BinaryValue: bytes, ...rest }]) => [
            name,
            bytes ? { ...rest, BinaryValue: Buffer.from(bytes).toString("base64") } : rest,
        ]),
    );
    if (body.length === 0)
        throw serviceError("MissingParameter", "The request must contain the parameter MessageBody.");
    if (messageBytes({ body, attributes }) > config.maxBytes)
        throw serviceError(
            "InvalidParameterValue",
            `One or more parameters are invalid. Reason: Message must be shorter than ${config.maxBytes} bytes.`,
        );
    // The characters of XML 1.0: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    if (!/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u.test(body))
        throw serviceError("InvalidMessageContents", "Message contains characters outside the allowed set.");
    const sent = clock.now();
    const visible = sent + (delay === undefined ? config.delayMs : delay * 1000);
    return { id: uuidOf(randomHex(32)), body, attributes, sender: caller.arn, sent, visible, receiveCount: 0 };
}

/** Throws AWS's errors for a batch that is none. */
export function requireBatch(entries: readonly { readonly Id: string }[]): void {
    const prefix = "There should be at least one ";
    if (entries.length === 0)
        throw serviceError("EmptyBatchRequest", `${prefix}SendMessageBatchRequestEntry in the request.`);
    if (entries.length > 10)
        throw serviceError(
            "TooManyEntriesInBatchRequest",
            `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
        );
    const repeated = entries.find(({ Id }, index) => entries.findIndex((other) => other.Id === Id) < index);
    if (repeated) throw serviceError("BatchEntryIdsNotDistinct", `Id ${repeated.Id} repeated.`);
    if (entries.some(({ Id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id)))
        throw serviceError(
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        );
}

/** What an entry of a batch came to: a value, or what AWS says of its failure. */
export function tried<T>(
    run: () => T,
):
    | { readonly value: T }
    | { readonly failure: { readonly Code: string; readonly Message: string; readonly SenderFault: boolean } } {
    try {
        return { value: run() };
    } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (code === undefined) throw error;
        return { failure: { Code: code, Message: message, SenderFault: true } };
    }
}

function answer(message: Message) {
    const digest = attributesDigest(message.attributes);
    return {
        MessageId: message.id,
        MD5OfMessageBody: bodyDigest(message.body),
        ...(digest && { MD5OfMessageAttributes: digest }),
    };
}

function count({ services }: QueueAccess, { config }: OpenedQueue, messages: number): void {
    services.metrics.put("AWS/SQS", "NumberOfMessagesSent", { QueueName: config.name }, messages);
}

/** 32 hex digits in the form of a UUID. */
function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

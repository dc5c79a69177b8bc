import { serviceError } from "../errors";
import type { Caller } from "../services";
import { enter, enterByName, type OpenedQueue, type QueueAccess } from "./access";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html */
export const getQueueUrl = (access: QueueAccess) => (input: { readonly QueueName: string }, caller: Caller) => ({
    QueueUrl: enterByName(access, caller, "GetQueueUrl", input.QueueName).config.url,
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html */
export const listQueues =
    (access: QueueAccess, names: () => readonly string[]) =>
    (
        input: { readonly QueueNamePrefix?: string; readonly NextToken?: string; readonly MaxResults?: number },
        caller: Caller,
    ) => {
        access.services.iam.authorize(caller, "sqs:ListQueues", "*");
        const { QueueNamePrefix: prefix = "", NextToken: after = "", MaxResults: most = 1000 } = input;
        const all = [...names()].sort().filter((name) => name.startsWith(prefix) && name > after);
        const page = all.slice(0, most);
        if (page.length === 0) return {};
        return {
            QueueUrls: page.flatMap((name) => access.find(name)?.config.url ?? []),
            ...(all.length > most && { NextToken: page.at(-1) }),
        };
    };

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const getQueueAttributes =
    (access: QueueAccess, policyOf: (queueUrl: string) => string | undefined) =>
    (input: { readonly QueueUrl: string; readonly AttributeNames?: readonly string[] }, caller: Caller) => {
        const opened = enter(access, caller, "GetQueueAttributes", input.QueueUrl);
        const all = attributesOf(opened, policyOf(opened.config.url));
        const wanted = input.AttributeNames ?? [];
        const unknown = wanted.find((name) => name !== "All" && !KNOWN.includes(name));
        if (unknown) throw serviceError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
        const shown = Object.entries(all).filter(([name]) => wanted.includes("All") || wanted.includes(name));
        return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
    };

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html */
export const listQueueTags = (access: QueueAccess) => (input: { readonly QueueUrl: string }, caller: Caller) => ({
    Tags: enter(access, caller, "ListQueueTags", input.QueueUrl).config.tags,
});

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html */
export const purgeQueue = (access: QueueAccess) => (input: { readonly QueueUrl: string }, caller: Caller) => {
    enter(access, caller, "PurgeQueue", input.QueueUrl).queue.purge();
};

const KNOWN = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

function attributesOf({ queue, config }: OpenedQueue, policy: string | undefined): Readonly<Record<string, string>> {
    const { visible, inFlight, delayed } = queue.counts(config);
    const seconds = (time: number) => String(Math.floor(time / 1000));
    return {
        QueueArn: config.arn,
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
        ApproximateNumberOfMessagesDelayed: String(delayed),
        CreatedTimestamp: seconds(config.created),
        LastModifiedTimestamp: seconds(config.modified),
        ...config.attributes,
        ...(policy && { Policy: policy }),
    };
}

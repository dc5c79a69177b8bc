import * as path from "node:path";
import type { Bindings } from "../resources";
import type { Caller, JsonService, Services } from "../services";
import { enterByName, type OpenedQueue, type QueueAccess } from "./access";
import { sqsBindings } from "./bindings";
import { QUEUE_TYPE, type QueueInputs, type QueueResource, queueArn, queueConfig } from "./config";
import { getQueueAttributes, getQueueUrl, listQueues, listQueueTags, purgeQueue } from "./describe";
import type { Message, MessageAttributes } from "./message";
import { openQueue, type Queue } from "./queue";
import { changeMessageVisibility, deleteMessage, deleteMessageBatch, receiveMessage } from "./receive";
import { newMessage, sendMessage, sendMessageBatch } from "./send";

/** What a service may say with a message that it sends. */
export interface SendOptions {
    /** What the queue's policy may ask about, such as `aws:SourceArn`. */
    readonly context?: Readonly<Record<string, string>>;
    readonly attributes?: MessageAttributes;
}

/** Amazon SQS: standard queues on disk. */
export interface Sqs {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** Sends a message, as a service does that has a dead-letter queue, and gives its id. The caller needs `sqs:SendMessage`. */
    send(caller: Caller, queueArn: string, body: string, options?: SendOptions): string;
    /** Ends every wait for messages; what is accepted stays on disk. */
    close(): void;
}

/** What {@link createSqs} needs. */
export type SqsServices = Pick<Services, "clock" | "iam" | "metrics" | "place" | "randomHex" | "resources">;

/** Makes the local {@link Sqs}. */
export function createSqs(services: SqsServices): Sqs {
    const { place, resources, iam } = services;
    const stop = new AbortController();
    const queues = createQueues(services);
    const access: QueueAccess = { services, arn: (name) => queueArn(place, name), find: queues.find };
    const policyOf = (url: string) => {
        const policies = resources.all<{ queueUrl: string; policy: string }>("aws:sqs/queuePolicy:QueuePolicy");
        return policies.find(({ inputs }) => inputs.queueUrl === url)?.inputs.policy;
    };
    resources.onChange(QUEUE_TYPE, queues.changed);

    return {
        service: {
            target: "AmazonSQS",
            name: "sqs",
            client: "@aws-sdk/client-sqs",
            operations: {
                SendMessage: sendMessage(access),
                SendMessageBatch: sendMessageBatch(access),
                ReceiveMessage: receiveMessage(access, () => stop.signal),
                DeleteMessage: deleteMessage(access),
                DeleteMessageBatch: deleteMessageBatch(access),
                ChangeMessageVisibility: changeMessageVisibility(access),
                GetQueueUrl: getQueueUrl(access),
                GetQueueAttributes: getQueueAttributes(access, policyOf),
                ListQueues: listQueues(access, queues.names),
                ListQueueTags: listQueueTags(access),
                PurgeQueue: purgeQueue(access),
            },
        },
        bindings: sqsBindings(services, queues),
        send(caller, arn, body, { context, attributes } = {}) {
            iam.authorize(caller, "sqs:SendMessage", arn, context);
            const opened = enterByName(access, iam.root, "SendMessage", arn.slice(arn.lastIndexOf(":") + 1));
            const message = newMessage(services, opened, caller, { MessageBody: body });
            opened.queue.add([{ ...message, attributes: { ...attributes } }]);
            services.metrics.put("AWS/SQS", "NumberOfMessagesSent", { QueueName: opened.config.name }, 1);
            return message.id;
        },
        close() {
            stop.abort();
            queues.close();
        },
    };
}

/** The queues of the table of resources, opened when they are first used. */
function createQueues(services: SqsServices) {
    const { place, resources } = services;
    const opened = new Map<string, Queue>();
    const retired = new Set<string>();
    let byName: ReadonlyMap<string, QueueResource> | undefined;
    const folder = (name: string) => path.join(place.data, "sqs", name);

    function all(): ReadonlyMap<string, QueueResource> {
        byName ??= new Map(
            resources
                .all<QueueInputs>(QUEUE_TYPE)
                .map((resource) => [queueConfig(resource).name, resource] as const)
                .filter(([name]) => !retired.has(name)),
        );
        return byName;
    }

    function find(name: string): OpenedQueue | undefined {
        const resource = all().get(name);
        if (!resource) return undefined;
        const queue = opened.get(name) ?? openQueue(services, folder(name), bury);
        opened.set(name, queue);
        return { queue, config: queueConfig(resource) };
    }

    /** Messages stay where they are while their dead-letter queue is missing. */
    function bury(targetArn: string, messages: readonly Message[]): boolean {
        const target = find(targetArn.slice(targetArn.lastIndexOf(":") + 1));
        target?.queue.add(messages);
        return target !== undefined;
    }

    return {
        find,
        folder,
        names: () => [...all().keys()],
        changed() {
            byName = undefined;
        },
        welcome: (name: string) => void retired.delete(name),
        retire(name: string) {
            retired.add(name);
            byName = undefined;
            opened.get(name)?.close();
            opened.delete(name);
        },
        close() {
            for (const queue of opened.values()) queue.close();
            opened.clear();
        },
    };
}

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
    ChangeMessageVisibilityCommand,
    CreateQueueCommand,
    DeleteMessageBatchCommand,
    DeleteMessageCommand,
    GetQueueAttributesCommand,
    GetQueueUrlCommand,
    ListQueuesCommand,
    ListQueueTagsCommand,
    PurgeQueueCommand,
    ReceiveMessageCommand,
    SendMessageBatchCommand,
    SendMessageCommand,
    SQSClient,
} from "@aws-sdk/client-sqs";
import { fakeServices, iamWith, ROOT, serve } from "../../tests/support/local";
import type { Properties, Resource } from "../resources";
import type { Iam } from "../services";
import { QUEUE_TYPE } from "./config";
import { createSqs, type Sqs } from "./index";

const ARN = "arn:aws:sqs:us-east-1:000000000000:jobs";

async function sqsBench(iam?: Iam) {
    const services = fakeServices(iam ? { iam } : {});
    let sqs: Sqs = createSqs(services);
    const server = await serve({
        jsonServices: [
            {
                ...sqs.service,
                get operations() {
                    return sqs.service.operations;
                },
            },
        ],
        ...(iam && { iam }),
    });
    services.place.listens(server.endpoint);
    const client = new SQSClient(server.client);
    return {
        services,
        client,
        clock: services.clock,
        url: `${server.endpoint}/000000000000/jobs`,
        sqs: () => sqs,
        async queue(inputs: Properties = {}): Promise<Resource> {
            const all = { name: "jobs", ...inputs };
            const made = await sqs.bindings[QUEUE_TYPE]?.create(all, "x");
            return services.resources.put({ type: QUEUE_TYPE, inputs: all, ...(made as { id: string }) });
        },
        restart() {
            sqs.close();
            sqs = createSqs(services);
        },
        async close() {
            sqs.close();
            client.destroy();
            await server.close();
            services.place.remove();
        },
    };
}

describe("local SQS", () => {
    let b: Awaited<ReturnType<typeof sqsBench>>;
    beforeEach(async () => {
        b = await sqsBench();
    });
    afterEach(() => b.close());

    const send = (MessageBody: string, more: object = {}) =>
        b.client.send(new SendMessageCommand({ QueueUrl: b.url, MessageBody, ...more }));
    const receive = async (more: object = {}) =>
        (await b.client.send(new ReceiveMessageCommand({ QueueUrl: b.url, ...more }))).Messages ?? [];
    const bodies = async (more: object = {}) =>
        (await receive({ MaxNumberOfMessages: 10, ...more })).map(({ Body }) => Body);
    const counts = async (QueueUrl = b.url) => {
        const AttributeNames = ["All"] as const;
        const { Attributes } = await b.client.send(
            new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
        );
        const number = (name: string) => Number(Attributes?.[name as keyof typeof Attributes]);
        return [
            number("ApproximateNumberOfMessages"),
            number("ApproximateNumberOfMessagesNotVisible"),
            number("ApproximateNumberOfMessagesDelayed"),
        ];
    };

    it("gives back what was sent, with its attributes, until it is deleted", async () => {
        await b.queue();
        const attributes = {
            kind: { DataType: "String", StringValue: "order" },
            bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2]) },
            count: { DataType: "Number", StringValue: "3" },
        };
        const sent = await send("{}", { MessageAttributes: attributes });
        const [message] = await receive({
            MessageSystemAttributeNames: ["All"],
            MessageAttributeNames: ["All"],
        });
        const { ReceiptHandle, ...rest } = message ?? {};
        const time = String(b.clock.now());
        assert.deepStrictEqual(rest, {
            MessageId: sent.MessageId,
            MD5OfBody: "99914b932bd37a50b983c5e7c90ae93b",
            MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
            Body: "{}",
            Attributes: {
                SenderId: ROOT.arn,
                SentTimestamp: time,
                ApproximateReceiveCount: "1",
                ApproximateFirstReceiveTimestamp: time,
            },
            MessageAttributes: attributes,
        });
        assert.deepStrictEqual(await receive(), []);
        await b.client.send(new DeleteMessageCommand({ QueueUrl: b.url, ReceiptHandle }));
        await b.clock.advance(60_000);
        assert.deepStrictEqual(await receive(), []);
    });

    it("gives only the attributes that are asked for, with their own digest", async () => {
        await b.queue();
        const text = (StringValue: string) => ({ DataType: "String", StringValue });
        const { MD5OfMessageAttributes } = await send("a", { MessageAttributes: { "x.a": text("1") } });
        await b.client.send(new PurgeQueueCommand({ QueueUrl: b.url }));
        await send("a", { MessageAttributes: { "x.a": text("1"), y: text("2") } });
        const [message] = await receive({ MessageAttributeNames: ["x.*"] });
        assert.deepStrictEqual(
            [message?.MessageAttributes, message?.MD5OfMessageAttributes, message?.Attributes],
            [{ "x.a": text("1") }, MD5OfMessageAttributes, undefined],
        );
    });

    it("gives a message again when it was not deleted in time", async () => {
        await b.queue({ visibilityTimeoutSeconds: 10 });
        await send("a");
        assert.deepStrictEqual(await bodies(), ["a"]);
        await b.clock.advance(9_999);
        assert.deepStrictEqual(await bodies(), []);
        await b.clock.advance(1);
        const [message] = await receive({ MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
        assert.deepStrictEqual(message?.Attributes, { ApproximateReceiveCount: "2" });
        const { ReceiptHandle } = message ?? {};
        await b.client.send(
            new ChangeMessageVisibilityCommand({ QueueUrl: b.url, ReceiptHandle, VisibilityTimeout: 0 }),
        );
        assert.deepStrictEqual(await bodies(), ["a"]);
    });

    it("waits for a message as long as it is asked to", async () => {
        await b.queue();
        const waiting = bodies({ WaitTimeSeconds: 20 });
        await b.clock.advance(5_000);
        await send("late");
        assert.deepStrictEqual(await waiting, ["late"]);
        let ended = false;
        const vain = bodies({ WaitTimeSeconds: 2 }).finally(() => {
            ended = true;
        });
        while (!ended) {
            await b.clock.advance(500);
            await new Promise<void>((resolve) => setImmediate(resolve));
        }
        assert.deepStrictEqual(await vain, []);
    });

    it("holds messages back for their delay", async () => {
        await b.queue({ delaySeconds: 5 });
        await send("queue's");
        await send("own", { DelaySeconds: 1 });
        await send("none", { DelaySeconds: 0 });
        assert.deepStrictEqual([await bodies(), await counts()], [["none"], [0, 1, 2]]);
        await b.clock.advance(1000);
        assert.deepStrictEqual(await bodies(), ["own"]);
        await b.clock.advance(4000);
        assert.deepStrictEqual(await bodies(), ["queue's"]);
    });

    it("has everything that it acknowledged after a restart, and what a kill cut short is no message", async () => {
        await b.queue();
        await send("a");
        await send("b");
        const [first] = await receive();
        await b.client.send(new DeleteMessageCommand({ QueueUrl: b.url, ReceiptHandle: first?.ReceiptHandle }));
        const file = path.join(b.services.place.data, "sqs", "jobs", "messages.jsonl");
        fs.appendFileSync(file, '{"put":{"id":"torn');
        b.restart();
        assert.deepStrictEqual([await counts(), await bodies()], [[1, 0, 0], ["b"]]);
        b.restart();
        assert.deepStrictEqual(await counts(), [0, 1, 0]);
    });

    it("moves what was received too often to the dead-letter queue", async () => {
        await b.queue({ name: "dead" });
        const deadLetterTargetArn = ARN.replace("jobs", "dead");
        await b.queue({ redrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) });
        const { MessageId } = await send("poison");
        for (let received = 0; received < 2; received++) {
            assert.deepStrictEqual(await bodies(), ["poison"]);
            await b.clock.advance(30_000);
        }
        assert.deepStrictEqual([await bodies(), await counts()], [[], [0, 0, 0]]);
        const QueueUrl = b.url.replace("jobs", "dead");
        const [dead] = await receive({ QueueUrl, MessageSystemAttributeNames: ["All"] });
        assert.deepStrictEqual([dead?.MessageId, dead?.Body], [MessageId, "poison"]);
        assert.deepStrictEqual(
            [dead?.Attributes?.DeadLetterQueueSourceArn, dead?.Attributes?.ApproximateReceiveCount],
            [ARN, "1"],
        );
    });

    it("forgets messages that are older than the retention period", async () => {
        await b.queue({ messageRetentionSeconds: 60 });
        await send("old");
        await b.clock.advance(59_999);
        await send("new");
        await b.clock.advance(1);
        assert.deepStrictEqual([await bodies(), await counts()], [["new"], [0, 1, 0]]);
    });

    it("takes and deletes messages in batches, each with its own outcome", async () => {
        await b.queue();
        const { Successful, Failed } = await b.client.send(
            new SendMessageBatchCommand({
                QueueUrl: b.url,
                Entries: [
                    { Id: "1", MessageBody: "a" },
                    { Id: "2", MessageBody: "\u0000" },
                    { Id: "3", MessageBody: "c" },
                ],
            }),
        );
        assert.deepStrictEqual(
            [Successful?.map(({ Id }) => Id), Failed],
            [
                ["1", "3"],
                [
                    {
                        Id: "2",
                        Code: "InvalidMessageContents",
                        Message: "Message contains characters outside the allowed set.",
                        SenderFault: true,
                    },
                ],
            ],
        );
        const Entries = (await receive({ MaxNumberOfMessages: 10 })).map(({ ReceiptHandle }, i) => ({
            Id: String(i),
            ReceiptHandle,
        }));
        const wrong = { Id: "wrong", ReceiptHandle: "x" };
        const deleted = await b.client.send(
            new DeleteMessageBatchCommand({ QueueUrl: b.url, Entries: [...Entries, wrong] }),
        );
        assert.deepStrictEqual(
            [deleted.Successful?.map(({ Id }) => Id), deleted.Failed?.map(({ Id, Code }) => [Id, Code])],
            [["0", "1"], [["wrong", "ReceiptHandleIsInvalid"]]],
        );
        assert.deepStrictEqual(await counts(), [0, 0, 0]);
    });

    it("finds and describes queues as AWS does", async () => {
        const redrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}-dead`, maxReceiveCount: 3 });
        await b.queue({ redrivePolicy, tags: { a: "b" } });
        const { QueueUrl } = await b.client.send(new GetQueueUrlCommand({ QueueName: "jobs" }));
        assert.equal(QueueUrl, b.url);
        assert.deepStrictEqual((await b.client.send(new ListQueuesCommand({ QueueNamePrefix: "j" }))).QueueUrls, [
            b.url,
        ]);
        assert.equal((await b.client.send(new ListQueuesCommand({ QueueNamePrefix: "x" }))).QueueUrls, undefined);
        assert.deepStrictEqual((await b.client.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { a: "b" });
        const all = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
        const seconds = String(b.clock.now() / 1000);
        assert.deepStrictEqual((await b.client.send(all)).Attributes, {
            QueueArn: ARN,
            ApproximateNumberOfMessages: "0",
            ApproximateNumberOfMessagesNotVisible: "0",
            ApproximateNumberOfMessagesDelayed: "0",
            CreatedTimestamp: seconds,
            LastModifiedTimestamp: seconds,
            DelaySeconds: "0",
            MaximumMessageSize: "262144",
            MessageRetentionPeriod: "345600",
            ReceiveMessageWaitTimeSeconds: "0",
            VisibilityTimeout: "30",
            RedrivePolicy: redrivePolicy,
            SqsManagedSseEnabled: "true",
        });
    });

    it("refuses what AWS refuses, in AWS's words", async () => {
        await b.queue({ maxMessageSize: 1024 });
        const QueueUrl = b.url;
        const cases: readonly [() => Promise<unknown>, string, string][] = [
            [() => send("a", { QueueUrl: `${b.url}x` }), "QueueDoesNotExist", "The specified queue does not exist."],
            [
                () => send("é".repeat(513)),
                "InvalidParameterValue",
                "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
            ],
            [
                () => send("a", { DelaySeconds: 901 }),
                "InvalidParameterValue",
                "Value 901 for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900, if provided.",
            ],
            [
                () => receive({ MaxNumberOfMessages: 11 }),
                "InvalidParameterValue",
                "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
            ],
            [
                () => b.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "x" })),
                "ReceiptHandleIsInvalid",
                'The input receipt handle "x" is not a valid receipt handle.',
            ],
            [
                () => {
                    const entry = { Id: "a", MessageBody: "a" };
                    return b.client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry, entry] }));
                },
                "BatchEntryIdsNotDistinct",
                "Id a repeated.",
            ],
            [
                () => b.client.send(new CreateQueueCommand({ QueueName: "new" })),
                "LocalUnsupported",
                "sqs:CreateQueue is not supported by the local runtime.",
            ],
        ];
        for (const [call, name, message] of cases) await assert.rejects(call(), { name, message });
    });

    it("asks the policies about every call, also of another service", async () => {
        await b.close();
        const asked: string[] = [];
        b = await sqsBench(
            iamWith((_caller, action, resource) => {
                asked.push(`${action} ${resource}`);
                return !asked[0]?.startsWith("sqs:SendMessage") || asked.length > 1;
            }),
        );
        await b.queue();
        const events = { arn: "events.amazonaws.com" };
        assert.throws(() => b.sqs().send(events, ARN, "a"), {
            name: "AccessDeniedException",
            message: `User: events.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: ${ARN} because no identity-based policy allows the sqs:SendMessage action`,
        });
        asked.splice(0, 1, "tried");
        assert.match(b.sqs().send(events, ARN, "a"), /^[0-9a-f-]{36}$/);
        await bodies();
        assert.deepStrictEqual([...new Set(asked)], ["tried", `sqs:SendMessage ${ARN}`, `sqs:ReceiveMessage ${ARN}`]);
    });
});

describe("the bindings of SQS", () => {
    let b: Awaited<ReturnType<typeof sqsBench>>;
    beforeEach(async () => {
        b = await sqsBench();
    });
    afterEach(() => b.close());

    it("make what the real provider makes", async () => {
        const { outputs, id } = await b.queue({ visibilityTimeoutSeconds: 60 });
        assert.deepStrictEqual(
            [id, outputs.url, outputs.arn, outputs.visibilityTimeoutSeconds, outputs.messageRetentionSeconds],
            [b.url, b.url, ARN, 60, 345_600],
        );
        await assert.rejects(b.queue(), {
            name: "QueueNameExists",
            message: "A queue already exists with the same name.",
        });
    });

    it("remove a queue with its messages", async () => {
        const queue = await b.queue();
        b.sqs().send(ROOT, ARN, "old");
        await b.sqs().bindings[QUEUE_TYPE]?.delete?.(queue);
        b.services.resources.remove(queue.type, queue.id);
        assert.throws(() => b.sqs().send(ROOT, ARN, "a"), { name: "QueueDoesNotExist" });
        await b.queue();
        const receiving = new ReceiveMessageCommand({ QueueUrl: b.url });
        assert.equal((await b.client.send(receiving)).Messages, undefined);
    });

    it("refuse values that AWS refuses, and what the local runtime lacks", () => {
        const problems = (inputs: object) => b.sqs().bindings[QUEUE_TYPE]?.check?.({ name: "jobs", ...inputs });
        const cases: readonly [object, string][] = [
            [{ name: "a b" }, '"name" must be 1 to 80 letters, digits, "_" or "-", not "a b".'],
            [{ delaySeconds: 901 }, '"delaySeconds" must be between 0 and 900, not 901.'],
            [{ maxMessageSize: 1 }, '"maxMessageSize" must be between 1024 and 1048576, not 1.'],
            [{ messageRetentionSeconds: 59 }, '"messageRetentionSeconds" must be between 60 and 1209600, not 59.'],
            [{ visibilityTimeoutSeconds: -1 }, '"visibilityTimeoutSeconds" must be between 0 and 43200, not -1.'],
            [
                { redrivePolicy: "{}" },
                '"redrivePolicy" must be a JSON document with "deadLetterTargetArn" and "maxReceiveCount" (1 to 1,000).',
            ],
            [{ fifoQueue: true }, "A FIFO queue is not supported by the local runtime."],
        ];
        for (const [inputs, problem] of cases) assert.deepStrictEqual(problems(inputs), [problem]);
        assert.deepStrictEqual(problems({ receiveWaitTimeSeconds: 20 }), []);
    });
});

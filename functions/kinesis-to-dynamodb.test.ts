import * as assert from "node:assert/strict";
import { deployed, withEnvironment } from "../tests/support/deployed";
import { type FakeAws, fakeAws, serviceError } from "./aws-test-support";
import { rules, sale, wrong } from "./document-test-support";
import type { Item } from "./dynamodb-item";
import type { KinesisEvent, KinesisResult } from "./kinesis-events";
import { type KinesisToDynamodbOptions, kinesisToDynamodb } from "./kinesis-to-dynamodb";
import type { LambdaContext } from "./time-left";

type Consumer = (event: KinesisEvent, context?: LambdaContext) => Promise<KinesisResult>;

const options: KinesisToDynamodbOptions = {
    ...rules,
    keys: [
        { name: "client", type: "string" },
        { name: "id", type: "string" },
    ],
    rejectedPrefix: "errors/rejected/",
};
const environment = { TABLE: "sales", BUCKET: "bucket", AWS_REGION: "us-east-1" };

/** A batch of a shard, with sequence numbers from 100 on, that arrived on the last second of a year. */
function batch(...texts: string[]): KinesisEvent {
    return {
        Records: texts.map((text, index) => ({
            eventID: `shardId-000000000003:${100 + index}`,
            kinesis: {
                sequenceNumber: String(100 + index),
                partitionKey: "ann",
                data: Buffer.from(text).toString("base64"),
                approximateArrivalTimestamp: Date.parse("2026-12-31T23:59:59.123Z") / 1000,
            },
        })),
    };
}

const json = (change: object = {}) => JSON.stringify({ ...sale, ...change });
const done: KinesisResult = { batchItemFailures: [] };
const from = (sequenceNumber: string): KinesisResult => ({ batchItemFailures: [{ itemIdentifier: sequenceNumber }] });
const idOf = (item: Item) => (item.id as { S: string }).S;

/** The same cases for the handler as written and as deployed. */
const forms: readonly [form: string, load: () => Promise<Consumer>][] = [
    ["as written", async () => withEnvironment(environment, () => kinesisToDynamodb(options))],
    ["as deployed", () => deployed(kinesisToDynamodb, options, environment)],
];

for (const [form, load] of forms) {
    describe(`kinesisToDynamodb, ${form}`, () => {
        let consume: Consumer;
        let aws: FakeAws;
        let logged: unknown[];
        const { warn, error } = console;

        beforeEach(async () => {
            consume = await load();
            aws = fakeAws(["client", "id"]);
            logged = [];
            console.warn = (...line: unknown[]) => logged.push(...line);
            console.error = console.warn;
        });
        afterEach(() => {
            aws.restore();
            Object.assign(console, { warn, error });
        });

        const stored = () => [...aws.items.values()];

        it("writes each document whole, as it came", async () => {
            const text = `${json({ extra: { deep: [null, true] } }).slice(0, -1)},"exact":9007199254740993}`;
            assert.deepEqual(await consume(batch(text)), done);
            assert.deepEqual(stored(), [
                {
                    client: { S: "ann" },
                    id: { S: "1" },
                    at: { S: "2026-11-20T10:15:30Z" },
                    paid: { M: { amount: { N: "59.99" } } },
                    goods: { L: [{ M: { name: { S: "pen" } } }] },
                    extra: { M: { deep: { L: [{ NULL: true }, { BOOL: true }] } } },
                    exact: { N: "9007199254740993" },
                },
            ]);
            assert.deepEqual([logged, aws.objects.size], [[], 0]);
        });

        for (const [what, suffix] of [
            ["plain", ""],
            ["with numbers that JavaScript cannot hold", ',"exact":9007199254740993'],
        ] as const) {
            it(`gives a misspelt part its right name, in a document that is ${what}`, async () => {
                const { paid, ...unpaid } = sale;
                const text = `${JSON.stringify({ ...unpaid, payed: paid }).slice(0, -1)}${suffix}}`;
                assert.deepEqual(await consume(batch(text)), done);
                const [item] = stored();
                assert.deepEqual(item?.paid, { M: { amount: { N: "59.99" } } });
                assert.ok(item && !("payed" in item));
            });
        }

        for (const [title, text, ...problems] of wrong) {
            it(`keeps with its reason, and goes on: ${title}`, async () => {
                const event = batch(json({ id: "a" }), text, json({ id: "b" }));
                assert.deepEqual(await consume(event), done);
                assert.deepEqual(stored().map(idOf), ["a", "b"]);
                assert.deepEqual(
                    [...aws.objects].map(([key, body]) => [key, JSON.parse(body)]),
                    [
                        [
                            "bucket/errors/rejected/2026/12/31/23/shardId-000000000003-101.json",
                            {
                                arrivalTimestamp: Date.parse("2026-12-31T23:59:59.123Z"),
                                errorCode: "Rejected",
                                errorMessage: problems.join("; "),
                                eventId: "shardId-000000000003:101",
                                sequenceNumber: "101",
                                partitionKey: "ann",
                                rawData: event.Records[1]?.kinesis.data,
                            },
                        ],
                    ],
                );
                assert.deepEqual(logged, [{ outcome: "Rejected", recordId: "shardId-000000000003:101", problems }]);
            });
        }

        it("leaves a document that is wrong in one place however often it is delivered", async () => {
            const event = batch("wrong", json());
            await consume(event);
            const objects = new Map(aws.objects);
            await consume(event);
            assert.deepEqual(aws.objects, objects);
            assert.equal(objects.size, 1);
        });

        it("writes of a key what came last, so that each ends as the stream does", async () => {
            const event = batch(json({ status: 1 }), json({ id: "2" }), json({ status: 2 }));
            assert.deepEqual(await consume(event), done);
            assert.deepEqual(aws.calls, [2]);
            assert.deepEqual(stored()[0]?.status, { N: "2" });
        });

        it("writes 25 items in a call, with one client", async () => {
            const texts = Array.from({ length: 1000 }, (_, index) => json({ id: String(index) }));
            assert.deepEqual(await consume(batch(...texts)), done);
            assert.deepEqual(aws.calls, Array(40).fill(25));
            assert.equal(aws.clients.size, 1);
        });

        it("does nothing for an empty batch", async () => {
            assert.deepEqual(await consume(batch()), done);
            assert.equal(aws.clients.size, 0);
        });

        it("asks for everything from the first record on that DynamoDB did not take in time", async () => {
            Math.random = () => 1;
            aws.behave((items) => items.filter((item) => ["2", "4"].includes(idOf(item))));
            const texts = ["1", "2", "3", "4", "5"].map((id) => json({ id }));
            assert.deepEqual(await consume(batch(...texts), { getRemainingTimeInMillis: () => 1040 }), from("101"));
            assert.deepEqual(logged, [
                {
                    outcome: "Retry",
                    from: "shardId-000000000003:101",
                    problems: ["DynamoDB did not take it in time"],
                },
            ]);
            aws.behave(() => []);
            const { Records } = batch(...texts);
            assert.deepEqual(await consume({ Records: Records.slice(1) }), done);
            assert.deepEqual(stored().map(idOf).sort(), ["1", "2", "3", "4", "5"]);
        });

        it("asks again for the first of several with one key when the last of them was not taken", async () => {
            Math.random = () => 1;
            aws.behave((items) => items.filter((item) => idOf(item) === "1"));
            const event = batch(json({ id: "0" }), json(), json({ id: "2" }), json({ status: 2 }));
            assert.deepEqual(await consume(event, { getRemainingTimeInMillis: () => 1040 }), from("101"));
        });

        it("asks again for all when DynamoDB cannot be used at all", async () => {
            aws.behave(() => serviceError("ResourceNotFoundException", 400));
            assert.deepEqual(await consume(batch(json(), json({ id: "2" }))), from("100"));
            assert.deepEqual(logged, [
                {
                    outcome: "Retry",
                    from: "shardId-000000000003:100",
                    problems: ["DynamoDB answers ResourceNotFoundException"],
                },
            ]);
        });

        it("keeps with its reason what DynamoDB refuses, and writes what came before under its key", async () => {
            const isBad = (item: Item) => "bad" in item;
            aws.behave((items) => (items.some(isBad) ? serviceError("ValidationException", 400) : []));
            assert.deepEqual(await consume(batch(json({ status: 1 }), json({ bad: 1 }), json({ id: "2" }))), done);
            assert.deepEqual(stored().map(idOf).sort(), ["1", "2"]);
            assert.deepEqual(
                [...aws.objects.values()].map((body) => JSON.parse(body).errorMessage),
                ["not an item that DynamoDB takes"],
            );
        });

        it("tries again to keep what is rejected, and asks for it again when it cannot", async () => {
            aws.refuseObjects(3);
            assert.deepEqual(await consume(batch("wrong")), done);
            assert.equal(aws.objects.size, 1);
            aws.refuseObjects(100);
            assert.deepEqual(await consume(batch(json(), "wrong", json({ id: "2" }))), from("101"));
            assert.deepEqual(logged.slice(1), [
                { outcome: "NotKept", records: 1, reason: "SlowDown" },
                { outcome: "Rejected", recordId: "shardId-000000000003:101", problems: ["not JSON"] },
                { outcome: "Retry", from: "shardId-000000000003:101", problems: ["not JSON"] },
            ]);
        });

        it("keeps any number of rejected records, and logs twenty of them", async () => {
            const event = batch(...Array.from({ length: 100 }, () => "wrong"));
            assert.deepEqual(await consume(event), done);
            assert.equal(aws.objects.size, 100);
            assert.equal(logged.length, 21);
            assert.deepEqual(logged[20], { outcome: "Rejected", failed: 100, records: 100, told: 20 });
        });

        it("never logs a value", async () => {
            const secret = "41111111";
            await consume(batch(secret, json({ client: `${secret}-${secret}` }), `{"client":"${secret}`));
            assert.equal(logged.length, 3);
            assert.ok(!JSON.stringify(logged).includes(secret));
        });
    });
}

describe("kinesisToDynamodb", () => {
    for (const missing of ["TABLE", "BUCKET"]) {
        it(`does not start without the variable ${missing}`, () => {
            const { [missing as "TABLE"]: _, ...rest } = environment;
            assert.throws(() => withEnvironment(rest, () => kinesisToDynamodb(options)), {
                message: `The environment variable ${missing} is not set.`,
            });
        });
    }
});

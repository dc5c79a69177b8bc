import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { deployed, withEnvironment } from "../tests/support/deployed";
import { type FakeAws, fakeAws, serviceError } from "./aws-test-support";
import type { Item } from "./dynamodb-item";
import type { TransformEvent, TransformResult } from "./firehose-events";
import { type FirehoseToDynamodbOptions, firehoseToDynamodb } from "./firehose-to-dynamodb";
import { RESPONSE_LIMIT } from "./response-limit";
import type { LambdaContext } from "./time-left";

type Writer = (event: TransformEvent, context?: LambdaContext) => Promise<TransformResult>;

const byClass: FirehoseToDynamodbOptions = { keys: [{ name: "element_class", type: "string" }] };
const byNumber: FirehoseToDynamodbOptions = {
    keys: [
        { name: "id", type: "number" },
        { name: "kind", type: "string" },
    ],
};
const environment = { TABLE: "likes", AWS_REGION: "us-east-1" };

function base64(data: string | Uint8Array): string {
    return Buffer.from(data).toString("base64");
}

function textOf(data: string | undefined): string {
    return Buffer.from(data ?? "", "base64").toString();
}

function batch(...data: string[]): TransformEvent {
    return { records: data.map((each, index) => ({ recordId: `id-${index}`, data: each })) };
}

function lines(...texts: string[]): TransformEvent {
    return batch(...texts.map((text) => base64(`${text}\n`)));
}

/** A call with so many milliseconds left. */
function within(milliseconds: number): LambdaContext {
    return { getRemainingTimeInMillis: () => milliseconds };
}

const rejected: readonly [title: string, text: string, ...problems: string[]][] = [
    ["no JSON", "element_class=1", "not JSON"],
    ["nothing", "", "empty"],
    ["two documents", '{"element_class":"1"}\n{"element_class":"2"}', "more than one JSON document"],
    ["an array", '[{"element_class":"1"}]', "not a JSON object"],
    ["a key that comes twice", '{"element_class":"1","a":[],"a":2}', "a key comes twice in one object"],
    [
        "half of a surrogate pair",
        '{"element_class":"1","a":"\\ud800"}',
        "half of a surrogate pair, which no text holds",
    ],
    ["a missing key", '{"element":"1"}', "element_class is missing"],
    ["a key that only the prototype has", '{"constructor":"1"}', "element_class is missing"],
    ["a key of another type", '{"element_class":1001}', "element_class is not a string"],
    ["a key that is null", '{"element_class":null}', "element_class is not a string"],
    ["a key that is an object", '{"element_class":{"S":"1"}}', "element_class is not a string"],
    ["an empty key", '{"element_class":""}', "element_class is empty"],
    [
        "a key of more than 2048 bytes",
        `{"element_class":"${"é".repeat(1025)}"}`,
        "element_class is longer than 2048 bytes",
    ],
    ["a number beyond all", '{"element_class":"1","n":1e400}', "a number that DynamoDB cannot hold"],
    ["a number of 39 digits", `{"element_class":"1","n":[${"1".repeat(39)}]}`, "a number that DynamoDB cannot hold"],
    [
        "an item of more than 400 KB",
        `{"element_class":"1","x":"${"x".repeat(409_600)}"}`,
        "larger than 400 KB as an item",
    ],
    ["an attribute without a name", '{"element_class":"1","":1}', "an attribute has no name"],
    [
        "what is nested too deeply",
        `{"element_class":"1","x":${"[".repeat(40)}${"]".repeat(40)}}`,
        "nested more than 32 levels deep",
    ],
];

/** The same cases for the handler as written and as deployed. */
const forms: readonly [form: string, load: (options: FirehoseToDynamodbOptions) => Promise<Writer>][] = [
    ["as written", async (options) => withEnvironment(environment, () => firehoseToDynamodb(options))],
    ["as deployed", (options) => deployed(firehoseToDynamodb, options, environment)],
];

for (const [form, load] of forms) {
    describe(`firehoseToDynamodb, ${form}`, () => {
        let write: Writer;
        let aws: FakeAws;
        let logged: unknown[];
        const { warn } = console;

        beforeEach(async () => {
            write = await load(byClass);
            aws = fakeAws(["element_class"]);
            logged = [];
            console.warn = (...line: unknown[]) => logged.push(...line);
        });
        afterEach(() => {
            aws.restore();
            console.warn = warn;
        });

        const stored = () => [...aws.items.values()];
        const results = async (event: TransformEvent, context?: LambdaContext) =>
            (await write(event, context)).records.map(({ result }) => result);

        it("writes each record as an item, and passes it on as it came", async () => {
            const text = '{"element_class":"1001","score":1.1,"big":9007199254740993,"by":{"tags":["a",null,true]}}\n';
            assert.deepEqual(await write(batch(base64(text))), {
                records: [{ recordId: "id-0", result: "Ok", data: base64(text) }],
            });
            assert.deepEqual(stored(), [
                {
                    element_class: { S: "1001" },
                    score: { N: "1.1" },
                    big: { N: "9007199254740993" },
                    by: { M: { tags: { L: [{ S: "a" }, { NULL: true }, { BOOL: true }] } } },
                },
            ]);
            assert.deepEqual(logged, []);
        });

        it("passes a record on with a newline at its end, so that objects have a document on each line", async () => {
            const { records } = await write(
                batch(base64('{"element_class":"é"}'), base64('{"element_class":"2"}\r\n')),
            );
            assert.deepEqual(
                records.map(({ data }) => textOf(data)),
                ['{"element_class":"é"}\n', '{"element_class":"2"}\r\n'],
            );
        });

        for (const [title, text, ...problems] of rejected) {
            it(`refuses, says why and leaves the rest of the batch alone: ${title}`, async () => {
                const [good, bad] = ['{"element_class":"good"}\n', base64(text)];
                assert.deepEqual(await write(batch(base64(good), bad, base64(good))), {
                    records: [
                        { recordId: "id-0", result: "Ok", data: base64(good) },
                        { recordId: "id-1", result: "ProcessingFailed", data: bad },
                        { recordId: "id-2", result: "Ok", data: base64(good) },
                    ],
                });
                assert.deepEqual(logged, [{ outcome: "ProcessingFailed", recordId: "id-1", problems }]);
                assert.deepEqual(stored(), [{ element_class: { S: "good" } }]);
            });
        }

        it("writes 25 items in a call, with one client", async () => {
            const records = Array.from({ length: 1000 }, (_, index) => `{"element_class":"${index}"}`);
            assert.deepEqual(new Set(await results(lines(...records))), new Set(["Ok"]));
            assert.deepEqual(aws.calls, Array(40).fill(25));
            await write(lines('{"element_class":"one more"}'));
            assert.equal(aws.clients.size, 1);
            assert.equal(aws.items.size, 1001);
        });

        it("makes no call, and no client, when there is nothing to write", async () => {
            await write(batch());
            await write(lines("{}"));
            assert.equal(aws.clients.size, 0);
        });

        it("writes of a key what came last, and each record has an outcome", async () => {
            const event = lines(
                '{"element_class":"a","n":1}',
                '{"element_class":"b","n":1}',
                '{"element_class":"a","n":2}',
                '{"element_class":"a","n":1e400}',
            );
            assert.deepEqual(await results(event), ["Ok", "Ok", "Ok", "ProcessingFailed"]);
            assert.deepEqual(aws.calls, [2]);
            assert.deepEqual(stored(), [
                { element_class: { S: "a" }, n: { N: "2" } },
                { element_class: { S: "b" }, n: { N: "1" } },
            ]);
        });

        it("takes 1, 1.0 and 10e-1 for the same key, and 1 and 11 with their sort keys for others", async () => {
            aws.restore();
            aws = fakeAws(["id", "kind"]);
            const write = await load(byNumber);
            const { records } = await write(
                lines(
                    '{"id":1,"kind":"a","n":1}',
                    '{"id":1.0,"kind":"a","n":2}',
                    '{"id":10e-1,"kind":"a","n":3}',
                    '{"id":1,"kind":"1a"}',
                    '{"id":11,"kind":"a"}',
                    '{"id":"1","kind":"a"}',
                    '{"id":1}',
                ),
            );
            assert.deepEqual(
                records.map(({ result }) => result === "Ok"),
                [true, true, true, true, true, false, false],
            );
            assert.deepEqual(aws.calls, [3]);
            assert.deepEqual(stored()[0], { id: { N: "10e-1" }, kind: { S: "a" }, n: { N: "3" } });
            assert.deepEqual(
                logged.map((line) => (line as { problems: unknown }).problems),
                [["id is not a number"], ["kind is missing"]],
            );
        });

        it("sends again what DynamoDB left, in full calls, until it takes all", async () => {
            // Every second item of each of the first four calls is left.
            aws.behave((items, call) => (call > 4 ? [] : items.filter((_, index) => index % 2 === 0)));
            const records = Array.from({ length: 100 }, (_, index) => `{"element_class":"${index}"}`);
            assert.deepEqual(new Set(await results(lines(...records))), new Set(["Ok"]));
            assert.deepEqual(aws.calls, [25, 25, 25, 25, 25, 25, 2]);
            assert.equal(aws.items.size, 100);
        });

        it("recognizes a number key that DynamoDB writes in another way when it leaves the item", async () => {
            aws.restore();
            aws = fakeAws(["id", "kind"]);
            aws.behave((items, call) => (call > 1 ? [] : items.map((item): Item => ({ ...item, id: { N: "1.0" } }))));
            const write = await load(byNumber);
            const { records } = await write(lines('{"id":1,"kind":"a"}'));
            assert.equal(records[0]?.result, "Ok");
            assert.deepEqual(aws.calls, [1, 1]);
        });

        for (const [name, status] of [
            ["ProvisionedThroughputExceededException", 400],
            ["ThrottlingException", 400],
            ["RequestLimitExceeded", 400],
            ["InternalServerError", 500],
            ["ServiceUnavailable", 503],
            ["ECONNRESET", undefined],
        ] as const) {
            it(`makes a call again that ended with ${name}`, async () => {
                aws.behave((_, call) => (call < 3 ? serviceError(name, status) : []));
                assert.deepEqual(await results(lines('{"element_class":"1"}')), ["Ok"]);
                assert.deepEqual(aws.calls, [1, 1, 1]);
            });
        }

        it("gives up when the function's time is up: only what DynamoDB did not take fails", async () => {
            Math.random = () => 1;
            aws.behave((items) =>
                items.filter(
                    ({ element_class }) => "S" in (element_class ?? {}) && (element_class as { S: string }).S === "2",
                ),
            );
            const start = Date.now();
            const event = lines('{"element_class":"1"}', '{"element_class":"2"}', '{"element_class":"2","n":1}');
            // The second before the end is for the answer.
            assert.deepEqual(await results(event, within(1040)), ["Ok", "ProcessingFailed", "ProcessingFailed"]);
            assert.ok(Date.now() - start < 1000);
            const problems = ["DynamoDB did not take it in time"];
            assert.deepEqual(logged, [
                { outcome: "ProcessingFailed", recordId: "id-1", problems },
                { outcome: "ProcessingFailed", recordId: "id-2", problems },
            ]);
        });

        it("does not try again what is no use: the whole call fails with the name of the error", async () => {
            aws.behave(() => serviceError("AccessDeniedException", 400, "User is not authorized"));
            assert.deepEqual(await results(lines('{"element_class":"1"}')), ["ProcessingFailed"]);
            assert.deepEqual(aws.calls, [1]);
            assert.deepEqual(logged, [
                { outcome: "ProcessingFailed", recordId: "id-0", problems: ["DynamoDB answers AccessDeniedException"] },
            ]);
        });

        it("finds the one item that DynamoDB refuses, and writes the others", async () => {
            const isBad = (item: Item) => (item.n as { N?: string })?.N === "666";
            aws.behave((items) => (items.some(isBad) ? serviceError("ValidationException", 400, "secret") : []));
            const texts = Array.from({ length: 25 }, (_, index) => `{"element_class":"${index}","n":${index}}`);
            texts[17] = '{"element_class":"17","n":666}';
            const { records } = await write(lines(...texts));
            assert.deepEqual(
                records.flatMap(({ recordId, result }) => (result === "Ok" ? [] : [recordId])),
                ["id-17"],
            );
            assert.equal(aws.items.size, 24);
            assert.deepEqual(logged, [
                { outcome: "ProcessingFailed", recordId: "id-17", problems: ["not an item that DynamoDB takes"] },
            ]);
        });

        it("writes of a key what came before, where DynamoDB refuses what came last", async () => {
            const isBad = (item: Item) => (item.n as { N?: string })?.N === "666";
            aws.behave((items) => (items.some(isBad) ? serviceError("ValidationException", 400, "Item size") : []));
            const event = lines(
                '{"element_class":"1","n":1}',
                '{"element_class":"1","n":2}',
                '{"element_class":"1","n":666}',
            );
            assert.deepEqual(await results(event), ["Ok", "Ok", "ProcessingFailed"]);
            assert.deepEqual(stored(), [{ element_class: { S: "1" }, n: { N: "2" } }]);
            assert.deepEqual(logged, [
                { outcome: "ProcessingFailed", recordId: "id-2", problems: ["larger than 400 KB as an item"] },
            ]);
        });

        it("gives the same items when a batch is delivered again", async () => {
            const event = lines('{"element_class":"a","n":1}', '{"element_class":"b"}', '{"element_class":"a","n":2}');
            const first = await write(event);
            const items = stored();
            assert.deepEqual(await write(event), first);
            assert.deepEqual(stored(), items);
        });

        it("logs twenty records and the count of all, and never a value", async () => {
            await write(lines(...Array.from({ length: 30 }, () => '{"element_class":41111111}')));
            assert.equal(logged.length, 21);
            assert.deepEqual(logged[20], { outcome: "ProcessingFailed", failed: 30, records: 30, told: 20 });
            assert.ok(!JSON.stringify(logged).includes("41111111"));
        });

        it("answers at most 6 MB, with an outcome for every record", async () => {
            const text = (index: number) => JSON.stringify({ element_class: String(index), x: "x".repeat(300_000) });
            const result = await write(batch(...Array.from({ length: 16 }, (_, index) => base64(text(index)))));
            assert.ok(Buffer.byteLength(JSON.stringify(result)) <= RESPONSE_LIMIT);
            assert.equal(result.records.length, 16);
            assert.equal(result.records.filter(({ result }) => result === "ProcessingFailed").length, 1);
        });

        it("gives one outcome for whatever bytes, with its id, in order, and an item for each that is Ok", async () => {
            const key = fc.constantFrom("a", "b", "c");
            const document = fc.record({ element_class: fc.oneof(key, fc.jsonValue()), x: fc.jsonValue() });
            const bytes = fc.oneof(
                fc.uint8Array({ maxLength: 64 }).map(base64),
                fc.string({ unit: "binary", maxLength: 64 }),
                document.map((each) => base64(JSON.stringify(each))),
            );
            await fc.assert(
                fc.asyncProperty(fc.array(bytes, { maxLength: 30 }), async (all) => {
                    aws.items.clear();
                    const { records } = await write(batch(...all));
                    assert.deepEqual(
                        records.map(({ recordId }) => recordId),
                        all.map((_, index) => `id-${index}`),
                    );
                    const good = records
                        .filter(({ result }) => result === "Ok")
                        .map(({ data }) => JSON.parse(textOf(data)));
                    assert.deepEqual(
                        new Set(stored().map(({ element_class }) => (element_class as { S: string }).S)),
                        new Set(good.map(({ element_class }) => element_class)),
                    );
                }),
                { seed: 11, numRuns: 100 },
            );
        });
    });
}

describe("firehoseToDynamodb", () => {
    it("does not start without the name of its table", () => {
        assert.throws(() => firehoseToDynamodb(byClass), { message: "The environment variable TABLE is not set." });
    });
});

import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { defineDataset } from "../schema/dataset";
import { validatorSource } from "../schema/validator";
import { deployed, type Handler, withEnvironment } from "../tests/support/deployed";
import type { Operation, TransformEvent, TransformResult } from "./firehose-events";
import { type FirehoseTransformOptions, firehoseTransform } from "./firehose-transform";
import { RESPONSE_LIMIT } from "./response-limit";

type Transform = Handler<TransformEvent, TransformResult>;

const visits = defineDataset({
    name: "visits",
    columns: [
        { name: "user", type: "string" },
        { name: "event", type: "string", oneOf: ["view", "purchase"] },
        { name: "amount", type: "double", optional: true },
        { name: "at", type: "timestamp" },
        { name: "pages", type: { array: { struct: [{ name: "seen", type: "timestamp" }] } }, optional: true },
    ],
});
const appending: FirehoseTransformOptions = { dataset: visits, validator: validatorSource(visits) };
const keyed: FirehoseTransformOptions = { ...appending, uniqueKeys: ["user"] };
const environment = { DATABASE: "lake", TABLE: "visits" };

const valid = { user: "ann", event: "view", at: "2026-11-20T10:15:30Z" };

function base64(data: string | Uint8Array): string {
    return Buffer.from(data).toString("base64");
}

function textOf(data: string | undefined): string {
    return Buffer.from(data ?? "", "base64").toString();
}

function batch(...data: string[]): TransformEvent {
    return { records: data.map((each, index) => ({ recordId: `id-${index}`, data: each })) };
}

function routed(operation: Operation) {
    return { otfMetadata: { destinationDatabaseName: "lake", destinationTableName: "visits", operation } };
}

/** Text with a pair more before its last brace. */
function withPair(pair: string): string {
    return `${JSON.stringify(valid).slice(0, -1)},${pair}}`;
}

const accepted: readonly [title: string, text: string][] = [
    ["a compact document", JSON.stringify(valid)],
    ["a document with a newline at its end", `${JSON.stringify(valid)}\n`],
    ["a document over several lines, with CRLF and tabs", JSON.stringify(valid, null, "\t").replaceAll("\n", "\r\n")],
    ["a document with null for what is optional", withPair('"amount":null')],
    ["numbers that JavaScript cannot hold", withPair('"amount":1.10,"big":18446744073709551616,"tiny":1e-400')],
    ["fields that the dataset does not know", withPair('"extra":{"deep":[1,{"a":"b"}]}')],
    ["a timestamp with a fraction", JSON.stringify({ ...valid, at: "2026-11-20T10:15:30.123456Z" })],
    ["letters beyond ASCII", JSON.stringify({ ...valid, user: "Zoë \u20ac \u{1f600} \u2028" })],
    ["U+FFFD itself", JSON.stringify({ ...valid, user: "\ufffd" })],
    [
        "escapes, quotes, colons and backslashes in strings",
        withPair('"q":"a\\\\\\":\\"b:\\\\","u":"\\u0041:\\ud83d\\ude00"'),
    ],
    ["the same key in different objects", withPair('"a":{"user":"x"},"b":[{"user":"y"},{"user":"z"}]')],
    [
        "keys that objects inherit",
        withPair('"__proto__":{"user":1,"operation":"delete"},"constructor":1,"toString":null'),
    ],
    ["other fields of all kinds", withPair('"t":true,"f":false,"n":null,"e":{},"l":[]')],
];

const rejected: readonly [title: string, data: string, ...problems: string[]][] = [
    ["no base64", "{}", "not base64"],
    ["base64 without its padding", base64("{}").replaceAll("=", ""), "not base64"],
    [
        "base64 of the kind for URLs",
        base64(new Uint8Array([0xfb, 0xff]))
            .replaceAll("+", "-")
            .replaceAll("/", "_"),
        "not base64",
    ],
    ["base64 with whitespace in it", `${base64(JSON.stringify(valid))}\n`, "not base64"],
    ["no data", "", "empty"],
    ["whitespace alone", base64(" \r\n"), "empty"],
    ["no JSON", base64("user=ann"), "not JSON"],
    ["cut JSON", base64('{"user":"ann'), "not JSON at position 12"],
    ["NaN", base64(withPair('"amount":NaN')), "not JSON"],
    ["two documents", base64(`${JSON.stringify(valid)}\n${JSON.stringify(valid)}\n`), "more than one JSON document"],
    [
        "two documents without a newline",
        base64(`${JSON.stringify(valid)}${JSON.stringify(valid)}`),
        "more than one JSON document",
    ],
    ["a byte-order mark", base64(`\ufeff${JSON.stringify(valid)}`), "begins with a byte-order mark"],
    [
        "bytes that are not UTF-8",
        base64(Buffer.from(JSON.stringify({ ...valid, user: "Zo\u00eb" }), "latin1")),
        "not UTF-8",
    ],
    [
        "a cut UTF-8 character at the end",
        base64(Buffer.concat([Buffer.from(JSON.stringify(valid)), Buffer.of(0xe2, 0x82)])),
        "not UTF-8",
    ],
    [
        "surrogates as bytes",
        base64(Buffer.concat([Buffer.from('{"user":"'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('"}')])),
        "not UTF-8",
    ],
    ["half of a surrogate pair", base64(withPair('"z":"\\ud800"')), "half of a surrogate pair, which no text holds"],
    [
        "half of a surrogate pair behind a backslash",
        base64(withPair('"z":"\\\\\\uDE00"')),
        "half of a surrogate pair, which no text holds",
    ],
    ["an array", base64(JSON.stringify([valid])), "not a JSON object"],
    ["a string", base64('"view"'), "not a JSON object"],
    ["a number", base64("42"), "not a JSON object"],
    ["true", base64("true"), "not a JSON object"],
    ["null", base64("null"), "not a JSON object"],
    ["an empty object", base64("{}"), "user is missing", "event is missing", "at is missing"],
    ["a missing field", base64(JSON.stringify({ ...valid, user: undefined })), "user is missing"],
    ["null for what is not optional", base64(JSON.stringify({ ...valid, user: null })), "user is not a string"],
    ["a wrong type", base64(JSON.stringify({ ...valid, user: 7 })), "user is not a string"],
    [
        "a value off the list",
        base64(JSON.stringify({ ...valid, event: "buy" })),
        'event is not one of "view", "purchase"',
    ],
    [
        "a timestamp without a zone",
        base64(JSON.stringify({ ...valid, at: "2026-11-20T10:15:30" })),
        "at is not an ISO 8601 time",
    ],
    [
        "a timestamp on a day that is none",
        base64(JSON.stringify({ ...valid, at: "2026-02-29T10:15:30Z" })),
        "at is not an ISO 8601 time",
    ],
    ["a timestamp as a number", base64(JSON.stringify({ ...valid, at: 1789014240448 })), "at is not an ISO 8601 time"],
    [
        "fields that only the prototype has",
        base64('{"__proto__":{"user":"ann","event":"view","at":"2026-11-20T10:15:30Z"}}'),
        "user is missing",
        "event is missing",
        "at is missing",
    ],
    ["a key that comes twice", base64(withPair('"event":"purchase"')), "a key comes twice in one object"],
    [
        "a key that comes twice, once escaped",
        base64(withPair('"\\u0065vent":"purchase"')),
        "a key comes twice in one object",
    ],
    [
        "a key that comes twice deep inside",
        base64(withPair('"x":[{"a":1,"b":2,"a" : 1}]')),
        "a key comes twice in one object",
    ],
    ["a key with a backslash in it", base64(withPair('"a\\\\b":1')), "a key has a backslash in it"],
    ["an operation that there is not", base64(withPair('"operation":"upsert"')), "operation is not insert"],
    ["an operation that objects inherit", base64(withPair('"operation":"constructor"')), "operation is not insert"],
    ["an operation that is no text", base64(withPair('"operation":["insert"]')), "operation is not insert"],
    ["an update where nothing identifies a row", base64(withPair('"operation":"update"')), "operation is not insert"],
    ["a delete where nothing identifies a row", base64(withPair('"operation":"delete"')), "operation is not insert"],
    ["an operation in capitals", base64(withPair('"operation":"INSERT"')), "operation is not insert"],
];

const rewritten: readonly [title: string, text: string, delivered: string][] = [
    ["takes the operation out", withPair('"operation":"insert"'), JSON.stringify(valid)],
    ["takes out an operation that is null", withPair('"operation":null'), JSON.stringify(valid)],
    ["keeps the newline at the end", `${withPair('"operation":"insert"')}\r\n`, `${JSON.stringify(valid)}\r\n`],
    [
        "gives a timestamp in UTC",
        JSON.stringify({ ...valid, at: "2026-11-20T10:15:30.25+02:00" }),
        JSON.stringify({ ...valid, at: "2026-11-20T08:15:30.25Z" }),
    ],
    [
        "moves a timestamp over the end of a year",
        JSON.stringify({ ...valid, at: "2026-12-31T22:00:00-02:30" }),
        JSON.stringify({ ...valid, at: "2027-01-01T00:30:00Z" }),
    ],
    [
        "cuts a timestamp to microseconds",
        JSON.stringify({ ...valid, at: "2026-11-20T10:15:30.123456789Z" }),
        JSON.stringify({ ...valid, at: "2026-11-20T10:15:30.123456Z" }),
    ],
    [
        "finds timestamps in structs and arrays",
        withPair('"pages":[{"seen":"2026-11-20T10:15:30Z"},{"seen":"2026-11-20T10:15:30+01:00"}]'),
        withPair('"pages":[{"seen":"2026-11-20T10:15:30Z"},{"seen":"2026-11-20T09:15:30Z"}]'),
    ],
    [
        "leaves every number as it is written",
        withPair('"amount":1.10,"big":18446744073709551616,"tiny":-1e-400,"l":[0.10,-0],"operation":"insert"'),
        withPair('"amount":1.10,"big":18446744073709551616,"tiny":-1e-400,"l":[0.10,-0]'),
    ],
    [
        "leaves what looks like a timestamp elsewhere",
        withPair('"note":"2026-11-20T10:15:30+02:00","operation":"insert"'),
        withPair('"note":"2026-11-20T10:15:30+02:00"'),
    ],
    [
        "keeps fields that the dataset does not know",
        withPair('"operation":"insert","extra":{"operation":"x","__proto__":{"a":[null,true]}}'),
        withPair('"extra":{"operation":"x","__proto__":{"a":[null,true]}}'),
    ],
    [
        "keeps keys that objects inherit",
        withPair('"__proto__":{"user":"eve"},"n":1,"operation":"insert"'),
        withPair('"__proto__":{"user":"eve"},"n":1'),
    ],
    [
        "keeps letters beyond ASCII, escaped or not",
        withPair('"z":"Zo\u00eb \u20ac \\ud83d\\ude00 \\\\ud800","operation":"insert"'),
        withPair('"z":"Zo\u00eb \u20ac \u{1f600} \\\\ud800"'),
    ],
];

/** The same cases for the handler as written and as deployed. */
const forms: readonly [form: string, load: (options: FirehoseTransformOptions) => Promise<Transform>][] = [
    ["as written", async (options) => withEnvironment(environment, () => firehoseTransform(options))],
    ["as deployed", (options) => deployed(firehoseTransform, options, environment)],
];

for (const [form, load] of forms) {
    describe(`firehoseTransform, ${form}`, () => {
        let append: Transform;
        let upsert: Transform;
        let logged: unknown[];
        const { warn } = console;

        before(async () => {
            append = await load(appending);
            upsert = await load(keyed);
        });
        beforeEach(() => {
            logged = [];
            console.warn = (...line: unknown[]) => logged.push(...line);
        });
        afterEach(() => {
            console.warn = warn;
        });

        for (const [title, text] of accepted) {
            it(`passes on as it came: ${title}`, async () => {
                const data = base64(text);
                assert.deepStrictEqual(await append(batch(data)), {
                    records: [{ recordId: "id-0", result: "Ok", data, metadata: routed("insert") }],
                });
                assert.deepStrictEqual(logged, []);
            });
        }

        for (const [title, data, ...problems] of rejected) {
            it(`refuses, says why and leaves the rest of the batch alone: ${title}`, async () => {
                const good = base64(JSON.stringify(valid));
                const ok = { result: "Ok", data: good, metadata: routed("insert") };
                assert.deepStrictEqual(await append(batch(good, data, good)), {
                    records: [
                        { recordId: "id-0", ...ok },
                        { recordId: "id-1", result: "ProcessingFailed", data },
                        { recordId: "id-2", ...ok },
                    ],
                });
                assert.deepStrictEqual(logged, [{ outcome: "ProcessingFailed", recordId: "id-1", problems }]);
            });
        }

        for (const [title, text, delivered] of rewritten) {
            it(`${title}`, async () => {
                const { records } = await append(batch(base64(text)));
                assert.deepStrictEqual(
                    records.map(({ result, data }) => [result, textOf(data)]),
                    [["Ok", delivered]],
                );
            });
        }

        it("updates the row with the key unless a record asks for something else", async () => {
            const asked = ["insert", "update", "delete", null, undefined, "merge"];
            const { records } = await upsert(
                batch(...asked.map((operation) => base64(JSON.stringify({ ...valid, operation })))),
            );
            assert.deepStrictEqual(
                records.map(({ metadata }) => metadata?.otfMetadata.operation),
                ["insert", "update", "delete", "update", "update", undefined],
            );
            assert.deepStrictEqual(
                new Set(records.slice(0, 5).map(({ data }) => textOf(data))),
                new Set([JSON.stringify(valid)]),
            );
            assert.deepStrictEqual(logged, [
                {
                    outcome: "ProcessingFailed",
                    recordId: "id-5",
                    problems: ["operation is not update, insert, delete"],
                },
            ]);
        });

        it("leaves the field `operation` alone when the dataset has a column of that name", async () => {
            const dataset = defineDataset({ name: "visits", columns: [{ name: "operation", type: "string" }] });
            const transform = await load({ dataset, validator: validatorSource(dataset), uniqueKeys: ["operation"] });
            const data = base64('{"operation":"delete"}');
            assert.deepStrictEqual(await transform(batch(data)), {
                records: [{ recordId: "id-0", result: "Ok", data, metadata: routed("update") }],
            });
        });

        it("refuses what is nested too deeply to be rewritten, and passes it on when nothing has to change", async () => {
            const deep = `${"[".repeat(200_000)}1${"]".repeat(200_000)}`;
            const { records } = await append(
                batch(base64(withPair(`"deep":${deep}`)), base64(withPair(`"deep":${deep},"operation":"insert"`))),
            );
            assert.deepStrictEqual(
                records.map(({ result }) => result),
                ["Ok", "ProcessingFailed"],
            );
            assert.deepStrictEqual(logged, [
                { outcome: "ProcessingFailed", recordId: "id-1", problems: ["nested too deeply to be rewritten"] },
            ]);
        });

        it("logs twenty records of a batch and the count of all, and ten problems of a record", async () => {
            const columns = Array.from({ length: 12 }, (_, index) => ({ name: `c${index}`, type: "string" as const }));
            const dataset = defineDataset({ name: "wide", columns });
            const transform = await load({ dataset, validator: validatorSource(dataset) });
            await transform(batch(...Array.from({ length: 25 }, () => base64("{}"))));
            const problems = [...columns.slice(0, 10).map(({ name }) => `${name} is missing`), "2 more"];
            assert.deepStrictEqual(logged, [
                ...Array.from({ length: 20 }, (_, index) => ({
                    outcome: "ProcessingFailed",
                    recordId: `id-${index}`,
                    problems,
                })),
                { outcome: "ProcessingFailed", failed: 25, records: 25, told: 20 },
            ]);
        });

        it("never logs a value", async () => {
            const secret = "41111111";
            await append(
                batch(
                    base64(secret),
                    base64(`{"user":"${secret}`),
                    base64(`at position ${secret}`),
                    base64(JSON.stringify({ ...valid, event: secret, at: secret })),
                    base64(withPair(`"operation":"${secret}"`)),
                    base64(withPair(`"user":"${secret}"`)),
                    base64(`"${secret}"`),
                ),
            );
            assert.equal(logged.length, 7);
            assert.ok(!JSON.stringify(logged).includes(secret));
        });

        it("answers at most 6 MB: what does not fit fails alone, without its data", async () => {
            const long = base64(JSON.stringify({ ...valid, user: "x".repeat(900_000) }));
            const short = base64(JSON.stringify(valid));
            const result = await append(batch(long, long, long, long, long, long, short));
            assert.ok(Buffer.byteLength(JSON.stringify(result)) <= RESPONSE_LIMIT);
            assert.deepStrictEqual(
                result.records.map(({ result, data }) => [result, data?.length]),
                [...Array(5).fill(["Ok", long.length]), ["ProcessingFailed", undefined], ["Ok", short.length]],
            );
            assert.deepStrictEqual(logged, [
                {
                    outcome: "ProcessingFailed",
                    recordId: "id-5",
                    problems: ["the answer to Firehose would be larger than 6 MB with it"],
                },
            ]);
        });

        it("gives one outcome for whatever bytes, with its id, in order", async () => {
            const bytes = fc.oneof(
                fc.uint8Array({ maxLength: 64 }).map(base64),
                fc.json().map(base64),
                fc.string({ unit: "binary", maxLength: 64 }),
                fc
                    .record({
                        user: fc.string({ unit: "binary" }),
                        event: fc.constant("view"),
                        at: fc.constant(valid.at),
                    })
                    .map((r) => base64(JSON.stringify(r))),
            );
            await fc.assert(
                fc.asyncProperty(fc.array(bytes, { maxLength: 20 }), async (all) => {
                    const event = batch(...all);
                    const { records } = await append(event);
                    assert.deepStrictEqual(
                        records.map(({ recordId, data }) => ({ recordId, data })),
                        event.records,
                    );
                    for (const { result, metadata } of records) assert.equal(result === "Ok", metadata !== undefined);
                }),
                { seed: 1, numRuns: 200 },
            );
        });

        it("delivers any text as it was sent, whether it rewrites the record or not", async () => {
            const text = fc.string({ unit: "binary", maxLength: 200 });
            await fc.assert(
                fc.asyncProperty(text, text, fc.double(), async (user, key, amount) => {
                    fc.pre(!["user", "event", "at", "operation", "amount", "pages"].includes(key));
                    const sent = JSON.parse(JSON.stringify({ ...valid, user: user, amount }));
                    Object.defineProperty(sent, key.replaceAll(/["\\\p{Cc}]/gu, ""), { value: user, enumerable: true });
                    const { records } = await append(
                        batch(base64(JSON.stringify(sent)), base64(JSON.stringify({ operation: "insert", ...sent }))),
                    );
                    assert.deepStrictEqual(
                        records.map(({ result, data }) => [result, textOf(data)]),
                        [
                            ["Ok", JSON.stringify(sent)],
                            ["Ok", JSON.stringify({ ...sent })],
                        ],
                    );
                }),
                { seed: 2, numRuns: 200 },
            );
        });
    });
}

describe("firehoseTransform", () => {
    for (const name of ["DATABASE", "TABLE"]) {
        it(`does not start without ${name}`, () => {
            assert.throws(() => withEnvironment({ ...environment, [name]: "" }, () => firehoseTransform(appending)), {
                message: `The environment variable ${name} is not set.`,
            });
        });
    }

    it("refuses a record without data", async () => {
        const transform = withEnvironment(environment, () => firehoseTransform(appending));
        const { warn } = console;
        console.warn = () => undefined;
        try {
            const result = await transform({ records: [{ recordId: "a" }] } as unknown as TransformEvent);
            assert.deepStrictEqual(result, {
                records: [{ recordId: "a", result: "ProcessingFailed", data: undefined }],
            });
        } finally {
            console.warn = warn;
        }
    });
});

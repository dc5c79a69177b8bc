import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Column } from "../schema/dataset";
import { deployed } from "../tests/support/deployed";
import { documentCheck } from "./document-check";
import { rules, sale, sales, wrong } from "./document-test-support";
import { fieldRenamer } from "./field-renamer";
import type { Partitioning, TransformEvent, TransformResult } from "./firehose-events";
import { type FirehoseProjectionOptions, firehoseProjection } from "./firehose-projection";
import { itemReader } from "./item-reader";
import { RESPONSE_LIMIT } from "./response-limit";

type Projection = (event: TransformEvent) => Promise<TransformResult<Partitioning>>;

const columns: readonly Column[] = [
    { name: "client", type: "string" },
    { name: "at", type: "timestamp" },
    { name: "amount", type: "double", from: "paid.amount" },
    { name: "sequence_number", type: "string", optional: true, from: "$sequenceNumber" },
];
const goods: readonly Column[] = [
    { name: "id", type: "string" },
    { name: "line", type: "int", from: "$line" },
    { name: "name", type: "string", from: "goods[].name" },
    { name: "color", type: "string", optional: true, from: "goods[].kind.color" },
];
const one: FirehoseProjectionOptions = { ...rules, columns };
const many: FirehoseProjectionOptions = { ...rules, columns: goods, each: "goods" };

function base64(data: string | Uint8Array): string {
    return Buffer.from(data).toString("base64");
}

function batch(...texts: string[]): TransformEvent {
    return { records: texts.map((text, index) => ({ recordId: `id-${index}`, data: base64(text) })) };
}

const json = (change: object = {}) => JSON.stringify({ ...sale, ...change });
const textOf = (data: string | undefined) => Buffer.from(data ?? "", "base64").toString();
const rowsOf = (data: string | undefined) =>
    textOf(data)
        .split("\n")
        .slice(0, -1)
        .map((row) => JSON.parse(row));

/** The same cases for the handler as written and as deployed. */
const forms: readonly [form: string, load: (options: FirehoseProjectionOptions) => Promise<Projection>][] = [
    ["as written", async (options) => firehoseProjection(options)],
    ["as deployed", (options) => deployed(firehoseProjection, options)],
];

for (const [form, load] of forms) {
    describe(`firehoseProjection, ${form}`, () => {
        let project: Projection;
        let fanOut: Projection;
        let logged: unknown[];
        const { warn, info } = console;

        before(async () => {
            project = await load(one);
            fanOut = await load(many);
        });
        beforeEach(() => {
            logged = [];
            console.warn = (...line: unknown[]) => logged.push(...line);
            console.info = console.warn;
        });
        afterEach(() => {
            Object.assign(console, { warn, info });
        });

        it("makes a row of a document, and tells its day", async () => {
            assert.deepEqual(await project(batch(json({ extra: 1 }))), {
                records: [
                    {
                        recordId: "id-0",
                        result: "Ok",
                        data: base64('{"client":"ann","at":"2026-11-20T10:15:30Z","amount":59.99}\n'),
                        metadata: { partitionKeys: { year: "2026", month: "11", day: "20" } },
                    },
                ],
            });
            assert.deepEqual(logged, []);
        });

        it("tells the place in the stream that a record came by", async () => {
            const kinesisRecordMetadata = { sequenceNumber: "4959" };
            const { records } = await project({
                records: batch(json()).records.map((record) => ({ ...record, kinesisRecordMetadata })),
            });
            assert.equal(rowsOf(records[0]?.data)[0].sequence_number, "4959");
        });

        it("makes a row of each element of a list, all in one record", async () => {
            const list = [{ name: "pen", kind: { color: "red" } }, { name: 'ink "x"\n' }, { name: "pen", kind: null }];
            const { records } = await fanOut(batch(json({ goods: list }), json({ id: "2" })));
            assert.deepEqual(
                records.map(({ recordId, result }) => [recordId, result]),
                [
                    ["id-0", "Ok"],
                    ["id-1", "Ok"],
                ],
            );
            assert.deepEqual(rowsOf(records[0]?.data), [
                { id: "1", line: 1, name: "pen", color: "red" },
                { id: "1", line: 2, name: 'ink "x"\n' },
                { id: "1", line: 3, name: "pen" },
            ]);
        });

        for (const count of [1, 2, 100]) {
            it(`makes ${count} rows of ${count} elements`, async () => {
                const goods = Array.from({ length: count }, (_, index) => ({ name: `n${index}` }));
                const { records } = await fanOut(batch(json({ goods })));
                const rows = rowsOf(records[0]?.data);
                assert.deepEqual(
                    rows.map(({ name, line }) => [name, line]),
                    goods.map(({ name }, index) => [name, index + 1]),
                );
            });
        }

        it("drops a document whose list is empty, and counts it", async () => {
            assert.deepEqual(await fanOut(batch(json({ goods: [] }), json())), {
                records: [
                    { recordId: "id-0", result: "Dropped" },
                    {
                        recordId: "id-1",
                        result: "Ok",
                        data: base64('{"id":"1","line":1,"name":"pen"}\n'),
                        metadata: { partitionKeys: { year: "2026", month: "11", day: "20" } },
                    },
                ],
            });
            assert.deepEqual(logged, [{ outcome: "Dropped", empty: 1, rejected: 0, records: 2 }]);
            assert.equal((await project(batch(json({ goods: [] })))).records[0]?.result, "Ok");
        });

        for (const [title, text] of wrong) {
            it(`drops, counts, and leaves the rest of the batch alone: ${title}`, async () => {
                const { records } = await project(batch(json(), text, json()));
                assert.deepEqual(
                    records.map(({ recordId, result }) => [recordId, result]),
                    [
                        ["id-0", "Ok"],
                        ["id-1", "Dropped"],
                        ["id-2", "Ok"],
                    ],
                );
                assert.deepEqual(logged, [{ outcome: "Dropped", empty: 0, rejected: 1, records: 3 }]);
            });
        }

        for (const [at, utc, day] of [
            ["2026-12-31T23:30:00Z", "2026-12-31T23:30:00Z", "2026-12-31"],
            ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z", "2027-01-01"],
            ["2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00Z", "2026-12-31"],
            ["2027-01-01T13:59:59+14:00", "2026-12-31T23:59:59Z", "2026-12-31"],
            ["2026-12-31T12:00:00-12:00", "2027-01-01T00:00:00Z", "2027-01-01"],
            ["2024-02-28T23:30:00.123456789-00:30", "2024-02-29T00:00:00.123456Z", "2024-02-29"],
            ["2030-12-31T23:59:59.999999Z", "2030-12-31T23:59:59.999999Z", "2030-12-31"],
            ["2031-01-01T00:30:00+01:00", "2030-12-31T23:30:00Z", "2030-12-31"],
            ["2019-12-31T23:30:00-01:00", "2020-01-01T00:30:00Z", "2020-01-01"],
        ] as const) {
            it(`gives ${at} in UTC, and the day there`, async () => {
                const { records } = await project(batch(json({ at })));
                assert.equal(rowsOf(records[0]?.data)[0].at, utc);
                const [year = "", month = "", date = ""] = day.split("-");
                assert.deepEqual(records[0]?.metadata, { partitionKeys: { year, month, day: date } });
            });
        }

        it("reads a part under its other name", async () => {
            const { paid, ...unpaid } = sale;
            const { records } = await project(batch(JSON.stringify({ ...unpaid, payed: paid })));
            assert.equal(rowsOf(records[0]?.data)[0].amount, 59.99);
        });

        it("answers at most 6 MB: what does not fit goes to the error prefix, not nowhere", async () => {
            const goods = Array.from({ length: 4000 }, () => ({ name: "x".repeat(60) }));
            const result = await fanOut(batch(...Array.from({ length: 14 }, () => json({ goods })), json()));
            assert.ok(Buffer.byteLength(JSON.stringify(result)) <= RESPONSE_LIMIT);
            const failed = result.records.filter(({ result }) => result === "ProcessingFailed");
            assert.ok(failed.length > 0);
            assert.deepEqual(
                logged,
                failed.map(({ recordId }) => ({
                    outcome: "ProcessingFailed",
                    recordId,
                    problems: ["the answer to Firehose would be larger than 6 MB with it"],
                })),
            );
            assert.deepEqual(
                failed.map(({ data }) => data),
                failed.map(() => undefined),
            );
        });

        it("agrees with the reader that makes items on whatever comes", async () => {
            const keys = sales.key.map((name) => ({ name, type: "string" as const }));
            const read = itemReader(keys, { check: documentCheck(rules), rename: fieldRenamer(rules.aliases) });
            const changed = fc.record(
                {
                    client: fc.jsonValue(),
                    at: fc.constantFrom(sale.at, "2019-01-01T00:00:00Z", 7),
                    more: fc.jsonValue(),
                },
                { requiredKeys: [] },
            );
            const text = fc.oneof(fc.string(), fc.json(), changed.map(json));
            await fc.assert(
                fc.asyncProperty(fc.array(text, { maxLength: 20 }), async (texts) => {
                    const event = batch(...texts);
                    const { records } = await project(event);
                    assert.deepEqual(
                        records.map(({ recordId, result }) => [recordId, result]),
                        event.records.map(({ recordId, data }) => [
                            recordId,
                            "problems" in read(data) ? "Dropped" : "Ok",
                        ]),
                    );
                }),
                { seed: 12, numRuns: 100 },
            );
        });
    });
}

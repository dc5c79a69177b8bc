import * as assert from "node:assert/strict";
import { type Column, type Dataset, defineDataset } from "./dataset";
import { columnMapping, jobMapping, processed } from "./glue-job";

const card = { name: "card", type: "string", pii: "mask" } as const;

function mapping(...columns: readonly Column[]) {
    return columnMapping(defineDataset({ name: "payments", columns }));
}

describe("columnMapping", () => {
    it("says for each column where it comes from, what it becomes, and what happens to personal data", () => {
        assert.deepStrictEqual(
            mapping(
                { name: "id", type: "string" },
                { name: "amount", type: "decimal(10,2)", from: "detail.amount.value" },
                { ...card, from: "detail.credit_card", optional: true },
                { name: "person", type: "string", pii: "hash" },
                { name: "tags", type: { array: { map: "long" } } },
                { name: "name", type: "string", from: "detail.first detail.last" },
                { name: "message", type: "string", pii: "drop" },
            ),
            [
                { sources: ["id"], target: "id", type: "string", pii: "keep", required: true },
                {
                    sources: ["detail.amount.value"],
                    target: "amount",
                    type: "decimal(10,2)",
                    pii: "keep",
                    required: true,
                },
                { sources: ["detail.credit_card"], target: "card", type: "string", pii: "mask", required: false },
                { sources: ["person"], target: "person", type: "string", pii: "hash", required: true },
                {
                    sources: ["tags"],
                    target: "tags",
                    type: "array<map<string,bigint>>",
                    pii: "keep",
                    required: true,
                },
                {
                    sources: ["detail.first", "detail.last"],
                    target: "name",
                    type: "string",
                    pii: "keep",
                    required: true,
                },
            ],
        );
    });

    it("refuses a pii rule that the job would not see, at whatever depth", () => {
        const message =
            'Dataset "payments" has a pii rule within a struct, for "p.card". Make that field a column of its own.';
        for (const type of [
            { struct: [{ name: "ok", type: "int" }, card] },
            { array: { struct: [card] } },
            { map: { array: { struct: [card] } } },
        ] as const) {
            assert.throws(() => mapping({ name: "p", type }), { message });
        }
        assert.throws(() => mapping({ name: "p", type: { struct: [{ name: "q", type: { struct: [card] } }] } }), {
            message:
                'Dataset "payments" has a pii rule within a struct, for "p.q.card". Make that field a column of its own.',
        });
    });

    it("joins several values to a text only", () => {
        assert.throws(() => mapping({ name: "total", type: "int", from: "a b" }), {
            message: 'Dataset "payments" makes "total" from several values, which only a string can hold.',
        });
    });
});

describe("jobMapping", () => {
    const payments = defineDataset({
        name: "payments",
        columns: [
            { name: "id", type: "string" },
            { name: "at", type: "timestamp", from: "time" },
        ],
        partitionBy: ["day(at)"],
        key: ["id"],
    });

    it("says by which columns an event is known again and where its row lies", () => {
        assert.deepStrictEqual(jobMapping(payments, { years: [2020, 2039] }), {
            columns: [
                { sources: ["id"], target: "id", type: "string", pii: "keep", required: true },
                { sources: ["time"], target: "at", type: "timestamp", pii: "keep", required: true },
            ],
            eventId: "id",
            eventTime: "at",
            years: [2020, 2039],
        });
    });

    const [id, at] = payments.columns;
    const byDay = 'is not partitioned by the day of its events alone. Write partitionBy: ["day(column)"].';
    const byKey = "has no key of one column, by which the job would know an event again.";
    for (const [what, over, message] of [
        ["is not partitioned", { partitionBy: [] }, byDay],
        ["is partitioned by hours", { partitionBy: ["hour(at)"] }, byDay],
        ["is partitioned further", { partitionBy: ["day(at)", "id"] }, byDay],
        ["has no key", { key: [] }, byKey],
        ["has a key of two columns", { key: ["id", "at"] }, byKey],
        [
            "has a key that is a number",
            { columns: [{ name: "id", type: "int" }, at] },
            'needs "id" in each event, as a string that is kept.',
        ],
        [
            "hashes its key",
            { columns: [{ ...id, pii: "hash" }, at] },
            'needs "id" in each event, as a string that is kept.',
        ],
        [
            "may lack the time",
            { columns: [id, { ...at, optional: true }] },
            'needs "at" in each event, as a timestamp that is kept.',
        ],
        [
            "has days only",
            { columns: [id, { name: "at", type: "date" }] },
            'needs "at" in each event, as a timestamp that is kept.',
        ],
    ] as readonly (readonly [string, Partial<Dataset>, string])[])
        it(`refuses a dataset that ${what}`, () => {
            assert.throws(() => jobMapping({ ...payments, ...over }, { years: [2020, 2039] }), {
                message: `Dataset "payments" ${message}`,
            });
        });
});

describe("processed", () => {
    it("leaves out what the job drops, and the rules of what it replaces", () => {
        const doc = "What it is.";
        assert.deepStrictEqual(
            processed(
                defineDataset({
                    name: "payments",
                    columns: [
                        { name: "id", type: "string", pattern: "^.+$", from: "detail.id", doc },
                        { name: "card", type: "string", pii: "mask", pattern: "^[0-9]+$", fake: "string.uuid", doc },
                        { name: "sex", type: "string", pii: "hash", oneOf: ["f", "m"], optional: true },
                        { name: "country", type: "string", oneOf: ["IN", "US"], fake: "location.country" },
                        { name: "message", type: "string", pii: "drop" },
                    ],
                    key: ["id"],
                }),
            ),
            {
                name: "payments",
                columns: [
                    { name: "id", type: "string", pattern: "^.+$", doc },
                    { name: "card", type: "string", doc },
                    { name: "sex", type: "string", optional: true },
                    { name: "country", type: "string", oneOf: ["IN", "US"], fake: "location.country" },
                ],
                key: ["id"],
            },
        );
    });
});

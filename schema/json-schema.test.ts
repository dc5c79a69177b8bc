import * as assert from "node:assert/strict";
import { Ajv } from "ajv";
import { type ColumnType, defineDataset } from "./dataset";
import { generator } from "./generate";
import { apiModel, jsonSchema } from "./json-schema";
import { everything } from "./testing";
import { validatorOf } from "./validator";

const small = defineDataset({
    name: "small",
    doc: "A small one.",
    columns: [
        { name: "kind", type: "string", oneOf: ["a", "b"], optional: true, doc: "Which." },
        { name: "code", type: "string", pattern: "^[A-Z]+$" },
    ],
});

describe("jsonSchema", () => {
    it("says what a record has to have, and allows what it does not know", () => {
        assert.deepStrictEqual(jsonSchema(small), {
            $schema: "http://json-schema.org/draft-07/schema#",
            title: "small",
            description: "A small one.",
            type: "object",
            required: ["code"],
            properties: {
                kind: { type: ["string", "null"], enum: ["a", "b", null], description: "Which." },
                code: { type: "string", pattern: "^[A-Z]+$" },
            },
        });
    });

    it("is a JSON Schema by its own rules", () => {
        assert.equal(new Ajv({ allowUnionTypes: true }).validateSchema(jsonSchema(everything)), true);
    });

    it("keeps decimals within what their type holds, up to 38 digits", () => {
        const cases: readonly (readonly [ColumnType, good: readonly unknown[], bad: readonly unknown[]])[] = [
            ["decimal(1,0)", [9, "-9", "0"], [10, "10", "1.5", "1."]],
            ["decimal(2,2)", [0.99, "0.9", "0"], [1, "1", "1.0", ".9"]],
            ["decimal(15,0)", [999999999999999], [1e15, "1000000000000000"]],
            ["decimal(20,2)", [1e17, "999999999999999999.99"], [1e18, "1000000000000000000"]],
            ["decimal(38,0)", [9.9e37, "9".repeat(38)], [1e38, "9".repeat(39)]],
            ["decimal(38,38)", [0.5, `0.${"9".repeat(38)}`], [1, `0.${"9".repeat(39)}`]],
        ];
        for (const [type, good, bad] of cases) {
            const check = validatorOf(defineDataset({ name: "d", columns: [{ name: "c", type }] }));
            const verdicts = [...good, ...bad].map((c) => check({ c }).length === 0);
            assert.deepStrictEqual(verdicts, [...good.map(() => true), ...bad.map(() => false)], String(type));
        }
    });
});

describe("apiModel", () => {
    it("says only what API Gateway's import keeps, and nothing of an optional column", () => {
        assert.deepStrictEqual(apiModel(small), {
            type: "object",
            required: ["code"],
            properties: { kind: { description: "Which." }, code: { type: "string", pattern: "^[A-Z]+$" } },
            description: "A small one.",
        });
    });

    it("has no empty list of required columns, which draft 4 forbids", () => {
        const dataset = defineDataset({ name: "d", columns: [{ name: "c", type: "int", optional: true }] });
        assert.deepStrictEqual(apiModel(dataset), { type: "object", properties: { c: {} } });
    });

    it("never refuses what the validator takes", () => {
        const model = new Ajv().compile(apiModel(everything));
        const records = generator(everything, { seed: 3, now: 0 });
        for (let i = 0; i < 500; i++) {
            const record = { ...records.next(), more: 1, total: null, amount: i % 2 ? "1.50" : 1.5 };
            assert.deepStrictEqual([problemsIn(record), model(record)], [[], true]);
        }
    });

    const problemsIn = validatorOf(everything);
});

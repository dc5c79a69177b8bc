import * as assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { Ajv } from "ajv";
import * as fc from "fast-check";
import { defineDataset } from "./dataset";
import { generator } from "./generate";
import { jsonSchema } from "./json-schema";
import { anyDataset, everything } from "./testing";
import { validatorOf, validatorSource } from "./validator";

const valid = {
    id: "a",
    kind: "view",
    count: 1,
    ratio: 0.5,
    amount: "12.30",
    paid: true,
    timestamp: "2026-11-20T12:00:00Z",
    address: { zip: "8000" },
    tags: [],
    scores: {},
};

describe("the validator", () => {
    const problemsIn = validatorOf(everything);

    it("finds nothing wrong with a record that conforms, whatever it has beside its columns", () => {
        assert.deepStrictEqual(problemsIn(valid), []);
        assert.deepStrictEqual(problemsIn({ ...valid, total: null, born: null, more: { deep: [null] }, "": 1 }), []);
        assert.deepStrictEqual(
            problemsIn(JSON.parse(JSON.stringify(valid).replace("{", '{"__proto__":{"id":1},'))),
            [],
        );
    });

    it("says of what is no object only that", () => {
        for (const record of [null, undefined, [], [valid], "text", 1, true]) {
            assert.deepStrictEqual(problemsIn(record), ["not a JSON object"]);
        }
    });

    it("finds every problem of a record at once", () => {
        const record = {
            ...valid,
            id: undefined,
            kind: "steal",
            code: "x1",
            count: "many",
            timestamp: "2026-02-31T00:00:00Z",
            address: { floor: 1.5 },
            lines: [{ zip: "1" }, { zip: 2 }, 3],
            scores: { alice: 1, bob: "2" },
        };
        assert.deepStrictEqual(problemsIn(record), [
            "id is missing",
            'kind is not one of "view", "buy"',
            "code is not a string that matches ^[A-Z]{2}\\d+$",
            "count is not a whole number of 32 bits",
            "timestamp is not an ISO 8601 time",
            "address.zip is missing",
            "address.floor is not a whole number of 32 bits",
            "lines[].zip is not a string",
            "scores.* is not a number",
        ]);
    });

    it("says one thing of one column, however much is wrong with it", () => {
        assert.deepStrictEqual(problemsIn({ ...valid, kind: 1 }), ['kind is not one of "view", "buy"']);
        assert.deepStrictEqual(problemsIn({ ...valid, kind: null }), ['kind is not one of "view", "buy"']);
    });

    it("takes null in an optional column with rules, and nothing else that breaks them", () => {
        const columns = [{ name: "c", type: "string", oneOf: ["a"], pattern: "a", optional: true }] as const;
        const check = validatorOf(defineDataset({ name: "d", columns }));
        assert.deepStrictEqual([{}, { c: null }, { c: "a" }].map(check), [[], [], []]);
        assert.deepStrictEqual(check({ c: "" }), ['c is not one of "a"']);
    });

    it("is not taken in by what every object inherits", () => {
        const check = validatorOf(defineDataset({ name: "d", columns: [{ name: "tostring", type: "string" }] }));
        assert.deepStrictEqual(check({}), ["tostring is missing"]);
    });

    it("names no value, no key of a map and no unknown column, so that problems can be logged", () => {
        const secret = "alice@example.com";
        const columns = everything.columns.map(({ name }) => [name, { [secret]: [secret] }]);
        const problems = problemsIn({
            ...Object.fromEntries(columns),
            scores: { [secret]: secret },
            [secret]: secret,
        }).join();
        assert.equal(problems.includes("alice"), false);
        assert.ok(problems.includes("scores.* is not a number"));
    });

    it("stops at the first bad element, so that a hostile record does not fill the memory", () => {
        const million = Array.from({ length: 1_000_000 }, () => 1);
        const scores = Object.fromEntries(million.slice(0, 100_000).map((_, i) => [`k${i}`, "x"]));
        const before = process.memoryUsage().heapUsed;
        const problems = problemsIn({ ...valid, tags: million, scores });
        assert.deepStrictEqual(problems, ["tags[] is not a string", "scores.* is not a number"]);
        assert.ok(process.memoryUsage().heapUsed - before < 10_000_000);
    });

    it("checks hundreds of columns", () => {
        const columns = Array.from({ length: 500 }, (_, i) => ({ name: `c${i}`, type: "int" }) as const);
        const check = validatorOf(defineDataset({ name: "wide", columns }));
        assert.deepStrictEqual(check(Object.fromEntries(columns.map(({ name }) => [name, 1]))), []);
        assert.deepStrictEqual(
            check({}),
            columns.map(({ name }) => `${name} is missing`),
        );
    });

    it("agrees with ajv on the JSON Schema of any dataset, for any JSON, and never throws", () => {
        fc.assert(
            fc.property(anyDataset, fc.infiniteStream(fc.jsonValue()), (dataset, values) => {
                const ajv = new Ajv({ allowUnionTypes: true }).compile(jsonSchema(dataset));
                const check = validatorOf(dataset);
                const good = generator(dataset, { seed: 7, now: 0 }).next();
                const odd = dataset.columns.map(({ name }) => ({ ...good, [name]: values.next().value }));
                for (const record of [good, ...odd, values.next().value]) {
                    const problems = check(record);
                    assert.equal(problems.length === 0, ajv(record));
                    assert.equal(new Set(problems).size, problems.length);
                }
            }),
            { seed: 7, numRuns: 50 },
        );
    });
});

describe("the source of the validator", () => {
    it("requires nothing, is small, and does not grow with what people write about the columns", () => {
        const source = validatorSource(everything);
        assert.equal(/\b(require|import)\b/.test(source), false);
        const zipped = deflateRawSync(source).length;
        assert.ok(zipped < 2_560, `${zipped} bytes in a zip`);
        assert.equal(source.includes("What identifies it."), false);
    });

    it("is the same every time, so that a deployment without a change changes nothing", () => {
        assert.equal(validatorSource(everything), validatorSource(JSON.parse(JSON.stringify(everything))));
    });
});

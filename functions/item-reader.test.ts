import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { documentCheck } from "./document-check";
import { rules, sale, sales } from "./document-test-support";
import { itemOf } from "./dynamodb-item";
import { keyOf } from "./dynamodb-key";
import { fieldRenamer } from "./field-renamer";
import { itemReader } from "./item-reader";
import { readRecord, writeRecord } from "./record";

const keys = sales.key.map((name) => ({ name, type: "string" as const }));
const check = documentCheck(rules);
const rename = fieldRenamer(rules.aliases);

/** What comes of a record that is looked at closely from the start, one step after the other. */
function closely(text: string): unknown {
    const record = readRecord(writeRecord(text));
    if ("problems" in record) return record;
    const checked = check(record);
    if (typeof checked === "object") return checked;
    const made = itemOf(record, rename);
    if ("problems" in made) return made;
    const key = keyOf(made.item, keys);
    return typeof key === "string" ? { text, key, item: made.item } : key;
}

describe("itemReader", () => {
    const read = itemReader(keys, { check, rename });

    it("gives what a close look gives, whatever comes and however it is written", () => {
        const { paid, ...unpaid } = sale;
        const numbers = fc.oneof(
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.integer(),
            fc.maxSafeInteger(),
        );
        const more = fc.object({ values: [fc.string(), numbers, fc.boolean(), fc.constant(null)], maxDepth: 3 });
        const changes = fc.record(
            { client: fc.jsonValue(), at: fc.constantFrom(sale.at, "2019-01-01T00:00:00Z", 7), more },
            { requiredKeys: [] },
        );
        const documents = fc.tuple(
            fc.constantFrom(sale, { ...unpaid, payed: paid }, { ...sale, payed: paid }),
            changes,
        );
        const texts = fc
            .tuple(
                documents,
                fc.constantFrom(undefined, 1),
                fc.constantFrom("", "\n", " "),
                fc.constantFrom("", ',"n":1e3', ',"n":9007199254740993', ',"id":"1"', ',"":0'),
            )
            .map(([[document, change], indent, end, suffix]) =>
                JSON.stringify({ ...document, ...change }, undefined, indent).replace(/\}$/, `${suffix}}${end}`),
            );
        fc.assert(
            fc.property(fc.oneof({ arbitrary: texts, weight: 5 }, fc.json(), fc.string()), (text) => {
                assert.deepEqual(read(writeRecord(text)), closely(text));
            }),
            { seed: 5, numRuns: 2000 },
        );
    });

    it("keeps every number as it is written, with no rules either", () => {
        const readAny = itemReader([{ name: "id", type: "string" }]);
        const numbers = fc.constantFrom("1", "1000", "1e3", "0.5", "0.50", "-0", "12345678901234567890", "1.5e-7");
        fc.assert(
            fc.property(fc.array(numbers), fc.constantFrom("", " "), (values, blank) => {
                const text = `{"id":"1",${blank}"n":[${values}]}`;
                const record = readRecord(writeRecord(text));
                const made = "problems" in record ? record : itemOf(record);
                assert.deepEqual(readAny(writeRecord(text)), "item" in made ? { text, key: "1", ...made } : made);
            }),
            { seed: 6, numRuns: 500 },
        );
    });
});

import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { AttributeValue, Item } from "./model";
import { isPlainBatch } from "./plain";

/** dynalite's own check: it gives a sentence when something is wrong, and writes numbers as DynamoDB does. */
const { custom } = require("dynalite/validations/batchWriteItem") as {
    custom(data: object, store: object): string | undefined;
};

const batchOf = (Item: Item) => ({ t: [{ PutRequest: { Item } }] });
const isPlain = (value: AttributeValue) => isPlainBatch(batchOf({ a: value }));

describe("a batch of plain items", () => {
    it("has nothing that dynalite refuses or changes", () => {
        const digits = fc.stringMatching(/^-?[0-9]{0,40}(\.[0-9]{0,40})?(e-?[0-9]{1,3})?$/);
        const number = fc.oneof(digits, fc.double().map(String), fc.bigInt().map(String));
        const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
            value: fc.oneof(
                { maxDepth: 3 },
                fc.record({ S: fc.string({ unit: "binary" }) }),
                fc.record({ N: number }),
                fc.record({ BOOL: fc.boolean() }),
                fc.record({ NULL: fc.boolean() }),
                fc.record({ SS: fc.array(fc.string()) }),
                fc.record({ NS: fc.array(number) }),
                fc.record({ S: fc.string(), N: number }, { requiredKeys: [] }),
                fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }),
                fc.record({ M: fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }) }),
            ),
        }));
        fc.assert(
            fc.property(fc.dictionary(fc.string(), value, { maxKeys: 3 }), (item) => {
                if (!isPlainBatch(batchOf(item))) return;
                const checked = structuredClone(batchOf(item));
                assert.equal(custom({ RequestItems: checked }, { options: { maxItemSize: 409_600 } }), undefined);
                assert.deepStrictEqual(checked, batchOf(structuredClone(item)));
            }),
            { numRuns: 2_000 },
        );
    });

    it("is what most items are", () => {
        const numbers = ["0", "-7", "1.1", "-0.05", "9007199254740993", "9".repeat(38)];
        for (const N of numbers) assert.equal(isPlain({ N }), true, N);
        for (const N of ["-0", "01", "1.10", "1e3", "+1", "", ".5", "9".repeat(39)])
            assert.equal(isPlain({ N }), false, N);
        assert.equal(isPlain({ M: { a: { L: [{ S: "" }, { NULL: true }, { BOOL: false }] } } }), true);
    });

    it("puts, and does nothing else", () => {
        assert.equal(isPlainBatch({ t: [{ DeleteRequest: { Key: { a: { S: "x" } } } }] }), false);
        assert.equal(isPlainBatch({ t: [{}] }), false);
    });
});

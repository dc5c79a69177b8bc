import * as assert from "node:assert/strict";
import { BAD_KINDS, type BadKind, corrupt, documents } from "./corrupt";
import { defineDataset } from "./dataset";
import { generator } from "./generate";
import { everything } from "./testing";
import { validatorOf } from "./validator";

const NOON = Date.UTC(2026, 10, 20, 12);
const record = generator(everything, { seed: 1, now: NOON }).next();
const problemsIn = validatorOf(everything);

/** What the check says of a document: that it is no JSON, an unknown operation, or what the validator finds. */
function reason(text: string): string {
    try {
        const value: unknown = JSON.parse(text);
        const operation = (value as { operation?: string } | null)?.operation;
        return operation === undefined ? problemsIn(value).join(", ") : `operation ${operation}`;
    } catch {
        return "no JSON";
    }
}

/** What the check finds in each kind of bad document. */
const FOUND: Readonly<Record<BadKind, RegExp>> = {
    "missing column": /^\w+ is missing$/,
    "null column": /^\w+ is not .*$/,
    "wrong type": /^\w+ is not .*$/,
    "value not allowed": /^kind is not one of "view", "buy"$/,
    "wrong timestamp": /^timestamp is not an ISO 8601 time$/,
    "unknown operation": /^operation upsert$/,
    "cut off": /^no JSON$/,
    "not JSON": /^no JSON$/,
    "two documents": /^no JSON$/,
    "byte-order mark": /^no JSON$/,
    array: /^not a JSON object$/,
    scalar: /^not a JSON object$/,
    null: /^not a JSON object$/,
    empty: /^no JSON$/,
};

describe("corrupt", () => {
    for (const kind of BAD_KINDS) {
        it(`makes bad documents: ${kind}`, () => {
            for (let seed = 0; seed < 100; seed++) {
                const { text, valid, why } = corrupt(everything, record, seed, [kind]);
                assert.deepStrictEqual({ valid, why }, { valid: false, why: kind });
                assert.match(reason(text), FOUND[kind]);
            }
        });
    }

    it("makes every kind, from all seeds alike, and the same from the same seed", () => {
        const made = Array.from({ length: 2_000 }, (_, seed) => corrupt(everything, record, seed));
        for (const kind of BAD_KINDS) {
            const share = made.filter(({ why }) => why === kind).length / made.length;
            assert.ok(Math.abs(share - 1 / BAD_KINDS.length) < 0.03, `${kind}: ${share}`);
        }
        assert.deepStrictEqual(
            made,
            made.map((_, seed) => corrupt(everything, record, seed)),
        );
    });

    it("passes over what a dataset cannot get wrong", () => {
        const columns = [{ name: "operation", type: "string", optional: true }] as const;
        const dataset = defineDataset({ name: "d", columns });
        const kinds = new Set(Array.from({ length: 500 }, (_, seed) => corrupt(dataset, {}, seed).why));
        assert.deepStrictEqual([...kinds].sort(), [
            "array",
            "byte-order mark",
            "cut off",
            "empty",
            "not JSON",
            "null",
            "scalar",
            "two documents",
            "wrong type",
        ]);
        assert.throws(() => corrupt(dataset, {}, 1, ["wrong timestamp", "missing column"]), {
            message: 'Dataset "d" has no documents that are bad in this way: wrong timestamp, missing column.',
        });
    });
});

describe("documents", () => {
    it("are bad as often as asked, and the others are the generator's", () => {
        const records = generator(everything, { seed: 5, now: NOON });
        const stream = documents(everything, { seed: 5, now: NOON, badEvery: 4, kinds: ["array", "cut off"] });
        for (let i = 1; i <= 100; i++) {
            const expected = JSON.stringify(records.next());
            const { text, valid, why } = stream.next();
            if (i % 4 !== 0)
                assert.deepStrictEqual({ text, valid, why }, { text: expected, valid: true, why: undefined });
            else assert.ok(!valid && (text === `[${expected}]` || text === expected.slice(0, -1)));
        }
    });

    it("are all good unless asked otherwise", () => {
        const stream = documents(everything, { seed: 5, now: NOON });
        for (let i = 0; i < 100; i++)
            assert.deepStrictEqual(
                [stream.next()].map(({ valid, why }) => [valid, why]),
                [[true, undefined]],
            );
    });
});

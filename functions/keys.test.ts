import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { keyProblem } from "./keys";

/** Writes JSON with the blanks of a producer that is fond of them, and those pairs twice that `twice` picks. */
function write(value: unknown, blank: string, twice: (key: string) => boolean): string {
    if (Array.isArray(value)) return `[${value.map((each) => write(each, blank, twice)).join(`${blank},`)}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const pairs = Object.entries(value).flatMap(([key, inner]) => {
        const pair = `${blank}${JSON.stringify(key)}${blank}:${write(inner, blank, twice)}`;
        return twice(key) ? [pair, pair] : [pair];
    });
    return `{${pairs.join(",")}${blank}}`;
}

function problem(text: string): string | undefined {
    return keyProblem(text, JSON.parse(text));
}

const blanks = fc.constantFrom("", " ", "\n", "\t \r\n");
const strings = fc.oneof(fc.string(), fc.constantFrom('"', "\\", '\\"', ':"', '":', "\\\\:"));
// Without what is written with an escape: what Node reads then depends on what it has read before.
const keys = fc.oneof(fc.string(), fc.constantFrom(":", "a:", "a", "b")).map((key) => key.replaceAll(/["\\]/g, ""));
const flat = fc.dictionary(keys, fc.oneof(strings, fc.constant(null)));
const nested = fc.object({ key: keys, values: [strings, fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)] });

describe("keyProblem", () => {
    it("finds nothing wrong with any document that has each key once, however it is written", () => {
        fc.assert(
            fc.property(fc.oneof(flat, nested), blanks, (value, blank) => {
                assert.equal(problem(write(value, blank, () => false)), undefined);
            }),
            { seed: 3, numRuns: 500 },
        );
    });

    it("finds a key that comes twice wherever it is, however the document is written", () => {
        fc.assert(
            fc.property(fc.oneof(flat, nested), blanks, fc.nat(10), (value, blank, pick) => {
                let left = pick;
                const text = write(value, blank, () => left-- === 0);
                assert.equal(problem(text), left < 0 ? "a key comes twice in one object" : undefined);
            }),
            { seed: 4, numRuns: 500 },
        );
    });

    it("is not fooled by a document that is as long as the shortest one of another value", () => {
        assert.equal(problem('{"a":1e9,"a":1000000000}'), "a key comes twice in one object");
    });

    it("finds a key with a backslash in it, and a key that Node reads one into", () => {
        const text = '{"seen":0,"\\u0061":1}';
        assert.equal(problem(text), undefined);
        assert.equal(problem('{"seen":0,"\\\\":1}'), "a key has a backslash in it");
        assert.ok([undefined, "a key has a backslash in it"].includes(problem(text)));
        assert.equal(problem('{"deep":[{"a\\\\b":1}]}'), "a key has a backslash in it");
    });

    it("does not mind backslashes elsewhere", () => {
        assert.equal(problem('{"a":"\\\\","b\\n":"\\"\\\\\\":"}'), undefined);
    });

    it("takes time in proportion to the text, however many quotes and backslashes it has", () => {
        assert.equal(problem(JSON.stringify({ a: '\\"'.repeat(500_000), b: 1 })), undefined);
    });
});

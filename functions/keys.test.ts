import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { isPlain, keyProblem } from "./keys";

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
    const value = JSON.parse(text);
    return isPlain(text, value) ? undefined : keyProblem(text, value);
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

describe("isPlain", () => {
    for (const [what, text] of [
        ["what JSON.stringify writes", '{"a":[1,-2.5,0.01,0,true,false,null,"x",[],{}],"b":{"c":"\u00eb"}}'],
        ["the same with a newline at its end", '{"a":{"b":1}}\n'],
        ["an empty object", "{}"],
    ] as const) {
        it(`takes ${what}`, () => assert.equal(isPlain(text, JSON.parse(text)), true));
    }

    for (const [what, text] of [
        ["a number that JavaScript holds as another one", '{"a":9007199254740993}'],
        ["a decimal that JavaScript holds as another one", '{"a":0.10000000000000001}'],
        ["a number that JavaScript cannot hold", '{"a":1e400}'],
        ["a number with an exponent", '{"a":1e21}'],
        ["a negative zero", '{"a":-0}'],
        ["a number that JavaScript writes in another way", '{"a":1.0}'],
        ["a key that comes twice", '{"a":[],"a":[]}'],
        ["a key that comes twice and a number that makes room for it", '{"a":1,"a":2,"b":1e9}'],
        ["blanks", '{"a": [1]}'],
        ["an escape in a string", '{"a":"\\n"}'],
        ["a key without a name", '{"a":{"":1}}'],
        ["a key that is an object's prototype", '{"a":{"__proto__":1}}'],
        ["an escape in a key", '{"a\\\\b":[1]}'],
        ["what is nested deeply", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ] as const) {
        it(`leaves ${what} to those who look closer`, () => assert.equal(isPlain(text, JSON.parse(text)), false));
    }

    it("takes no text with a key twice, or with a number that is not the one in its value", () => {
        const digits = fc.constantFrom(..."0123456789".split(""), ".", "e", "-", "+", "000", "e-", "999999999999999");
        const numbers = fc.array(digits, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
        const isNumber = (text: string) => /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/.test(text);
        const texts = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), numbers.filter(isNumber)), { maxLength: 3 });
        fc.assert(
            fc.property(texts, (pairs) => {
                const text = `{${pairs.map(([key, number]) => `"${key}":${number}`).join(",")}}`;
                const value = JSON.parse(text);
                fc.pre(isPlain(text, value));
                assert.deepEqual(
                    Object.entries(value).map(([key, number]) => [key, decimal(String(number))]),
                    pairs.map(([key, number]) => [key, decimal(number)]),
                );
            }),
            { seed: 6, numRuns: 2000 },
        );
    });
});

/** A number as text without its point, its exponent and the zeros around: the same for the same number, and only for that. */
function decimal(text: string): string {
    const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e(.+))?$/.exec(text) ?? [];
    const digits = `${whole}${fraction}`.replace(/^0+/, "");
    const significant = digits.replace(/0+$/, "");
    const scale = Number(exponent) - fraction.length + digits.length - significant.length;
    return significant === "" ? "0" : `${sign}${significant}e${scale}`;
}

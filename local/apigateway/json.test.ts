import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { hasExactNumbers, isExactNumber, parseJson } from "./json";

describe("parseJson", () => {
    it("gives every number back as it came", () => {
        const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,25})(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?$/);
        const space = fc.constantFrom("", " ", "\n\t");
        const document = fc
            .tuple(fc.array(digits, { minLength: 1 }), space)
            .map(([numbers, s]) => `{"a":[${numbers.map((n) => `${s}${n}${s}`).join(",")}],"b":${s}${numbers[0]}}`);
        fc.assert(
            fc.property(document, (text) => {
                assert.deepStrictEqual(JSON.stringify(parseJson(text)), text.replace(/\s/g, ""));
            }),
            { seed: 3, numRuns: 500 },
        );
    });

    it("is JSON.parse where no number is at stake, timestamps and versions in strings included", () => {
        const text = '{"at":"2026-11-20T12:00:00.000Z","v":"1.0","n":[1,2.5,-3],"big":"12345678901234567890"}';
        assert.deepStrictEqual(hasExactNumbers(text), false);
        assert.deepStrictEqual(parseJson(text), JSON.parse(text));
    });

    it("takes a lone number", () => {
        assert.deepStrictEqual(isExactNumber(parseJson("1.0")), true);
        assert.deepStrictEqual(parseJson("1"), 1);
    });

    it("keeps the last of duplicate keys, and keys that objects inherit", () => {
        assert.deepStrictEqual(
            JSON.stringify(parseJson('{"a":1,"a":1.0,"__proto__":{"b":1.0}}')),
            '{"a":1.0,"__proto__":{"b":1.0}}',
        );
    });

    it("refuses what is not JSON", () => {
        for (const text of ["", "{", "01", "1.", "NaN", "'a'", "[1,]", "\ufeff{}", "{}{}"]) {
            assert.throws(() => parseJson(text), SyntaxError, text);
        }
    });

    it("stays linear on long runs of digits, spaces and brackets", () => {
        for (const part of ["1", " ", ":", ":1.", "[", "0.0"]) {
            assert.deepStrictEqual(hasExactNumbers(`[${part.repeat(300_000)}x`), false);
        }
    });
});

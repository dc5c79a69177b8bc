import * as assert from "node:assert/strict";
import { modelValidator } from "./model-validator";

describe("modelValidator", () => {
    const models = {
        Event: {
            type: "object",
            required: ["id", "at"],
            properties: {
                id: { type: "string", minLength: 2, maxLength: 4 },
                at: { type: "string", pattern: "^\\d{4}$" },
                kind: { enum: ["a", "b"] },
                n: { type: "integer", minimum: 1, maximum: 9, multipleOf: 2 },
                x: { type: "number" },
                tags: { type: "array", items: { type: "string" }, uniqueItems: true },
                more: { type: "object", minProperties: 1, maxProperties: 2 },
                not: { not: { type: "null" } },
            },
        },
    };
    const check = modelValidator(
        { type: "object", required: ["e"], properties: { e: { $ref: "#/components/schemas/Event" } } },
        models,
    );
    const event = (fields: object) => ({ e: { id: "abc", at: "2026", ...fields } });

    const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
        ["a valid body", event({ kind: "a", n: 2, x: 1, tags: ["x"], more: { a: 1 }, not: 1 }), []],
        ["an empty object", {}, ['object has missing required properties (["e"])']],
        ["several missing properties, sorted", { e: {} }, ['object has missing required properties (["at","id"])']],
        ["a string", "x", ['instance type (string) does not match any allowed primitive type (allowed: ["object"])']],
        ["null", null, ['instance type (null) does not match any allowed primitive type (allowed: ["object"])']],
        ["an array", [], ['instance type (array) does not match any allowed primitive type (allowed: ["object"])']],
        [
            "a fraction for an integer",
            event({ n: 2.5 }),
            [
                'instance type (number) does not match any allowed primitive type (allowed: ["integer"])',
                "remainder of division is not zero (2.5 / 2)",
            ],
        ],
        [
            "text for a number",
            event({ x: "1" }),
            ['instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])'],
        ],
        [
            "a value outside an enum",
            event({ kind: 'c"' }),
            ['instance value ("c\\"") not found in enum (possible values: ["a","b"])'],
        ],
        ["a wrong pattern", event({ at: "x" }), ['ECMA 262 regex "^\\d{4}$" does not match input string "x"']],
        [
            "short text, in characters",
            event({ id: "😀" }),
            ['string "😀" is too short (length: 1, required minimum: 2)'],
        ],
        ["long text", event({ id: "abcde" }), ['string "abcde" is too long (length: 5, maximum allowed: 4)']],
        [
            "a small number",
            event({ n: 0 }),
            ["numeric instance is lower than the required minimum (minimum: 1, found: 0)"],
        ],
        [
            "a number that is wrong twice",
            event({ n: 11 }),
            [
                "numeric instance is greater than the required maximum (maximum: 9, found: 11)",
                "remainder of division is not zero (11 / 2)",
            ],
        ],
        ["duplicates", event({ tags: ["a", "a"] }), ["array must not contain duplicate elements"]],
        [
            "few properties",
            event({ more: {} }),
            ["object has too few properties (found 0 but schema requires at least 1)"],
        ],
        [
            "many properties",
            event({ more: { a: 1, b: 2, c: 3 } }),
            ["object has too many properties (found 3 but schema requires at most 2)"],
        ],
        ["a forbidden schema", event({ not: null }), ["instance matched a schema which it should not have"]],
        [
            "several problems, without the inside of what is wrong itself",
            { e: { at: 1, kind: "z", tags: [1, 2] } },
            ['object has missing required properties (["id"])'],
        ],
        [
            "problems in several places",
            event({ kind: "z", tags: [1] }),
            [
                'instance value ("z") not found in enum (possible values: ["a","b"])',
                'instance type (integer) does not match any allowed primitive type (allowed: ["string"])',
            ],
        ],
    ];
    for (const [title, body, expected] of cases) {
        it(`says of ${title} what the Java library says`, () => assert.deepStrictEqual(check(body), expected));
    }

    it("does not check what API Gateway's import leaves out of a model", () => {
        const lax = modelValidator(
            {
                type: "object",
                additionalProperties: false,
                properties: {
                    a: { type: "array", minItems: 2, maxItems: 1, nullable: true },
                    b: { anyOf: [{ type: "null" }], oneOf: [] },
                },
            },
            {},
        );
        assert.deepStrictEqual(lax({ a: [1], b: 1, c: 1 }), []);
        assert.deepStrictEqual(lax({ a: null }), [
            'instance type (null) does not match any allowed primitive type (allowed: ["array"])',
        ]);
    });

    it("says which keyword and format it lacks", () => {
        assert.throws(() => modelValidator({ const: 1 }, {}), {
            message: "The keyword const in a model is not supported by the local runtime.",
        });
        assert.throws(() => modelValidator({ format: "date-time" }, {}), {
            message: "The format date-time in a model is not supported by the local runtime.",
        });
    });

    it("answers a hostile body with few and short sentences", () => {
        const list = modelValidator({ type: "array", items: { type: "string", enum: ["x"] } }, {});
        const wrong = Array.from({ length: 200_000 }, (_item, i) => i);
        assert.deepStrictEqual(list(wrong), [
            'instance type (integer) does not match any allowed primitive type (allowed: ["string"])',
        ]);
        const sentences = list(Array.from({ length: 1000 }, (_item, i) => `y${i}`));
        assert.deepStrictEqual(sentences.length, 50);
        const [long = ""] = list(["z".repeat(1e6)]);
        assert.ok(long.length < 1200);
    });
});

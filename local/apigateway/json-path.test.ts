import * as assert from "node:assert/strict";
import { queryJson } from "./json-path";

describe("queryJson", () => {
    const document = {
        a: { "b c": [1, { d: "x" }], length: 7 },
        items: [{ n: 1 }, { n: 2 }],
        "a.b": 3,
        s: "text",
        z: null,
    };
    const cases: readonly (readonly [string, unknown])[] = [
        ["$", document],
        ["$.a['b c'][1].d", "x"],
        ['$["a"]["b c"][0]', 1],
        ["$.a['b c'][-1].d", "x"],
        ["$['a.b']", 3],
        ["$.z", null],
        ["$.missing", undefined],
        ["$.missing.deeper[0]", undefined],
        ["$.s.length", undefined],
        ["$.s[0]", undefined],
        ["$.items.n", undefined],
        ["$.items[5]", undefined],
        ["$.a[0]", undefined],
        ["$.a.length", 7],
        ["$.items.length()", 2],
        ["$.a.size()", 2],
        ["$.s.length()", undefined],
        ["$.constructor", undefined],
        ["$.a.__proto__", undefined],
        ["$.items[*].n", [1, 2]],
        ["$..n", [1, 2]],
        ["$.items[?(@.n > 1)]", [{ n: 2 }]],
        ["$.items[0,1].n", [1, 2]],
        ["$.nothing[*]", []],
    ];
    for (const [path, expected] of cases) {
        it(`finds ${JSON.stringify(expected)?.slice(0, 40)} at ${path}`, () =>
            assert.deepStrictEqual(queryJson(document, path), expected));
    }

    it("finds nothing in a scalar, and the scalar itself at $", () => {
        assert.deepStrictEqual(queryJson("text", "$"), "text");
        assert.deepStrictEqual(queryJson("text", "$..a"), undefined);
        assert.deepStrictEqual(queryJson(null, "$.a"), undefined);
    });

    it("says which function it lacks", () => {
        assert.throws(() => queryJson(document, "$.items.max()"), {
            message: "The JSONPath function in $.items.max() is not supported by the local runtime.",
        });
    });

    it("runs no code that a path holds", () => {
        const path = "$.items[?(@.constructor.constructor('globalThis.hacked = 1')())]";
        try {
            queryJson(document, path);
        } catch {
            // Refusing it is as good as finding nothing.
        }
        assert.deepStrictEqual(Object.hasOwn(globalThis, "hacked"), false);
    });
});

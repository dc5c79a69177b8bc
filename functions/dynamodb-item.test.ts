import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { itemOf } from "./dynamodb-item";
import { readRecord } from "./record";

/** The item of a text, or its problems. */
function made(text: string): unknown {
    const record = readRecord(Buffer.from(text).toString("base64"));
    if ("problems" in record) return record.problems;
    const item = itemOf(record);
    return "problems" in item ? item.problems : item.item;
}

function nested(levels: number): string {
    return `{"a":${'{"b":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}}`;
}

describe("itemOf", () => {
    it("gives every JSON value its attribute", () => {
        assert.deepEqual(
            made('{"s":"x","e":"","n":-1.5,"t":true,"f":false,"z":null,"l":[1,["a"],{}],"m":{"k":{"d":0}}}'),
            {
                s: { S: "x" },
                e: { S: "" },
                n: { N: "-1.5" },
                t: { BOOL: true },
                f: { BOOL: false },
                z: { NULL: true },
                l: { L: [{ N: "1" }, { L: [{ S: "a" }] }, { M: {} }] },
                m: { M: { k: { M: { d: { N: "0" } } } } },
            },
        );
    });

    for (const number of [
        "1.1",
        "9007199254740993",
        "0.10000000000000000000000000000000000001",
        "-123456789012345678901234567890.12345678",
        "1e125",
        "100000000000000000000000",
    ]) {
        it(`keeps ${number} as it is written, wherever it is`, () => {
            assert.deepEqual(made(`{"n":${number},"l":[${number},{"m":${number}}]}`), {
                n: { N: number },
                l: { L: [{ N: number }, { M: { m: { N: number } } }] },
            });
        });
    }

    it("keeps numbers that JavaScript holds as it writes them", () => {
        assert.deepEqual(made('{ "a": 1.10, "b": 5000, "c": [-0, 12.50] }'), {
            a: { N: "1.1" },
            b: { N: "5000" },
            c: { L: [{ N: "0" }, { N: "12.5" }] },
        });
    });

    for (const number of ["1e400", "-1e126", "1e-131", "1".repeat(39)]) {
        it(`refuses ${number}, wherever it is`, () => {
            for (const text of [`{"n":${number}}`, `{"l":[{"m":${number}}]}`]) {
                assert.deepEqual(made(text), ["a number that DynamoDB cannot hold"]);
            }
        });
    }

    it("does not take what looks like a number's own text for a number", () => {
        assert.deepEqual(made('{"n":1e20,"o":{"rawJSON":"7"}}'), {
            n: { N: "1e20" },
            o: { M: { rawJSON: { S: "7" } } },
        });
    });

    for (const [what, text, problem] of [
        ["an attribute without a name", '{"":1}', "an attribute has no name"],
        ["an attribute without a name deep inside", '{"a":[{"":1}]}', "an attribute has no name"],
        ["a name that would be lost", '{"a":{"__proto__":1}}', "an attribute has the name __proto__"],
        ["more levels than 32", nested(33), "nested more than 32 levels deep"],
        ["more lists than 32", `{"a":${"[".repeat(33)}${"]".repeat(33)}}`, "nested more than 32 levels deep"],
        [
            "far more levels",
            `{"n":1.0,"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
            "nested more than 32 levels deep",
        ],
    ] as const) {
        it(`refuses ${what}`, () => assert.deepEqual(made(text), [problem]));
    }

    it("takes 32 levels, and names that objects inherit", () => {
        assert.equal(Array.isArray(made(nested(32))), false);
        assert.deepEqual(made('{"constructor":1,"toString":{"hasOwnProperty":2}}'), {
            constructor: { N: "1" },
            toString: { M: { hasOwnProperty: { N: "2" } } },
        });
    });

    for (const [what, text, rest] of [
        ["ASCII", "x", 409_600 - 1],
        ["letters of two bytes", "é", (409_600 - 2) / 2],
    ] as const) {
        it(`counts bytes as DynamoDB does, in ${what}: 400 KB and no more`, () => {
            const sized = (length: number) => made(JSON.stringify({ [text]: text.repeat(length) }));
            assert.equal(Array.isArray(sized(rest)), false);
            assert.deepEqual(sized(rest + 1), ["larger than 400 KB as an item"]);
        });
    }

    it("counts numbers, lists and maps", () => {
        const list = (length: number) =>
            made(JSON.stringify({ l: Array.from({ length }, () => [12345, { a: null }]) }));
        // Name and list: 1 + 3; each element 1 and 3 for its list, 1 + 4 for the number, 1 + 3 + 1 for the map, 1 + 1 for what is in it.
        const each = 1 + 3 + 5 + 5 + 2;
        const most = Math.floor((409_600 - 4) / each);
        assert.equal(Array.isArray(list(most)), false);
        assert.deepEqual(list(most + 1), ["larger than 400 KB as an item"]);
    });

    it("gives back every document, number by number", () => {
        fc.assert(
            fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 5 })), (document) => {
                const text = JSON.stringify(document);
                fc.pre(!/__proto__|\\|"":|e[-+]\d/.test(text));
                assert.deepEqual(plain({ M: made(text) }), JSON.parse(text));
            }),
            { seed: 9, numRuns: 500 },
        );
    });
});

/** The JSON value of an attribute. */
function plain(attribute: unknown): unknown {
    const [[kind, value] = ["", undefined]] = Object.entries(attribute as Record<string, unknown>);
    if (kind === "N") return Number(value);
    if (kind === "NULL") return null;
    if (kind === "L") return (value as unknown[]).map(plain);
    if (kind !== "M") return value;
    return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, plain(inner)]));
}

import * as assert from "node:assert/strict";
import fc from "fast-check";
import { fieldsOf } from "./fields";
import { compilePattern } from "./pattern";

const matches = (pattern: unknown, event: unknown) =>
    compilePattern(JSON.stringify(pattern)).matches(fieldsOf(JSON.parse(JSON.stringify(event))));

/** A pattern for the field `a`, a value of it that matches, and one that does not. `undefined` is no value. */
const OPERATORS: readonly (readonly [pattern: unknown, match: unknown, other: unknown])[] = [
    ["x", "x", "X"],
    ["", "", " "],
    [null, null, "null"],
    [1, 1, "1"],
    [3.018e2, 301.8, 301.9],
    [true, true, "true"],
    ["x", ["y", "x"], ["y", "z"]],
    ["x", [["y"], ["x"]], []],
    ["::1", "0:0:0:0:0:0:0:1", "::2"],
    [{ exactly: "x" }, "x", "xx"],
    [{ prefix: "ab" }, "abc", "cab"],
    [{ prefix: "" }, "abc", 1],
    [{ prefix: { "equals-ignore-case": "aB" } }, "Abc", "cab"],
    [{ suffix: ".png" }, "x.png", "x.PNG"],
    [{ suffix: { "equals-ignore-case": ".PNG" } }, "x.Png", "x.pn"],
    [{ "equals-ignore-case": "Alice" }, "aLICE", "alic"],
    [{ "equals-ignore-case": "ÄÖ" }, "äö", "ao"],
    [{ wildcard: "a*c" }, "abbc", "abbd"],
    [{ wildcard: "a*c" }, "ac", "a"],
    [{ wildcard: "*" }, "", 1],
    [{ wildcard: "*a*b*" }, "xaxbx", "xbxa"],
    [{ wildcard: "ab*ba" }, "abba", "aba"],
    [{ wildcard: "a\\*c" }, "a*c", "abc"],
    [{ wildcard: "a\\\\*c" }, "a\\bc", "a*c"],
    [{ wildcard: "a.c" }, "a.c", "abc"],
    [{ wildcard: "a*\n*c" }, "a\n\nc", "ac"],
    [{ cidr: "10.0.0.0/24" }, "10.0.0.255", "10.0.1.0"],
    [{ cidr: "2001:db8::/32" }, "2001:db8::1", "2001:db9::1"],
    [{ cidr: "0.0.0.0/0" }, "1.2.3.4", "no address"],
    [{ numeric: ["=", 5] }, 5, "5"],
    [{ numeric: ["<", 5] }, 4.999, 5],
    [{ numeric: ["<=", 5] }, 5, 5.001],
    [{ numeric: [">", -5] }, 0, -5],
    [{ numeric: [">=", 5] }, 5, 4],
    [{ numeric: [">", 0, "<=", 5] }, 5, 0],
    [{ numeric: [">=", 0, "<", 5] }, 0, 5],
    [{ exists: true }, null, undefined],
    [{ exists: true }, [1], []],
    [{ exists: false }, undefined, null],
    [{ exists: false }, {}, 1],
    [{ "anything-but": "x" }, "y", "x"],
    [{ "anything-but": "x" }, null, undefined],
    [{ "anything-but": "x" }, ["x", "y"], ["x", "x"]],
    [{ "anything-but": ["x", "y"] }, "z", "y"],
    [{ "anything-but": 1 }, 2, 1],
    [{ "anything-but": [1, 2] }, "1", 2],
    [{ "anything-but": { prefix: "in" } }, "out", "init"],
    [{ "anything-but": { prefix: ["in", "st"] } }, "out", "stop"],
    [{ "anything-but": { suffix: ".txt" } }, "a.rtf", "a.txt"],
    [{ "anything-but": { suffix: [".txt", ".rtf"] } }, "a.md", "a.rtf"],
    [{ "anything-but": { "equals-ignore-case": "X" } }, "y", "x"],
    [{ "anything-but": { "equals-ignore-case": ["X", "Z"] } }, "y", "z"],
    [{ "anything-but": { wildcard: "*/lib/*" } }, "a/b", "a/lib/b"],
    [{ "anything-but": { wildcard: ["*/lib/*", "*/bin/*"] } }, "a/b", "a/bin/b"],
];

describe("An event pattern", () => {
    for (const [operator, match, other] of OPERATORS)
        it(`of ${JSON.stringify(operator)} matches ${JSON.stringify(match)} and not ${JSON.stringify(other)}`, () => {
            assert.deepStrictEqual(
                [match, other].map((a) => matches({ a: [operator] }, { a })),
                [true, false],
            );
        });

    const CASES: readonly (readonly [title: string, pattern: unknown, event: unknown, expected: boolean])[] = [
        ["takes one of several values", { a: ["x", { prefix: "z" }] }, { a: "zz" }, true],
        ["asks for every field", { a: ["x"], b: ["y"] }, { a: "x", b: "z" }, false],
        ["goes into objects", { a: { b: ["x"] } }, { a: { b: "x" } }, true],
        ["does not find a field in a value", { a: { b: ["x"] } }, { a: "x" }, false],
        ["does not compare an object", { a: [{ exists: true }] }, { a: { b: 1 } }, false],
        ["finds what is missing below what is missing", { a: { b: [{ exists: false }] } }, { c: 1 }, true],
        ["takes what is missing or has a value", { a: [{ exists: false }, "x"] }, { a: "x" }, true],
        ["takes a missing field or one of a value, and no other", { a: [{ exists: false }, "x"] }, { a: "y" }, false],
        ["knows paths by their dots", { "a.b": ["x"] }, { a: { b: "x" } }, true],
        ["does not take names of every object for its own", { constructor: [{ exists: true }] }, {}, false],
        ["looks into the objects of an array", { a: { b: ["x"] } }, { a: [{ b: "y" }, { b: "x" }] }, true],
        [
            "asks the same element of an array for all its fields",
            { a: { b: ["x"], c: ["y"] } },
            {
                a: [
                    { b: "x", c: "q" },
                    { b: "z", c: "y" },
                ],
            },
            false,
        ],
        [
            "finds the one element of an array that has all fields",
            { a: { b: ["x"], c: { d: ["y"] } } },
            { a: [{ b: "x" }, { b: "x", c: [{ d: "z" }, { d: "y" }] }] },
            true,
        ],
        [
            "lets different arrays be",
            { a: { b: ["x"] }, c: { b: ["y"] } },
            { a: [{}, { b: "x" }], c: [{ b: "y" }] },
            true,
        ],
        ["takes one of two ways", { $or: [{ a: ["x"] }, { b: ["y"] }] }, { a: "q", b: "y" }, true],
        ["takes none of two ways", { $or: [{ a: ["x"] }, { b: ["y"] }] }, { a: "q", b: "q" }, false],
        ["asks for what stands beside the ways", { c: ["z"], $or: [{ a: ["x"] }, { b: ["y"] }] }, { b: "y" }, false],
        ["takes ways deeper down", { d: { $or: [{ a: ["x"] }, { b: [1] }] } }, { d: { b: 1 } }, true],
        [
            "takes ways within ways",
            { $or: [{ a: ["x"] }, { b: ["y"], $or: [{ c: [1] }, { c: [2] }] }] },
            { b: "y", c: 2 },
            true,
        ],
        [
            "asks the same element of an array within and beside ways",
            { a: { b: ["x"] }, $or: [{ a: { c: [1] } }, { a: { c: [2] } }] },
            {
                a: [
                    { b: "x", c: 3 },
                    { b: "y", c: 2 },
                ],
            },
            false,
        ],
    ];
    for (const [title, pattern, event, expected] of CASES)
        it(title, () => {
            assert.strictEqual(matches(pattern, event), expected);
        });

    it("matches what it was made of, wherever the field is", () => {
        const name = fc.string({ minLength: 1, maxLength: 4 }).filter((text) => text !== "$or" && !text.includes("."));
        const leaf = fc.oneof(
            fc.string(),
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.boolean(),
            fc.constant(null),
        );
        const path = fc.array(name, { minLength: 1, maxLength: 4 });
        fc.assert(
            fc.property(path, leaf, fc.array(leaf, { maxLength: 3 }), (names, value, others) => {
                const at = (inner: unknown) => names.reduceRight((object, each) => ({ [each]: object }), inner);
                const pattern = at([value]);
                assert.ok(matches(pattern, at(value)));
                assert.ok(matches(pattern, at([...others, value])));
                assert.strictEqual(
                    matches(pattern, at(others)),
                    others.some((other) => Object.is(other, value) || other === value),
                );
            }),
            { seed: 7 },
        );
    });

    it("finds with a wildcard what a regular expression finds", () => {
        const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "\\"), maxLength: 12 });
        const parts = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "\\"), maxLength: 3 }), {
            minLength: 1,
            maxLength: 4,
        });
        fc.assert(
            fc.property(parts, text, (literals, value) => {
                const inner = literals.filter(
                    (part, index) => part !== "" || index === 0 || index === literals.length - 1,
                );
                if (inner.length > 1 && inner.slice(1, -1).includes("")) return;
                const escaped = inner.map((part) => part.replace(/[*\\]/g, "\\$&"));
                const expected = new RegExp(
                    `^${inner.map((part) => part.replace(/[*\\/]/g, "\\$&")).join(".*")}$`,
                    "s",
                ).test(value);
                assert.strictEqual(matches({ a: [{ wildcard: escaped.join("*") }] }, { a: value }), expected);
            }),
            { seed: 7, numRuns: 500 },
        );
    });

    it("says the opposite of its operator with anything-but", () => {
        const value = fc.string({ unit: fc.constantFrom("a", "B", "b", "."), maxLength: 4 });
        const operator = fc.constantFrom("prefix", "suffix", "equals-ignore-case", "wildcard");
        fc.assert(
            fc.property(
                operator,
                value.filter((text) => text !== ""),
                value,
                (name, wanted, given) => {
                    const own = { [name]: wanted };
                    assert.strictEqual(
                        matches({ a: [{ "anything-but": own }] }, { a: given }),
                        !matches({ a: [own] }, { a: given }),
                    );
                },
            ),
            { seed: 7 },
        );
    });

    it("is linear in the length of a value, however many wildcards it has", () => {
        const pattern = compilePattern(JSON.stringify({ a: [{ wildcard: `*${"a*".repeat(30)}b` }] }));
        assert.strictEqual(pattern.matches(fieldsOf({ a: "a".repeat(200_000) })), false);
    });
});

describe("An event pattern that AWS refuses", () => {
    const REFUSED: readonly (readonly [pattern: string, reason: string])[] = [
        ["{", "Invalid JSON"],
        ["[]", 'Filter is not an object\n at [Source: (String)"[]"; line: 1, column: 2]'],
        ["{}", 'Empty objects are not allowed\n at [Source: (String)"{}"; line: 1, column: 3]'],
        [
            // https://github.com/aws/aws-cdk reports this sentence with this place.
            '{"source":["test.event-pattern"],"detail":{"lenderId":"LenderA"}}',
            '"lenderId" must be an object or an array\n at [Source: (String)"{"source":["test.event-pattern"],"detail":{"lenderId":"LenderA"}}"; line: 1, column: 56]',
        ],
        ['{"a":[]}', 'Empty arrays are not allowed\n at [Source: (String)"{"a":[]}"; line: 1, column: 8]'],
        [
            '{"a":[["x"]]}',
            'Match value must be String, number, true, false, or null\n at [Source: (String)"{"a":[["x"]]}"; line: 1, column: 8]',
        ],
        [
            '{\n  "a": [{ "like": "x" }]\n}',
            'Unrecognized match type like\n at [Source: (String)"{\n  "a": [{ "like": "x" }]\n}"; line: 2, column: 20]',
        ],
    ];
    for (const [pattern, reason] of REFUSED)
        it(`${pattern} is told so in AWS's words`, () => {
            assert.throws(() => compilePattern(pattern), {
                name: "InvalidEventPatternException",
                message: `Event pattern is not valid. Reason: ${reason}`,
            });
        });

    const SENTENCES: readonly (readonly [operator: unknown, sentence: string])[] = [
        [{}, "Match expression name not found"],
        [{ toString: "x" }, "Unrecognized match type toString"],
        [{ exactly: 1 }, "exact match pattern must be a string"],
        [{ prefix: 1 }, "prefix match pattern must be a string"],
        [{ prefix: {} }, "Prefix expression name not found"],
        [{ prefix: { wildcard: "x" } }, "Unsupported prefix pattern: wildcard"],
        [{ suffix: null }, "suffix match pattern must be a string"],
        [{ suffix: { prefix: "x" } }, "Unsupported suffix pattern: prefix"],
        [{ prefix: "x", suffix: "y" }, "Only one key allowed in match expression"],
        [{ exists: "true" }, "exists match pattern must be either true or false."],
        [{ exists: null }, "exists match pattern must be either true or false."],
        [{ cidr: 10 }, "prefix match pattern must be a string"],
        [{ cidr: "10.0.0.0" }, "Malformed CIDR, one '/' required"],
        [{ cidr: "10.0.0.0/x" }, "Malformed CIDR, mask bits must be an integer"],
        [{ cidr: "10.0.0.0/-1" }, "Malformed CIDR, mask bits must not be negative"],
        [{ cidr: "10.0.0.0/32" }, "IPv4 mask bits must be < 32"],
        [{ cidr: "::/128" }, "IPv6 mask bits must be < 128"],
        [{ cidr: "here/8" }, "Nonstandard IP address: here"],
        [{ wildcard: "a**" }, "Consecutive wildcard characters at pos 2"],
        [{ wildcard: "a\\b" }, "Invalid escape character at pos 2"],
        [{ wildcard: ["a"] }, "wildcard match pattern must be a string"],
        [{ numeric: 5 }, "Value of numeric must be an array."],
        [{ numeric: [5] }, "Invalid member in numeric match: 5"],
        [{ numeric: ["~", 5] }, "Unrecognized numeric range operator: ~"],
        [{ numeric: ["=", "5"] }, "Value of equals must be numeric"],
        [{ numeric: [">", null] }, "Value of > must be numeric"],
        [{ numeric: ["<", 1, ">", 0] }, "Too many elements in numeric expression"],
        [{ numeric: [">", 0, 1] }, "Bad value in numeric range: 1"],
        [{ numeric: [">", 0, "=", 1] }, "Bad numeric range operator: ="],
        [{ numeric: [">", 0, "<", "1"] }, "Value of < must be numeric"],
        [{ numeric: [">", 0, "<", 1, "<"] }, "Too many terms in numeric range expression"],
        [{ numeric: [">", 1, "<", 0] }, "Bottom must be less than top"],
        [{ "anything-but": true }, "Value of anything-but must be an array or single string/number value."],
        [{ "anything-but": {} }, "Anything-But expression name not found"],
        [{ "anything-but": { exists: true } }, "Unsupported anything-but pattern: exists"],
        [{ "anything-but": { prefix: "" } }, "Null prefix/suffix not allowed"],
        [{ "anything-but": { suffix: [1] } }, "prefix/suffix match pattern must be a string"],
        [{ "anything-but": { wildcard: [1] } }, "wildcard match pattern must be a string"],
        [
            { "anything-but": { "equals-ignore-case": 1 } },
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ],
        [{ "anything-but": [null] }, "Inside anything but list, start|null|boolean is not supported."],
        [
            { "anything-but": ["x", 1] },
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        ],
    ];
    for (const [operator, sentence] of SENTENCES)
        it(`for ${JSON.stringify(operator)} is told: ${sentence}`, () => {
            assert.throws(
                () => compilePattern(JSON.stringify({ a: [operator] })),
                ({ message }: Error) => message.split("\n")[0] === `Event pattern is not valid. Reason: ${sentence}`,
            );
        });

    for (const [pattern, sentence] of [
        [{ $or: {} }, "It must be an Array followed with $or."],
        [{ $or: ["x", "y"] }, "Only JSON object is allowed in array of $or relationship."],
        [{ $or: [{ a: ["x"] }] }, "There must have at least 2 Objects in $or relationship."],
        [{ $or: [{ prefix: ["x"] }, {}] }, "prefix is Ruler reserved fieldName which cannot be used inside $or."],
    ] as const)
        it(`for ${JSON.stringify(pattern)} is told: ${sentence}`, () => {
            assert.throws(
                () => compilePattern(JSON.stringify(pattern)),
                ({ message }: Error) => message.split("\n")[0] === `Event pattern is not valid. Reason: ${sentence}`,
            );
        });
});

import * as assert from "node:assert/strict";
import { eventPatternProblems, literalOf } from "./event-pattern";

type Pattern = Parameters<typeof eventPatternProblems>[0];

describe("eventPatternProblems", () => {
    const good: Pattern = {
        source: ["transactions", { prefix: "shop." }],
        "detail-type": [{ "anything-but": ["test"] }],
        detail: {
            amount: { value: [{ numeric: [">", 0, "<=", 5000] }, { numeric: ["=", 7] }] },
            country: [{ exists: false }, null, "IN"],
            $or: [{ city: [{ "equals-ignore-case": "delhi" }] }, { state: [{ wildcard: "T*" }, { suffix: "X" }] }],
            ip: [{ cidr: "10.0.0.0/24" }],
        },
    };
    it("finds none in a pattern with every operator", () => assert.deepEqual(eventPatternProblems(good), []));

    const VALUE =
        'A value is a text, a number, true, false, null, or {"<operator>": ...} with one of ' +
        "prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr, exists.";
    for (const [what, pattern, sentence] of [
        ["an empty pattern", {}, 'It is empty, which EventBridge refuses. Write {"source": ["transactions"]}.'],
        [
            "a field that no event has",
            { detailType: ["x"] },
            'No event has "detailType" beside its detail. An event has version, id, detail-type, source, account, time, region, resources, detail.',
        ],
        [
            "a value that is no list",
            { source: "transactions" },
            '"source" is "transactions". Write its values as a list: ["transactions"].',
        ],
        [
            "no values",
            { detail: { a: [] } },
            '"detail.a" has no values, so no event matches. Give it some, or leave it out.',
        ],
        ["no fields", { detail: {} }, '"detail" has no fields. Give it some, or leave it out.'],
        [
            "an operator that there is not",
            { source: [{ like: "x" }] },
            `"source" has {"like":"x"} among its values. ${VALUE}`,
        ],
        [
            "two operators in one",
            { source: [{ prefix: "x", suffix: "y" }] },
            `"source" has {"prefix":"x","suffix":"y"} among its values. ${VALUE}`,
        ],
        ["a list in a list", { source: [["x"]] }, `"source" has ["x"] among its values. ${VALUE}`],
        [
            "one alternative",
            { $or: [{ source: ["x"] }] },
            '"$or" must be a list of two patterns or more. Write [{...}, {...}].',
        ],
        [
            "a mistake within an alternative",
            { detail: { $or: [{ a: ["x"] }, { b: "y" }] } },
            '"detail.b" is "y". Write its values as a list: ["y"].',
        ],
        [
            "comparisons that are none",
            { detail: { a: [{ numeric: ["above", 3] }] } },
            '"detail.a" has ["above",3] as comparisons. Write {"numeric": [">", 0, "<=", 100]}.',
        ],
        [
            "comparisons that no number passes",
            { detail: { a: [{ numeric: [">", 5, "<", 5] }] } },
            '"detail.a" has [">",5,"<",5], which no number is. Turn the comparisons round.',
        ],
    ] as const) {
        it(`finds ${what}`, () => assert.deepEqual(eventPatternProblems(pattern), [sentence]));
    }
});

describe("literalOf", () => {
    it("gives the first text that a field may be, if there is one", () => {
        assert.equal(literalOf({ source: [{ prefix: "x" }, "a", "b"] }, "source"), "a");
        assert.equal(literalOf({ source: [{ prefix: "x" }] }, "source"), undefined);
        assert.equal(literalOf({}, "source"), undefined);
    });
});

import * as assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as fc from "fast-check";
import { parseHiveType } from "../../firehose/hive-type";
import type { ColumnMapping } from "./arguments";
import { mapperOf } from "./mapper";

const KEY = "k".repeat(64);
const TIME = "2026-01-31T12:00:00Z";

const column = (target: string, type: string, over: Partial<ColumnMapping> = {}): ColumnMapping => ({
    sources: [target],
    target,
    type,
    pii: "keep",
    required: false,
    ...over,
});

function mapper(...columns: readonly ColumnMapping[]) {
    const all = [column("id", "string", { required: true }), column("at", "timestamp", { required: true }), ...columns];
    const types = all.map(({ type }) => parseHiveType(type) as NonNullable<ReturnType<typeof parseHiveType>>);
    const years = [2020, 2039] as const;
    return mapperOf({ mapping: { columns: all, eventId: "id", eventTime: "at", years }, types }, KEY);
}

/** What becomes of a document with one more value, as its JSON is spelled: the column's JSON, or the reason. */
function became(type: string, value: string, over: Partial<ColumnMapping> = {}): string {
    const outcome = mapper(column("c", type, over))(`{"id":"a","at":"${TIME}","c":${value}}`);
    if ("reason" in outcome) return outcome.reason;
    const [, written = "nothing"] = /"c":(.*),"__day"/s.exec(outcome.line) ?? [];
    return written;
}

const UNFIT = "unfit";

/** What each type makes of values. The same script on Spark makes the same of them: tests/python. */
const CASES: Readonly<Record<string, readonly (readonly [value: string, written: string])[]>> = {
    string: [
        ['"a \\" \\\\ \\u2028 \\u0000"', '"a \\" \\\\ \u2028 \\u0000"'],
        ['"\\ud800 \\ud83d\\ude00"', '"\ufffd 😀"'],
        ['"e\\u0301"', '"e\u0301"'],
        ["1.50", '"1.50"'],
        ["12345678901234567890", '"12345678901234567890"'],
        ["true", '"true"'],
        ["{}", UNFIT],
        ["[]", UNFIT],
    ],
    int: [
        ["1", "1"],
        ["-0", "0"],
        ["1.0", "1"],
        ["1e2", "100"],
        ['"012"', "12"],
        ["2147483647", "2147483647"],
        ["2147483648", UNFIT],
        ["-2147483648", "-2147483648"],
        ["-2147483649", UNFIT],
        ["1.5", UNFIT],
        ["1.00000000000000000001", UNFIT],
        ["1e-400", UNFIT],
        ["1e999999999", UNFIT],
        ['" 1"', UNFIT],
        ['"+1"', UNFIT],
        ["true", UNFIT],
        ["[1]", UNFIT],
    ],
    bigint: [
        ["9007199254740993", "9007199254740993"],
        ["9223372036854775807", "9223372036854775807"],
        ["9223372036854775808", UNFIT],
        ["999999999999999.9999", UNFIT],
    ],
    "decimal(10,2)": [
        ["1", '"1.00"'],
        ["1.005", '"1.01"'],
        ["-1.005", '"-1.01"'],
        ["0.0049999", '"0.00"'],
        ["-0.004", '"0.00"'],
        ['"1.00e-2"', '"0.01"'],
        ["1e-7", '"0.00"'],
        ["99999999.994", '"99999999.99"'],
        ["99999999.995", UNFIT],
        ['"NaN"', UNFIT],
    ],
    "decimal(38,10)": [
        ["1234567890123456789012345678.12345678905", '"1234567890123456789012345678.1234567891"'],
        ["9999999999999999999999999999.99999999995", UNFIT],
        ["0e50", '"0.0000000000"'],
    ],
    double: [
        ["0.1", "0.1"],
        ["-0.0", "0"],
        ["5e-324", "5e-324"],
        ["1e-400", "0"],
        ["1e400", UNFIT],
        ['"1.5"', "1.5"],
        ['"Infinity"', UNFIT],
    ],
    boolean: [
        ["true", "true"],
        ['"false"', "false"],
        ['"TRUE"', UNFIT],
        ["1", UNFIT],
    ],
    date: [
        ['"2028-02-29"', '"2028-02-29"'],
        ['"0001-01-01"', '"0001-01-01"'],
        ['"2026-02-29"', UNFIT],
        ['"0000-01-01"', UNFIT],
        ['"2026-1-1"', UNFIT],
        [`"${TIME}"`, UNFIT],
        ["20260101", UNFIT],
    ],
    timestamp: [
        ['"2026-01-31T12:00:00.123456789+05:30"', '"2026-01-31 06:30:00.123456"'],
        ['"2026-01-31T23:30:00-0100"', '"2026-02-01 00:30:00.000000"'],
        ['"2026-01-31T12:00:00+14"', '"2026-01-30 22:00:00.000000"'],
        ['"0001-01-01T00:00:00Z"', '"0001-01-01 00:00:00.000000"'],
        ['"0001-01-01T00:00:00+01:00"', UNFIT],
        ['"9999-12-31T23:59:59-00:01"', UNFIT],
        ['"2026-01-31T12:00:00"', UNFIT],
        ['"2026-01-31T24:00:00Z"', UNFIT],
        ['"2026-01-31T12:00:00+24:00"', UNFIT],
        ['"2026-01-31T12:00:00+02:"', UNFIT],
        ["1769860800", UNFIT],
    ],
    "array<string>": [
        ['["a",null,1.50]', '["a",null,"1.50"]'],
        ["[]", "[]"],
        ['[["a"]]', UNFIT],
        ['"a"', UNFIT],
    ],
    "map<string,bigint>": [
        ['{"a":1,"b":null,"__proto__":"2"}', '{"a":1,"b":null,"__proto__":2}'],
        ['{"\\ud800":1,"\\udfff":2}', '{"\ufffd":2}'],
        ['{"a":1.5}', UNFIT],
        ["[]", UNFIT],
    ],
    "struct<zip:int,at:timestamp>": [
        [`{"zip":"12","at":"${TIME}","other":1}`, '{"zip":12,"at":"2026-01-31 12:00:00.000000"}'],
        ['{"ZIP":1,"at":null}', "{}"],
        ['{"zip":"none"}', UNFIT],
        ["1", UNFIT],
    ],
};

describe("The mapping of a Glue job", () => {
    for (const [type, cases] of Object.entries(CASES))
        it(`makes ${type} of what says the same, and refuses all else`, () => {
            for (const [value, written] of cases)
                assert.equal(became(type, value), written === UNFIT ? `"c" is not ${type}.` : written, value);
        });

    it("leaves out what is null, and tells what is missing", () => {
        for (const type of Object.keys(CASES)) {
            assert.equal(became(type, "null"), "nothing");
            assert.equal(became(type, "null", { required: true }), '"c" is missing.');
            assert.equal(became(type, "1", { required: true, sources: ["c.d"] }), '"c" is missing.');
        }
    });

    it("finds values at their paths, and joins those of several", () => {
        const sources = ["c.first", "c.last"];
        assert.equal(became("string", '{"first":"A","last":"B C"}', { sources }), '"A B C"');
        assert.equal(became("string", '{"first":null,"last":"B"}', { sources }), '"B"');
        assert.equal(became("string", "{}", { sources }), "nothing");
        assert.equal(became("string", '{"first":[],"last":"B"}', { sources }), '"c" is not string.');
        assert.equal(became("string", '{"constructor":"x"}', { sources: ["c.constructor.name"] }), "nothing");
    });

    it("masks and hashes texts, and shows only whether they are there", () => {
        const hash = crypto.createHmac("sha256", KEY).update("4111 é\ufffd").digest("hex");
        assert.equal(became("string", '"4111 é\\ud800"', { pii: "hash" }), JSON.stringify(hash));
        assert.equal(became("string", '"4111"', { pii: "mask" }), '"****"');
        for (const pii of ["hash", "mask"] as const) {
            assert.equal(became("string", "null", { pii }), "nothing");
            assert.equal(became("string", "[]", { pii }), '"c" is not string.');
        }
    });

    it("says in a reason which column, and never what is in it", () => {
        fc.assert(
            fc.property(fc.constantFrom(...Object.keys(CASES)), fc.json(), (type, value) => {
                const outcome = became(type, value);
                assert.ok(!outcome.startsWith('"c" is') || outcome === `"c" is not ${type}.`);
            }),
        );
    });

    for (const [what, text, reason, id] of [
        ["text", "not json", "The document is not JSON."],
        ["an array", "[]", "The document is not an object."],
        ["a number", "42", "The document is not an object."],
        ["null", "null", "The document is not an object."],
        ["two documents", '{"id":"a"}{"id":"b"}', "The document is not JSON."],
        ["a byte-order mark", '\ufeff{"id":"a"}', "The document is not JSON."],
        [
            "a hundred levels and one",
            `{"id":"a","d":${"[".repeat(100)}${"]".repeat(100)}}`,
            "The document has more than 100 levels.",
        ],
        ["a hundred levels", `{"id":"a","d":${"[".repeat(99)}${"]".repeat(99)}}`, '"at" is missing.', "a"],
        ["brackets in a text", `{"id":"a","d":"${"[".repeat(200)}"}`, '"at" is missing.', "a"],
        ["an id that is none", `{"id":{},"at":"${TIME}"}`, '"id" is not string.'],
        ["an empty id", `{"id":"","at":"${TIME}"}`, '"id" is empty.', ""],
        ["a time that is none", '{"id":"a","at":"yesterday"}', '"at" is not timestamp.', "a"],
        ["a time before", '{"id":"a","at":"2019-12-31T23:59:59Z"}', '"at" is not within the years 2020 to 2039.', "a"],
        [
            "a time behind",
            '{"id":"a","at":"2039-12-31T23:59:59-00:01"}',
            '"at" is not within the years 2020 to 2039.',
            "a",
        ],
    ] as const)
        it(`rejects ${what}`, () => {
            assert.deepStrictEqual(mapper()(text), { reason, ...(id !== undefined && { id }) });
        });

    it("puts a row into the folder of its day in UTC, with the digest of its document", () => {
        const text = '{"id":"a","at":"2026-12-31T23:30:00-01:00"}';
        const digest = crypto.createHash("sha256").update(text).digest("hex");
        const row = { id: "a", at: "2027-01-01 00:30:00.000000", __day: "2027-01-01", __digest: digest };
        assert.deepStrictEqual(mapper()(text), { line: `${JSON.stringify(row)}\n` });
    });
});

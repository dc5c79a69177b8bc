import * as assert from "node:assert/strict";
import { TYPE_KINDS } from "../schema/column-type";
import type { ColumnType } from "../schema/dataset";
import { timestampRewriter } from "./timestamps";

const OFFSET = "2026-11-20T10:15:30+02:00";
const UTC = "2026-11-20T08:15:30Z";

/** For each kind of type: one that holds timestamps where it can, a value of it, and the value as it is delivered. */
const kinds: Record<(typeof TYPE_KINDS)[number], readonly [type: ColumnType, value: unknown, delivered: unknown]> = {
    string: ["string", OFFSET, OFFSET],
    int: ["int", 1, 1],
    long: ["long", 1, 1],
    double: ["double", 1.5, 1.5],
    boolean: ["boolean", true, true],
    date: ["date", "2026-11-20", "2026-11-20"],
    decimal: ["decimal(10,2)", "1.50", "1.50"],
    timestamp: ["timestamp", OFFSET, UTC],
    struct: [
        { struct: [{ name: "at", type: "timestamp" }] },
        { at: OFFSET, other: OFFSET },
        { at: UTC, other: OFFSET },
    ],
    array: [{ array: { array: "timestamp" } }, [[UTC, OFFSET], [], [OFFSET]], [[UTC, UTC], [], [UTC]]],
    map: [{ map: "timestamp" }, { a: OFFSET, b: UTC }, { a: UTC, b: UTC }],
};

describe("timestampRewriter", () => {
    for (const kind of TYPE_KINDS) {
        const [type, value, delivered] = kinds[kind];

        it(`rewrites the timestamps in a ${kind}, and tells whether there was one to rewrite`, () => {
            const rewrite = timestampRewriter([{ name: "column", type }]);
            const record = { column: structuredClone(value), other: OFFSET };
            assert.equal(rewrite(record), JSON.stringify(value) !== JSON.stringify(delivered));
            assert.deepStrictEqual(record, { column: delivered, other: OFFSET });
            assert.equal(rewrite(record), false);
        });

        it(`lets a ${kind} be null or missing`, () => {
            const rewrite = timestampRewriter([{ name: "column", type, optional: true }]);
            assert.equal(rewrite({ column: null }), false);
            assert.equal(rewrite({}), false);
        });
    }

    it("leaves types without a timestamp alone", () => {
        const rewrite = timestampRewriter([
            { name: "column", type: { array: { struct: [{ name: "at", type: "string" }] } } },
        ]);
        assert.equal(rewrite({ column: [{ at: OFFSET }] }), false);
    });

    it("rewrites every column, not only the first", () => {
        const rewrite = timestampRewriter([
            { name: "a", type: "timestamp" },
            { name: "b", type: "timestamp" },
        ]);
        const record = { a: OFFSET, b: OFFSET };
        assert.equal(rewrite(record), true);
        assert.deepStrictEqual(record, { a: UTC, b: UTC });
    });
});

import * as assert from "node:assert/strict";
import { difference } from "./diff";
import type { Rules } from "./rules";

const rules: Rules = { properties: [], required: [], replaces: ["name", "iceberg.tables", "source"] };

describe("difference", () => {
    const cases: readonly (readonly [string, object, object, readonly string[], readonly string[]])[] = [
        ["finds nothing between equal inputs", { a: { b: [1] } }, { a: { b: [1] } }, [], []],
        ["names the changed value by its path", { a: { b: [1, 2] } }, { a: { b: [1, 3] } }, ["a.b[1]"], []],
        ["names what was added and what was removed", { a: 1 }, { b: 1 }, ["a", "b"], []],
        ["tells which changes replace the resource", { name: "a", x: 1 }, { name: "b", x: 2 }, ["name", "x"], ["name"]],
        [
            "replaces for a change below a replacing path",
            { iceberg: { tables: [{ name: "a" }] } },
            { iceberg: { tables: [{ name: "b" }] } },
            ["iceberg.tables[0].name"],
            ["iceberg.tables[0].name"],
        ],
        [
            "replaces when the block around a replacing path comes or goes",
            { iceberg: { tables: [] } },
            {},
            ["iceberg"],
            ["iceberg"],
        ],
        [
            "quotes a name that would read as several",
            { tags: { "a.b": "1" }, name: { "c[0]": "1" } },
            { tags: { "a.b": "2" }, name: { "c[0]": "2" } },
            ['tags["a.b"]', 'name["c[0]"]'],
            ['name["c[0]"]'],
        ],
        ["does not take a longer name for the path", { sources: 1 }, { sources: 2 }, ["sources"], []],
    ];
    for (const [title, before, after, changes, replaces] of cases) {
        it(title, () => assert.deepEqual(difference(rules, { ...before }, { ...after }), { changes, replaces }));
    }
});

import * as assert from "node:assert/strict";
import * as dynalite from "dynalite/db";
import * as fc from "fast-check";
import "./keys";
import type { Item, TableDescription } from "./model";

/** dynalite without what is changed here. */
function untouched(): typeof dynalite {
    const id = require.resolve("dynalite/db");
    const changed = require.cache[id];
    delete require.cache[id];
    const own = require("dynalite/db") as typeof dynalite;
    require.cache[id] = changed;
    return own;
}

describe("the key of an item", () => {
    it("is the one that dynalite makes", () => {
        const { createKey } = untouched();
        assert.notEqual(createKey, dynalite.createKey);
        const number = fc.integer().map((n) => ({ N: String(n) }));
        const binary = fc.base64String({ minLength: 4 }).map((B) => ({ B }));
        const value = fc.oneof(
            fc.string({ unit: "binary", minLength: 1 }).map((S) => ({ S })),
            number,
            binary,
        );
        fc.assert(
            fc.property(value, value, fc.boolean(), (hash, range, hasRange) => {
                const item: Item = { h: hash, r: range };
                const table = {
                    KeySchema: [
                        { AttributeName: "h", KeyType: "HASH" },
                        ...(hasRange ? [{ AttributeName: "r", KeyType: "RANGE" }] : []),
                    ],
                    AttributeDefinitions: ["h", "r"].map((name) => {
                        return { AttributeName: name, AttributeType: Object.keys(item[name] ?? {})[0] };
                    }),
                } as unknown as TableDescription;
                assert.equal(dynalite.createKey(item, table), createKey(item, table));
            }),
        );
    });
});

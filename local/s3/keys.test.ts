import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { compareKeys, fromName, isContinued, toPath } from "./keys";

/** Keys as people write them, and keys as nobody should. */
const keys = fc
    .oneof(
        fc.string({ unit: "binary", minLength: 1, maxLength: 300 }),
        fc
            .array(
                fc.constantFrom("a", "event=view", "..", ".", "", "^", "^2E", "^_", "^-", "^=", "é", "x".repeat(400)),
                {
                    minLength: 1,
                    maxLength: 5,
                },
            )
            .map((segments) => segments.join("/")),
    )
    .filter((key) => key !== "");

/** The key of a path, put together as a walk does it. */
function keyOf(path: string): string {
    const names = path.split("/");
    return names.map((name, at) => fromName(name) + (isContinued(name) || at === names.length - 1 ? "" : "/")).join("");
}

describe("paths of keys", () => {
    for (const [title, key, path] of [
        ["leave an ordinary key as it is", "data/event=view/part-0.parquet", "data/event=view/part-0.parquet"],
        [
            "leave spaces, +, é, % and what Hive has escaped as they are",
            "a b/at=12%3A00/é+%.json",
            "a b/at=12%3A00/é+%.json",
        ],
        ["encode what would lead out of the bucket", "../.././a", "^2E^2E/^2E^2E/^2E/a"],
        ["encode what a glob would understand", "a*/b?/c[1].json", "a^2A/b^3F/c^5B1^5D.json"],
        ["encode the sign that encodes", "a^2A", "a^5E2A"],
        ["name what has no name", "/a//b/", "^_/a/^_/b/^_"],
        ["encode control characters and backslashes", "a\nb\\c\u0000", "a^0Ab^5Cc^00"],
    ] as const) {
        it(title, () => assert.deepStrictEqual(toPath(key), path));
    }

    it("split a segment that no file system takes", () => {
        assert.deepStrictEqual(toPath(`${"é".repeat(200)}/b`), `${"é".repeat(120)}^-/${"é".repeat(80)}/b`);
    });

    it("give every key back, stay below the bucket, and fit into a file system", () => {
        fc.assert(
            fc.property(keys, (key) => {
                const path = toPath(key);
                assert.deepStrictEqual(keyOf(path), key);
                for (const name of path.split("/")) {
                    assert.ok(!["", ".", ".."].includes(name), `"${name}" is no name`);
                    assert.ok(Buffer.byteLength(name) <= 253, `${Buffer.byteLength(name)} bytes`);
                }
            }),
            { seed: 7, numRuns: 500 },
        );
    });

    it("differ where keys differ", () => {
        fc.assert(
            fc.property(keys, keys, (a, b) => {
                assert.deepStrictEqual(toPath(a) === toPath(b), a === b);
            }),
            { seed: 7, numRuns: 500 },
        );
    });
});

describe("the order of keys", () => {
    it("is that of their bytes in UTF-8", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
                const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
                assert.deepStrictEqual(Math.sign(compareKeys(a, b)), expected);
            }),
            { seed: 7, numRuns: 500 },
        );
        assert.ok(compareKeys("\u{1F600}", "\uffee") > 0);
    });
});

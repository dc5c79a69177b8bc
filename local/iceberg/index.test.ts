import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { type Lake, lake } from "./test-support";

describe("createIceberg", () => {
    let on: Lake;
    before(() => {
        on = lake({ keptSnapshots: 10 });
    });
    after(() => on.close());

    const current = (location: string) => {
        const found = on.iceberg.describe(location);
        assert.ok(found);
        return found.metadata.snapshots.at(-1);
    };

    it("keeps the values of every type exactly", async () => {
        const location = await on.table({
            text: "string",
            small: "int",
            large: "long",
            money: "decimal(10,2)",
            huge: "decimal(38,10)",
            ratio: "double",
            flag: "boolean",
            day: "date",
            at: "timestamp",
            zoned: "timestamptz",
        });
        const { rejected } = await on.write(location, [
            '"text":"\\"\\u0000😀\\n","small":-2147483648,"large":9223372036854775807,"money":"-0.01","huge":"1234567890123456789012345678.0123456789","ratio":1e-300,"flag":true,"day":"2024-02-29","at":"2026-11-20T12:00:00.123456Z","zoned":"2026-11-20T12:00:00.5+05:30"',
            '"text":null,"money":12.5,"huge":7,"at":"2026-11-20T00:30:00+02:00"',
        ]);
        assert.deepStrictEqual(rejected, []);
        assert.deepStrictEqual(await on.rows(location, "ORDER BY small NULLS LAST"), [
            {
                text: '"\u0000😀\n',
                small: -2147483648,
                large: "9223372036854775807",
                money: "-0.01",
                huge: "1234567890123456789012345678.0123456789",
                ratio: 1e-300,
                flag: true,
                day: "2024-02-29",
                at: "2026-11-20 12:00:00.123456",
                zoned: "2026-11-20 06:30:00.5+00",
            },
            {
                text: null,
                small: null,
                large: null,
                money: "12.50",
                huge: "7.0000000000",
                ratio: null,
                flag: null,
                day: null,
                at: "2026-11-19 22:30:00",
                zoned: null,
            },
        ]);
    });

    it("keeps nested values, with exact numbers inside", async () => {
        const location = await on.table({
            address: {
                type: "struct",
                fields: [
                    { id: 10, name: "street", required: true, type: "string" },
                    { id: 11, name: "zip code", required: false, type: "long" },
                ],
            },
            tags: { type: "list", "element-id": 12, element: "decimal(20,2)", "element-required": false },
            counts: {
                type: "map",
                "key-id": 13,
                key: "string",
                "value-id": 14,
                value: "timestamp",
                "value-required": true,
            },
        });
        const { rejected } = await on.write(location, [
            '"address":{"street":"A","zip code":9007199254740993,"other":1},"tags":[123456789012345678.99,null],"counts":{"a b":"2026-11-20T12:00:00+01:00"}',
        ]);
        assert.deepStrictEqual(rejected, []);
        assert.deepStrictEqual(await on.rows(location), [
            {
                address: { street: "A", "zip code": "9007199254740993" },
                tags: ["123456789012345678.99", null],
                counts: [{ key: "a b", value: "2026-11-20 11:00:00" }],
            },
        ]);
    });

    it("keeps a text of a MiB, and columns whose names are words of SQL or hold quotes and spaces", async () => {
        const location = await on.table({ order: "string", "a \"b\" 'c'": "int", timestamp: "string" });
        const text = "é\\".repeat(350_000);
        await on.write(location, [{ order: text, "a \"b\" 'c'": 1, timestamp: "now" }]);
        assert.deepStrictEqual(await on.rows(location), [{ order: text, "a \"b\" 'c'": 1, timestamp: "now" }]);
    });

    it("leaves out what does not fit, says why, and commits the rest", async () => {
        const location = await on.table(
            {
                id: "string",
                n: "int",
                big: "long",
                amount: "decimal(4,2)",
                day: "date",
                at: "timestamp",
                ok: "boolean",
            },
            { required: ["id"] },
        );
        const { rows, rejected } = await on.write(location, [
            { id: "good", n: 1 },
            { n: 2 },
            { id: "a", n: 1.5 },
            { id: "b", n: "1" },
            { id: "c", n: 2147483648 },
            '"id":"d","big":9223372036854775808',
            { id: "e", amount: 1.234 },
            { id: "f", amount: 100 },
            { id: "g", day: "2026-02-29" },
            { id: "h", at: "2026-11-20T24:00:00Z" },
            { id: "i", at: 1789014240448 },
            { id: "j", ok: "true" },
            '"id":"\\ud800"',
            '"id":"k"}{"id":"l"',
            '"id":"m","n":1,"n":2',
            { __op: "upsert", id: "n" },
            { __op: "delete", id: "o" },
            { id: "last", unknown: { column: 1 } },
        ]);
        assert.strictEqual(rows, 3);
        assert.deepStrictEqual(
            rejected.map(({ reason }) => reason),
            [
                'Column "id" is required.',
                'Column "n" is of type int, and 1.5 does not fit.',
                'Column "n" is of type int, and "1" does not fit.',
                'Column "n" is of type int, and 2147483648 does not fit.',
                'Column "big" is of type long, and 9223372036854775808 does not fit.',
                'Column "amount" is of type decimal(4,2), and 1.234 does not fit.',
                'Column "amount" is of type decimal(4,2), and 100 does not fit.',
                'Column "day" is of type date, and "2026-02-29" does not fit.',
                'Column "at" is of type timestamp, and "2026-11-20T24:00:00Z" does not fit.',
                'Column "at" is of type timestamp, and 1789014240448 does not fit.',
                'Column "ok" is of type boolean, and "true" does not fit.',
                'Column "id" is of type string, and "\\ud800" does not fit.',
                "The document is not valid JSON.",
                "The operation must be insert, update or delete.",
                "The operation delete needs unique keys, and the table has none.",
            ],
        );
        assert.deepStrictEqual(
            (await on.rows(location, "ORDER BY id")).map(({ id, n }) => [id, n]),
            [
                ["good", 1],
                ["last", null],
                ["m", 2],
            ],
        );
    });

    it("names the number of each document that was left out", async () => {
        const location = await on.table({ n: "int" });
        const file = path.join(path.dirname(on.file("s3://lake")), "numbers.ndjson");
        fs.writeFileSync(file, '{"__seq":7,"__op":"insert","n":"x"}\n{"__seq":8,"__op":"insert"\n\nnonsense\n');
        assert.deepStrictEqual(await on.iceberg.write(location, { file, uniqueKeys: [] }), {
            rows: 0,
            rejected: [
                { seq: 7, reason: 'Column "n" is of type int, and "x" does not fit.' },
                { seq: 8, reason: "The document is not valid JSON." },
                { seq: -1, reason: "The document is not valid JSON." },
            ],
        });
    });

    it("tells a writer what is left out before anybody sees the rest", async () => {
        const location = await on.table({ n: "int" });
        const file = path.join(path.dirname(on.file("s3://lake")), "told.ndjson");
        fs.writeFileSync(file, '{"__seq":1,"__op":"insert","n":"x"}\n{"__seq":2,"__op":"insert","n":1}\n');
        const seen: unknown[] = [];
        await on.iceberg.write(location, {
            file,
            uniqueKeys: [],
            beforeCommit: async (rejected) => {
                seen.push(rejected, await on.rows(location));
            },
        });
        assert.deepStrictEqual(seen, [[{ seq: 1, reason: 'Column "n" is of type int, and "x" does not fit.' }], []]);
    });

    it("lets later documents win, within a batch and against the table", async () => {
        const location = await on.table({ id: "string", v: "int" }, { required: ["id"] });
        await on.write(location, [
            { id: "kept", v: 1 },
            { id: "updated", v: 1 },
            { id: "deleted", v: 1 },
            { id: "twice", v: 1 },
            { id: "twice", v: 2 },
        ]);
        const { rows } = await on.write(
            location,
            [
                { __op: "update", id: "updated", v: 2 },
                { __op: "update", id: "updated", v: 3 },
                { __op: "delete", id: "deleted" },
                { __op: "update", id: "twice", v: 3 },
                { __op: "update", id: "new", v: 1 },
                { __op: "delete", id: "never there" },
                { id: "inserted then deleted", v: 1 },
                { __op: "delete", id: "inserted then deleted" },
                { __op: "delete", id: "deleted then inserted" },
                { id: "deleted then inserted", v: 1 },
            ],
            ["id"],
        );
        assert.strictEqual(rows, 10);
        assert.deepStrictEqual(await on.rows(location, "ORDER BY id"), [
            { id: "deleted then inserted", v: 1 },
            { id: "kept", v: 1 },
            { id: "new", v: 1 },
            { id: "twice", v: 3 },
            { id: "updated", v: 3 },
        ]);
    });

    it("moves a row to another partition when its update says so", async () => {
        const location = await on.table(
            { id: "string", kind: "string" },
            { partitionSpec: { fields: [{ name: "kind", sourceId: 2, fieldId: 1000, transform: "identity" }] } },
        );
        await on.write(location, [
            { id: "a", kind: "x" },
            { id: "b", kind: null },
        ]);
        await on.write(
            location,
            [
                { __op: "update", id: "a", kind: "y" },
                { __op: "update", id: "b", kind: "x" },
            ],
            ["id"],
        );
        assert.deepStrictEqual(await on.rows(location, "ORDER BY id"), [
            { id: "a", kind: "y" },
            { id: "b", kind: "x" },
        ]);
    });

    it("describes a snapshot as the specification asks", async () => {
        const location = await on.table(
            { id: "string", kind: "string" },
            {
                required: ["id"],
                partitionSpec: { fields: [{ name: "kind", sourceId: 2, fieldId: 1000, transform: "identity" }] },
            },
        );
        await on.write(location, [
            { id: "a", kind: "x" },
            { id: "b", kind: "y" },
            { id: "c", kind: "x" },
        ]);
        const first = current(location);
        await on.write(location, [{ __op: "update", id: "a", kind: "x" }], ["id"]);
        const second = current(location);
        const sizes = (name: string) => [first?.summary[name], second?.summary[name]].map(Number);
        const [added, addedLater] = sizes("added-files-size");
        assert.deepStrictEqual(first?.summary, {
            operation: "append",
            "added-data-files": "2",
            "added-records": "3",
            "added-files-size": String(added),
            "changed-partition-count": "2",
            "total-records": "3",
            "total-files-size": String(added),
            "total-data-files": "2",
            "total-delete-files": "0",
            "total-position-deletes": "0",
            "total-equality-deletes": "0",
        });
        assert.deepStrictEqual(second?.summary, {
            operation: "overwrite",
            "added-data-files": "1",
            "added-records": "1",
            "added-files-size": String(addedLater),
            "added-delete-files": "1",
            "added-position-delete-files": "1",
            "added-position-deletes": "1",
            "changed-partition-count": "1",
            "total-records": "4",
            "total-files-size": String(added + addedLater),
            "total-data-files": "3",
            "total-delete-files": "1",
            "total-position-deletes": "1",
            "total-equality-deletes": "0",
        });
        assert.strictEqual(second?.["parent-snapshot-id"], first?.["snapshot-id"]);
        assert.strictEqual(second?.["sequence-number"], 2);
        assert.ok(on.files(location).some((file) => file.startsWith("data/kind=x/")));
    });

    it("makes no snapshot of nothing, but one that says how far a writer is", async () => {
        const location = await on.table({ n: "int" });
        await on.write(location, []);
        assert.strictEqual(current(location), undefined);
        const file = path.join(path.dirname(on.file("s3://lake")), "empty.ndjson");
        fs.writeFileSync(file, "");
        await on.iceberg.write(location, { file, uniqueKeys: [], summary: { "writer.position": "7" } });
        assert.strictEqual(await on.iceberg.summary(location, "writer.position"), "7");
        assert.deepStrictEqual(await on.rows(location), []);
    });

    it("finds what each writer has committed, however many others have since", async () => {
        const location = await on.table({ n: "int" });
        const file = path.join(path.dirname(on.file("s3://lake")), "writers.ndjson");
        fs.writeFileSync(file, '{"__seq":1,"__op":"insert","n":1}\n');
        await on.iceberg.write(location, { file, uniqueKeys: [], summary: { "a.position": "1", "total-a": "1" } });
        for (let at = 0; at < 30; at++) {
            await on.iceberg.write(location, { file, uniqueKeys: [], summary: { "b.position": String(at) } });
        }
        assert.strictEqual(await on.iceberg.summary(location, "a.position"), "1");
        assert.strictEqual(await on.iceberg.summary(location, "b.position"), "29");
        assert.strictEqual(await on.iceberg.summary(location, "c.position"), undefined);
        assert.strictEqual((await on.rows(location)).length, 31);
    });

    it("refuses a table that is not there, and keys that it does not have", async () => {
        await assert.rejects(on.write("s3://lake/nowhere", [{}]), {
            name: "EntityNotFoundException",
            message: "There is no Iceberg table at s3://lake/nowhere.",
        });
        const location = await on.table({ n: "int" });
        await assert.rejects(on.write(location, [{}], ["m"]), {
            name: "InvalidArgumentException",
            message: `The unique key "m" is not a column of the table at ${location} that can be compared.`,
        });
    });

    it("forgets a table that is dropped, leaves its files, and makes an empty one in its place", async () => {
        const location = await on.table({ n: "int" });
        await on.write(location, [{ n: 1 }]);
        await on.iceberg.drop(location);
        assert.strictEqual(on.iceberg.describe(location), undefined);
        assert.ok(on.files(location).some((file) => file.endsWith(".parquet")));
        await on.iceberg.create({
            location,
            fields: [{ id: 1, name: "m", required: false, type: "string" }],
            identifierFieldIds: [],
            partition: [],
            sort: [],
            properties: {},
        });
        assert.deepStrictEqual(await on.rows(location), []);
    });

    it("sorts the rows of a file as the table asks", async () => {
        const location = await on.table(
            { a: "int", b: "string" },
            {
                sortOrder: {
                    orderId: 1,
                    fields: [
                        { sourceId: 2, transform: "identity", direction: "desc", nullOrder: "nulls-last" },
                        { sourceId: 1, transform: "identity", direction: "asc", nullOrder: "nulls-first" },
                    ],
                },
            },
        );
        await on.write(location, [{ a: 2, b: "x" }, { a: 1, b: "x" }, { b: "x" }, { a: 3 }, { a: 4, b: "y" }]);
        assert.deepStrictEqual(
            (await on.rows(location)).map(({ a, b }) => [a, b]),
            [
                [4, "y"],
                [null, "x"],
                [1, "x"],
                [2, "x"],
                [3, null],
            ],
        );
    });
});

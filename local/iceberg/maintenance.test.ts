import * as assert from "node:assert/strict";
import { type Lake, lake } from "./test-support";

describe("The upkeep of an Iceberg table", () => {
    let on: Lake;
    beforeEach(() => {
        on = lake({ keptSnapshots: 20 });
    });
    afterEach(() => on.close());

    const optimizer = (location: string, configuration: object) => {
        on.resources.put({
            type: "aws:glue/catalogTable:CatalogTable",
            id: "table",
            inputs: {
                databaseName: "lake",
                name: "events",
                openTableFormatInput: { icebergInput: { icebergTableInput: { location: `${location}/` } } },
            },
        });
        on.resources.put({
            type: "aws:glue/catalogTableOptimizer:CatalogTableOptimizer",
            id: "optimizer",
            inputs: { databaseName: "lake", tableName: "events", type: "compaction", configuration },
        });
    };
    const eager = { enabled: true, compactionConfiguration: { icebergConfiguration: { minInputFiles: 5 } } };
    const dataFiles = (location: string) => {
        const scan = on.iceberg.scan(location);
        scan.release();
        return scan.files.map(({ content, record_count }) => [content, record_count]);
    };

    it("rewrites small files as one when the program's optimizer asks for it", async () => {
        const location = await on.table({ n: "int" });
        optimizer(location, eager);
        for (let n = 0; n < 4; n++) await on.write(location, [{ n }]);
        await on.iceberg.idle();
        assert.strictEqual(dataFiles(location).length, 4);
        await on.write(location, [{ n: 4 }]);
        await on.iceberg.idle();
        assert.deepStrictEqual(dataFiles(location), [[0, 5]]);
        assert.deepStrictEqual(
            (await on.rows(location, "ORDER BY n")).map(({ n }) => n),
            [0, 1, 2, 3, 4],
        );
        const last = on.iceberg.describe(location)?.metadata.snapshots.at(-1)?.summary;
        assert.deepStrictEqual(
            [last?.operation, last?.["deleted-data-files"], last?.["total-data-files"], last?.["total-records"]],
            ["replace", "5", "1", "5"],
        );
    });

    it("leaves a table alone that has no optimizer, or one that is off", async () => {
        const location = await on.table({ n: "int" });
        for (let n = 0; n < 6; n++) await on.write(location, [{ n }]);
        optimizer(location, { ...eager, enabled: false });
        await on.write(location, [{ n: 6 }]);
        await on.iceberg.idle();
        assert.strictEqual(dataFiles(location).length, 7);
    });

    it("drops deleted rows and the files that named them", async () => {
        const location = await on.table({ id: "int", v: "int" });
        optimizer(location, eager);
        for (let id = 0; id < 4; id++) await on.write(location, [{ id, v: 0 }]);
        await on.write(
            location,
            [
                { __op: "update", id: 0, v: 1 },
                { __op: "delete", id: 3 },
            ],
            ["id"],
        );
        await on.iceberg.idle();
        assert.deepStrictEqual(dataFiles(location), [[0, 3]]);
        assert.deepStrictEqual(await on.rows(location, "ORDER BY id"), [
            { id: 0, v: 1 },
            { id: 1, v: 0 },
            { id: 2, v: 0 },
        ]);
    });

    it("rewrites what is named by many files of deletions, however few data files there are", async () => {
        const location = await on.table({ id: "int", v: "int" });
        optimizer(location, { enabled: true });
        await on.write(
            location,
            Array.from({ length: 20 }, (_, id) => ({ id, v: 0 })),
        );
        for (let id = 0; id < 10; id++) await on.write(location, [{ __op: "delete", id }], ["id"]);
        await on.iceberg.idle();
        assert.deepStrictEqual(dataFiles(location), [[0, 10]]);
    });

    it("merges manifests when there are more than a hundred", async () => {
        const location = await on.table({ n: "int" });
        for (let n = 0; n < 103; n++) await on.write(location, [{ n }]);
        const list = on.iceberg.describe(location)?.metadata.snapshots.at(-1)?.["manifest-list"];
        const { fromAvro } = await import("./avro");
        const { readFileSync } = await import("node:fs");
        const manifests = fromAvro<{ added_files_count: number; existing_files_count: number }>(
            readFileSync(on.file(String(list))),
        );
        assert.deepStrictEqual(
            manifests.map((manifest) => [manifest.added_files_count, manifest.existing_files_count]),
            [
                [1, 0],
                [1, 0],
                [1, 100],
            ],
        );
        assert.strictEqual((await on.rows(location)).length, 103);
    });

    it("expires old snapshots, and removes their files when nobody reads them any more", async () => {
        const location = await on.table({ id: "int", v: "int" });
        optimizer(location, eager);
        for (let v = 0; v < 12; v++)
            await on.write(
                location,
                [
                    { __op: "update", id: 0, v },
                    { id: v + 1, v },
                ],
                ["id"],
            );
        await on.iceberg.idle();
        const reader = on.iceberg.scan(location);
        for (let v = 12; v < 40; v++) await on.write(location, [{ __op: "update", id: 0, v }], ["id"]);
        await on.iceberg.idle();
        const { metadata } = on.iceberg.describe(location) ?? {};
        assert.ok(metadata && metadata.snapshots.length >= 20 && metadata.snapshots.length <= 24);
        assert.strictEqual(metadata["snapshot-log"].length, metadata.snapshots.length);
        const before = on.files(location).length;

        await on.clock.advance(120_000);
        await on.write(location, [{ __op: "update", id: 0, v: 40 }], ["id"]);
        await on.iceberg.idle();
        assert.strictEqual((await on.duck.query(reader.sql)).length, 13);
        reader.release();
        await on.write(location, [{ __op: "update", id: 0, v: 41 }], ["id"]);
        await on.iceberg.idle();
        assert.ok(on.files(location).length < before, "files of expired snapshots are gone");

        assert.deepStrictEqual((await on.rows(location, "ORDER BY id")).slice(0, 2), [
            { id: 0, v: 41 },
            { id: 1, v: 0 },
        ]);
        assert.strictEqual((await on.rows(location)).length, 13);
        const reopened = on.reopened().scan(location);
        assert.strictEqual((await on.duck.query(reopened.sql)).length, 13);
        reopened.release();
    });

    it("keeps twenty earlier versions of the metadata file", async () => {
        const location = await on.table({ n: "int" });
        for (let n = 0; n < 30; n++) await on.write(location, [{ n }]);
        await on.clock.advance(60_000);
        await on.write(location, [{ n: 30 }]);
        const versions = on.files(location).filter((file) => file.endsWith(".metadata.json"));
        const { metadata } = on.iceberg.describe(location) ?? {};
        assert.strictEqual(metadata?.["metadata-log"].length, 20);
        // The one that this commit replaced goes a minute later.
        assert.strictEqual(versions.length, 22);
    });

    it("takes new columns, new names, wider types and new orders, and reads old rows as the new schema has them", async () => {
        const location = await on.table({ a: "int", b: "string", c: "string" });
        await on.write(location, [{ a: 1, b: "x", c: "gone" }]);
        const column = (id: number, name: string, type: string) => ({ id, name, required: false, type });
        const input = {
            location,
            fields: [column(2, "renamed", "string"), column(1, "a", "long"), column(4, "c", "double")],
            identifierFieldIds: [],
            partition: [],
            sort: [{ transform: "identity", "source-id": 1, direction: "asc", "null-order": "nulls-first" } as const],
            properties: {},
        };
        await on.iceberg.create(input);
        await on.write(location, ['"renamed":"y","a":9007199254740993,"c":1.5']);
        assert.deepStrictEqual(await on.rows(location, "ORDER BY a"), [
            { renamed: "x", a: "1", c: null },
            { renamed: "y", a: "9007199254740993", c: 1.5 },
        ]);
        await on.write(location, [{ __op: "update", renamed: "z", a: 1 }], ["a"]);
        assert.deepStrictEqual((await on.rows(location, "ORDER BY a"))[0], { renamed: "z", a: "1", c: null });
        const { metadata } = on.iceberg.describe(location) ?? {};
        assert.deepStrictEqual(
            [
                metadata?.schemas.length,
                metadata?.["current-schema-id"],
                metadata?.["last-column-id"],
                metadata?.["default-sort-order-id"],
            ],
            [2, 1, 4, 1],
        );
    });

    it("refuses a change of schema after which old rows could not be read", async () => {
        const location = await on.table({ a: "int" });
        const change = (fields: readonly object[]) =>
            on.iceberg.create({
                location,
                fields: fields as never,
                identifierFieldIds: [],
                partition: [],
                sort: [],
                properties: {},
            });
        await assert.rejects(change([{ id: 1, name: "a", required: false, type: "string" }]), {
            name: "InvalidInputException",
            message: 'The column "a" of an Iceberg table cannot become "string": it is "int".',
        });
        await assert.rejects(change([{ id: 1, name: "a", required: true, type: "int" }]), {
            message: 'The column "a" of an Iceberg table cannot become required.',
        });
        await assert.rejects(change([{ id: 2, name: "b", required: true, type: "int" }]), {
            message:
                'The column "b" of an Iceberg table that exists must be optional when it is added: the rows of before lack it.',
        });
    });
});

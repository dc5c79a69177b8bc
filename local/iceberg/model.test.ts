import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Lake, lake } from "./test-support";

interface Document {
    readonly __op: "insert" | "update" | "delete";
    readonly id: number;
    readonly group: string | null;
    readonly v: number;
}

type Row = Pick<Document, "id" | "group" | "v">;

/** What the rows of a table are after a batch: the definition that the files are held against. */
function apply(rows: readonly Row[], batch: readonly Document[]): readonly Row[] {
    return batch.reduce((now, { __op, ...row }) => {
        const others = __op === "insert" ? now : now.filter(({ id }) => id !== row.id);
        return __op === "delete" ? others : [...others, row];
    }, rows);
}

const sorted = (rows: readonly Row[]) => rows.map(({ id, group, v }) => JSON.stringify([id, group, v])).sort();

const document = fc.record({
    __op: fc.constantFrom("insert", "update", "update", "delete"),
    id: fc.integer({ min: 0, max: 12 }),
    group: fc.constantFrom("a", "b", "c/d", null),
    v: fc.integer({ min: 0, max: 99 }),
}) as fc.Arbitrary<Document>;

describe("An Iceberg table", () => {
    let on: Lake;
    before(() => {
        on = lake();
    });
    after(() => on.close());

    for (const compacted of [false, true]) {
        it(`holds what its batches of inserts, updates and deletions say${compacted ? ", compacted all the while" : ""}`, async () => {
            await fc.assert(
                fc.asyncProperty(fc.array(fc.array(document, { maxLength: 12 }), { maxLength: 8 }), async (batches) => {
                    const location = await on.table(
                        { id: "int", group: "string", v: "int" },
                        {
                            partitionSpec: {
                                fields: [{ name: "group", sourceId: 2, fieldId: 1000, transform: "identity" }],
                            },
                        },
                    );
                    if (compacted) optimize(location);
                    let rows: readonly Row[] = [];
                    for (const batch of batches) {
                        await on.write(location, batch, ["id"]);
                        rows = apply(rows, batch);
                        assert.deepStrictEqual(sorted((await on.rows(location)) as unknown as Row[]), sorted(rows));
                    }
                    await on.iceberg.idle();
                    assert.deepStrictEqual(sorted((await on.rows(location)) as unknown as Row[]), sorted(rows));
                    const reopened = on.reopened().scan(location);
                    const found = await on.duck.query(reopened.sql).finally(reopened.release);
                    assert.deepStrictEqual(sorted(found as unknown as Row[]), sorted(rows));
                }),
                { seed: 20261120, numRuns: 8 },
            );
        }).timeout(30_000);
    }

    it("judges a document alike whether others in its batch fit or not", async () => {
        const location = await on.table({
            n: "int",
            l: "long",
            d: "double",
            m: "decimal(10,3)",
            b: "boolean",
            t: "timestamp",
            y: "date",
            s: "string",
        });
        const value = fc.oneof(
            fc.integer(),
            fc.double(),
            fc.boolean(),
            fc.constant(null),
            fc.constantFrom(
                "2026-11-20",
                "2026-02-30",
                "2026-11-20T10:00:00Z",
                "2026-11-20 10:00:00.1234567+02",
                "1",
                "1.5",
                "true",
                "",
                "9007199254740993",
            ),
            fc.constantFrom(1e3, 1.5, -0, 1e300, 12345.678, 0.0001, 2 ** 53),
            fc.string({ unit: "grapheme" }),
        );
        const any = fc.record(
            { n: value, l: value, d: value, m: value, b: value, t: value, y: value, s: value },
            { requiredKeys: [] },
        );
        await fc.assert(
            fc.asyncProperty(any, async (fields) => {
                const text = JSON.stringify(fields).slice(1, -1) || '"s":null';
                const alone = await on.write(location, [text]);
                const beside = await on.write(location, [text, '"n":"poison"']);
                assert.deepStrictEqual(
                    beside.rejected.slice(0, -1).map(({ reason }) => reason),
                    alone.rejected.map(({ reason }) => reason),
                );
                if (alone.rows === 0) return;
                const scan = on.iceberg.scan(location);
                const newest = scan.files.slice(0, 2);
                assert.deepStrictEqual(
                    newest.map(({ record_count }) => record_count),
                    [1, 1],
                );
                const [first, second] = await Promise.all(
                    newest.map((file) => on.duck.query(`SELECT * FROM read_parquet('${on.file(file.file_path)}')`)),
                );
                assert.deepStrictEqual(first, second);
                scan.release();
            }),
            { seed: 20261120, numRuns: 40 },
        );
    }).timeout(30_000);

    function optimize(location: string): void {
        on.resources.put({
            type: "aws:glue/catalogTable:CatalogTable",
            id: location,
            inputs: {
                databaseName: "lake",
                name: location,
                openTableFormatInput: { icebergInput: { icebergTableInput: { location } } },
            },
        });
        on.resources.put({
            type: "aws:glue/catalogTableOptimizer:CatalogTableOptimizer",
            id: location,
            inputs: {
                databaseName: "lake",
                tableName: location,
                type: "compaction",
                configuration: {
                    enabled: true,
                    compactionConfiguration: { icebergConfiguration: { minInputFiles: 2 } },
                },
            },
        });
    }
});

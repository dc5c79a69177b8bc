import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { IcebergTables } from ".";
import { type Lake, lake, lines } from "./test-support";

const STEPS = ["batch", "files", "manifests", "metadata", "pointer", "done"] as const;

describe("An Iceberg table whose writer is killed", () => {
    let on: Lake;
    before(() => {
        on = lake();
    });
    after(() => on.close());

    const rowsBy = async (iceberg: IcebergTables, location: string) => {
        const scan = iceberg.scan(location);
        return await on.duck.query(`SELECT id, v FROM (${scan.sql}) ORDER BY id`).finally(scan.release);
    };

    const BEFORE = [
        { id: "a", v: 1 },
        { id: "b", v: 1 },
    ];
    const AFTER = [
        { id: "a", v: 2 },
        { id: "c", v: 1 },
    ];

    for (const step of STEPS) {
        const expected = step === "done" ? AFTER : BEFORE;
        it(`holds the ${step === "done" ? "new" : "old"} rows when it ends before the step "${step}", and nothing that nobody needs`, async () => {
            const location = await on.table({ id: "string", v: "int" });
            await on.write(location, BEFORE);
            const killed = on.reopened({
                onStep(at) {
                    if (at === step) throw new Error("killed");
                },
            });
            const file = path.join(path.dirname(on.file("s3://lake")), "killed.ndjson");
            const batch = [
                { __op: "update", id: "a", v: 2 },
                { __op: "delete", id: "b" },
                { __op: "update", id: "c", v: 1 },
            ];
            fs.writeFileSync(
                file,
                lines(batch, () => 1),
            );
            const write = { file, uniqueKeys: ["id"], summary: { "writer.position": "9" } };
            await assert.rejects(killed.write(location, write), { message: "killed" });

            const reopened = on.reopened();
            assert.deepStrictEqual(await rowsBy(reopened, location), expected);
            assert.strictEqual(await reopened.summary(location, "writer.position"), step === "done" ? "9" : undefined);
            assert.deepStrictEqual(on.files(location), [...reachableFiles(reopened, location)].sort());

            if (step !== "done") await reopened.write(location, write);
            assert.deepStrictEqual(await rowsBy(reopened, location), AFTER);
        });
    }

    it("keeps what is not its own in the folders", async () => {
        const location = await on.table({ n: "int" });
        await on.write(location, [{ n: 1 }]);
        fs.writeFileSync(on.file(`${location}/data/notes.txt`), "mine");
        await rowsOfNothing(on.reopened(), location);
        assert.ok(on.files(location).includes("data/notes.txt"));
    });

    async function rowsOfNothing(iceberg: IcebergTables, location: string): Promise<void> {
        iceberg.scan(location).release();
    }

    /** Every file that the metadata leads to, found without the code that sweeps. */
    function reachableFiles(iceberg: IcebergTables, location: string): ReadonlySet<string> {
        const found = iceberg.describe(location);
        assert.ok(found);
        const { metadata, metadataLocation } = found;
        const manifests = metadata.snapshots.flatMap((snapshot) => avroPaths(snapshot["manifest-list"], location));
        const files = manifests.flatMap((manifest) => avroPaths(manifest, location));
        const urls = [
            metadataLocation,
            ...metadata["metadata-log"].map((entry) => entry["metadata-file"]),
            ...metadata.snapshots.map((snapshot) => snapshot["manifest-list"]),
            ...manifests,
            ...files,
        ];
        return new Set(["metadata/version-hint.text", ...urls.map((url) => url.slice(location.length + 1))]);
    }

    /** URLs below a location that an Avro file names, in whatever member. */
    function avroPaths(url: string, location: string): readonly string[] {
        const { fromAvro } = require("./avro") as typeof import("./avro");
        const text = JSON.stringify(fromAvro(fs.readFileSync(on.file(url))), (_key, value) =>
            typeof value === "bigint" ? String(value) : value,
        );
        return [...text.matchAll(new RegExp(`"(${location}/[^"]+)"`, "g"))].map(([, path]) => path);
    }
});

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type OwnedResource, openResourceTable } from "./resource-table";

const TYPE = "aws:s3/bucket:Bucket";

function bucket(id: string, outputs: Record<string, unknown> = {}): OwnedResource {
    return { urn: `urn:pulumi:s::p::${TYPE}::${id}`, type: TYPE, id, inputs: {}, outputs };
}

describe("The resource table", () => {
    let folder: string;
    let file: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
        file = path.join(folder, "deep", "resources.jsonl");
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    it("gives the resources of a type in the order in which they were made, each in its latest form", () => {
        const table = openResourceTable(file);
        for (const resource of [bucket("b"), bucket("a"), bucket("b", { changed: true })]) table.put(resource);
        assert.deepEqual(table.all(TYPE), [bucket("b", { changed: true }), bucket("a")]);
        assert.deepEqual(table.get(TYPE, "a"), bucket("a"));
        assert.deepEqual(table.all("aws:iam/role:Role"), []);
    });

    it("is the same after it was opened again", () => {
        const table = openResourceTable(file);
        table.put(bucket("a"));
        table.put(bucket("b"));
        table.remove(TYPE, "a");
        assert.deepEqual(openResourceTable(file).list(), [bucket("b")]);
    });

    it("leaves out a last entry that a kill cut short, and goes on behind it", () => {
        openResourceTable(file).put(bucket("a"));
        fs.appendFileSync(file, '{"put":{"urn":"urn:pu');
        const table = openResourceTable(file);
        table.put(bucket("b"));
        assert.deepEqual(openResourceTable(file).list(), [bucket("a"), bucket("b")]);
    });

    it("tells listeners of the type, after the change is made", () => {
        const table = openResourceTable(file);
        const seen: number[] = [];
        table.onChange(TYPE, () => seen.push(table.all(TYPE).length));
        table.put(bucket("a"));
        table.put({ ...bucket("r"), type: "aws:iam/role:Role" });
        table.remove(TYPE, "a");
        assert.deepEqual(seen, [1, 0]);
    });
});

import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { noPackages } from "./code-paths";

const computeCodePaths = pulumi.runtime.computeCodePaths as (
    options?: pulumi.runtime.CodePathOptions,
) => Promise<Map<string, pulumi.asset.Asset>>;

describe("noPackages", () => {
    it("leaves nothing to be packed", async () => {
        assert.deepStrictEqual([...(await computeCodePaths(noPackages())).keys()], []);
    });

    it("leaves all other options to Pulumi's own search", async () => {
        const found = await computeCodePaths({
            extraIncludePackages: ["esbuild"],
            extraIncludePaths: ["package.json"],
        });
        assert.ok(found.has("node_modules/esbuild"));
        assert.ok(found.has("package.json"));
    });
});

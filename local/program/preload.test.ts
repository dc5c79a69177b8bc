import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PRELOAD } from ".";

describe("What is loaded before a program", () => {
    let folder = "";
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-preload-"));
        for (const [name, dependencies] of [
            ["", { first: "1.0.0" }],
            ["node_modules/first", { second: "1.0.0" }],
            ["node_modules/second", {}],
        ] as const) {
            const file = path.join(folder, name, "package.json");
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(
                file,
                JSON.stringify({ name: path.basename(name) || "all", version: "1.0.0", dependencies }),
            );
        }
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    /** What a script prints as JSON that finds the SDK as `pulumi`. */
    function printed(script: string, args: readonly string[]): unknown {
        const text = `const pulumi = require(${JSON.stringify(require.resolve("@pulumi/pulumi"))}); (async () => { ${script} })()`;
        return JSON.parse(execFileSync(process.execPath, [...args, "-e", text], { cwd: folder, encoding: "utf8" }));
    }

    it("lets the SDK find the packages that a function needs, as without it", () => {
        const script = "console.log(JSON.stringify([...(await pulumi.runtime.computeCodePaths()).keys()]))";
        const found = printed(script, ["--require", PRELOAD]);
        assert.deepEqual(found, ["node_modules/first", "node_modules/second"]);
        assert.deepEqual(found, printed(script, []));
    });

    it("loads nothing of npm before that", () => {
        const script = `console.log(JSON.stringify(Object.keys(require.cache).filter((file) => /pacote/.test(file))))`;
        assert.deepEqual(printed(script, ["--require", PRELOAD]), []);
        assert.notDeepEqual(printed(script, []), []);
    });
});

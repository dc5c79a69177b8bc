import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pulumiHome } from "./pulumi-home";

describe("The folder that the CLI keeps its own things in", () => {
    let folder = "";
    const before = process.env.PULUMI_HOME;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-home-"));
        process.env.PULUMI_HOME = path.join(folder, "user");
    });
    afterEach(() => {
        if (before === undefined) delete process.env.PULUMI_HOME;
        else process.env.PULUMI_HOME = before;
        fs.rmSync(folder, { recursive: true, force: true });
    });

    it("has the user's plugins as soon as there are any, and nothing else of theirs", () => {
        const home = pulumiHome(folder);
        assert.deepEqual(fs.readdirSync(home), ["logs"]);
        fs.mkdirSync(path.join(folder, "user/plugins/resource-random-v4.0.0"), { recursive: true });
        fs.writeFileSync(path.join(folder, "user/credentials.json"), "{}");
        for (let round = 0; round < 2; round++) assert.equal(pulumiHome(folder), home);
        assert.deepEqual(fs.readdirSync(home).sort(), ["logs", "plugins"]);
        assert.deepEqual(fs.readdirSync(path.join(home, "plugins")), ["resource-random-v4.0.0"]);
    });

    it("takes no logs, and changes nothing of the user's", () => {
        const home = pulumiHome(folder);
        assert.throws(() => fs.mkdirSync(path.join(home, "logs"), { recursive: true }), { code: "EEXIST" });
        assert.equal(fs.existsSync(path.join(folder, "user")), false);
    });
});

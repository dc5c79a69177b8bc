import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { lockFolder } from "./lock";

describe("lockFolder", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    it("refuses a folder that a living process has, and says which", () => {
        fs.writeFileSync(path.join(folder, "lock"), String(process.ppid));
        assert.throws(() => lockFolder(folder), {
            message: `${folder} is in use by the process ${process.ppid}. Stop it first, or choose another folder with --data.`,
        });
    });

    it("takes over from a process that was killed", async () => {
        const child = spawn(process.execPath, ["-e", ""]);
        await new Promise((resolve) => child.once("exit", resolve));
        fs.writeFileSync(path.join(folder, "lock"), String(child.pid));
        lockFolder(folder)();
        assert.deepEqual(fs.readdirSync(folder), []);
    });

    it("lets the folder go", () => {
        lockFolder(folder)();
        lockFolder(folder)();
        assert.deepEqual(fs.readdirSync(folder), []);
    });
});

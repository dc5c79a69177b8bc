import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { isAlive } from "./is-alive";

describe("isAlive", () => {
    it("knows a process that runs", () => assert.equal(isAlive(process.pid), true));

    it("knows one that is gone", async () => {
        const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
        await once(child, "exit");
        assert.equal(isAlive(child.pid as number), false);
    });

    it("takes one that nobody has asked about since it was killed for gone", async function () {
        if (process.platform !== "linux") this.skip();
        // The shell becomes a program that asks about no child of its own.
        const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
            stdio: ["ignore", "pipe", "ignore"],
        });
        const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
        const orphan = Number(chunk.toString());
        assert.equal(isAlive(orphan), true);
        // The shell itself might still ask.
        while (!fs.readFileSync(`/proc/${parent.pid}/comm`, "utf8").startsWith("sleep"))
            await new Promise((resolve) => setImmediate(resolve));
        process.kill(orphan, "SIGKILL");
        while (isAlive(orphan)) await new Promise((resolve) => setImmediate(resolve));
        assert.doesNotThrow(() => process.kill(orphan, 0));
        parent.kill("SIGKILL");
    });
});

import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { fakeServices, ROOT } from "../../tests/support/local";
import { createS3 } from ".";

/** Writes one object again and again, with a type that tells which content it has, and says which content was acknowledged. */
const WRITER = `
    const { fakeResources, permissiveIam, ROOT } = require("./tests/support/local");
    const { systemClock } = require("./local/clock");
    const { createS3 } = require("./local/s3");
    const resources = fakeResources([{ type: "aws:s3/bucket:Bucket", id: "lake", inputs: { bucket: "lake" } }]);
    const s3 = createS3({ clock: systemClock, place: { data: process.argv[1] }, resources, iam: permissiveIam() });
    (async () => {
        for (let n = 1; ; n++) {
            await s3.putObject(ROOT, "lake", "a/b", String(n).repeat(n % 7 * 1000 + 1), { contentType: "n/" + n });
            require("node:fs").writeSync(1, n + "\\n");
        }
    })();`;

describe("S3, killed while it writes", () => {
    it("keeps what it acknowledged, or what came after it, whole and with its own headers", async () => {
        const services = fakeServices();
        services.resources.put({ type: "aws:s3/bucket:Bucket", id: "lake", inputs: { bucket: "lake" } });
        for (const writes of [75, 333]) {
            const acknowledged = await writeAndKill(services.place.data, writes);
            const s3 = createS3(services);
            const body = String(await s3.getObject(ROOT, "lake", "a/b"));
            const response = await s3.handle({
                method: "HEAD",
                url: "/lake/a/b",
                headers: {},
                headerLines: () => [],
                caller: ROOT,
                body: async () => Buffer.alloc(0),
                stream: process.stdin,
                sourceIp: "127.0.0.1",
            });
            const headers = response.headers ?? {};
            const n = Number(headers["content-type"]?.slice("n/".length));
            assert.ok(n === acknowledged || n === acknowledged + 1, `${n} after ${acknowledged}`);
            assert.ok(body === String(n).repeat((n % 7) * 1000 + 1), "whole");
            assert.deepStrictEqual(headers.etag, `"${createHash("md5").update(body).digest("hex")}"`);
        }
        services.place.remove();
    });
});

/** Lets a process write to a folder, kills it after that many acknowledged writes, and tells which was the last. */
function writeAndKill(folder: string, writes: number): Promise<number> {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", WRITER, folder], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.split("\n").length > writes) child.kill("SIGKILL");
    });
    return new Promise((resolve) => child.on("close", () => resolve(Number(output.trim().split("\n").at(-1)))));
}

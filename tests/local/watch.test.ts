import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { doorOf } from "../../cli/support/doors";
import { entranceOf } from "../../cli/support/entrances";
import { LOCAL_CREDENTIALS, type RunningStack } from "../../cli/support/stack";
import { watchProgram } from "../../cli/support/watch";
import { readProgram } from "../../local/program/stack-config";
import { type Runtime, startRuntime } from "../../local/runtime";

const ROOT = path.join(__dirname, "../..");
const PROGRAM = ["schema", "functions", "components", "stacks", "index.ts", "tsconfig.json", "Pulumi.yaml"];
const HANDLER = "functions/firehose-transform.ts";
const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream web-stream";
const CHECK = "aws:lambda/function:Function web-check";

describe("npm start -- --watch", function () {
    this.timeout(60_000);
    let folder: string;
    let runtime: Runtime;
    const stop = new AbortController();
    const said = new EventTarget();
    const save = async (file: string, change: (text: string) => string): Promise<string> => {
        const heard = once(said, "said");
        const name = path.join(folder, file);
        fs.writeFileSync(name, change(fs.readFileSync(name, "utf8")));
        const [event] = (await heard) as [CustomEvent<string>];
        return event.detail.replace(/ in [\d.]+ s\.$| \([\d.]+ s\)\.$/, "");
    };
    const options = (intervalSeconds: number) => ({
        config: {
            "aws:region": "us-east-1",
            "tributary:disposable": true,
            "tributary:pipelines": {
                web: {
                    kind: "web-analytics",
                    auth: { mode: "none", throttle: { rate: 2000, burst: 2000 } },
                    buffer: { intervalSeconds, sizeMiB: 1 },
                    check: { intervalSeconds: 0 },
                },
            },
        },
    });
    /** Sends an event that every version of the program takes, and tells what became of the events so far. */
    const outcomes = async () => {
        const status = runtime.status();
        const { pipelines } = status.outputs as { pipelines: RunningStack["pipelines"] };
        const client = { region: status.region, endpoint: status.endpoint, credentials: LOCAL_CREDENTIALS };
        const outputs = pipelines.web as RunningStack["pipelines"][string];
        const entrance = entranceOf(outputs.kind);
        const door = doorOf({ name: status.stack, pipelines, client }, outputs, entrance);
        const event = {
            user_id: "u",
            session_id: "s",
            event: "view",
            ip: "192.0.2.1",
            hostname: "shop.example",
            timestamp: "2026-11-20T10:00:00Z",
            uri: "/",
        };
        assert.deepEqual(await door.send([JSON.stringify(event)]), ["accepted"]);
        await runtime.flush();
        const { delivered, failed } = Object.values(runtime.status().delivery)[0] ?? {};
        return { delivered, failed };
    };

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-watch-"));
        for (const name of PROGRAM) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
        fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
        fs.writeFileSync(path.join(folder, "Pulumi.local.yaml"), yaml.dump(options(1)));
        const data = path.join(folder, "data");
        runtime = await startRuntime({ program: readProgram(folder, "local"), data, port: 0, watches: true });
        const say = (detail: string) => said.dispatchEvent(new CustomEvent("said", { detail }));
        watchProgram(folder, "local", runtime, say, stop.signal);
    });
    after(async () => {
        stop.abort();
        await runtime?.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    it("runs the next record through the text that was saved, and changes that function alone", async () => {
        assert.deepEqual(await outcomes(), { delivered: 1, failed: 0 });
        const refuseAll = (text: string) => text.replaceAll('result: "Ok"', 'result: "ProcessingFailed"');
        const lines = await save(HANDLER, refuseAll);
        assert.deepEqual(lines.split("\n"), [`  updated ${CHECK} because of code.archive["__index.js"]`, "Applied"]);
        assert.deepEqual(await outcomes(), { delivered: 1, failed: 1 });
    });

    it("leaves what runs as it was when the program fails, and says why", async () => {
        const sentence = await save("index.ts", (text) => `${text}\nthrow new Error("Not yet.");\n`);
        assert.equal(sentence, "The program fails, and what runs is as it was:\nNot yet.");
        assert.deepEqual(await outcomes(), { delivered: 1, failed: 2 });
    });

    it("goes on when the program is well again", async () => {
        assert.equal(
            await save("index.ts", (text) => text.replace('\nthrow new Error("Not yet.");\n', "")),
            "Nothing changed",
        );
    });

    it("applies a change of the config", async () => {
        const lines = await save("Pulumi.local.yaml", () => yaml.dump(options(2)));
        const destination = "icebergConfiguration";
        const because = `${destination}.bufferingInterval, ${destination}.s3Configuration.bufferingInterval`;
        assert.deepEqual(lines.split("\n"), [`  updated ${STREAM} because of ${because}`, "Applied"]);
    });

    it("says nothing of a save that changes no text of the program", async () => {
        assert.equal(await save(HANDLER, (text) => `${text}\n`), "Nothing changed");
    });
});

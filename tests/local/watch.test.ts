import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { doorOf } from "../../cli/support/doors";
import { entranceOf } from "../../cli/support/entrances";
import { LOCAL_CREDENTIALS, type RunningStack } from "../../cli/support/stack";
import { watchProgram } from "../../cli/support/watch";
import { createEvaluator, type Evaluator } from "../../local/program";
import { readProgram } from "../../local/program/stack-config";
import { type Runtime, startRuntime } from "../../local/runtime";
import { programCopy } from "../support/program-copy";

const HANDLER = "functions/firehose-transform.ts";
const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream web-stream";
const CHECK = "aws:lambda/function:Function web-check";

const pipelines = (intervalSeconds: number) => ({
    web: {
        kind: "web-analytics",
        auth: { mode: "none", throttle: { rate: 2000, burst: 2000 } },
        buffer: { intervalSeconds, sizeMiB: 1 },
        check: { intervalSeconds: 0 },
    },
});

describe("npm start -- --watch", function () {
    this.timeout(60_000);
    const program = programCopy(pipelines(1));
    const stop = new AbortController();
    const said = new EventTarget();
    let runtime: Runtime;
    let evaluator: Evaluator;
    /** Changes something, and gives what is said of it, without the time that it took. */
    const saidOf = async (change: () => void): Promise<string> => {
        const heard = once(said, "said");
        change();
        const [event] = (await heard) as [CustomEvent<string>];
        return event.detail.replace(/ in [\d.]+ s\.$| \([\d.]+ s\)\.$/, "");
    };
    const save = (file: string, change: (text: string) => string) => saidOf(() => program.save(file, change));
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
        const data = path.join(program.folder, "data");
        evaluator = createEvaluator(program.folder);
        runtime = await startRuntime({ program: readProgram(program.folder, "local"), data, port: 0, evaluator });
        const say = (detail: string) => said.dispatchEvent(new CustomEvent("said", { detail }));
        watchProgram(program.folder, "local", runtime, say, stop.signal);
    });
    after(async () => {
        stop.abort();
        evaluator?.close();
        await runtime?.close();
        program.remove();
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

    it("says where in the program JavaScript itself has failed", async () => {
        const sentence = await save("index.ts", (text) =>
            text.replace('throw new Error("Not yet.")', "undefined.no()"),
        );
        const lines = fs.readFileSync(path.join(program.folder, "index.ts"), "utf8").split("\n");
        const line = lines.findIndex((text) => text.includes("undefined.no()")) + 1;
        const place = `${fs.realpathSync(program.folder)}${path.sep}index.ts:${line}:11`;
        const why = `Cannot read properties of undefined (reading 'no')\n    at Object.<anonymous> (${place})`;
        assert.equal(sentence, `The program fails, and what runs is as it was:\n${why}`);
    });

    it("goes on when the program is well again", async () => {
        assert.equal(await save("index.ts", (text) => text.replace("\nundefined.no();\n", "")), "Nothing changed");
    });

    it("applies a change of the config", async () => {
        const lines = await saidOf(() => program.configure(pipelines(2)));
        const destination = "icebergConfiguration";
        const because = `${destination}.bufferingInterval, ${destination}.s3Configuration.bufferingInterval`;
        assert.deepEqual(lines.split("\n"), [`  updated ${STREAM} because of ${because}`, "Applied"]);
    });

    it("says nothing of a save that changes no text of the program", async () => {
        assert.equal(await save(HANDLER, (text) => `${text}\n`), "Nothing changed");
    });
});

import * as assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { fakeServices, ROOT } from "../../tests/support/local";
import { systemClock } from "../clock";
import { createDynamoDB } from "../dynamodb";
import { createKinesis } from "../kinesis";
import type { Operation } from "../services";
import { createSqs } from "../sqs";
import { knowAll } from "./test-support-kill";

/** The lines of a process that has been killed with SIGKILL once it had written so many. */
async function killedAfter(child: ChildProcess, lines: number): Promise<readonly string[]> {
    let text = "";
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.split("\n").length > lines) child.kill("SIGKILL");
    });
    await ended;
    assert.equal(child.signalCode, "SIGKILL");
    return text.split("\n").slice(0, -1);
}

describe("what streams, tables and queues have acknowledged", () => {
    let data: string;
    beforeEach(() => {
        data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    });
    afterEach(() => fs.rmSync(data, { recursive: true, force: true }));

    it("is there after kill -9, an item together with its place in an index and its change", async () => {
        const child = fork(path.join(__dirname, "test-support-child.ts"), [data], {
            execArgv: ["--require", require.resolve("tsx/cjs")],
            stdio: ["ignore", "pipe", "inherit", "ipc"],
        });
        const acknowledged = await killedAfter(child, 600);
        const numbersOf = (what: string) =>
            acknowledged.filter((line) => line.startsWith(what)).map((line) => Number(line.split(" ")[1]));

        const base = fakeServices({ clock: systemClock });
        base.place.remove();
        const services = { ...base, place: { ...base.place, data } };
        const [kinesis, dynamodb, sqs] = [createKinesis(services), createDynamoDB(services), createSqs(services)];
        const { streamArn, tableStreamArn } = knowAll(services, data);
        const call = (operations: Readonly<Record<string, Operation>>, name: string, input: object) =>
            (operations[name] as unknown as (input: object, caller: object) => Promise<never>)(input, ROOT);
        const scan = async (more: object): Promise<{ Count: number; Items: { id: { S: string } }[] }> =>
            call(dynamodb.service.operations, "Scan", { TableName: "orders", ...more });

        const [shard] = kinesis.shards(streamArn);
        const { records } = await kinesis.read(ROOT, streamArn, String(shard?.id), 0);
        assert.deepStrictEqual(
            records.map(({ data: bytes }) => Number(bytes)).slice(0, numbersOf("record").length),
            numbersOf("record"),
        );
        const { Items } = await scan({});
        const items = new Set(Items.map(({ id }) => id.S));
        for (const n of numbersOf("item")) assert.ok(items.has(`i${n}`), `item ${n}`);
        const changes = await dynamodb.streams.read(
            ROOT,
            tableStreamArn,
            String(dynamodb.streams.shards(tableStreamArn)[0]?.id),
            0,
        );
        assert.deepStrictEqual(
            [(await scan({ IndexName: "by-day" })).Count, changes.records.length],
            [items.size, items.size],
        );
        const attributes = { QueueUrl: "failed", AttributeNames: ["ApproximateNumberOfMessages"] };
        const counted = (await call(sqs.service.operations, "GetQueueAttributes", attributes)) as {
            Attributes: { ApproximateNumberOfMessages: string };
        };
        assert.ok(Number(counted.Attributes.ApproximateNumberOfMessages) >= numbersOf("message").length);
        await kinesis.close();
        await dynamodb.close();
        sqs.close();
    });
});

import * as assert from "node:assert/strict";
import { fork } from "node:child_process";
import * as path from "node:path";
import { temporaryPlace } from "../../tests/support/local";
import { eventBridgeFor, makeRole, makeRule, ROLE_ARN, STREAM_ARN } from "./test-support";

/** The lines of a process that has been killed with SIGKILL once it had written so many. */
async function killedAfter(data: string, lines: number): Promise<readonly string[]> {
    const child = fork(path.join(__dirname, "test-support-child.ts"), [data], {
        execArgv: ["--require", require.resolve("tsx/cjs")],
        stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    let text = "";
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.split("\n").length > lines) child.kill("SIGKILL");
    });
    await ended;
    assert.strictEqual(child.signalCode, "SIGKILL");
    return text.split("\n").slice(0, -1);
}

describe("An event that was acknowledged", () => {
    it("is delivered at least once, through kill -9", async function () {
        this.timeout(20_000);
        const place = temporaryPlace();
        const told = [...(await killedAfter(place.data, 400)), ...(await killedAfter(place.data, 900))];
        const idsOf = (what: string) =>
            new Set(told.filter((line) => line.startsWith(`${what} `)).map((line) => line.split(" ")[1]));

        const parts = eventBridgeFor({}, { place });
        await makeRole(parts, [{ Action: "firehose:PutRecord", Resource: STREAM_ARN }]);
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        parts.events().start();
        await parts.events().idle();
        // The children's clock was the one on the wall, so what waits is due by its time.
        await parts.clock.advance(Math.max(0, Date.now() - parts.clock.now()) + 60_000);
        await parts.events().idle();
        const delivered = new Set([...idsOf("delivered"), ...parts.records.map((text) => JSON.parse(text).id)]);
        const acknowledged = idsOf("acknowledged");
        assert.ok(acknowledged.size > 300, `${acknowledged.size} acknowledged`);
        assert.deepStrictEqual(
            [...acknowledged].filter((id) => !delivered.has(id)),
            [],
        );
        assert.ok(parts.records.length > 50, "the retries that waited");
        assert.ok(
            parts.records.every((text) => text.includes(`"detail":{"text":"é"}`)),
            "whole",
        );
        await parts.events().close();
        place.remove();
    });
});

import * as assert from "node:assert/strict";
import { DisableRuleCommand, EnableRuleCommand, type EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { Properties } from "../resources";
import { EVENT_TYPES } from "./config";
import { eventBridgeFor, FUNCTION_ARN, type Parts, sdkFor } from "./test-support";

const MINUTE = 60_000;
const RULE_ARN = "arn:aws:events:us-east-1:000000000000:rule/hourly";

describe("A rule with a schedule", () => {
    let parts: Parts;
    let sdk: EventBridgeClient;
    let close: () => Promise<void>;
    beforeEach(async () => {
        parts = eventBridgeFor();
        ({ sdk, close } = await sdkFor(parts));
        parts.events().start();
        await parts.make("aws:lambda/permission:Permission", {
            statementId: "rule",
            function: "merge",
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            sourceArn: RULE_ARN,
        });
    });
    afterEach(async () => {
        await close();
        await parts.events().close();
        parts.place.remove();
    });

    async function schedule(scheduleExpression: string, more: Properties = {}) {
        await parts.make(EVENT_TYPES.rule, { name: "hourly", scheduleExpression, ...more });
        await parts.make(EVENT_TYPES.target, { rule: "hourly", targetId: "merge", arn: FUNCTION_ARN });
    }
    const times = async () => {
        await parts.events().idle();
        return parts.calls.map((call) => JSON.parse(call.slice(call.indexOf("{"))).time.slice(11, 16));
    };

    it("calls a function with the event that tells of the time", async () => {
        await schedule("cron(10 * * * ? *)");
        await parts.clock.advance(10 * MINUTE);
        await parts.events().idle();
        const [call = ""] = parts.calls;
        const { id } = JSON.parse(call.slice(call.indexOf("{")));
        assert.deepStrictEqual(parts.calls, [
            `Event ${FUNCTION_ARN} {"version":"0","id":"${id}","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":"2026-11-20T12:10:00Z","region":"us-east-1","resources":["${RULE_ARN}"],"detail":{}}`,
        ]);
        await parts.clock.advance(120 * MINUTE);
        assert.deepStrictEqual(await times(), ["12:10", "13:10", "14:10"]);
    });

    it("with a rate counts from when it was made", async () => {
        await parts.clock.advance(3 * MINUTE);
        await schedule("rate(5 minutes)");
        await parts.clock.advance(11 * MINUTE);
        assert.deepStrictEqual(await times(), ["12:08", "12:13"]);
        await parts.clock.advance(MINUTE);
        await parts.restart();
        await parts.clock.advance(4 * MINUTE);
        assert.deepStrictEqual(await times(), ["12:08", "12:13", "12:18"]);
    });

    it("leaves out what it missed while nothing ran", async () => {
        await schedule("rate(1 minute)");
        await parts.restart(() => parts.clock.advance(10 * MINUTE));
        await parts.clock.advance(MINUTE);
        assert.deepStrictEqual(await times(), ["12:11"]);
    });

    it("rests while it is disabled", async () => {
        await schedule("rate(1 minute)", { state: "DISABLED" });
        await parts.clock.advance(2 * MINUTE);
        await sdk.send(new EnableRuleCommand({ Name: "hourly" }));
        await parts.clock.advance(2 * MINUTE);
        await sdk.send(new DisableRuleCommand({ Name: "hourly" }));
        await parts.clock.advance(2 * MINUTE);
        assert.deepStrictEqual(await times(), ["12:03", "12:04"]);
    });

    it("is on the default bus, and has an expression that AWS takes", async () => {
        await parts.make(EVENT_TYPES.bus, { name: "own" });
        for (const [inputs, message] of [
            [
                { scheduleExpression: "rate(1 hour)", eventBusName: "own" },
                "ScheduleExpression is supported only on the default event bus.",
            ],
            [{ scheduleExpression: "rate(1 hours)" }, 'Parameter ScheduleExpression is not valid: "rate(1 hours)".'],
            [
                { scheduleExpression: "cron(10 * * * *)" },
                'Parameter ScheduleExpression is not valid: "cron(10 * * * *)".',
            ],
        ] as const)
            await assert.rejects(parts.make(EVENT_TYPES.rule, { name: "x", ...inputs }), { message });
    });
});

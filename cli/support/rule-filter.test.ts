import * as assert from "node:assert/strict";
import type { DescribeRuleRequest } from "@aws-sdk/client-eventbridge";
import type { Operation } from "../../local/services";
import { serve, type TestServer } from "../../tests/support/local";
import type { Door } from "./door";
import { countingDoor } from "./rule-filter";
import type { PipelineOutputs } from "./stack";

const OUTPUTS: PipelineOutputs = { kind: "event-lake", region: "us-east-1" };
const ON_A_BUS = { ...OUTPUTS, bus: "lake", rule: "payments", source: "transactions", detailType: "card-event" };
const india = '{"location":{"country":"IN"},"amount":1}';
const norway = '{"location":{"country":"NO"},"amount":1}';

describe("The door that counts what the pipeline leaves out", () => {
    let server: TestServer;
    let asked: DescribeRuleRequest[];
    before(async () => {
        const EventPattern = JSON.stringify({
            source: ["transactions"],
            account: ["000000000000"],
            region: ["us-east-1"],
            detail: { location: { country: ["IN"] } },
        });
        const Arn = "arn:aws:events:us-east-1:000000000000:rule/lake/payments";
        const DescribeRule: Operation = (request: DescribeRuleRequest) => {
            asked.push(request);
            return { Arn, EventPattern };
        };
        const service = { target: "AWSEvents", name: "events", client: "@aws-sdk/client-eventbridge" };
        server = await serve({ jsonServices: [{ ...service, operations: { DescribeRule } }] });
    });
    beforeEach(() => {
        asked = [];
    });
    after(() => server.close());

    const counting = (outputs: PipelineOutputs, send: Door["send"]) =>
        countingDoor({ batch: 10, send }, { name: "local", pipelines: {}, client: server.client }, outputs);

    it("counts the events that the bus took and its rule does not match, and asks for the rule once", async () => {
        const door = await counting(ON_A_BUS, async (documents) => documents.map(() => "accepted"));
        assert.deepEqual(await door.send([india, norway, norway]), ["accepted", "accepted", "accepted"]);
        await door.send([norway, india]);
        assert.equal(door.leftOut(), 3);
        assert.deepEqual(asked, [{ Name: "payments", EventBusName: "lake" }]);
    });

    it("counts none that was not taken", async () => {
        const door = await counting(ON_A_BUS, async () => ["again", "refused", "accepted"]);
        await door.send([norway, "not JSON", india]);
        assert.equal(door.leftOut(), 0);
    });

    it("counts none behind a door without a rule", async () => {
        const door = await counting(OUTPUTS, async (documents) => documents.map(() => "accepted"));
        await door.send([norway, "not JSON"]);
        assert.deepEqual([door.leftOut(), door.batch, asked], [0, 10, []]);
    });
});

import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { record, resolved, valueAt } from "../tests/support/mocks";
import { readSettings } from "./settings";
import { createStack } from "./stack";
import { tagged } from "./tags";

function stackOf(config: Readonly<Record<string, unknown>>) {
    const keyed = Object.entries({ pipelines: { "web-analytics": {} }, ...config });
    return record(() => createStack(readSettings(pulumi.runtime.allConfig())), {
        config: Object.fromEntries(keyed.map(([key, value]) => [`tributary:${key}`, value])),
    });
}

describe("createStack", () => {
    it("gives outputs by instance", async () => {
        const { outputs } = await stackOf({ pipelines: { "web-analytics": {}, eu: { kind: "web-analytics" } } });
        const { pipelines, endpoints } = await resolved(outputs);
        const url = "https://api0000001.execute-api.us-east-1.amazonaws.com/v1";
        assert.deepEqual(endpoints, { "web-analytics": url, eu: url });
        assert.equal(pipelines.eu.kind, "web-analytics");
        assert.equal(pipelines.eu.stream, "eu-stream-1a2b3c4");
    });

    it("sends alarms to an address only when there is one", async () => {
        const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
        assert.equal((await stackOf({})).all(SUBSCRIPTION).length, 0);
        const { find } = await stackOf({ alarmEmail: "ops@example.com" });
        assert.deepEqual(find(SUBSCRIPTION).inputs, {
            topic: "arn:aws:sns:us-east-1:123456789012:alarms-1a2b3c4",
            protocol: "email",
            endpoint: "ops@example.com",
        });
    });

    it("puts the stack's tags on every resource that takes tags, whoever made it", async () => {
        const { resources } = await stackOf({ tags: { team: "web", stack: "ours" } });
        const taggable = resources.filter(({ inputs }) => "tags" in inputs);
        for (const { inputs, name } of taggable) {
            const { pipeline, ...tags } = inputs.tags as Record<string, string>;
            assert.deepEqual(tags, { project: "tributary", stack: "ours", team: "web" }, name);
            assert.equal(pipeline, name === "alarms" ? undefined : "web-analytics", name);
        }
        const types = new Set(taggable.map(({ type }) => type.split(":")[2]));
        assert.deepEqual([...types].sort(), [
            "Bucket",
            "CatalogDatabase",
            "FirehoseDeliveryStream",
            "Function",
            "LogGroup",
            "MetricAlarm",
            "RestApi",
            "Role",
            "Stage",
            "Topic",
            "Workgroup",
        ]);
    });

    it("draws a row of graphs for each pipeline", async () => {
        const { find } = await stackOf({});
        const dashboard = find("aws:cloudwatch/dashboard:Dashboard");
        assert.equal(dashboard.inputs.dashboardName, "tributary-test");
        assert.deepEqual(valueAt(dashboard, "dashboardBody.widgets.1"), {
            type: "metric",
            x: 4,
            y: 0,
            width: 4,
            height: 6,
            properties: {
                title: "web-analytics: records in",
                region: "us-east-1",
                metrics: [
                    ["AWS/Firehose", "IncomingRecords", "DeliveryStreamName", "web-analytics-stream-1a2b3c4"],
                    ["AWS/Firehose", "ThrottledRecords", "DeliveryStreamName", "web-analytics-stream-1a2b3c4"],
                ],
                stat: "Sum",
                period: 60,
                view: "timeSeries",
            },
        });
    });
});

describe("tagged", () => {
    it("leaves a resource's own tags over the stack's", async () => {
        const { find } = await record(() => {
            new aws.sns.Topic("topic", { tags: { a: "own" } }, { transformations: [tagged({ a: "1", b: "2" })] });
        });
        assert.deepEqual(find("aws:sns/topic:Topic").inputs.tags, { a: "own", b: "2" });
    });

    it("leaves resources without tags alone", async () => {
        const { find } = await record(() => {
            const opts = { transformations: [tagged({ a: "1" })] };
            new aws.iam.RolePolicy("policy", { role: "role", policy: "{}" }, opts);
        });
        assert.deepEqual(find("aws:iam/rolePolicy:RolePolicy").inputs, { role: "role", policy: "{}" });
    });
});

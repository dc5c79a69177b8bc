import * as assert from "node:assert/strict";
import { ACCOUNT } from "../tests/support/local";
import { bindingsWithoutEffect, withoutLocalEffect } from "./no-effect";

describe("resources without local effect", () => {
    const place = { account: ACCOUNT, region: "us-east-1", data: "", endpoint: () => "" };
    const bindings = bindingsWithoutEffect({
        place,
        randomHex: (digits) => "0123456789abcdef".repeat(2).slice(0, digits),
    });

    it("have a binding and a reason each", () => {
        assert.deepStrictEqual(Object.keys(bindings).sort(), Object.keys(withoutLocalEffect).sort());
    });

    it("have the ids and ARNs of the real provider", async () => {
        const made = async (type: string, inputs: Record<string, unknown>) => {
            const { id, outputs } = (await bindings[type]?.create(inputs, "logical")) ?? { id: "", outputs: {} };
            return [id, outputs.arn ?? outputs.dashboardArn];
        };
        const topic = `arn:aws:sns:us-east-1:${ACCOUNT}:alarms`;
        assert.deepStrictEqual(await made("aws:sns/topic:Topic", { name: "alarms" }), [topic, topic]);
        assert.deepStrictEqual(await made("aws:sns/topicPolicy:TopicPolicy", { arn: topic, policy: "{}" }), [
            topic,
            topic,
        ]);
        assert.deepStrictEqual(
            await made("aws:sns/topicSubscription:TopicSubscription", { topic, protocol: "email", endpoint: "a@b.c" }),
            [`${topic}:d6a84016-d926-11a3-0c9a-0d0a1373c8e0`, `${topic}:d6a84016-d926-11a3-0c9a-0d0a1373c8e0`],
        );
        assert.deepStrictEqual(await made("aws:cloudwatch/metricAlarm:MetricAlarm", { name: "late" }), [
            "late",
            `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:late`,
        ]);
        assert.deepStrictEqual(
            await made("aws:cloudwatch/dashboard:Dashboard", { dashboardName: "d", dashboardBody: "{}" }),
            ["d", `arn:aws:cloudwatch::${ACCOUNT}:dashboard/d`],
        );
    });

    it("give a key an id that stays", async () => {
        const key = bindings["aws:kms/key:Key"];
        const made = await key?.create({ description: "d" }, "k");
        const id = "01234567-89ab-cdef-0123-456789abcdef";
        const arn = `arn:aws:kms:${place.region}:${place.account}:key/${id}`;
        const outputs = { tagsAll: {}, region: place.region, description: "d", keyId: id, arn };
        assert.deepEqual(made, { id, outputs });
        const old = { type: "aws:kms/key:Key", id, inputs: {}, outputs };
        assert.deepEqual(await key?.update?.(old, { description: "e" }, "k"), {
            id,
            outputs: { ...outputs, description: "e" },
        });
    });

    it("refuse a dashboard that AWS would refuse", () => {
        const check = bindings["aws:cloudwatch/dashboard:Dashboard"]?.check;
        assert.deepStrictEqual(check?.({ dashboardName: "a b", dashboardBody: "{" }), [
            '"dashboardName" may have letters, digits, - and _ only, at most 255 of them: a b',
            '"dashboardBody" contains an invalid JSON',
        ]);
    });
});

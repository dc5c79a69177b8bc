import * as assert from "node:assert/strict";
import { fakeClock } from "../../tests/support/clock";
import {
    ACCOUNT,
    fakeResources,
    permissiveIam,
    ROOT,
    type TemporaryPlace,
    temporaryPlace,
} from "../../tests/support/local";
import { createLogs, LOG_GROUP } from ".";
import { logsBindings } from "./bindings";
import { createLogStore } from "./store";

const LOG_STREAM = "aws:cloudwatch/logStream:LogStream";

describe("bindings of log groups and streams", () => {
    let place: TemporaryPlace;
    beforeEach(() => {
        place = temporaryPlace();
    });
    afterEach(() => place.remove());

    it("make what the real provider makes, and remove it with its events", async () => {
        const clock = fakeClock();
        const bindings = logsBindings({ clock, place });
        const group = { name: "/aws/kinesisfirehose/s" };
        const arn = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/kinesisfirehose/s`;
        const made = await bindings[LOG_GROUP]?.create(group, "g");
        assert.deepStrictEqual(made, {
            id: group.name,
            outputs: {
                ...group,
                arn,
                retentionInDays: 0,
                skipDestroy: false,
                logGroupClass: "STANDARD",
                tagsAll: {},
                region: "us-east-1",
            },
        });
        const inputs = { name: "delivery", logGroupName: group.name };
        assert.deepStrictEqual(await bindings[LOG_STREAM]?.create(inputs, "s"), {
            id: `${group.name}:delivery`,
            outputs: { ...inputs, arn: `${arn}:log-stream:delivery`, region: "us-east-1" },
        });
        const resources = fakeResources([{ type: LOG_GROUP, id: group.name, inputs: group }]);
        createLogs({ clock, place, resources, iam: permissiveIam() }).putLogEvents(ROOT, group.name, "delivery", [
            "one",
        ]);
        const store = createLogStore(place.data);
        assert.equal([...store.forward(store.stream(group.name, "delivery") as never)].length, 1);
        await bindings[LOG_STREAM]?.delete?.({ type: LOG_STREAM, id: "delivery", inputs, outputs: inputs });
        assert.deepStrictEqual(store.streams(group.name), []);
        await bindings[LOG_STREAM]?.create(inputs, "s");
        await bindings[LOG_GROUP]?.delete?.({ type: LOG_GROUP, id: group.name, inputs: group, outputs: {} });
        assert.deepStrictEqual(store.streams(group.name), []);
    });

    it("refuse names and retentions that AWS does not have", () => {
        const bindings = logsBindings({ clock: fakeClock(), place });
        assert.deepStrictEqual(bindings[LOG_GROUP]?.check?.({ name: "a b", retentionInDays: 2 }), [
            '"name" may have letters, digits and . - _ / # only, at most 512 of them: a b',
            "expected retentionInDays to be one of [0 1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got 2",
        ]);
        assert.deepStrictEqual(bindings[LOG_STREAM]?.check?.({ name: "a:b", logGroupName: "g" }), [
            '"name" may have neither : nor *, and at most 512 characters: a:b',
        ]);
    });
});

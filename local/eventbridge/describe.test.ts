import * as assert from "node:assert/strict";
import {
    DescribeEventBusCommand,
    DescribeRuleCommand,
    DisableRuleCommand,
    EnableRuleCommand,
    type EventBridgeClient,
    ListEventBusesCommand,
    ListRuleNamesByTargetCommand,
    ListRulesCommand,
    ListTagsForResourceCommand,
    ListTargetsByRuleCommand,
    PutRuleCommand,
    TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import type { Properties, Resource } from "../resources";
import { EVENT_TYPES } from "./config";
import {
    BUS,
    eventBridgeFor,
    makeRole,
    makeRule,
    type Parts,
    QUEUE_ARN,
    ROLE_ARN,
    RULE_ARN,
    STREAM_ARN,
    sdkFor,
} from "./test-support";

const ARN = "arn:aws:events:us-east-1:000000000000";

describe("EventBridge's resources", () => {
    let parts: Parts;
    let sdk: EventBridgeClient;
    let close: () => Promise<void>;
    beforeEach(async () => {
        parts = eventBridgeFor();
        await makeRole(parts, []);
        ({ sdk, close } = await sdkFor(parts));
    });
    afterEach(async () => {
        await close();
        await parts.events().close();
        parts.place.remove();
    });
    const answer = async <T extends { $metadata: unknown }>(promise: Promise<T>) => {
        const { $metadata: _, ...rest } = await promise;
        return rest;
    };
    /** Changes a resource as a program does. */
    const update = async (resource: Resource, inputs: Properties) => {
        const made = await parts.events().bindings[resource.type]?.update?.(resource, inputs, "x");
        return parts.resources.put({ ...resource, inputs, ...made });
    };
    const remove = async (resource: Resource) => {
        await parts.events().bindings[resource.type]?.delete?.(resource);
        parts.resources.remove(resource.type, resource.id);
    };

    it("are buses, of which the default one is always there", async () => {
        const { id, outputs } = await parts.make(EVENT_TYPES.bus, {
            name: BUS,
            description: "Cards",
            tags: { a: "b" },
        });
        const created = new Date("2026-11-20T12:00:00Z");
        assert.deepStrictEqual([id, outputs.arn, outputs.tagsAll], [BUS, `${ARN}:event-bus/${BUS}`, { a: "b" }]);
        const policy = '{"Version":"2012-10-17","Statement":[]}';
        await parts.make(EVENT_TYPES.busPolicy, { eventBusName: BUS, policy });
        const bus = {
            Name: BUS,
            Arn: `${ARN}:event-bus/${BUS}`,
            Description: "Cards",
            Policy: policy,
            CreationTime: created,
            LastModifiedTime: created,
        };
        assert.deepStrictEqual(await answer(sdk.send(new DescribeEventBusCommand({ Name: BUS }))), bus);
        const standard = { Name: "default", Arn: `${ARN}:event-bus/default` };
        assert.deepStrictEqual(await answer(sdk.send(new DescribeEventBusCommand({}))), standard);
        const { EventBuses } = await sdk.send(new ListEventBusesCommand({}));
        assert.deepStrictEqual(EventBuses, [standard, bus]);
        assert.deepStrictEqual(
            (await sdk.send(new ListTagsForResourceCommand({ ResourceARN: String(bus.Arn) }))).Tags,
            [{ Key: "a", Value: "b" }],
        );
    });

    it("are rules with targets, page by page", async () => {
        await makeRule(
            parts,
            {
                arn: STREAM_ARN,
                roleArn: ROLE_ARN,
                inputTransformer: { inputPaths: { a: "$.detail" }, inputTemplate: "<a>" },
                retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 60 },
                deadLetterConfig: { arn: QUEUE_ARN },
            },
            { description: "Cards" },
        );
        await parts.make(EVENT_TYPES.rule, { name: "other", eventBusName: BUS, eventPattern: '{"source":["x"]}' });
        const rule = {
            Name: "cards",
            Arn: RULE_ARN,
            EventPattern: '{"source":["transactions"]}',
            State: "ENABLED",
            Description: "Cards",
            EventBusName: BUS,
        };
        const described = await answer(sdk.send(new DescribeRuleCommand({ Name: "cards", EventBusName: BUS })));
        assert.deepStrictEqual(described, { ...rule, CreatedBy: "000000000000" });
        const first = await answer(sdk.send(new ListRulesCommand({ EventBusName: BUS, Limit: 1 })));
        assert.deepStrictEqual(first.Rules, [rule]);
        const second = await answer(
            sdk.send(new ListRulesCommand({ EventBusName: BUS, Limit: 1, NextToken: first.NextToken })),
        );
        assert.deepStrictEqual([second.Rules?.map(({ Name }) => Name), second.NextToken], [["other"], undefined]);
        const target = {
            Id: "t",
            Arn: STREAM_ARN,
            RoleArn: ROLE_ARN,
            InputTransformer: { InputPathsMap: { a: "$.detail" }, InputTemplate: "<a>" },
            DeadLetterConfig: { Arn: QUEUE_ARN },
            RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 },
        };
        const { Targets } = await sdk.send(new ListTargetsByRuleCommand({ Rule: "cards", EventBusName: BUS }));
        assert.deepStrictEqual(Targets, [target]);
        const names = await answer(
            sdk.send(new ListRuleNamesByTargetCommand({ TargetArn: STREAM_ARN, EventBusName: BUS })),
        );
        assert.deepStrictEqual(names, { RuleNames: ["cards"] });
    });

    it("are enabled and disabled until the program changes the rule", async () => {
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        const command = { Name: "cards", EventBusName: BUS };
        const state = async () => (await sdk.send(new DescribeRuleCommand(command))).State;
        const rule = () => parts.resources.get(EVENT_TYPES.rule, `${BUS}/cards`) as Resource;
        await sdk.send(new DisableRuleCommand(command));
        await parts.restart();
        const read = await parts.events().bindings[EVENT_TYPES.rule]?.read?.(rule());
        assert.deepStrictEqual([await state(), read?.outputs.state], ["DISABLED", "DISABLED"]);
        await sdk.send(new EnableRuleCommand(command));
        assert.strictEqual(await state(), "ENABLED");
        await sdk.send(new DisableRuleCommand(command));
        await update(rule(), { ...rule().inputs, description: "Changed" });
        assert.strictEqual(await state(), "ENABLED");
    });

    it("change and go as a program says", async () => {
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        const rule = parts.resources.get(EVENT_TYPES.rule, `${BUS}/cards`) as Resource;
        const target = parts.resources.get(EVENT_TYPES.target, `${BUS}-cards-t`) as Resource;
        await assert.rejects(remove(rule), {
            name: "ValidationException",
            message: "Rule can't be deleted since it has targets.",
        });
        const changed = await update(target, { ...target.inputs, input: "{}" });
        assert.deepStrictEqual([changed.id, changed.outputs.targetId], [target.id, "t"]);
        await remove(changed);
        await remove(rule);
        await assert.rejects(sdk.send(new DescribeRuleCommand({ Name: "cards", EventBusName: BUS })), {
            name: "ResourceNotFoundException",
            message: `Rule cards does not exist on EventBus ${BUS}.`,
        });
        await remove(parts.resources.get(EVENT_TYPES.bus, BUS) as Resource);
        await assert.rejects(sdk.send(new DescribeEventBusCommand({ Name: BUS })), {
            name: "ResourceNotFoundException",
            message: `Event bus ${BUS} does not exist.`,
        });
    });

    it("gives a target an id that has none", async () => {
        await parts.make(EVENT_TYPES.rule, { name: "x", scheduleExpression: "rate(1 hour)" });
        const { id, outputs } = await parts.make(EVENT_TYPES.target, { rule: "x", arn: QUEUE_ARN });
        assert.match(String(outputs.targetId), /^terraform-[0-9a-f]{26}$/);
        assert.strictEqual(id, `x-${outputs.targetId}`);
    });

    const rule = { name: "r", eventPattern: '{"source":["x"]}' };
    for (const [title, type, inputs, message] of [
        ["a bus that is there", EVENT_TYPES.bus, { name: BUS }, `Event bus ${BUS} already exists.`],
        ["a second default bus", EVENT_TYPES.bus, { name: "default" }, "Event bus default already exists."],
        [
            "a partner's bus",
            EVENT_TYPES.bus,
            { name: "x", eventSourceName: "aws.partner/x" },
            '"eventSourceName" of an event bus is not supported by the local runtime.',
        ],
        ["a rule of no bus", EVENT_TYPES.rule, { ...rule, eventBusName: "x" }, "Event bus x does not exist."],
        [
            "a pattern that is none",
            EVENT_TYPES.rule,
            { ...rule, eventPattern: '{"source":"x"}' },
            'Event pattern is not valid. Reason: "source" must be an object or an array\n at [Source: (String)"{"source":"x"}"; line: 1, column: 12]',
        ],
        [
            "a pattern that is too long",
            EVENT_TYPES.rule,
            { ...rule, eventPattern: `{"source":["${"x".repeat(4096)}"]}` },
            '"eventPattern" may have at most 4096 characters, and has 4111.',
        ],
        [
            "a state that no rule has",
            EVENT_TYPES.rule,
            { ...rule, state: "OFF" },
            '"state" must be one of ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, not "OFF".',
        ],
        [
            "a target of no rule",
            EVENT_TYPES.target,
            { rule: "x", arn: QUEUE_ARN },
            "Rule x does not exist on EventBus default.",
        ],
        [
            "a stream without a role",
            EVENT_TYPES.target,
            { rule: "cards", eventBusName: BUS, arn: STREAM_ARN },
            `RoleArn is required for target ${STREAM_ARN}.`,
        ],
        [
            "a function with a role",
            EVENT_TYPES.target,
            {
                rule: "cards",
                eventBusName: BUS,
                arn: "arn:aws:lambda:us-east-1:000000000000:function:f",
                roleArn: ROLE_ARN,
            },
            "RoleArn is not supported for target arn:aws:lambda:us-east-1:000000000000:function:f.",
        ],
        [
            "a service that nothing is delivered to",
            EVENT_TYPES.target,
            { rule: "cards", eventBusName: BUS, arn: "arn:aws:sns:us-east-1:000000000000:t" },
            'An event target of the service "sns" is not supported by the local runtime.',
        ],
        [
            "an archive of no bus",
            EVENT_TYPES.archive,
            { name: "a", eventSourceArn: `${ARN}:event-bus/x` },
            "Event bus x does not exist.",
        ],
        [
            "limits out of their range, all of them",
            EVENT_TYPES.target,
            {
                rule: "cards",
                eventBusName: BUS,
                arn: QUEUE_ARN,
                input: "{",
                retryPolicy: { maximumRetryAttempts: 186, maximumEventAgeInSeconds: 59 },
                deadLetterConfig: { arn: "arn:aws:sqs:us-east-1:000000000000:x.fifo" },
            },
            [
                '"input" contains an invalid JSON',
                '"retryPolicy.maximumEventAgeInSeconds" must be between 60 and 86400, not 59.',
                '"retryPolicy.maximumRetryAttempts" must be between 0 and 185, not 186.',
                '"deadLetterConfig.arn" must be the ARN of a standard SQS queue, not "arn:aws:sqs:us-east-1:000000000000:x.fifo".',
            ].join("\n"),
        ],
    ] as const)
        it(`do not take ${title}`, async () => {
            await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
            await assert.rejects(parts.make(type, inputs), { message });
        });

    it("do not take a sixth target of a rule", async () => {
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        const target = (n: number) => ({ rule: "cards", eventBusName: BUS, targetId: `t${n}`, arn: QUEUE_ARN });
        for (let n = 2; n <= 5; n++) await parts.make(EVENT_TYPES.target, target(n));
        await assert.rejects(parts.make(EVENT_TYPES.target, target(6)), {
            name: "LimitExceededException",
            message: "The requested resource exceeds the maximum number allowed.",
        });
    });

    it("are tested against an event before they are made", async () => {
        const event = {
            version: "0",
            id: "1",
            account: "000000000000",
            source: "a",
            time: "2026-11-20T12:00:00Z",
            region: "us-east-1",
            resources: [],
            "detail-type": "x",
            detail: {},
        };
        const test = async (EventPattern: string, Event: string) =>
            (await sdk.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;
        assert.strictEqual(await test('{"source":["a"]}', JSON.stringify(event)), true);
        assert.strictEqual(await test('{"source":["b"]}', JSON.stringify(event)), false);
        await assert.rejects(test('{"source":[]}', JSON.stringify(event)), { name: "InvalidEventPatternException" });
        for (const text of ["x", "[]", JSON.stringify({ ...event, time: undefined })])
            await assert.rejects(test('{"source":["a"]}', text), {
                name: "ValidationException",
                message: "Parameter Event is not valid.",
            });
    });

    it("are changed by a program, and not through what the local runtime lacks", async () => {
        await assert.rejects(sdk.send(new PutRuleCommand({ Name: "x", EventPattern: "{}" })), {
            name: "LocalUnsupported",
            message: "events:PutRule is not supported by the local runtime.",
        });
    });
});

import * as assert from "node:assert/strict";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { serviceError } from "../errors";
import type { Properties } from "../resources";
import { EVENT_TYPES } from "./config";
import {
    BUS,
    eventBridgeFor,
    FUNCTION_ARN,
    makeRole,
    makeRule,
    type Parts,
    QUEUE_ARN,
    ROLE_ARN,
    RULE_ARN,
    received,
    STREAM_ARN,
    sdkFor,
} from "./test-support";

const MINUTE = 60_000;

describe("EventBridge", () => {
    const open: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0).reverse()) await end();
    });

    /** A bus with a rule and this target of it, everything allowed that the parts of a test need. */
    async function made(target: Properties = { arn: STREAM_ARN, roleArn: ROLE_ARN }, rule: Properties = {}) {
        const parts = eventBridgeFor();
        open.push(() => parts.place.remove());
        await makeRole(parts, [
            { Action: "firehose:PutRecord", Resource: STREAM_ARN },
            { Action: "events:PutEvents", Resource: "arn:aws:events:us-east-1:000000000000:event-bus/*" },
        ]);
        await makeRule(parts, target, rule);
        await parts.make("aws:sqs/queue:Queue", { name: "failed" });
        const { sdk, close } = await sdkFor(parts);
        parts.events().start();
        open.push(() => parts.events().close(), close);
        const put = async (...details: object[]) => {
            const Entries = details.map((detail) => ({
                EventBusName: BUS,
                Source: "transactions",
                DetailType: "card-event",
                Detail: JSON.stringify(detail),
            }));
            const { Entries: entries = [] } = await sdk.send(new PutEventsCommand({ Entries }));
            await parts.events().idle();
            return entries.map(({ EventId }) => String(EventId));
        };
        return { ...parts, put, sdk };
    }
    const queuePolicy = (Condition?: object) =>
        JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { Service: "events.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: QUEUE_ARN,
                    ...(Condition && { Condition }),
                },
            ],
        });
    const allowQueue = ({ make }: Pick<Parts, "make">, sourceArn = RULE_ARN) =>
        make("aws:sqs/queuePolicy:QueuePolicy", {
            queueUrl: "http://127.0.0.1:4566/000000000000/failed",
            policy: queuePolicy({ ArnEquals: { "aws:SourceArn": sourceArn } }),
        });
    const details = (texts: readonly string[]) => texts.map((text) => JSON.parse(text).detail);
    const metrics = ({ metrics: { sum } }: Pick<Parts, "metrics">) =>
        Object.fromEntries(
            METRICS.map((name) => [name, sum("AWS/Events", name, { RuleName: "cards" })] as const).filter(
                ([, n]) => n > 0,
            ),
        );
    const METRICS = [
        "TriggeredRules",
        "Invocations",
        "FailedInvocations",
        "InvocationAttempts",
        "SuccessfulInvocationAttempts",
        "RetryInvocationAttempts",
        "InvocationsSentToDlq",
        "InvocationsFailedToBeSentToDlq",
    ];

    it("puts each event into a delivery stream, by the target's role", async () => {
        const parts = await made();
        await parts.put({ n: 1 }, { n: 2 }, { n: 3 });
        assert.deepStrictEqual(details(parts.records), [{ n: 1 }, { n: 2 }, { n: 3 }]);
        assert.deepStrictEqual(metrics(parts), {
            TriggeredRules: 3,
            Invocations: 3,
            InvocationAttempts: 3,
            SuccessfulInvocationAttempts: 3,
        });
    });

    it("calls a function that lets the rule in, without waiting for it", async () => {
        const parts = await made({ arn: FUNCTION_ARN });
        await parts.put({ n: 1 });
        assert.deepStrictEqual([parts.calls, metrics(parts).FailedInvocations], [[], 1]);
        await parts.make("aws:lambda/permission:Permission", {
            statementId: "rule",
            function: "merge",
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            sourceArn: RULE_ARN,
        });
        const [id] = await parts.put({ n: 2 });
        const event = `{"version":"0","id":"${id}","detail-type":"card-event","source":"transactions","account":"000000000000","time":"2026-11-20T12:00:00Z","region":"us-east-1","resources":[],"detail":{"n":2}}`;
        assert.deepStrictEqual(parts.calls, [`Event ${FUNCTION_ARN} ${event}`]);
    });

    it("sends messages to a queue whose policy lets the rule in", async () => {
        const parts = await made({ arn: QUEUE_ARN });
        await parts.put({ n: 1 });
        await allowQueue(parts, "arn:aws:events:us-east-1:000000000000:rule/other");
        await parts.put({ n: 2 });
        await allowQueue(parts);
        await parts.put({ n: 3 });
        assert.deepStrictEqual(details((await received(parts)).map(({ Body }) => Body)), [{ n: 3 }]);
        assert.strictEqual(metrics(parts).FailedInvocations, 2);
    });

    it("tells the rules of the default bus what a service says of itself", async () => {
        const parts = await made({ arn: QUEUE_ARN });
        await parts.make(EVENT_TYPES.rule, { name: "runs", eventPattern: JSON.stringify({ source: ["aws.glue"] }) });
        await parts.make(EVENT_TYPES.target, { rule: "runs", targetId: "queue", arn: QUEUE_ARN });
        await allowQueue(parts, "arn:aws:events:us-east-1:000000000000:rule/runs");
        const detail = { jobName: "lake", state: "FAILED" };
        await parts.events().announce({ source: "aws.glue", detailType: "Glue Job State Change", detail });
        await parts.events().idle();
        const [{ id, ...event }] = (await received(parts)).map(({ Body }) => JSON.parse(Body));
        assert.deepStrictEqual(event, {
            version: "0",
            "detail-type": "Glue Job State Change",
            source: "aws.glue",
            account: "000000000000",
            time: "2026-11-20T12:00:00Z",
            region: "us-east-1",
            resources: [],
            detail,
        });
    });

    it("sends events on to another bus, and from there to no third one", async () => {
        const arn = (name: string) => `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;
        const parts = await made({ arn: arn("second"), roleArn: ROLE_ARN });
        const eventPattern = '{"source":["transactions"]}';
        for (const [name, target] of [
            ["second", { arn: arn("third"), roleArn: ROLE_ARN }],
            ["third", { arn: STREAM_ARN, roleArn: ROLE_ARN }],
        ] as const) {
            await parts.make(EVENT_TYPES.bus, { name });
            await parts.make(EVENT_TYPES.rule, { name: "on", eventBusName: name, eventPattern });
            await parts.make(EVENT_TYPES.target, { rule: "on", eventBusName: name, targetId: "t", ...target });
        }
        await parts.make(EVENT_TYPES.target, {
            rule: "on",
            eventBusName: "second",
            targetId: "stream",
            arn: STREAM_ARN,
            roleArn: ROLE_ARN,
        });
        const ids = await parts.put({ n: 1 });
        await parts.events().idle();
        assert.deepStrictEqual(
            parts.records.map((text) => JSON.parse(text).id),
            ids,
        );
    });

    for (const [title, input, expected] of [
        ["a constant", { input: '{"a": 1}' }, '{"a": 1}'],
        ["a part of the event", { inputPath: "$.detail.list[0]" }, '{"x":"é"}'],
        ["nothing that is there", { inputPath: "$.detail.nothing" }, "null"],
        [
            "a template",
            {
                inputTransformer: {
                    inputPaths: {
                        n: "$.detail.n",
                        name: "$.detail.name",
                        list: "$.detail.list",
                        none: "$.detail.none",
                    },
                    inputTemplate:
                        '{"n": <n>, "name": <name>, "say": "it is <name>, <n>, <none>!", "all": <list>, "none": <none>}',
                },
            },
            '{"n": 5, "name": "a \\"b\\"", "say": "it is a \\"b\\", 5, !", "all": [{"x":"é"}], "none": ""}',
        ],
        [
            "what the rule knows",
            {
                inputTransformer: {
                    inputTemplate:
                        '"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>" <aws.events.event>',
                },
            },
            `"cards ${"arn:aws:events:us-east-1:000000000000:rule/lake-1234567/cards"} 2026-11-20T12:00:00.000Z" {"version":"0","id":"ID","detail-type":"card-event","source":"transactions","account":"000000000000","time":"2026-11-20T12:00:00Z","region":"us-east-1","resources":[]}`,
        ],
        [
            "the whole event in a template",
            { inputTransformer: { inputTemplate: "<aws.events.event.json>" } },
            '{"version":"0","id":"ID","detail-type":"card-event","source":"transactions","account":"000000000000","time":"2026-11-20T12:00:00Z","region":"us-east-1","resources":[],"detail":{"n":5,"name":"a \\"b\\"","list":[{"x":"é"}]}}',
        ],
    ] as const)
        it(`gives a target ${title}`, async () => {
            const parts = await made({ arn: STREAM_ARN, roleArn: ROLE_ARN, ...input });
            const [id] = await parts.put({ n: 5, name: 'a "b"', list: [{ x: "é" }] });
            assert.deepStrictEqual(parts.records, [expected.replace("ID", String(id))]);
        });

    describe("where a target does not take an event", () => {
        const target = { arn: STREAM_ARN, roleArn: ROLE_ARN, deadLetterConfig: { arn: QUEUE_ARN } };
        const busy = () => serviceError("ServiceUnavailableException", "Slow down.", 503);

        it("tries again, later each time, until the target takes it", async () => {
            const parts = await made(target);
            await allowQueue(parts);
            parts.faults.push(busy(), busy(), busy());
            await parts.put({ n: 1 });
            const since: number[] = [];
            for (let seconds = 0; parts.faults.length + Number(parts.records.length === 0) > 0; seconds++) {
                const before = parts.faults.length;
                await parts.clock.advance(1000);
                if (parts.faults.length < before || parts.records.length > 0) since.push(seconds + 1);
            }
            const gaps = since.map((second, index) => second - (since[index - 1] ?? 0));
            gaps.forEach((gap, index) => {
                assert.ok(gap <= 2 ** index && gap >= 2 ** index / 2, `gap ${index} is ${gap} s`);
            });
            assert.deepStrictEqual(details(parts.records), [{ n: 1 }]);
            assert.deepStrictEqual(metrics(parts), {
                TriggeredRules: 1,
                Invocations: 1,
                InvocationAttempts: 4,
                SuccessfulInvocationAttempts: 1,
                RetryInvocationAttempts: 3,
            });
            assert.deepStrictEqual(await received(parts), []);
        });

        it("does not hold up other events meanwhile", async () => {
            const parts = await made(target);
            parts.faults.push(busy());
            await parts.put({ n: 1 }, { n: 2 });
            await parts.put({ n: 3 });
            assert.deepStrictEqual(details(parts.records), [{ n: 2 }, { n: 3 }]);
            await parts.clock.advance(MINUTE);
            assert.deepStrictEqual(details(parts.records), [{ n: 2 }, { n: 3 }, { n: 1 }]);
        });

        const deadLetter = (attributes: Readonly<Record<string, string>>) => ({
            RULE_ARN,
            TARGET_ARN: STREAM_ARN,
            ...attributes,
        });
        for (const [title, policy, attributes, attempts] of [
            [
                "as often as it may",
                { maximumRetryAttempts: 2 },
                { EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts", RETRY_ATTEMPTS: "2" },
                3,
            ],
            [
                "once, where it may not be tried again",
                { maximumRetryAttempts: 0 },
                { EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts", RETRY_ATTEMPTS: "0" },
                1,
            ],
            [
                "as long as it may",
                { maximumEventAgeInSeconds: 60 },
                { EXHAUSTED_RETRY_CONDITION: "MaximumEventAgeInSeconds", RETRY_ATTEMPTS: "6" },
                7,
            ],
        ] as const)
            it(`sends the event to the dead-letter queue, having tried ${title}`, async () => {
                const parts = await made({ ...target, retryPolicy: policy });
                await allowQueue(parts);
                parts.faults.push(...Array.from({ length: 100 }, busy));
                const [id] = await parts.put({ n: 1 });
                await parts.clock.advance(10 * MINUTE);
                const [letter, ...others] = await received(parts);
                assert.deepStrictEqual(
                    [JSON.parse(String(letter?.Body)).id, letter?.attributes, others, 100 - parts.faults.length],
                    [
                        id,
                        deadLetter({ ERROR_CODE: "THROTTLING", ERROR_MESSAGE: "Slow down.", ...attributes }),
                        [],
                        attempts,
                    ],
                );
                assert.deepStrictEqual(
                    [metrics(parts).Invocations, metrics(parts).FailedInvocations, metrics(parts).InvocationsSentToDlq],
                    [1, 1, 1],
                );
            });

        it("tries 185 times, within a day, unless the target says otherwise", async () => {
            const parts = await made(target);
            await allowQueue(parts);
            parts.faults.push(...Array.from({ length: 200 }, busy));
            await parts.put({ n: 1 });
            await parts.clock.advance(20 * 60 * MINUTE);
            assert.deepStrictEqual(await received(parts), []);
            await parts.clock.advance(4 * 60 * MINUTE);
            const [letter] = await received(parts);
            assert.strictEqual(letter?.attributes.RETRY_ATTEMPTS, "185");
        });

        for (const [title, fault, attributes] of [
            [
                "that is gone",
                serviceError("ResourceNotFoundException", "Firehose raw not found under account 000000000000."),
                {
                    ERROR_CODE: "NO_RESOURCE",
                    ERROR_MESSAGE: "Firehose raw not found under account 000000000000.",
                    RETRY_ATTEMPTS: "0",
                },
            ],
            [
                "that refuses it",
                serviceError("InvalidArgumentException", "No."),
                { ERROR_CODE: "INVALID_PARAMETER", ERROR_MESSAGE: "No.", RETRY_ATTEMPTS: "0" },
            ],
        ] as const)
            it(`does not try a target again ${title}`, async () => {
                const parts = await made(target);
                await allowQueue(parts);
                parts.faults.push(fault);
                await parts.put({ n: 1 });
                assert.deepStrictEqual(
                    (await received(parts)).map((letter) => letter.attributes),
                    [deadLetter(attributes)],
                );
            });

        it("does not try again where the role may not, or cannot be taken", async () => {
            const parts = await made(target);
            await allowQueue(parts);
            const other = "arn:aws:firehose:us-east-1:000000000000:deliverystream/other";
            await parts.make(EVENT_TYPES.target, {
                ...target,
                rule: "cards",
                eventBusName: BUS,
                targetId: "u",
                arn: other,
            });
            await parts.make(EVENT_TYPES.target, {
                ...target,
                rule: "cards",
                eventBusName: BUS,
                targetId: "v",
                roleArn: "arn:aws:iam::000000000000:role/nobody",
            });
            await parts.put({ n: 1 });
            const letters = (await received(parts)).map(({ attributes }) => attributes);
            letters.sort((one, two) => (String(one.ERROR_CODE) > String(two.ERROR_CODE) ? -1 : 1));
            assert.deepStrictEqual(letters, [
                {
                    RULE_ARN,
                    TARGET_ARN: other,
                    ERROR_CODE: "NO_PERMISSIONS",
                    ERROR_MESSAGE: `User: arn:aws:sts::000000000000:assumed-role/events/cards is not authorized to perform: firehose:PutRecord on resource: ${other} because no identity-based policy allows the firehose:PutRecord action`,
                    RETRY_ATTEMPTS: "0",
                },
                {
                    RULE_ARN,
                    TARGET_ARN: STREAM_ARN,
                    ERROR_CODE: "FAILED_TO_ASSUME_ROLE",
                    ERROR_MESSAGE:
                        "User: events.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/nobody because no role trust policy allows the sts:AssumeRole action",
                    RETRY_ATTEMPTS: "0",
                },
            ]);
        });

        it("counts what no dead-letter queue takes", async () => {
            const parts = await made({ ...target, retryPolicy: { maximumRetryAttempts: 0 } });
            parts.faults.push(busy());
            await parts.put({ n: 1 });
            assert.deepStrictEqual([await received(parts), metrics(parts).InvocationsFailedToBeSentToDlq], [[], 1]);
        });

        it("goes on after a restart, and forgets what a target is gone for", async () => {
            const parts = await made(target);
            parts.faults.push(busy(), busy());
            await parts.put({ n: 1 });
            await parts.restart();
            await parts.clock.advance(MINUTE);
            assert.deepStrictEqual(details(parts.records), [{ n: 1 }]);
            parts.faults.push(busy());
            await parts.put({ n: 2 });
            parts.resources.remove(EVENT_TYPES.target, `${BUS}-cards-t`);
            await parts.clock.advance(MINUTE);
            assert.deepStrictEqual(details(parts.records), [{ n: 1 }]);
        });
    });

    it("delivers to no target of a rule that is disabled", async () => {
        const parts = await made(undefined, { state: "DISABLED" });
        await parts.put({ n: 1 });
        assert.deepStrictEqual(parts.records, []);
    });

    it("goes on after an error that nobody expected", async () => {
        const errors: unknown[] = [];
        const parts = eventBridgeFor({ onError: (error) => void errors.push(error) });
        open.push(() => parts.place.remove());
        await makeRole(parts, [{ Action: "firehose:PutRecord", Resource: STREAM_ARN }]);
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        const { sdk, close } = await sdkFor(parts);
        parts.events().start();
        open.push(() => parts.events().close(), close);
        parts.faults.push(new Error("disk full"));
        const entry = { EventBusName: BUS, Source: "transactions", DetailType: "x", Detail: "{}" };
        await sdk.send(new PutEventsCommand({ Entries: [entry] }));
        const idle = parts.events().idle();
        await parts.clock.advance(1000);
        await idle;
        assert.deepStrictEqual([errors.map(String), parts.records.length], [["Error: disk full"], 1]);
    });
});

import * as assert from "node:assert/strict";
import {
    CloudWatchLogsClient,
    CreateLogGroupCommand,
    CreateLogStreamCommand,
    DescribeLogGroupsCommand,
    DescribeLogStreamsCommand,
    FilterLogEventsCommand,
    GetLogEventsCommand,
    PutLogEventsCommand,
    paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import * as fc from "fast-check";
import { type FakeClock, fakeClock } from "../../tests/support/clock";
import {
    ACCOUNT,
    type FakeResources,
    fakeResources,
    iamWith,
    ROOT,
    serve,
    type TemporaryPlace,
    type TestServer,
    temporaryPlace,
} from "../../tests/support/local";
import { createLogs, LOG_GROUP } from ".";
import { logsBindings } from "./bindings";
import { filterPattern } from "./pattern";
import { createLogStore } from "./store";

const NOON = Date.UTC(2026, 10, 20, 12);
const GROUP_ARN = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/lambda/f`;

describe("logs", () => {
    let place: TemporaryPlace;
    let clock: FakeClock;
    let resources: FakeResources;
    let logs: ReturnType<typeof createLogs>;
    let server: TestServer;
    let client: CloudWatchLogsClient;
    let refused: string[];

    beforeEach(async () => {
        place = temporaryPlace();
        clock = fakeClock();
        resources = fakeResources();
        refused = [];
        for (const [name, retentionInDays] of [
            ["/aws/lambda/f", 0],
            ["short", 1],
        ] as const) {
            const inputs = { name, retentionInDays };
            const made = await logsBindings({ clock, place })[LOG_GROUP]?.create(inputs, name);
            resources.put({ type: LOG_GROUP, id: name, inputs, outputs: made?.outputs });
        }
        const iam = iamWith((_caller, action) => !refused.includes(action));
        logs = createLogs({ clock, place, resources, iam });
        server = await serve({ jsonServices: [logs.service] });
        client = new CloudWatchLogsClient(server.client);
    });
    afterEach(async () => {
        client.destroy();
        await server.close();
        place.remove();
    });

    const group = { logGroupName: "/aws/lambda/f" };
    const messages = (events: readonly { message?: string }[] = []) => events.map((event) => event.message);

    it("keep what services write, also over a restart", async () => {
        logs.putLogEvents(ROOT, "/aws/lambda/f", "2026/11/20/[$LATEST]a", ["one", "two\nlines", "“quoted”"]);
        const again = createLogs({ clock, place, resources, iam: iamWith(() => true) });
        const other = await serve({ jsonServices: [again.service] });
        const { events } = await new CloudWatchLogsClient(other.client).send(
            new GetLogEventsCommand({ ...group, logStreamName: "2026/11/20/[$LATEST]a" }),
        );
        await other.close();
        assert.deepStrictEqual(events, [
            { timestamp: NOON, message: "one", ingestionTime: NOON },
            { timestamp: NOON, message: "two\nlines", ingestionTime: NOON },
            { timestamp: NOON, message: "“quoted”", ingestionTime: NOON },
        ]);
    });

    it("describe groups and streams", async () => {
        logs.putLogEvents(ROOT, "/aws/lambda/f", "b", ["one"]);
        await clock.advance(5_000);
        logs.putLogEvents(ROOT, "/aws/lambda/f", "a", ["two"]);
        logs.putLogEvents(ROOT, "/aws/lambda/f", "b", ["three"]);
        const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/" }));
        assert.deepStrictEqual(
            logGroups?.map(({ creationTime: _, ...rest }) => rest),
            [
                {
                    logGroupName: "/aws/lambda/f",
                    metricFilterCount: 0,
                    arn: `${GROUP_ARN}:*`,
                    logGroupArn: GROUP_ARN,
                    storedBytes: 0,
                    logGroupClass: "STANDARD",
                },
            ],
        );
        const { logStreams } = await client.send(new DescribeLogStreamsCommand(group));
        assert.deepStrictEqual(
            logStreams?.map((s) => [
                s.logStreamName,
                s.creationTime,
                s.firstEventTimestamp,
                s.lastEventTimestamp,
                s.arn,
            ]),
            [
                ["a", NOON + 5_000, NOON + 5_000, NOON + 5_000, `${GROUP_ARN}:log-stream:a`],
                ["b", NOON, NOON, NOON + 5_000, `${GROUP_ARN}:log-stream:b`],
            ],
        );
        const page = await client.send(new DescribeLogStreamsCommand({ ...group, limit: 1, descending: true }));
        assert.deepStrictEqual(
            page.logStreams?.map((s) => s.logStreamName),
            ["b"],
        );
        const next = await client.send(
            new DescribeLogStreamsCommand({ ...group, limit: 1, descending: true, nextToken: page.nextToken }),
        );
        assert.deepStrictEqual([next.logStreams?.map((s) => s.logStreamName), next.nextToken], [["a"], undefined]);
    });

    it("take events from clients, and refuse those that are too old or too new", async () => {
        const stream = { ...group, logStreamName: "mine" };
        await client.send(new CreateLogStreamCommand(stream));
        await assert.rejects(client.send(new CreateLogStreamCommand(stream)), {
            name: "ResourceAlreadyExistsException",
            message: "The specified log stream already exists",
        });
        const logEvents = [NOON - 15 * 86_400_000, NOON - 1_000, NOON, NOON + 3 * 3_600_000].map((timestamp, i) => ({
            timestamp,
            message: `message ${i}`,
        }));
        const { rejectedLogEventsInfo } = await client.send(new PutLogEventsCommand({ ...stream, logEvents }));
        assert.deepStrictEqual(rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 3 });
        const { events } = await client.send(new GetLogEventsCommand(stream));
        assert.deepStrictEqual(messages(events), ["message 1", "message 2"]);
        await assert.rejects(client.send(new PutLogEventsCommand({ ...stream, logEvents: logEvents.toReversed() })), {
            name: "InvalidParameterException",
            message: "Log events in a single PutLogEvents request must be in chronological order.",
        });
    });

    it("page forward and backward, and give the same token at the end", async () => {
        const stream = { ...group, logStreamName: "s" };
        const all = Array.from({ length: 10 }, (_, i) => `line ${i}`);
        logs.putLogEvents(ROOT, "/aws/lambda/f", "s", all);
        const get = (more: object) => client.send(new GetLogEventsCommand({ ...stream, limit: 4, ...more }));
        const last = await get({});
        assert.deepStrictEqual(messages(last.events), all.slice(6));
        const before = await get({ nextToken: last.nextBackwardToken });
        assert.deepStrictEqual(messages(before.events), all.slice(2, 6));
        const first = await get({ nextToken: before.nextBackwardToken });
        assert.deepStrictEqual(messages(first.events), all.slice(0, 2));
        const none = await get({ nextToken: first.nextBackwardToken });
        assert.deepStrictEqual([none.events, none.nextBackwardToken], [[], first.nextBackwardToken]);
        const head = await get({ startFromHead: true });
        assert.deepStrictEqual(messages(head.events), all.slice(0, 4));
        const end = await get({ nextToken: last.nextForwardToken });
        assert.deepStrictEqual([end.events, end.nextForwardToken], [[], last.nextForwardToken]);
        logs.putLogEvents(ROOT, "/aws/lambda/f", "s", ["new"]);
        assert.deepStrictEqual(messages((await get({ nextToken: end.nextForwardToken })).events), ["new"]);
        await assert.rejects(get({ nextToken: "x" }), { message: "The specified nextToken is invalid." });
    });

    it("find events over all streams by time and words, page by page", async () => {
        for (let i = 0; i < 6; i++) {
            logs.putLogEvents(ROOT, "/aws/lambda/f", `s${i % 2}`, [`START ${i}`, `ERROR number ${i}`]);
            await clock.advance(1_000);
        }
        const found: string[] = [];
        const ids = new Set<string | undefined>();
        const input = { ...group, filterPattern: "ERROR", startTime: NOON + 1_000, endTime: NOON + 5_000 };
        for await (const page of paginateFilterLogEvents({ client, pageSize: 3 }, input))
            for (const event of page.events ?? []) {
                found.push(`${event.logStreamName} ${event.message}`);
                ids.add(event.eventId);
            }
        assert.deepStrictEqual(found, [
            "s1 ERROR number 1",
            "s0 ERROR number 2",
            "s1 ERROR number 3",
            "s0 ERROR number 4",
        ]);
        assert.equal(ids.size, 4);
        const one = await client.send(new FilterLogEventsCommand({ ...group, logStreamNames: ["s1"], limit: 2 }));
        assert.deepStrictEqual(messages(one.events), ["START 1", "ERROR number 1"]);
    });

    it("hold an answer to a megabyte", async () => {
        logs.putLogEvents(ROOT, "/aws/lambda/f", "big", Array<string>(20).fill("x".repeat(100_000)));
        const { events, nextForwardToken } = await client.send(
            new GetLogEventsCommand({ ...group, logStreamName: "big", startFromHead: true }),
        );
        assert.equal(events?.length, 10);
        const rest = await client.send(
            new GetLogEventsCommand({ ...group, logStreamName: "big", nextToken: nextForwardToken }),
        );
        assert.equal(rest.events?.length, 10);
    });

    it("forget what is older than the group keeps it", async () => {
        logs.putLogEvents(ROOT, "short", "old", ["gone"]);
        logs.putLogEvents(ROOT, "short", "still", ["gone too"]);
        await clock.advance(20 * 3_600_000);
        logs.putLogEvents(ROOT, "short", "still", ["kept"]);
        await clock.advance(5 * 3_600_000);
        const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: "short" }));
        assert.deepStrictEqual(messages(events), ["kept"]);
        logs.putLogEvents(ROOT, "short", "new", ["newest"]);
        const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName: "short" }));
        assert.deepStrictEqual(
            logStreams?.map((s) => s.logStreamName),
            ["new", "still"],
        );
    });

    it("say what is missing, forbidden or not supported, in AWS's words", async () => {
        const none = { name: "ResourceNotFoundException", message: "The specified log group does not exist." };
        await assert.rejects(client.send(new FilterLogEventsCommand({ logGroupName: "none" })), none);
        assert.throws(() => logs.putLogEvents(ROOT, "none", "s", ["x"]), { ...none, code: none.name });
        await assert.rejects(client.send(new GetLogEventsCommand({ ...group, logStreamName: "none" })), {
            name: "ResourceNotFoundException",
            message: "The specified log stream does not exist.",
        });
        refused = ["logs:CreateLogStream"];
        assert.throws(() => logs.putLogEvents(ROOT, "/aws/lambda/f", "s", ["x"]), {
            code: "AccessDeniedException",
            message: `User: ${ROOT.arn} is not authorized to perform: logs:CreateLogStream on resource: ${GROUP_ARN}:log-stream:s because no identity-based policy allows the logs:CreateLogStream action`,
        });
        await assert.rejects(client.send(new CreateLogGroupCommand({ logGroupName: "g" })), {
            name: "LocalUnsupported",
            message: "logs:CreateLogGroup (log groups are made by the program) is not supported by the local runtime.",
        });
        await assert.rejects(client.send(new FilterLogEventsCommand({ ...group, filterPattern: "{ $.a = 1 }" })), {
            name: "LocalUnsupported",
            message: "The filter pattern { $.a = 1 } is not supported by the local runtime.",
        });
    });
});

describe("filter patterns", () => {
    const table: readonly [pattern: string, message: string, isFound: boolean][] = [
        ["", "anything", true],
        ["ERROR", "an ERROR", true],
        ["ERROR", "an error", false],
        ["ERROR timeout", "timeout: ERROR", true],
        ["ERROR timeout", "ERROR", false],
        ['"task timed out"', "the task timed out after", true],
        ['"task timed out"', "timed out task", false],
        ['"say \\"hi\\""', 'they say "hi"', true],
        ["ERROR -retry", "ERROR", true],
        ["ERROR -retry", "ERROR, retry", false],
        ['-"in vain"', "done in vain", false],
        ["?WARN ?ERROR", "a WARN", true],
        ["?WARN ?ERROR", "INFO", false],
    ];
    for (const [pattern, message, isFound] of table)
        it(`${isFound ? "find" : "do not find"}: ${pattern || "nothing"} in ${message}`, () => {
            assert.equal(filterPattern(pattern)(message), isFound);
        });
});

describe("a log stream on disk", () => {
    let place: TemporaryPlace;
    before(() => {
        place = temporaryPlace();
    });
    after(() => place.remove());

    it("gives the same events forward and backward, whatever they hold and however long they are", () => {
        const store = createLogStore(place.data);
        const message = fc.oneof(
            fc.string({ unit: "binary" }),
            fc.constant("\n"),
            fc.nat(70_000).map((n) => "é".repeat(n)),
        );
        let run = 0;
        fc.assert(
            fc.property(fc.array(message, { maxLength: 6 }), (all) => {
                const name = `stream ${++run}`;
                store.create("g", name, 1);
                for (const text of all) store.append("g", name, [{ timestamp: 1, ingested: 2, message: text }]);
                const stream = store.stream("g", name);
                assert.ok(stream);
                const forward = [...store.forward(stream)];
                assert.deepStrictEqual(
                    forward.map((event) => event.message),
                    all,
                );
                assert.deepStrictEqual([...store.backward(stream)].reverse(), forward);
            }),
            { numRuns: 15, seed: 5 },
        );
    });

    it("has a file of its own for every name, readable as far as it goes", () => {
        const store = createLogStore(place.data);
        for (const name of ["a/b", "a_b", "a:b", "..", `${"x".repeat(500)}1`, `${"x".repeat(500)}2`])
            store.create("names", name, 1);
        assert.equal(store.streams("names").length, 6);
        assert.match(store.stream("names", "a/b")?.file ?? "", /a_b-[0-9a-f]{8}\.jsonl$/);
    });
});

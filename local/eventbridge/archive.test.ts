import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
    CancelReplayCommand,
    DescribeArchiveCommand,
    DescribeReplayCommand,
    type EventBridgeClient,
    ListArchivesCommand,
    ListReplaysCommand,
    PutEventsCommand,
    StartReplayCommand,
    type StartReplayRequest,
} from "@aws-sdk/client-eventbridge";
import { EVENT_TYPES } from "./config";
import {
    BUS,
    eventBridgeFor,
    makeRole,
    makeRule,
    type Parts,
    ROLE_ARN,
    RULE_ARN,
    STREAM_ARN,
    sdkFor,
} from "./test-support";

const DAY = 86_400_000;
const BUS_ARN = `arn:aws:events:us-east-1:000000000000:event-bus/${BUS}`;
const ARCHIVE_ARN = "arn:aws:events:us-east-1:000000000000:archive/all";

describe("An archive", () => {
    let parts: Parts;
    let sdk: EventBridgeClient;
    let close: () => Promise<void>;
    beforeEach(async () => {
        parts = eventBridgeFor();
        await makeRole(parts, [{ Action: "firehose:PutRecord", Resource: STREAM_ARN }]);
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        ({ sdk, close } = await sdkFor(parts));
        parts.events().start();
    });
    afterEach(async () => {
        await close();
        await parts.events().close();
        parts.place.remove();
    });

    const archive = (more: object = {}) =>
        parts.make(EVENT_TYPES.archive, { name: "all", eventSourceArn: BUS_ARN, ...more });
    const put = async (...events: readonly { n: number; time?: string; source?: string }[]) => {
        const Entries = events.map(({ n, time, source }) => ({
            EventBusName: BUS,
            Source: source ?? "transactions",
            DetailType: "é",
            Detail: JSON.stringify({ n }),
            ...(time && { Time: new Date(time) }),
        }));
        await sdk.send(new PutEventsCommand({ Entries }));
        await parts.events().idle();
    };
    const replay = async (over: Partial<StartReplayRequest> = {}) => {
        const { $metadata: _, ...answer } = await sdk.send(
            new StartReplayCommand({
                ReplayName: "again",
                EventSourceArn: ARCHIVE_ARN,
                EventStartTime: new Date("2026-11-20T00:00:00Z"),
                EventEndTime: new Date("2026-11-21T00:00:00Z"),
                Destination: { Arn: BUS_ARN },
                ...over,
            }),
        );
        await parts.events().idle();
        return answer;
    };
    const delivered = () =>
        parts.records.splice(0).map((text) => {
            const { detail, "replay-name": name } = JSON.parse(text);
            return name === undefined ? detail.n : `${detail.n} ${name}`;
        });
    const described = async () => {
        const { $metadata: _, ...answer } = await sdk.send(new DescribeArchiveCommand({ ArchiveName: "all" }));
        return answer;
    };

    it("keeps the events of a bus that its pattern matches, whether a rule wants them or not", async () => {
        await archive({
            eventPattern: '{"detail":{"n":[{"numeric":[">",1]}]}}',
            description: "Big ones",
            retentionDays: 7,
        });
        await put({ n: 1 }, { n: 2 }, { n: 3, source: "another" });
        const created = new Date("2026-11-20T12:00:00Z");
        const known = {
            ArchiveName: "all",
            EventSourceArn: BUS_ARN,
            State: "ENABLED",
            RetentionDays: 7,
            SizeBytes: 415,
            EventCount: 2,
            CreationTime: created,
        };
        assert.deepStrictEqual(await described(), {
            ...known,
            ArchiveArn: ARCHIVE_ARN,
            Description: "Big ones",
            EventPattern: '{"detail":{"n":[{"numeric":[">",1]}]}}',
        });
        const { Archives } = await sdk.send(new ListArchivesCommand({ NamePrefix: "a" }));
        assert.deepStrictEqual(Archives, [known]);
        assert.deepStrictEqual((await sdk.send(new ListArchivesCommand({ NamePrefix: "b" }))).Archives, []);
    });

    it("replays events of a time to the rules of its bus, and keeps them no second time", async () => {
        await archive();
        await put({ n: 1, time: "2026-11-19T23:59:59Z" }, { n: 2, time: "2026-11-20T00:00:00Z" }, { n: 3 });
        await put(
            { n: 4, time: "2026-11-20T23:59:59Z" },
            { n: 5, time: "2026-11-21T00:00:00Z" },
            { n: 6, source: "another" },
        );
        assert.deepStrictEqual(delivered(), [1, 2, 3, 4, 5]);
        const started = new Date("2026-11-20T12:00:00Z");
        assert.deepStrictEqual(await replay({ Description: "Once more" }), {
            ReplayArn: "arn:aws:events:us-east-1:000000000000:replay/again",
            State: "STARTING",
            ReplayStartTime: started,
        });
        assert.deepStrictEqual(delivered(), ["2 again", "3 again", "4 again"]);
        assert.strictEqual((await described()).EventCount, 6);
        const known = {
            ReplayName: "again",
            EventSourceArn: ARCHIVE_ARN,
            State: "COMPLETED",
            EventStartTime: new Date("2026-11-20T00:00:00Z"),
            EventEndTime: new Date("2026-11-21T00:00:00Z"),
            EventLastReplayedTime: new Date("2026-11-20T23:59:59Z"),
            ReplayStartTime: started,
            ReplayEndTime: started,
        };
        const { $metadata: _, ...replayed } = await sdk.send(new DescribeReplayCommand({ ReplayName: "again" }));
        assert.deepStrictEqual(replayed, {
            ...known,
            ReplayArn: "arn:aws:events:us-east-1:000000000000:replay/again",
            Description: "Once more",
            Destination: { Arn: BUS_ARN, FilterArns: [] },
        });
        assert.deepStrictEqual((await sdk.send(new ListReplaysCommand({ State: "COMPLETED" }))).Replays, [known]);
        assert.deepStrictEqual((await sdk.send(new ListReplaysCommand({ State: "RUNNING" }))).Replays, []);
    });

    it("replays to the rules that are named", async () => {
        await archive();
        await put({ n: 1 });
        await replay({ Destination: { Arn: BUS_ARN, FilterArns: [`${RULE_ARN}-not`] } });
        await replay({ ReplayName: "third", Destination: { Arn: BUS_ARN, FilterArns: [RULE_ARN] } });
        assert.deepStrictEqual(delivered(), [1, "1 third"]);
    });

    it("forgets the events of a day as many days after it as it says", async () => {
        await archive({ retentionDays: 2 });
        await put({ n: 1 });
        await parts.clock.advance(DAY);
        await put({ n: 2 });
        assert.strictEqual((await described()).EventCount, 2);
        await parts.clock.advance(1.5 * DAY);
        assert.strictEqual((await described()).EventCount, 1);
        await parts.clock.advance(30 * DAY);
        await put({ n: 3 });
        const folder = path.join(parts.place.data, "eventbridge", "archives", "all");
        assert.deepStrictEqual(fs.readdirSync(folder), ["2026-12-23"]);
    });

    it("keeps its events over a restart, after which a replay goes on", async () => {
        await archive();
        const all = Array.from({ length: 230 }, (_each, n) => n);
        for (let first = 0; first < all.length; first += 10)
            await put(...all.slice(first, first + 10).map((n) => ({ n })));
        assert.deepStrictEqual(delivered(), all);
        await sdk.send(
            new StartReplayCommand({
                ReplayName: "again",
                EventSourceArn: ARCHIVE_ARN,
                EventStartTime: new Date("2026-11-20T00:00:00Z"),
                EventEndTime: new Date("2026-11-21T00:00:00Z"),
                Destination: { Arn: BUS_ARN },
            }),
        );
        while (parts.records.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
        await parts.restart();
        await parts.events().idle();
        assert.deepStrictEqual([...new Set(delivered())].sort(), all.map((n) => `${n} again`).sort());
    });

    for (const [title, over, name, message] of [
        [
            "of no archive",
            { EventSourceArn: BUS_ARN },
            "ValidationException",
            "Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN.",
        ],
        [
            "of an archive that is not there",
            { EventSourceArn: `${ARCHIVE_ARN}2` },
            "ValidationException",
            "Parameter EventSourceArn is not valid. Reason: Archive all2 does not exist.",
        ],
        [
            "to another bus",
            { Destination: { Arn: `${BUS_ARN}2` } },
            "ValidationException",
            "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
        ],
        [
            "to no bus",
            { Destination: { Arn: RULE_ARN } },
            "ValidationException",
            "Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.",
        ],
        [
            "of no time",
            { EventEndTime: new Date("2026-11-20T00:00:00Z") },
            "ValidationException",
            "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
        ],
        [
            "with a name that another has",
            { ReplayName: "first" },
            "ResourceAlreadyExistsException",
            "Replay first already exists.",
        ],
    ] as const)
        it(`refuses a replay ${title}`, async () => {
            await archive();
            await replay({ ReplayName: "first" });
            await assert.rejects(replay(over), { name, message });
        });

    it("refuses to cancel a replay that is over, and tells of what is not there", async () => {
        await archive();
        await replay();
        await assert.rejects(sdk.send(new CancelReplayCommand({ ReplayName: "again" })), {
            name: "IllegalStatusException",
            message: "Replay again is not in a valid state for this operation.",
        });
        await assert.rejects(sdk.send(new DescribeReplayCommand({ ReplayName: "x" })), {
            name: "ResourceNotFoundException",
            message: "Replay x does not exist.",
        });
        await assert.rejects(sdk.send(new DescribeArchiveCommand({ ArchiveName: "x" })), {
            name: "ResourceNotFoundException",
            message: "Archive x does not exist.",
        });
    });
});

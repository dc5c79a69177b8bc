import * as assert from "node:assert/strict";
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { TestServer } from "../../tests/support/local";
import { BUS, eventBridgeFor, makeRole, makeRule, type Parts, ROLE_ARN, STREAM_ARN, sdkFor } from "./test-support";

describe("PutEvents, through the SDK,", () => {
    let parts: Parts;
    let sdk: EventBridgeClient;
    let server: TestServer;
    let close: () => Promise<void>;
    before(async () => {
        parts = eventBridgeFor();
        await makeRole(parts, [{ Action: "firehose:PutRecord", Resource: STREAM_ARN }]);
        await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
        ({ sdk, server, close } = await sdkFor(parts));
        parts.events().start();
    });
    after(async () => {
        await close();
        await parts.events().close();
        parts.place.remove();
    });
    beforeEach(() => void parts.records.splice(0));

    const entry = (over: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
        Source: "transactions",
        DetailType: "card-event",
        Detail: '{"amount":5}',
        EventBusName: BUS,
        ...over,
    });
    const put = async (...Entries: PutEventsRequestEntry[]) => {
        const { $metadata: _, ...answer } = await sdk.send(new PutEventsCommand({ Entries }));
        await parts.events().idle();
        return answer;
    };

    it("gives every event an id, and each target the event as JSON", async () => {
        const { FailedEntryCount, Entries = [] } = await put(
            entry(),
            entry({
                Time: new Date("2026-01-01T00:00:00.999Z"),
                Resources: ["arn:x"],
                Detail: ' { "name" : "Zoë \\t\\n", "n": 1e400 } ',
            }),
        );
        assert.strictEqual(FailedEntryCount, 0);
        for (const { EventId } of Entries) assert.match(String(EventId), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.deepStrictEqual(parts.records, [
            `{"version":"0","id":"${Entries[0]?.EventId}","detail-type":"card-event","source":"transactions","account":"000000000000","time":"2026-11-20T12:00:00Z","region":"us-east-1","resources":[],"detail":{"amount":5}}`,
            `{"version":"0","id":"${Entries[1]?.EventId}","detail-type":"card-event","source":"transactions","account":"000000000000","time":"2026-01-01T00:00:00Z","region":"us-east-1","resources":["arn:x"],"detail":{"name":"Zoë \\t\\n","n":1e400}}`,
        ]);
    });

    it("tells of each entry what is wrong with it, and takes the others", async () => {
        const { FailedEntryCount, Entries = [] } = await put(
            entry({ Source: undefined }),
            entry({ DetailType: undefined }),
            entry({ Detail: undefined }),
            entry({ Detail: "not JSON" }),
            entry({ Detail: '"text"' }),
            entry({ Detail: "[1]" }),
            entry({ Detail: "[".repeat(200_000) + "]".repeat(200_000) }),
            entry({ Detail: `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}` }),
            entry({ Source: "aws.ec2" }),
            entry({ Detail: "{}" }),
        );
        const lacking = (name: string) => ({
            ErrorCode: "InvalidArgument",
            ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
        });
        const malformed = { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
        assert.deepStrictEqual(Entries.slice(0, 9), [
            lacking("Source"),
            lacking("DetailType"),
            lacking("Detail"),
            malformed,
            malformed,
            malformed,
            malformed,
            malformed,
            { ErrorCode: "NotAuthorizedForSource", ErrorMessage: "Not authorized for the source." },
        ]);
        assert.deepStrictEqual(
            [FailedEntryCount, Object.keys(Entries[9] ?? {}), parts.records.length],
            [9, ["EventId"], 1],
        );
    });

    it("knows a bus by its ARN, too", async () => {
        await put(entry({ EventBusName: `arn:aws:events:us-east-1:000000000000:event-bus/${BUS}` }));
        assert.strictEqual(parts.records.length, 1);
    });

    it("takes events that no rule wants, and those to buses that are not there", async () => {
        const { FailedEntryCount } = await put(
            entry({ Source: "another" }),
            entry({ EventBusName: undefined }),
            entry({ EventBusName: "nowhere" }),
        );
        assert.deepStrictEqual([FailedEntryCount, parts.records], [0, []]);
    });

    const shown = `PutEventsRequestEntry(time=null, source=transactions, resources=null, detailType=card-event, detail={"amount":5}, eventBusName=${BUS}, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)`;
    for (const [title, entries, message] of [
        [
            "no entry",
            [],
            "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ],
        [
            "more than ten",
            new Array<PutEventsRequestEntry>(11).fill(entry()),
            `1 validation error detected: Value '[${new Array(11).fill(shown).join(", ")}]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10`,
        ],
        [
            "a name that no bus can have",
            [entry({ EventBusName: "a b" })],
            "1 validation error detected: Value 'a b' at 'entries.1.member.eventBusName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+",
        ],
        [
            "1 MB in all",
            [entry({ Detail: `{"a":"${"é".repeat(262_144)}"}` }), entry({ Detail: `{"a":"${"é".repeat(262_144)}"}` })],
            "Total size of the entries in the request is over the limit.",
        ],
    ] as const)
        it(`refuses a request with ${title}`, async () => {
            await assert.rejects(put(...entries), { name: "ValidationException", message });
        });

    it("counts the time as 14 bytes, and refuses what reaches 1 MB", async () => {
        const rest = 14 + "transactions".length + "card-event".length + '{"a":""}'.length;
        const of = (bytes: number) => entry({ Time: new Date(0), Detail: `{"a":"${"x".repeat(bytes - rest)}"}` });
        assert.strictEqual((await put(of(1024 * 1024 - 1))).FailedEntryCount, 0);
        await assert.rejects(put(of(1024 * 1024)), { name: "ValidationException" });
    });

    it("asks the caller's policies", async () => {
        const caller = parts.iam.assume(ROLE_ARN, "events.amazonaws.com", "arn:x", "session");
        const other = new EventBridgeClient({ ...server.client, credentials: parts.iam.credentials(caller) });
        await assert.rejects(other.send(new PutEventsCommand({ Entries: [entry()] })), {
            name: "AccessDeniedException",
            message: `User: arn:aws:sts::000000000000:assumed-role/events/session is not authorized to perform: events:PutEvents on resource: arn:aws:events:us-east-1:000000000000:event-bus/${BUS} because no identity-based policy allows the events:PutEvents action`,
        });
        await parts.make("aws:iam/rolePolicy:RolePolicy", {
            name: "put",
            role: "events",
            policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: {
                    Effect: "Allow",
                    Action: "events:PutEvents",
                    Resource: "*",
                    Condition: { StringEquals: { "events:source": "transactions" } },
                },
            }),
        });
        const answer = await other.send(new PutEventsCommand({ Entries: [entry()] }));
        assert.strictEqual(answer.FailedEntryCount, 0);
        await assert.rejects(other.send(new PutEventsCommand({ Entries: [entry(), entry({ Source: "another" })] })), {
            name: "AccessDeniedException",
        });
        other.destroy();
    });
});

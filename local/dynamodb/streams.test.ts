import * as assert from "node:assert/strict";
import { type AttributeValue, DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { iamWith, ROOT } from "../../tests/support/local";
import { STREAM_SHARD } from "./streams";
import { type DynamoBench, dynamoBench } from "./test-support";

const ON = { streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" };

describe("the stream of a table", () => {
    let b: DynamoBench;
    let arn: string;
    beforeEach(async () => {
        b = await dynamoBench();
        arn = String((await b.table(ON)).outputs.streamArn);
    });
    afterEach(() => b.close());

    const Key = { customer: { S: "c" }, order: { S: "o" } };
    const put = (more: Record<string, AttributeValue> = {}) =>
        b.client.send(new PutItemCommand({ TableName: "orders", Item: { ...Key, ...more } }));
    const read = async (from = 0) => (await b.dynamodb().streams.read(ROOT, arn, STREAM_SHARD, from)).records;

    it("has every change with the item before and after it, as DynamoDB Streams shows it", async () => {
        await put({ n: { N: "1.50" }, bytes: { B: new Uint8Array([1, 2]) } });
        await put({ n: { N: "2" } });
        await b.client.send(new DeleteItemCommand({ TableName: "orders", Key }));
        const records = (await read()).map(({ record: { eventID, ...record } }) => {
            assert.match(eventID, /^[0-9a-f]{32}$/);
            return record;
        });
        const first = { ...Key, n: { N: "1.5" }, bytes: { B: "AQI=" } };
        const second = { ...Key, n: { N: "2" } };
        const common = { eventVersion: "1.1", eventSource: "aws:dynamodb", awsRegion: "us-east-1" };
        const record = (eventName: string, position: number, SizeBytes: number, images: object) => ({
            ...common,
            eventName,
            dynamodb: {
                ApproximateCreationDateTime: Date.UTC(2026, 10, 20, 12) / 1000,
                Keys: Key,
                ...images,
                SequenceNumber: `4${String(position).padStart(20, "0")}`,
                SizeBytes,
                StreamViewType: "NEW_AND_OLD_IMAGES",
            },
        });
        assert.deepStrictEqual(records, [
            record("INSERT", 0, 15 + 25, { NewImage: first }),
            record("MODIFY", 1, 15 + 18 + 25, { NewImage: second, OldImage: first }),
            record("REMOVE", 2, 15 + 18, { OldImage: second }),
        ]);
    });

    it("has nothing of a write that changes nothing", async () => {
        await put({ texts: { SS: ["a", "b"] } });
        await put({ texts: { SS: ["b", "a"] } });
        await b.client.send(new DeleteItemCommand({ TableName: "orders", Key: { ...Key, order: { S: "none" } } }));
        assert.equal((await read()).length, 1);
    });

    it("goes on after a restart where it was, and keeps the order of each key", async () => {
        const add = () =>
            b.client.send(
                new UpdateItemCommand({
                    TableName: "orders",
                    Key,
                    UpdateExpression: "ADD n :one",
                    ExpressionAttributeValues: { ":one": { N: "1" } },
                }),
            );
        await Promise.all(Array.from({ length: 10 }, add));
        await b.restart();
        await Promise.all(Array.from({ length: 10 }, add));
        const records = await read();
        assert.deepStrictEqual(
            records.map(({ position, record }) => [position, record.dynamodb.NewImage?.n]),
            Array.from({ length: 20 }, (_, i) => [i, { N: String(i + 1) }]),
        );
        assert.equal(new Set(records.map(({ partitionKey }) => partitionKey)).size, 1);
    });

    it("keeps changes for 24 hours, and never gives a sequence number twice", async () => {
        await put({ n: { N: "1" } });
        await put({ n: { N: "2" } });
        b.dynamodb().start();
        await b.clock.advance(24 * 3_600_000 + 600_000);
        assert.deepStrictEqual(await read(), []);
        await b.restart();
        await put({ n: { N: "3" } });
        assert.deepStrictEqual(
            (await read()).map(({ position }) => position),
            [2],
        );
        assert.equal(await b.dynamodb().streams.positionOf(arn, STREAM_SHARD, "TRIM_HORIZON"), 2);
        assert.equal(await b.dynamodb().streams.positionOf(arn, STREAM_SHARD, "LATEST"), 3);
    });

    it("wakes who waits for a change", async () => {
        const waiting = b.dynamodb().streams.waitForRecords(arn, STREAM_SHARD, 0, new AbortController().signal);
        await put();
        await waiting;
    });

    it("shows the images that its view type has", async () => {
        for (const [streamViewType, images] of [
            ["KEYS_ONLY", []],
            ["NEW_IMAGE", ["NewImage"]],
            ["OLD_IMAGE", ["OldImage"]],
            ["NEW_AND_OLD_IMAGES", ["NewImage", "OldImage"]],
        ] as const) {
            const name = `table-${streamViewType}`;
            const table = await b.table({ name, streamEnabled: true, streamViewType });
            for (const n of ["1", "2"])
                await b.client.send(new PutItemCommand({ TableName: name, Item: { ...Key, n: { N: n } } }));
            const own = String(table.outputs.streamArn);
            const { records } = await b.dynamodb().streams.read(ROOT, own, STREAM_SHARD, 1);
            const shown = Object.keys(records[0]?.record.dynamodb ?? {}).filter((each) => each.endsWith("Image"));
            assert.deepStrictEqual(shown, images);
        }
    });

    it("is gone when it is switched off, and begins anew when it is switched on", async () => {
        await put({ n: { N: "1" } });
        const [table] = b.services.resources.all("aws:dynamodb/table:Table");
        const off = await b.update(table as never, { streamEnabled: false, streamViewType: undefined });
        await assert.rejects(read(), {
            name: "ResourceNotFoundException",
            message: `Requested resource not found: Stream: ${arn} not found`,
        });
        await put({ n: { N: "2" } });
        await b.clock.advance(1000);
        const on = await b.update(off, ON);
        arn = String(on.outputs.streamArn);
        assert.deepStrictEqual(await read(), []);
        await put({ n: { N: "3" } });
        assert.equal((await read()).length, 1);
    });

    it("asks the policies for leave to read", async () => {
        await b.close();
        b = await dynamoBench({ iam: iamWith((_caller, action) => action !== "dynamodb:GetRecords") });
        arn = String((await b.table(ON)).outputs.streamArn);
        await assert.rejects(read(), { name: "AccessDeniedException" });
    });
});

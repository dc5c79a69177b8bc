import * as assert from "node:assert/strict";
import {
    type AttributeValue,
    BatchGetItemCommand,
    BatchWriteItemCommand,
    CreateTableCommand,
    DeleteItemCommand,
    DescribeContinuousBackupsCommand,
    DescribeTableCommand,
    DescribeTimeToLiveCommand,
    GetItemCommand,
    ListTablesCommand,
    ListTagsOfResourceCommand,
    PutItemCommand,
    paginateScan,
    QueryCommand,
    ScanCommand,
    TransactWriteItemsCommand,
    UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as fc from "fast-check";
import { iamWith, ROOT } from "../../tests/support/local";
import { createWire } from "../wire";
import { TABLE_TYPE } from "./config";
import { seededFaults } from "./faults";
import { type DynamoBench, dynamoBench } from "./test-support";

const ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const INDEX = { name: "by-day", hashKey: "day", projectionType: "ALL" };
const WITH_DAY = {
    attributes: [
        { name: "customer", type: "S" },
        { name: "order", type: "S" },
        { name: "day", type: "S" },
    ],
};

type Item = Record<string, AttributeValue>;

describe("local DynamoDB", () => {
    let b: DynamoBench;
    beforeEach(async () => {
        b = await dynamoBench();
    });
    afterEach(() => b.close());

    const itemOf = (order: string, more: Item = {}): Item => ({ customer: { S: "c" }, order: { S: order }, ...more });
    const put = (Item: Item) => b.client.send(new PutItemCommand({ TableName: "orders", Item }));
    const get = async (order: string) => {
        const Key = { customer: { S: "c" }, order: { S: order } };
        return (await b.client.send(new GetItemCommand({ TableName: "orders", Key }))).Item;
    };
    const batch = (...items: readonly Item[]) =>
        b.client.send(
            new BatchWriteItemCommand({ RequestItems: { orders: items.map((Item) => ({ PutRequest: { Item } })) } }),
        );
    const byDay = async (day: string) => {
        const { Items } = await b.client.send(
            new QueryCommand({
                TableName: "orders",
                IndexName: "by-day",
                KeyConditionExpression: "#d = :d",
                ExpressionAttributeNames: { "#d": "day" },
                ExpressionAttributeValues: { ":d": { S: day } },
            }),
        );
        return Items?.map(({ order }) => order?.S).sort();
    };

    it("scans a table that takes several pages", async () => {
        await b.table();
        const text = "x".repeat(20_000);
        const orders = Array.from({ length: 150 }, (_, index) => `o${String(index).padStart(3, "0")}`);
        for (let start = 0; start < orders.length; start += 25)
            await batch(...orders.slice(start, start + 25).map((order) => itemOf(order, { text: { S: text } })));
        const pages: (string | undefined)[][] = [];
        for await (const { Items = [] } of paginateScan({ client: b.client }, { TableName: "orders" }))
            pages.push(Items.map(({ order }) => order?.S));
        // A page ends with the item that makes it 1 MiB.
        assert.deepStrictEqual(
            pages.map(({ length }) => length),
            [53, 53, 44],
        );
        assert.deepStrictEqual(pages.flat(), orders);
    });

    it("gives back every kind of value as it was put, also after a restart", async () => {
        await b.table();
        const item = itemOf("o1", {
            text: { S: "é\u0000😀" },
            empty: { S: "" },
            number: { N: "1.1" },
            whole: { N: "9007199254740993" },
            long: { N: "12345678901234567890123456789012345678" },
            small: { N: "-0.000000001" },
            bytes: { B: new Uint8Array([0, 1, 255]) },
            truth: { BOOL: false },
            nothing: { NULL: true },
            texts: { SS: ["a", "b"] },
            numbers: { NS: ["1", "2.5"] },
            blobs: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
            list: { L: [{ N: "1" }, { M: { B: { S: "an attribute named B" }, BS: { B: new Uint8Array([7]) } } }] },
            map: { M: { inner: { L: [{ BOOL: true }] } } },
        });
        await put(item);
        await b.restart();
        assert.deepStrictEqual(await get("o1"), item);
        const { Items } = await b.client.send(new ScanCommand({ TableName: "orders" }));
        assert.deepStrictEqual(Items, [item]);
    });

    it("keeps numbers to 38 digits and refuses what has more", async () => {
        await b.table();
        const cases: readonly [string, string | RegExp][] = [
            ["0.1", "0.1"],
            ["1e3", "1000"],
            ["-0", "0"],
            ["00012.500", "12.5"],
            ["1e125", `1${"0".repeat(125)}`],
            ["1e-130", `0.${"0".repeat(129)}1`],
            ["1e400", /^Number overflow\. Attempting to store a number with magnitude larger than supported range$/],
            ["1e126", /^Number overflow\. Attempting to store a number with magnitude larger than supported range$/],
            ["1e-131", /^Number underflow\. Attempting to store a number with magnitude smaller than supported range$/],
            ["1".repeat(39), /^Attempting to store more than 38 significant digits in a Number$/],
            ["NaN", /^The parameter cannot be converted to a numeric value: NaN$/],
            ["1,5", /^The parameter cannot be converted to a numeric value: 1,5$/],
        ];
        for (const [given, expected] of cases) {
            const putting = batch(itemOf("o1", { n: { N: given } }));
            if (typeof expected === "string") {
                await putting;
                assert.deepStrictEqual((await get("o1"))?.n, { N: expected });
            } else await assert.rejects(putting, { name: "ValidationException", message: expected });
        }
    });

    it("takes items of 400 KB, counted in bytes, and not a byte more", async () => {
        await b.table();
        // "customer" and "c", "order" and "o1", "x": 8 + 1 + 5 + 2 + 1 bytes.
        const room = 400 * 1024 - 17;
        await put(itemOf("o1", { x: { S: "é".repeat(Math.floor(room / 2)) } }));
        await batch(itemOf("o1", { x: { S: "x".repeat(room) } }));
        const tooLarge = { name: "ValidationException", message: "Item size has exceeded the maximum allowed size" };
        await assert.rejects(put(itemOf("o1", { x: { S: "x".repeat(room + 1) } })), tooLarge);
        await assert.rejects(put(itemOf("o1", { x: { S: "é".repeat(Math.floor(room / 2) + 1) } })), tooLarge);
        await assert.rejects(batch(itemOf("o2"), itemOf("o3", { x: { S: "é".repeat(300_000) } })), tooLarge);
        assert.equal(await get("o2"), undefined);
        const grow = new UpdateItemCommand({
            TableName: "orders",
            Key: itemOf("o1"),
            UpdateExpression: "SET y = :y",
            ExpressionAttributeValues: { ":y": { S: "more" } },
        });
        await assert.rejects(b.client.send(grow), {
            name: "ValidationException",
            message: "Item size to update has exceeded the maximum allowed size",
        });
    });

    it("refuses a batch as AWS does", async () => {
        await b.table();
        const many = Array.from({ length: 26 }, (_, i) => itemOf(`o${i}`));
        await assert.rejects(batch(itemOf("a"), itemOf("a")), {
            name: "ValidationException",
            message: "Provided list of item keys contains duplicates",
        });
        await assert.rejects(batch(...many), (error: Error) => {
            assert.equal(error.name, "ValidationException");
            assert.match(error.message, /^1 validation error detected: Value '\{.*\}' at 'requestItems' failed/);
            assert.ok(
                error.message.endsWith(
                    "failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
                ),
            );
            return true;
        });
        const wrong = { name: "ValidationException", message: "The provided key element does not match the schema" };
        await assert.rejects(batch({ customer: { S: "c" } }), wrong);
        await assert.rejects(batch({ customer: { N: "1" }, order: { S: "o" } }), wrong);
        await assert.rejects(batch(itemOf("")), {
            name: "ValidationException",
            message:
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: order",
        });
        await b.table({ name: "others" });
        const two = (name: string) => ({ [name]: many.slice(0, 13).map((Item) => ({ PutRequest: { Item } })) });
        const RequestItems = { ...two("orders"), ...two("others") };
        await assert.rejects(b.client.send(new BatchWriteItemCommand({ RequestItems })), {
            name: "ValidationException",
            message: "Too many items requested for the BatchWriteItem call",
        });
        const missing = { none: [{ PutRequest: { Item: itemOf("o") } }] };
        await assert.rejects(b.client.send(new BatchWriteItemCommand({ RequestItems: missing })), {
            name: "ResourceNotFoundException",
            message: "Requested resource not found",
        });
    });

    it("puts and deletes in one batch, and reads items in another", async () => {
        await b.table();
        await put(itemOf("gone"));
        const RequestItems = {
            orders: [{ PutRequest: { Item: itemOf("new") } }, { DeleteRequest: { Key: itemOf("gone") } }],
        };
        assert.deepStrictEqual((await b.client.send(new BatchWriteItemCommand({ RequestItems }))).UnprocessedItems, {});
        const { Responses } = await b.client.send(
            new BatchGetItemCommand({ RequestItems: { orders: { Keys: [itemOf("new"), itemOf("gone")] } } }),
        );
        assert.deepStrictEqual(Responses, { orders: [itemOf("new")] });
    });

    it("checks conditions, and shows the item that did not meet them", async () => {
        await b.table();
        await put(itemOf("o1", { bytes: { B: new Uint8Array([1, 2]) } }));
        const command = new PutItemCommand({
            TableName: "orders",
            Item: itemOf("o1"),
            ConditionExpression: "attribute_not_exists(customer)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        });
        await assert.rejects(b.client.send(command), {
            name: "ConditionalCheckFailedException",
            message: "The conditional request failed",
            Item: itemOf("o1", { bytes: { B: new Uint8Array([1, 2]) } }),
        });
    });

    it("updates items one after the other, so that no change is lost", async () => {
        await b.table();
        const add = () =>
            b.client.send(
                new UpdateItemCommand({
                    TableName: "orders",
                    Key: itemOf("o1"),
                    UpdateExpression: "ADD n :one",
                    ExpressionAttributeValues: { ":one": { N: "1" } },
                }),
            );
        await Promise.all(Array.from({ length: 40 }, add));
        assert.deepStrictEqual(await get("o1"), itemOf("o1", { n: { N: "40" } }));
    });

    it("undoes no put of a batch with an update that has read the item before", async () => {
        await b.table();
        await put(itemOf("o", { n: { N: "1" } }));
        const update = () =>
            b.client.send(
                new UpdateItemCommand({
                    TableName: "orders",
                    Key: itemOf("o"),
                    UpdateExpression: "ADD n :one",
                    ExpressionAttributeValues: { ":one": { N: "1" } },
                }),
            );
        for (let round = 1; round <= 20; round++) {
            const n = round * 100;
            await Promise.all([update(), batch(itemOf("o", { n: { N: String(n) } })), update()]);
            const found = Number((await get("o"))?.n?.N);
            assert.ok(found >= n && found <= n + 2, `Put ${n}, updated twice by 1, found ${found}.`);
        }
    });

    it("queries in the order of the range key, page by page", async () => {
        await b.table();
        const orders = Array.from({ length: 10 }, (_, i) => `o${i}`);
        await batch(...orders.map((order) => itemOf(order)));
        const found: (string | undefined)[] = [];
        for (let start: Item | undefined, pages = 0; pages === 0 || start; pages++) {
            const page = await b.client.send(
                new QueryCommand({
                    TableName: "orders",
                    KeyConditionExpression: "customer = :c",
                    ExpressionAttributeValues: { ":c": { S: "c" } },
                    ScanIndexForward: false,
                    Limit: 3,
                    ExclusiveStartKey: start,
                }),
            );
            found.push(...(page.Items ?? []).map(({ order }) => order?.S));
            start = page.LastEvaluatedKey;
        }
        assert.deepStrictEqual(found, [...orders].reverse());
    });

    it("keeps every item in an index, also when thousands have the same index key", async () => {
        await b.table({ ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        const orders = Array.from({ length: 6000 }, (_, i) => `o${i}`);
        for (let at = 0; at < orders.length; at += 100)
            await Promise.all(
                [0, 25, 50, 75].map((from) =>
                    batch(
                        ...orders.slice(at + from, at + from + 25).map((order) => itemOf(order, { day: { S: "mon" } })),
                    ),
                ),
            );
        const found: string[] = [];
        for (let start: Item | undefined, pages = 0; pages === 0 || start; pages++) {
            const page = await b.client.send(
                new ScanCommand({ TableName: "orders", IndexName: "by-day", Limit: 700, ExclusiveStartKey: start }),
            );
            found.push(...(page.Items ?? []).map(({ order }) => order?.S as string));
            start = page.LastEvaluatedKey;
        }
        assert.deepStrictEqual(found.sort(), [...orders].sort());
    });

    it("moves items in an index when they change, and takes them out when they go", async () => {
        await b.table({ ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        await batch(itemOf("a", { day: { S: "mon" } }), itemOf("b", { day: { S: "mon" } }), itemOf("c"));
        await put(itemOf("a", { day: { S: "tue" } }));
        await b.client.send(new DeleteItemCommand({ TableName: "orders", Key: itemOf("b") }));
        assert.deepStrictEqual([await byDay("mon"), await byDay("tue")], [[], ["a"]]);
        const requests = [
            { PutRequest: { Item: itemOf("c", { day: { S: "mon" } }) } },
            { DeleteRequest: { Key: itemOf("a") } },
        ];
        await b.client.send(new BatchWriteItemCommand({ RequestItems: { orders: requests } }));
        await batch(itemOf("c", { day: { S: "wed" } }));
        assert.deepStrictEqual([await byDay("mon"), await byDay("tue"), await byDay("wed")], [[], [], ["c"]]);
    });

    it("fills an index that a table gets later, while items change, and empties one that it loses", async () => {
        const table = await b.table();
        for (let at = 0; at < 100; at += 25)
            await batch(...Array.from({ length: 25 }, (_, i) => itemOf(`o${at + i}`, { day: { S: "mon" } })));
        const updating = b.update(table, { ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        for (let i = 0; i < 100; i += 10) await put(itemOf(`o${i}`, { day: { S: "tue" } }));
        const indexed = await updating;
        assert.deepStrictEqual([(await byDay("mon"))?.length, (await byDay("tue"))?.length], [90, 10]);
        const plain = await b.update(indexed, {
            attributes: table.inputs.attributes,
            globalSecondaryIndexes: undefined,
        });
        await assert.rejects(byDay("mon"), { message: "The table does not have the specified index: by-day" });
        await put(itemOf("o0", { day: { S: "wed" } }));
        await b.update(plain, { ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        assert.deepStrictEqual(await byDay("wed"), ["o0"]);
        assert.equal((await byDay("tue"))?.length, 9);
    });

    it("describes tables as the program made them", async () => {
        await b.table({
            ...WITH_DAY,
            globalSecondaryIndexes: [INDEX],
            streamEnabled: true,
            streamViewType: "NEW_AND_OLD_IMAGES",
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true },
            tags: { a: "b" },
        });
        const TableName = "orders";
        const { Table } = await b.client.send(new DescribeTableCommand({ TableName }));
        const { TableId, ...table } = Table ?? {};
        const now = new Date(b.clock.now());
        const throughput = { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 };
        assert.match(TableId ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.deepStrictEqual(table, {
            TableName,
            TableArn: ARN,
            TableStatus: "ACTIVE",
            CreationDateTime: now,
            ItemCount: 0,
            TableSizeBytes: 0,
            AttributeDefinitions: ["customer", "order", "day"].map((AttributeName) => ({
                AttributeName,
                AttributeType: "S",
            })),
            KeySchema: [
                { AttributeName: "customer", KeyType: "HASH" },
                { AttributeName: "order", KeyType: "RANGE" },
            ],
            ProvisionedThroughput: throughput,
            BillingModeSummary: { BillingMode: "PAY_PER_REQUEST", LastUpdateToPayPerRequestDateTime: now },
            GlobalSecondaryIndexes: [
                {
                    IndexName: "by-day",
                    IndexArn: `${ARN}/index/by-day`,
                    IndexStatus: "ACTIVE",
                    KeySchema: [{ AttributeName: "day", KeyType: "HASH" }],
                    Projection: { ProjectionType: "ALL" },
                    ProvisionedThroughput: throughput,
                },
            ],
            StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
            LatestStreamArn: `${ARN}/stream/2026-11-20T12:00:00.000`,
            LatestStreamLabel: "2026-11-20T12:00:00.000",
            SSEDescription: { Status: "ENABLED", SSEType: "KMS" },
            DeletionProtectionEnabled: false,
        });
        const { ContinuousBackupsDescription } = await b.client.send(
            new DescribeContinuousBackupsCommand({ TableName }),
        );
        assert.deepStrictEqual(ContinuousBackupsDescription, {
            ContinuousBackupsStatus: "ENABLED",
            PointInTimeRecoveryDescription: {
                PointInTimeRecoveryStatus: "ENABLED",
                RecoveryPeriodInDays: 35,
                EarliestRestorableDateTime: now,
                LatestRestorableDateTime: now,
            },
        });
        const ttl = await b.client.send(new DescribeTimeToLiveCommand({ TableName }));
        assert.deepStrictEqual(ttl.TimeToLiveDescription, { TimeToLiveStatus: "DISABLED" });
        const { Tags } = await b.client.send(new ListTagsOfResourceCommand({ ResourceArn: ARN }));
        assert.deepStrictEqual(Tags, [{ Key: "a", Value: "b" }]);
        assert.deepStrictEqual((await b.client.send(new ListTablesCommand({}))).TableNames, ["orders"]);
        await assert.rejects(b.client.send(new DescribeTableCommand({ TableName: "none" })), {
            name: "ResourceNotFoundException",
            message: "Requested resource not found: Table: none not found",
        });
    });

    it("says distinctly what it lacks", async () => {
        await b.table();
        const TransactItems = [{ Put: { TableName: "orders", Item: itemOf("o") } }];
        await assert.rejects(b.client.send(new TransactWriteItemsCommand({ TransactItems })), {
            name: "LocalUnsupported",
            message: "dynamodb:TransactWriteItems is not supported by the local runtime.",
        });
        await assert.rejects(put(itemOf("o", { map: { M: JSON.parse('{"__proto__":{"S":"x"}}') } })), {
            name: "LocalUnsupported",
            message: 'An attribute named "__proto__" is not supported by the local runtime.',
        });
        const table = { TableName: "new", KeySchema: [], AttributeDefinitions: [] };
        await assert.rejects(b.client.send(new CreateTableCommand(table)), { name: "LocalUnsupported" });
    });

    it("deletes a table with its items, and a new one of its name is empty", async () => {
        const table = await b.table({ ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        await put(itemOf("a", { day: { S: "mon" } }));
        await b.remove(table);
        await assert.rejects(put(itemOf("b")), {
            name: "ResourceNotFoundException",
            message: "Requested resource not found",
        });
        await b.table({ ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        assert.deepStrictEqual([await get("a"), await byDay("mon")], [undefined, []]);
    });

    it("names a table by its ARN as well", async () => {
        await b.table();
        await b.client.send(new PutItemCommand({ TableName: ARN, Item: itemOf("a") }));
        assert.deepStrictEqual(await get("a"), itemOf("a"));
    });
});

describe("local DynamoDB with faults and policies", () => {
    let b: DynamoBench;
    afterEach(() => b.close());
    const requests = (count: number) => ({
        orders: Array.from({ length: count }, (_, i) => ({
            PutRequest: { Item: { customer: { S: "c" }, order: { S: `o${i}` } } },
        })),
    });
    const write = (RequestItems: ReturnType<typeof requests>) =>
        b.client.send(new BatchWriteItemCommand({ RequestItems }));

    it("leaves the items that a test says unprocessed", async () => {
        b = await dynamoBench({ faults: { unprocessed: (_table, index) => index % 2 === 0 } });
        await b.table();
        const { UnprocessedItems } = await write(requests(5));
        assert.deepStrictEqual(
            UnprocessedItems?.orders?.map(({ PutRequest }) => PutRequest?.Item?.order?.S),
            ["o0", "o2", "o4"],
        );
        const { Count } = await b.client.send(new ScanCommand({ TableName: "orders" }));
        assert.equal(Count, 2);
        await assert.rejects(write(requests(1)), {
            name: "ProvisionedThroughputExceededException",
            message:
                "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
        });
    });

    it("throttles at random, the same way for the same seed, and loses nothing that a client repeats", async () => {
        b = await dynamoBench({ faults: seededFaults(3, { refused: 0.5, unprocessed: 0.3 }) });
        await b.table();
        let refused = 0;
        let calls = 0;
        for (let left = requests(25); left.orders.length > 0; calls++) {
            try {
                const { UnprocessedItems } = await write(left);
                left = { orders: (UnprocessedItems?.orders ?? []) as typeof left.orders };
            } catch (error) {
                const { name } = error as Error;
                assert.match(name, /^(ThrottlingException|ProvisionedThroughputExceededException)$/);
                refused++;
            }
        }
        assert.deepStrictEqual([refused > 0, calls > 2], [true, true]);
        for (;;)
            try {
                assert.equal((await b.client.send(new ScanCommand({ TableName: "orders" }))).Count, 25);
                break;
            } catch (error) {
                if ((error as Error).name === "AssertionError") throw error;
            }
    });

    it("asks the policies about every table of a request, and about an index that is read", async () => {
        const asked: string[] = [];
        b = await dynamoBench({
            iam: iamWith((_caller, action, resource) => {
                asked.push(`${action} ${resource}`);
                return !resource.endsWith("others");
            }),
        });
        await b.table({ ...WITH_DAY, globalSecondaryIndexes: [INDEX] });
        await b.table({ name: "others" });
        const other = ARN.replace("orders", "others");
        await assert.rejects(write({ ...requests(1), others: requests(1).orders } as ReturnType<typeof requests>), {
            name: "AccessDeniedException",
            message: `User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:BatchWriteItem on resource: ${other} because no identity-based policy allows the dynamodb:BatchWriteItem action`,
        });
        await b.client.send(new ScanCommand({ TableName: "orders", IndexName: "by-day" }));
        await b.client.send(new DescribeTableCommand({ TableName: "orders" }));
        assert.deepStrictEqual(asked, [
            `dynamodb:BatchWriteItem ${ARN}`,
            `dynamodb:BatchWriteItem ${other}`,
            `dynamodb:Scan ${ARN}/index/by-day`,
            `dynamodb:DescribeTable ${ARN}`,
        ]);
    });
});

describe("the binding of DynamoDB tables", () => {
    let b: DynamoBench;
    beforeEach(async () => {
        b = await dynamoBench();
    });
    afterEach(() => b.close());

    it("makes what the real provider makes", async () => {
        const table = await b.table({ streamEnabled: true, streamViewType: "NEW_IMAGE", tags: { a: "b" } });
        const { tableId, ...outputs } = table.outputs;
        assert.match(String(tableId), /^[0-9a-f-]{36}$/);
        assert.deepStrictEqual(outputs, {
            ...table.inputs,
            arn: ARN,
            creationDate: "2026-11-20T12:00:00.000Z",
            deletionProtectionEnabled: false,
            readCapacity: 0,
            region: "us-east-1",
            streamArn: `${ARN}/stream/2026-11-20T12:00:00.000`,
            streamLabel: "2026-11-20T12:00:00.000",
            tableClass: "STANDARD",
            tagsAll: { a: "b" },
            writeCapacity: 0,
        });
        assert.equal(table.id, "orders");
        await assert.rejects(b.table(), { name: "ResourceInUseException", message: "Table already exists: orders" });
    });

    it("keeps the stream's ARN as long as the stream stays on", async () => {
        const table = await b.table({ streamEnabled: true, streamViewType: "NEW_IMAGE" });
        await b.clock.advance(1000);
        const tagged = await b.update(table, { tags: { a: "b" } });
        assert.equal(tagged.outputs.streamArn, table.outputs.streamArn);
        const off = await b.update(tagged, { streamEnabled: false, streamViewType: undefined });
        assert.equal(off.outputs.streamArn, "");
        const on = await b.update(off, { streamEnabled: true, streamViewType: "NEW_IMAGE" });
        assert.equal(on.outputs.streamArn, `${ARN}/stream/2026-11-20T12:00:01.000`);
    });

    it("does not delete a table that is protected", async () => {
        const table = await b.table({ deletionProtectionEnabled: true });
        await assert.rejects(b.remove(table), {
            name: "ValidationException",
            message:
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
        });
        await b.remove(await b.update(table, { deletionProtectionEnabled: false }));
    });

    it("refuses values that AWS refuses, and what the local runtime lacks", () => {
        const base = {
            name: "orders",
            billingMode: "PAY_PER_REQUEST",
            hashKey: "a",
            attributes: [{ name: "a", type: "S" }],
        };
        const problems = (inputs: object) => b.dynamodb().bindings[TABLE_TYPE]?.check?.({ ...base, ...inputs });
        const cases: readonly [object, string][] = [
            [{ name: "ab" }, '"name" must be 3 to 255 letters, digits, "_", "." or "-", not "ab".'],
            [{ rangeKey: "b" }, 'all indexes must match a defined attribute. Unmatched indexes: ["b"]'],
            [
                { attributes: [...base.attributes, { name: "b", type: "S" }] },
                'all attributes must be indexed. Unused attributes: ["b"]',
            ],
            [{ attributes: [{ name: "a", type: "X" }] }, '"attributes.a.type" must be "S" or "N" or "B", not "X".'],
            [
                { billingMode: "PROVISIONED", readCapacity: 1 },
                '"writeCapacity" must be at least 1 when "billingMode" is "PROVISIONED".',
            ],
            [{ streamEnabled: true }, '"streamViewType" is required when "streamEnabled" is true.'],
            [
                { pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: 40 } },
                '"pointInTimeRecovery.recoveryPeriodInDays" must be between 1 and 35, not 40.',
            ],
            [
                { globalSecondaryIndexes: [{ name: "by-a", hashKey: "a", projectionType: "INCLUDE" }] },
                'The index "by-a" needs "nonKeyAttributes", because its projection type is "INCLUDE".',
            ],
            [
                { ttl: { enabled: true, attributeName: "a" } },
                "Time to live of a DynamoDB table is not supported by the local runtime.",
            ],
            [
                { replicas: [{ regionName: "eu-west-1" }] },
                "A DynamoDB table with replicas is not supported by the local runtime.",
            ],
        ];
        for (const [inputs, problem] of cases) assert.deepStrictEqual(problems(inputs), [problem]);
        assert.deepStrictEqual(problems({ pointInTimeRecovery: { enabled: true }, tableClass: "STANDARD" }), []);
    });
});

describe("hostile requests to local DynamoDB", () => {
    const { attribute } = fc.letrec<{ attribute: object }>((tie) => ({
        attribute: fc.oneof(
            { depthSize: "small" },
            fc.constantFrom<object>(
                { S: "a" },
                { S: "" },
                { N: "1" },
                { N: "x" },
                { B: "AQ==" },
                { B: "?" },
                { NULL: false },
            ),
            fc.constantFrom<object>(
                { SS: [] },
                { SS: ["a", "a"] },
                { NS: ["1"] },
                { BS: ["AQ=="] },
                { S: 1 },
                {},
                { X: "a" },
            ),
            fc.array(tie("attribute"), { maxLength: 3 }).map((L) => ({ L })),
            fc
                .dictionary(fc.constantFrom("S", "B", "BS", "M", "constructor", "__proto__"), tie("attribute"))
                .map((M) => ({ M })),
        ),
    }));

    it("are answered or refused, and never hurt", async () => {
        const b = await dynamoBench();
        const defects: unknown[] = [];
        const { gateway } = createWire(
            () => [b.dynamodb().service],
            (defect) => void defects.push(defect),
        );
        const call = async (operation: string, input: object) =>
            (await gateway.call(ROOT, "dynamodb", operation, JSON.stringify(input))).status;
        try {
            await b.table({ streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" });
            const Key = { customer: { S: "c" }, order: { S: "o" } };
            await fc.assert(
                fc.asyncProperty(
                    attribute,
                    fc.constantFrom("SET x = :a", "ADD x :a", "SET x[1] = :a"),
                    async (a, update) => {
                        const RequestItems = { orders: [{ PutRequest: { Item: { ...Key, x: a } } }] };
                        const ExpressionAttributeValues = { ":a": a };
                        const statuses = [
                            await call("BatchWriteItem", { RequestItems }),
                            await call("UpdateItem", {
                                TableName: "orders",
                                Key,
                                UpdateExpression: update,
                                ExpressionAttributeValues,
                            }),
                            await call("Scan", {
                                TableName: "orders",
                                FilterExpression: "x > :a",
                                ExpressionAttributeValues,
                            }),
                        ];
                        assert.deepStrictEqual(defects, []);
                        assert.ok(statuses.every((status) => [200, 400, 501].includes(status)));
                    },
                ),
                { seed: 23, numRuns: 300 },
            );
        } finally {
            await b.close();
        }
    });
});

describe("numbers in local DynamoDB", () => {
    it("are exact, whatever their digits", async () => {
        const b = await dynamoBench();
        try {
            await b.table();
            const digits = fc.stringMatching(/^[1-9][0-9]{0,37}$/);
            await fc.assert(
                fc.asyncProperty(
                    digits,
                    fc.integer({ min: 0, max: 37 }),
                    fc.boolean(),
                    async (all, point, isNegative) => {
                        const at = Math.min(point, all.length);
                        const fraction = all.slice(all.length - at).replace(/0+$/, "");
                        const text = `${isNegative ? "-" : ""}${all.slice(0, all.length - at) || "0"}${fraction && `.${fraction}`}`;
                        const Key = { customer: { S: "c" }, order: { S: "o" } };
                        await b.client.send(
                            new PutItemCommand({ TableName: "orders", Item: { ...Key, n: { N: text } } }),
                        );
                        const { Item } = await b.client.send(new GetItemCommand({ TableName: "orders", Key }));
                        assert.deepStrictEqual(Item?.n, { N: text });
                    },
                ),
                { seed: 11, numRuns: 60 },
            );
        } finally {
            await b.close();
        }
    });
});

import * as assert from "node:assert/strict";
import {
    DescribeStreamCommand,
    DescribeStreamSummaryCommand,
    GetRecordsCommand,
    GetShardIteratorCommand,
    ListShardsCommand,
    ListStreamsCommand,
    ListTagsForStreamCommand,
    MergeShardsCommand,
    PutRecordCommand,
    PutRecordsCommand,
    type ShardIteratorType,
} from "@aws-sdk/client-kinesis";
import { iamWith, ROOT } from "../../tests/support/local";
import { STREAM_TYPE } from "./config";
import { type KinesisBench, kinesisBench } from "./test-support";

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";

describe("local Kinesis", () => {
    let b: KinesisBench;
    beforeEach(async () => {
        b = await kinesisBench();
    });
    afterEach(() => b.close());

    const put = (text: string, more: object = {}) =>
        b.client.send(
            new PutRecordCommand({ StreamName: "orders", Data: Buffer.from(text), PartitionKey: "k", ...more }),
        );
    const iterator = async (more: object = {}, StreamName = "orders") => {
        const input = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON", ...more };
        const type = input as typeof input & { ShardIteratorType: ShardIteratorType };
        return (await b.client.send(new GetShardIteratorCommand(type))).ShardIterator as string;
    };
    const get = async (ShardIterator: string, Limit?: number) => {
        const answer = await b.client.send(new GetRecordsCommand({ ShardIterator, Limit }));
        return { ...answer, texts: answer.Records?.map(({ Data }) => Buffer.from(Data as Uint8Array).toString()) };
    };

    it("gives back what was put, with growing sequence numbers and AWS's fields", async () => {
        await b.stream("orders");
        const first = await put("one");
        const second = await put("two", { PartitionKey: "é" });
        assert.deepStrictEqual(
            [
                first.ShardId,
                first.EncryptionType,
                BigInt(second.SequenceNumber ?? 0) > BigInt(first.SequenceNumber ?? 0),
            ],
            ["shardId-000000000000", "NONE", true],
        );
        const { Records, MillisBehindLatest, NextShardIterator } = await get(await iterator());
        const ApproximateArrivalTimestamp = new Date(Date.UTC(2026, 10, 20, 12));
        assert.deepStrictEqual(
            Records?.map((record) => ({ ...record, Data: Buffer.from(record.Data as Uint8Array).toString() })),
            [
                { SequenceNumber: first.SequenceNumber, ApproximateArrivalTimestamp, Data: "one", PartitionKey: "k" },
                { SequenceNumber: second.SequenceNumber, ApproximateArrivalTimestamp, Data: "two", PartitionKey: "é" },
            ],
        );
        assert.equal(MillisBehindLatest, 0);
        assert.deepStrictEqual((await get(NextShardIterator as string)).texts, []);
    });

    it("has what it acknowledged, and good sequence numbers and iterators, after a restart", async () => {
        await b.stream("orders");
        const { SequenceNumber } = await put("one");
        const kept = await iterator();
        await b.restart();
        await put("two");
        const after = await iterator({
            ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
            StartingSequenceNumber: SequenceNumber,
        });
        assert.deepStrictEqual([(await get(kept)).texts, (await get(after)).texts], [["one", "two"], ["two"]]);
    });

    it("starts where each type of iterator says", async () => {
        await b.stream("orders");
        await put("one");
        await b.clock.advance(1000);
        const { SequenceNumber: StartingSequenceNumber } = await put("two");
        const Timestamp = new Date(b.clock.now());
        await b.clock.advance(1000);
        await put("three");
        const from = async (more: object) => (await get(await iterator(more))).texts;
        assert.deepStrictEqual(
            await Promise.all([
                from({ ShardIteratorType: "TRIM_HORIZON" }),
                from({ ShardIteratorType: "LATEST" }),
                from({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber }),
                from({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber }),
                from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp }),
            ]),
            [["one", "two", "three"], [], ["two", "three"], ["three"], ["two", "three"]],
        );
    });

    it("tells how far behind a reader is", async () => {
        await b.stream("orders");
        await put("one");
        await b.clock.advance(5000);
        await put("two");
        const { texts, MillisBehindLatest, NextShardIterator } = await get(await iterator(), 1);
        assert.deepStrictEqual([texts, MillisBehindLatest], [["one"], 5000]);
        assert.equal((await get(NextShardIterator as string)).MillisBehindLatest, 0);
        assert.equal(b.services.metrics.sum("AWS/Kinesis", "GetRecords.Records", { StreamName: "orders" }), 2);
    });

    it("gives no more than 10,000 records and 10 MiB at once", async () => {
        await b.stream("orders");
        const big = Array.from({ length: 9 }, () => ({ Data: Buffer.alloc(1_048_575, "x"), PartitionKey: "k" }));
        await b.client.send(new PutRecordsCommand({ StreamName: "orders", Records: big }));
        await b.client.send(new PutRecordsCommand({ StreamName: "orders", Records: big }));
        const { texts, NextShardIterator } = await get(await iterator());
        assert.equal(texts?.length, 10);
        assert.equal((await get(NextShardIterator as string)).texts?.length, 8);
        const { records } = await b.kinesis().read(ROOT, ARN, "shardId-000000000000", 0, { records: 3 });
        assert.equal(records.length, 3);
    });

    it("sends records to the shard of their hash key", async () => {
        await b.stream("orders", { streamModeDetails: { streamMode: "ON_DEMAND" } });
        const { Shards } = await b.client.send(new ListShardsCommand({ StreamARN: ARN }));
        assert.deepStrictEqual(
            Shards?.map(({ ShardId, HashKeyRange }) => [
                ShardId,
                HashKeyRange?.StartingHashKey,
                HashKeyRange?.EndingHashKey,
            ]),
            [
                ["shardId-000000000000", "0", "85070591730234615865843651857942052863"],
                [
                    "shardId-000000000001",
                    "85070591730234615865843651857942052864",
                    "170141183460469231731687303715884105727",
                ],
                [
                    "shardId-000000000002",
                    "170141183460469231731687303715884105728",
                    "255211775190703847597530955573826158591",
                ],
                [
                    "shardId-000000000003",
                    "255211775190703847597530955573826158592",
                    "340282366920938463463374607431768211455",
                ],
            ],
        );
        const { Records } = await b.client.send(
            new PutRecordsCommand({
                StreamARN: ARN,
                Records: [
                    // The MD5 of "a" begins with 0c, that of "k" with 8c.
                    { Data: Buffer.from("1"), PartitionKey: "a" },
                    { Data: Buffer.from("2"), PartitionKey: "k" },
                    { Data: Buffer.from("3"), PartitionKey: "a", ExplicitHashKey: String(2n ** 128n - 1n) },
                ],
            }),
        );
        assert.deepStrictEqual(
            Records?.map(({ ShardId }) => ShardId?.at(-1)),
            ["0", "2", "3"],
        );
    });

    it("takes an update of the shard count: old shards end, and new ones follow them", async () => {
        const stream = await b.stream("orders", { shardCount: 1 });
        await put("one");
        await b.update(stream, { shardCount: 2 });
        const { ShardId } = await put("two");
        assert.match(ShardId ?? "", /^shardId-00000000000[12]$/);
        const end = await get(await iterator());
        assert.deepStrictEqual([end.texts, end.NextShardIterator], [["one"], undefined]);
        const middle = String(2n ** 127n);
        assert.deepStrictEqual(end.ChildShards, [
            {
                ShardId: "shardId-000000000001",
                ParentShards: ["shardId-000000000000"],
                HashKeyRange: { StartingHashKey: "0", EndingHashKey: String(2n ** 127n - 1n) },
            },
            {
                ShardId: "shardId-000000000002",
                ParentShards: ["shardId-000000000000"],
                HashKeyRange: { StartingHashKey: middle, EndingHashKey: String(2n ** 128n - 1n) },
            },
        ]);
        const { Shards } = await b.client.send(new ListShardsCommand({ StreamName: "orders" }));
        assert.deepStrictEqual(
            Shards?.map((shard) => [
                shard.ParentShardId,
                shard.SequenceNumberRange?.EndingSequenceNumber !== undefined,
            ]),
            [
                [undefined, true],
                ["shardId-000000000000", false],
                ["shardId-000000000000", false],
            ],
        );
        const open = new ListShardsCommand({ StreamName: "orders", ShardFilter: { Type: "AT_LATEST" } });
        assert.equal((await b.client.send(open)).Shards?.length, 2);
        await b.restart();
        const { StreamDescriptionSummary } = await b.client.send(
            new DescribeStreamSummaryCommand({ StreamName: "orders" }),
        );
        assert.equal(StreamDescriptionSummary?.OpenShardCount, 2);
    });

    it("keeps records for the retention period, and what is older is neither given nor kept", async () => {
        const stream = await b.stream("orders");
        await put("old");
        await b.clock.advance(24 * 3_600_000 - 1000);
        await put("new");
        assert.deepStrictEqual((await get(await iterator())).texts, ["old", "new"]);
        const early = await iterator();
        await b.clock.advance(1001);
        assert.deepStrictEqual((await get(early)).texts, ["new"]);
        await b.update(stream, { retentionPeriod: 48 });
        assert.deepStrictEqual((await get(await iterator())).texts, ["old", "new"]);
    });

    it("describes a stream as AWS does", async () => {
        await b.stream("orders", {
            shardCount: 1,
            encryptionType: "KMS",
            kmsKeyId: "alias/aws/kinesis",
            retentionPeriod: 48,
            tags: { a: "1", b: "2" },
        });
        const common = {
            StreamName: "orders",
            StreamARN: ARN,
            StreamStatus: "ACTIVE",
            StreamModeDetails: { StreamMode: "PROVISIONED" },
            RetentionPeriodHours: 48,
            StreamCreationTimestamp: new Date(b.clock.now()),
            EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
            EncryptionType: "KMS",
            KeyId: "alias/aws/kinesis",
        };
        const { StreamDescription } = await b.client.send(new DescribeStreamCommand({ StreamName: "orders" }));
        const StartingSequenceNumber = StreamDescription?.Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber;
        assert.deepStrictEqual(StreamDescription, {
            ...common,
            HasMoreShards: false,
            Shards: [
                {
                    ShardId: "shardId-000000000000",
                    HashKeyRange: { StartingHashKey: "0", EndingHashKey: String(2n ** 128n - 1n) },
                    SequenceNumberRange: { StartingSequenceNumber },
                },
            ],
        });
        const { StreamDescriptionSummary } = await b.client.send(new DescribeStreamSummaryCommand({ StreamARN: ARN }));
        assert.deepStrictEqual(StreamDescriptionSummary, {
            ...common,
            OpenShardCount: 1,
            ConsumerCount: 0,
            MaxRecordSizeInKiB: 1024,
        });
        const tags = await b.client.send(new ListTagsForStreamCommand({ StreamName: "orders", Limit: 1 }));
        assert.deepStrictEqual([tags.Tags, tags.HasMoreTags], [[{ Key: "a", Value: "1" }], true]);
        const { EncryptionType } = await put("x");
        assert.equal(EncryptionType, "KMS");
    });

    it("lists streams and shards page by page", async () => {
        for (const name of ["a", "b", "c"]) await b.stream(name, { shardCount: 3 });
        const first = await b.client.send(new ListStreamsCommand({ Limit: 2 }));
        const second = await b.client.send(new ListStreamsCommand({ Limit: 2, NextToken: first.NextToken }));
        assert.deepStrictEqual(
            [first.StreamNames, first.HasMoreStreams, second.StreamNames, second.HasMoreStreams, second.NextToken],
            [["a", "b"], true, ["c"], false, undefined],
        );
        const page = await b.client.send(new ListShardsCommand({ StreamName: "a", MaxResults: 2 }));
        const last = await b.client.send(new ListShardsCommand({ NextToken: page.NextToken }));
        assert.deepStrictEqual(
            [page.Shards?.length, last.Shards?.map(({ ShardId }) => ShardId), last.NextToken],
            [2, ["shardId-000000000002"], undefined],
        );
        const { StreamDescription } = await b.client.send(new DescribeStreamCommand({ StreamName: "a", Limit: 2 }));
        assert.equal(StreamDescription?.HasMoreShards, true);
    });

    it("refuses what AWS refuses, in AWS's words", async () => {
        await b.stream("orders");
        const cases: readonly [() => Promise<unknown>, string, string][] = [
            [
                () => put("x", { StreamName: "none" }),
                "ResourceNotFoundException",
                "Stream none under account 000000000000 not found.",
            ],
            [
                () => put("x", { PartitionKey: "" }),
                "ValidationException",
                "1 validation error detected: Value '' at 'partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
            ],
            [
                () => put("x", { PartitionKey: "é".repeat(257) }),
                "ValidationException",
                `1 validation error detected: Value '${"é".repeat(257)}' at 'partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256`,
            ],
            [
                () => put("x".repeat(1_048_576)),
                "ValidationException",
                "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
            ],
            [
                () => put("x", { ExplicitHashKey: String(2n ** 128n) }),
                "InvalidArgumentException",
                "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456",
            ],
            [
                () => b.client.send(new PutRecordsCommand({ StreamName: "orders", Records: [] })),
                "ValidationException",
                "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
            ],
            [
                () => {
                    const Records = Array.from({ length: 501 }, () => ({ Data: Buffer.from("x"), PartitionKey: "k" }));
                    return b.client.send(new PutRecordsCommand({ StreamName: "orders", Records }));
                },
                "ValidationException",
                "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
            ],
            [
                () => {
                    const Records = Array.from({ length: 11 }, () => ({ Data: Buffer.alloc(1e6), PartitionKey: "k" }));
                    return b.client.send(new PutRecordsCommand({ StreamName: "orders", Records }));
                },
                "InvalidArgumentException",
                "Records size exceeds 10 MB limit",
            ],
            [
                () => iterator({ ShardId: "shardId-000000000007" }),
                "ResourceNotFoundException",
                "Shard shardId-000000000007 in stream orders under account 000000000000 does not exist",
            ],
            [
                () => iterator({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: "5" }),
                "InvalidArgumentException",
                "StartingSequenceNumber 5 used in GetShardIterator on shard shardId-000000000000 in stream orders under account 000000000000 is invalid because it did not come from this stream.",
            ],
            [
                () => iterator({ ShardIteratorType: "LATEST", StartingSequenceNumber: "5" }),
                "InvalidArgumentException",
                "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified LATEST and also a StartingSequenceNumber.",
            ],
            [() => get("bm9uc2Vuc2U="), "InvalidArgumentException", "Invalid ShardIterator."],
            [
                () =>
                    b.client.send(
                        new MergeShardsCommand({ StreamName: "orders", ShardToMerge: "a", AdjacentShardToMerge: "b" }),
                    ),
                "LocalUnsupported",
                "kinesis:MergeShards is not supported by the local runtime.",
            ],
        ];
        for (const [call, name, message] of cases) await assert.rejects(call(), { name, message });
    });

    it("lets an iterator expire after five minutes", async () => {
        await b.stream("orders");
        const made = await iterator();
        await b.clock.advance(300_000);
        assert.deepStrictEqual((await get(made)).texts, []);
        await b.clock.advance(1);
        await assert.rejects(get(made), {
            name: "ExpiredIteratorException",
            message:
                "Iterator expired. The iterator was created at time Fri Nov 20 12:00:00 UTC 2026 while right now it is Fri Nov 20 12:05:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
        });
    });

    it("lets consumers know that a stream is gone, and deletes what is too old while it runs", async () => {
        const stream = await b.stream("orders");
        const { kinesis } = b;
        const waiting = kinesis().waitForRecords(ARN, "shardId-000000000000", 0, new AbortController().signal);
        kinesis().start();
        await put("old");
        await waiting;
        const again = kinesis().waitForRecords(ARN, "shardId-000000000000", 1, new AbortController().signal);
        await b.clock.advance(24 * 3_600_000 + 60_000);
        assert.equal(await kinesis().positionOf(ARN, "shardId-000000000000", "TRIM_HORIZON"), 1);
        await kinesis().bindings[STREAM_TYPE]?.delete?.(stream);
        await again;
        assert.equal(kinesis().incarnation(ARN), undefined);
        await kinesis().waitForRecords(ARN, "shardId-000000000000", 1, new AbortController().signal);
    });

    it("is a new stream under an old name once the old one is deleted", async () => {
        const old = await b.stream("orders");
        await put("old");
        const kept = await iterator();
        await b.kinesis().bindings[STREAM_TYPE]?.delete?.(old);
        b.services.resources.remove(old.type, old.id);
        await assert.rejects(put("x"), { name: "ResourceNotFoundException" });
        await b.stream("orders");
        assert.deepStrictEqual((await get(await iterator())).texts, []);
        await assert.rejects(get(kept), {
            name: "ResourceNotFoundException",
            message: "Shard shardId-000000000000 in stream orders under account 000000000000 does not exist",
        });
    });
});

describe("local Kinesis with faults and policies", () => {
    let b: KinesisBench;
    afterEach(() => b.close());
    const records = (count: number) =>
        Array.from({ length: count }, (_, i) => ({ Data: Buffer.from(`r${i}`), PartitionKey: "k" }));

    it("throttles the records that a test says, each with its own error", async () => {
        b = await kinesisBench({ throttled: (_stream, index) => index === 1 });
        await b.stream("orders");
        const answer = await b.client.send(new PutRecordsCommand({ StreamName: "orders", Records: records(3) }));
        const message = "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000.";
        assert.deepStrictEqual(
            [answer.FailedRecordCount, answer.Records?.[1]],
            [1, { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: message }],
        );
        const { records: taken } = await b.kinesis().read(ROOT, ARN, "shardId-000000000000", 0);
        assert.deepStrictEqual(
            taken.map(({ data }) => data.toString()),
            ["r0", "r2"],
        );
        const throttled = b.services.metrics.sum("AWS/Kinesis", "WriteProvisionedThroughputExceeded");
        assert.equal(throttled, 1);
    });

    it("has the limits of AWS's shards where that is asked for", async () => {
        b = await kinesisBench({ shardLimits: true });
        await b.stream("orders");
        const put = () => b.client.send(new PutRecordsCommand({ StreamName: "orders", Records: records(500) }));
        const failed = async () => (await put()).FailedRecordCount;
        assert.deepStrictEqual([await failed(), await failed(), await failed()], [0, 0, 500]);
        const one = new PutRecordCommand({ StreamName: "orders", Data: Buffer.from("x"), PartitionKey: "k" });
        await assert.rejects(b.client.send(one), {
            name: "ProvisionedThroughputExceededException",
            message: "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000.",
        });
        await b.clock.advance(1000);
        assert.equal(await failed(), 0);
    });

    it("asks the policies about every call, with the stream's ARN", async () => {
        const asked: string[] = [];
        b = await kinesisBench({
            iam: iamWith((_caller, action, resource) => {
                asked.push(`${action} ${resource}`);
                return action !== "kinesis:PutRecord";
            }),
        });
        await b.stream("orders");
        const one = new PutRecordCommand({ StreamName: "orders", Data: Buffer.from("x"), PartitionKey: "k" });
        await assert.rejects(b.client.send(one), {
            name: "AccessDeniedException",
            message: `User: arn:aws:iam::000000000000:root is not authorized to perform: kinesis:PutRecord on resource: ${ARN} because no identity-based policy allows the kinesis:PutRecord action`,
        });
        await b.client.send(new ListStreamsCommand({}));
        await b.client.send(new PutRecordsCommand({ StreamARN: ARN, Records: records(1) }));
        await b.client.send(new DescribeStreamSummaryCommand({ StreamName: "orders" }));
        assert.deepStrictEqual(asked, [
            `kinesis:PutRecord ${ARN}`,
            "kinesis:ListStreams *",
            `kinesis:PutRecords ${ARN}`,
            `kinesis:DescribeStreamSummary ${ARN}`,
        ]);
    });
});

describe("a stream with a key of the account's own", () => {
    it("asks the policies whether the key may be used, too", async () => {
        const denied = new Set(["kms:GenerateDataKey"]);
        const b = await kinesisBench({ iam: iamWith((_caller, action) => !denied.has(action)) });
        try {
            const kmsKeyId = "arn:aws:kms:us-east-1:000000000000:key/1234";
            const stream = await b.stream("orders", { shardCount: 1, encryptionType: "KMS", kmsKeyId });
            const put = () =>
                b.client.send(
                    new PutRecordCommand({ StreamName: "orders", Data: Buffer.from("x"), PartitionKey: "k" }),
                );
            await assert.rejects(put(), {
                name: "KMSAccessDeniedException",
                message: `User: arn:aws:iam::000000000000:root is not authorized to perform: kms:GenerateDataKey on resource: ${kmsKeyId} because no identity-based policy allows the kms:GenerateDataKey action`,
            });
            denied.clear();
            await put();
            denied.add("kms:Decrypt");
            await assert.rejects(b.kinesis().read(ROOT, ARN, "shardId-000000000000", 0), {
                name: "KMSAccessDeniedException",
            });
            await b.update(stream, { kmsKeyId: "alias/aws/kinesis" });
            assert.equal((await b.kinesis().read(ROOT, ARN, "shardId-000000000000", 0)).records.length, 1);
        } finally {
            await b.close();
        }
    });
});

describe("the binding of Kinesis streams", () => {
    let b: KinesisBench;
    beforeEach(async () => {
        b = await kinesisBench();
    });
    afterEach(() => b.close());

    it("makes what the real provider makes", async () => {
        const made = await b.stream("orders", { shardCount: 2, tags: { a: "b" } });
        assert.deepStrictEqual(made.outputs, {
            name: "orders",
            arn: ARN,
            shardCount: 2,
            encryptionType: "NONE",
            enforceConsumerDeletion: false,
            maxRecordSizeInKib: 1024,
            region: "us-east-1",
            retentionPeriod: 24,
            streamModeDetails: { streamMode: "PROVISIONED" },
            tags: { a: "b" },
            tagsAll: { a: "b" },
        });
        await assert.rejects(b.stream("orders"), {
            name: "ResourceInUseException",
            message: "Stream orders under account 000000000000 already exists.",
        });
    });

    it("refuses values that AWS refuses", () => {
        const problems = (inputs: object) => b.kinesis().bindings[STREAM_TYPE]?.check?.({ shardCount: 1, ...inputs });
        const cases: readonly [object, string][] = [
            [{ name: "a b" }, '"name" must be 1 to 128 letters, digits, "_", "." or "-", not "a b".'],
            [{ shardCount: 0 }, '"shardCount" must be at least 1 when the stream\'s mode is "PROVISIONED".'],
            [{ shardCount: undefined }, '"shardCount" must be at least 1 when the stream\'s mode is "PROVISIONED".'],
            [
                { streamModeDetails: { streamMode: "ON_DEMAND" } },
                '"shardCount" must not be set when the stream\'s mode is "ON_DEMAND".',
            ],
            [
                { streamModeDetails: { streamMode: "X" } },
                '"streamModeDetails.streamMode" must be "PROVISIONED" or "ON_DEMAND", not "X".',
            ],
            [{ retentionPeriod: 23 }, '"retentionPeriod" must be between 24 and 8760, not 23.'],
            [{ encryptionType: "KMS" }, '"kmsKeyId" is required when "encryptionType" is "KMS".'],
            [{ encryptionType: "X" }, '"encryptionType" must be "NONE" or "KMS", not "X".'],
            [{ maxRecordSizeInKib: 100 }, '"maxRecordSizeInKib" must be between 1024 and 10240, not 100.'],
        ];
        for (const [inputs, problem] of cases) assert.deepStrictEqual(problems(inputs), [problem]);
        assert.deepStrictEqual(problems({ retentionPeriod: 8760, encryptionType: "KMS", kmsKeyId: "alias/x" }), []);
    });
});

import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
    CreateDeliveryStreamCommand,
    DescribeDeliveryStreamCommand,
    FirehoseClient,
    ListDeliveryStreamsCommand,
    ListTagsForDeliveryStreamCommand,
    PutRecordBatchCommand,
    PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { fakeClock } from "../../tests/support/clock";
import { iamWith, serve, type TestServer } from "../../tests/support/local";
import { STREAM_TYPE } from "./config";
import type { FirehoseOptions } from "./index";
import { firehoseFor, icebergInputs, objectsBelow, passingTime, putAll, STREAM, s3Inputs } from "./test-support";

const START = Date.UTC(2026, 10, 20, 12);
const ARN = `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`;

describe("Firehose, through the SDK,", () => {
    const open: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0).reverse()) await end();
    });
    async function client(inputs = s3Inputs(), options: FirehoseOptions = {}, own = {}) {
        const parts = firehoseFor(inputs, own, options);
        const server: TestServer = await serve({ jsonServices: [parts.firehose.service] });
        const sdk = new FirehoseClient({ ...server.client, maxAttempts: 1 });
        parts.firehose.start();
        open.push(async () => parts.services.place.remove());
        open.push(() => parts.firehose.close());
        open.push(() => server.close());
        open.push(async () => sdk.destroy());
        return { ...parts, sdk };
    }
    const data = (text: string) => ({ Data: Buffer.from(text) });

    it("accepts a record and a batch, with an id for each", async () => {
        const { sdk, firehose, services } = await client();
        const one = await sdk.send(new PutRecordCommand({ DeliveryStreamName: STREAM, Record: data("a") }));
        const many = await sdk.send(
            new PutRecordBatchCommand({ DeliveryStreamName: STREAM, Records: [data("b"), { Data: Buffer.alloc(0) }] }),
        );
        const ids = [one.RecordId, ...(many.RequestResponses ?? []).map(({ RecordId }) => RecordId)];
        strictEqual(new Set(ids).size, 3);
        for (const id of ids) match(String(id), /^[A-Za-z0-9+/]{224}$/);
        deepStrictEqual([one.Encrypted, many.Encrypted, many.FailedPutCount], [false, false, 0]);
        await firehose.flush(STREAM);
        deepStrictEqual(Object.values(objectsBelow(services.s3.objects, "lake/")), ["ab"]);
    });

    it("keeps what it has acknowledged when it starts again", async () => {
        const { sdk, firehose, services, reopen } = await client();
        await sdk.send(new PutRecordCommand({ DeliveryStreamName: STREAM, Record: data("a") }));
        await firehose.close();
        const again = reopen();
        open.push(() => again.close());
        deepStrictEqual(again.status(), { [STREAM]: { accepted: 1, delivered: 0, failed: 0, dropped: 0, pending: 1 } });
        again.start();
        await again.flush(STREAM);
        deepStrictEqual(Object.values(objectsBelow(services.s3.objects, "lake/")), ["a"]);
    });

    for (const [what, send, name, message] of [
        [
            "more than 500 records",
            () => new PutRecordBatchCommand({ DeliveryStreamName: STREAM, Records: new Array(501).fill(data("a")) }),
            "ValidationException",
            "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
        ],
        [
            "no record",
            () => new PutRecordBatchCommand({ DeliveryStreamName: STREAM, Records: [] }),
            "ValidationException",
            "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ],
        [
            "a record of more than 1,000 KiB",
            () =>
                new PutRecordBatchCommand({
                    DeliveryStreamName: STREAM,
                    Records: [data("a"), { Data: Buffer.alloc(1_024_001) }],
                }),
            "ValidationException",
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1024000",
        ],
        [
            "a single record of more than 1,000 KiB",
            () => new PutRecordCommand({ DeliveryStreamName: STREAM, Record: { Data: Buffer.alloc(1_024_001) } }),
            "ValidationException",
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at 'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000",
        ],
        [
            "more than 4 MiB",
            () =>
                new PutRecordBatchCommand({
                    DeliveryStreamName: STREAM,
                    Records: new Array(5).fill({ Data: Buffer.alloc(838_861) }),
                }),
            "InvalidArgumentException",
            "Records size exceeds 4 MB limit",
        ],
        [
            "a stream that is not there",
            () => new PutRecordCommand({ DeliveryStreamName: "nobody", Record: data("a") }),
            "ResourceNotFoundException",
            "Firehose nobody not found under account 000000000000.",
        ],
        [
            "a name that can't be",
            () => new DescribeDeliveryStreamCommand({ DeliveryStreamName: "a b" }),
            "ValidationException",
            "1 validation error detected: Value 'a b' at 'deliveryStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ],
        [
            "a limit out of range",
            () => new ListDeliveryStreamsCommand({ Limit: 10_001 }),
            "ValidationException",
            "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
        ],
        [
            "a stream to be made, which is the program's business",
            () => new CreateDeliveryStreamCommand({ DeliveryStreamName: "a" }),
            "LocalUnsupported",
            "firehose:CreateDeliveryStream is not supported by the local runtime.",
        ],
    ] as const)
        it(`refuses ${what}`, async () => {
            const { sdk } = await client();
            await rejects(sdk.send(send() as PutRecordCommand), { name, message });
        });

    it("takes 500 records of 4 MiB together, and a record of 1,000 KiB", async () => {
        const { sdk, firehose } = await client();
        const Records = Array.from({ length: 500 }, (_each, index) => ({
            Data: Buffer.alloc(index < 304 ? 8389 : 8388, index),
        }));
        strictEqual(
            Records.reduce((sum, { Data }) => sum + Data.length, 0),
            4 * 1024 * 1024,
        );
        await sdk.send(new PutRecordBatchCommand({ DeliveryStreamName: STREAM, Records }));
        await sdk.send(new PutRecordCommand({ DeliveryStreamName: STREAM, Record: { Data: Buffer.alloc(1_024_000) } }));
        await firehose.flush(STREAM);
        strictEqual(firehose.status()[STREAM]?.delivered, 501);
    });

    it("says so when a record is throttled, record by record in a batch", async () => {
        const { sdk, firehose } = await client(s3Inputs(), { throttled: (_stream, index) => index === 1 });
        const { FailedPutCount, RequestResponses } = await sdk.send(
            new PutRecordBatchCommand({ DeliveryStreamName: STREAM, Records: [data("a"), data("b"), data("c")] }),
        );
        strictEqual(FailedPutCount, 1);
        deepStrictEqual(
            RequestResponses?.map(({ RecordId, ErrorCode, ErrorMessage }) =>
                RecordId ? "id" : `${ErrorCode}: ${ErrorMessage}`,
            ),
            ["id", "ServiceUnavailableException: Slow down.", "id"],
        );
        strictEqual(firehose.status()[STREAM]?.accepted, 2);
    });

    it("tells a producer to slow down while too much is waiting, and takes more when it is delivered", async () => {
        const { sdk, firehose } = await client(s3Inputs(), { backlogBytes: 1000 });
        const put = () =>
            sdk.send(new PutRecordCommand({ DeliveryStreamName: STREAM, Record: { Data: Buffer.alloc(2000) } }));
        await put();
        await rejects(put(), (error: Error & { $metadata: { httpStatusCode: number } }) => {
            deepStrictEqual(
                [error.name, error.message, error.$metadata.httpStatusCode],
                ["ServiceUnavailableException", "Slow down.", 503],
            );
            return true;
        });
        await firehose.flush(STREAM);
        await put();
    });

    it("answers AccessDenied to who may not put, before anything is said of the stream", async () => {
        const iam = iamWith((_caller, action, resource) => action === "firehose:PutRecord" && resource === ARN);
        const { sdk } = await client(s3Inputs(), {}, { iam });
        await sdk.send(new PutRecordCommand({ DeliveryStreamName: STREAM, Record: data("a") }));
        const denied = (action: string, resource: string) => ({
            name: "AccessDeniedException",
            message: `User: arn:aws:iam::000000000000:root is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        });
        await rejects(
            sdk.send(new PutRecordBatchCommand({ DeliveryStreamName: STREAM, Records: [data("a")] })),
            denied("firehose:PutRecordBatch", ARN),
        );
        await rejects(
            sdk.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: "nobody" })),
            denied("firehose:DescribeDeliveryStream", ARN.replace(STREAM, "nobody")),
        );
        await rejects(sdk.send(new ListDeliveryStreamsCommand({})), denied("firehose:ListDeliveryStreams", "*"));
    });

    it("describes an Iceberg stream in AWS's shape", async () => {
        const inputs = { ...icebergInputs({}, { NumberOfRetries: "2" }), serverSideEncryption: { enabled: true } };
        const { sdk } = await client(inputs);
        const { DeliveryStreamDescription } = await sdk.send(
            new DescribeDeliveryStreamCommand({ DeliveryStreamName: STREAM }),
        );
        const role = "arn:aws:iam::000000000000:role/delivery";
        deepStrictEqual(DeliveryStreamDescription, {
            DeliveryStreamName: STREAM,
            DeliveryStreamARN: ARN,
            DeliveryStreamStatus: "ACTIVE",
            DeliveryStreamEncryptionConfiguration: { Status: "ENABLED", KeyType: "AWS_OWNED_CMK" },
            DeliveryStreamType: "DirectPut",
            VersionId: "1",
            CreateTimestamp: new Date(START),
            Destinations: [
                {
                    DestinationId: "destinationId-000000000001",
                    IcebergDestinationDescription: {
                        DestinationTableConfigurationList: [
                            { DestinationDatabaseName: "web", DestinationTableName: "visits" },
                        ],
                        SchemaEvolutionConfiguration: { Enabled: false },
                        TableCreationConfiguration: { Enabled: false },
                        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
                        CloudWatchLoggingOptions: {
                            Enabled: true,
                            LogGroupName: "/aws/firehose",
                            LogStreamName: "delivery",
                        },
                        ProcessingConfiguration: {
                            Enabled: true,
                            Processors: [
                                {
                                    Type: "Lambda",
                                    Parameters: [
                                        { ParameterName: "NumberOfRetries", ParameterValue: "2" },
                                        { ParameterName: "BufferSizeInMBs", ParameterValue: "1" },
                                        { ParameterName: "BufferIntervalInSeconds", ParameterValue: "60" },
                                        {
                                            ParameterName: "LambdaArn",
                                            ParameterValue:
                                                "arn:aws:lambda:us-east-1:000000000000:function:check:$LATEST",
                                        },
                                    ],
                                },
                            ],
                        },
                        S3BackupMode: "FailedDataOnly",
                        RetryOptions: { DurationInSeconds: 300 },
                        RoleARN: role,
                        AppendOnly: false,
                        CatalogConfiguration: { CatalogARN: "arn:aws:glue:us-east-1:000000000000:catalog" },
                        S3DestinationDescription: {
                            RoleARN: role,
                            BucketARN: "arn:aws:s3:::lake",
                            ErrorOutputPrefix: "errors/!{timestamp:yyyy/MM/dd/HH}/!{firehose:error-output-type}/",
                            BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
                            CompressionFormat: "UNCOMPRESSED",
                            EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
                            CloudWatchLoggingOptions: { Enabled: false },
                        },
                    },
                },
            ],
            HasMoreDestinations: false,
        });
    });

    it("describes an S3 stream both ways, as AWS does", async () => {
        const { sdk } = await client(s3Inputs({ kmsKeyArn: "arn:aws:kms:us-east-1:000000000000:key/k" }));
        const { DeliveryStreamDescription } = await sdk.send(
            new DescribeDeliveryStreamCommand({ DeliveryStreamName: STREAM }),
        );
        const s3 = {
            RoleARN: "arn:aws:iam::000000000000:role/delivery",
            BucketARN: "arn:aws:s3:::lake",
            BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
            CompressionFormat: "UNCOMPRESSED",
            EncryptionConfiguration: {
                KMSEncryptionConfig: { AWSKMSKeyARN: "arn:aws:kms:us-east-1:000000000000:key/k" },
            },
            CloudWatchLoggingOptions: { Enabled: false },
        };
        deepStrictEqual(DeliveryStreamDescription?.Destinations, [
            {
                DestinationId: "destinationId-000000000001",
                S3DestinationDescription: s3,
                ExtendedS3DestinationDescription: {
                    ...s3,
                    ProcessingConfiguration: { Enabled: false, Processors: [] },
                    S3BackupMode: "Disabled",
                    DataFormatConversionConfiguration: { Enabled: false },
                    DynamicPartitioningConfiguration: { Enabled: false },
                    CustomTimeZone: "UTC",
                },
            },
        ]);
    });

    it("describes partitions and a conversion as AWS does, with what was left out", async () => {
        const { sdk } = await client(
            s3Inputs({
                bufferingSize: undefined,
                dynamicPartitioningConfiguration: { enabled: true },
                dataFormatConversionConfiguration: {
                    inputFormatConfiguration: { deserializer: { openXJsonSerDe: { caseInsensitive: false } } },
                    outputFormatConfiguration: { serializer: { parquetSerDe: {} } },
                    schemaConfiguration: {
                        roleArn: "arn:aws:iam::000000000000:role/r",
                        databaseName: "d",
                        tableName: "t",
                    },
                },
            }),
        );
        const { DeliveryStreamDescription } = await sdk.send(
            new DescribeDeliveryStreamCommand({ DeliveryStreamName: STREAM }),
        );
        const { BufferingHints, DynamicPartitioningConfiguration, DataFormatConversionConfiguration } =
            DeliveryStreamDescription?.Destinations?.[0]?.ExtendedS3DestinationDescription ?? {};
        deepStrictEqual(BufferingHints, { SizeInMBs: 128, IntervalInSeconds: 60 });
        deepStrictEqual(DynamicPartitioningConfiguration, { Enabled: true, RetryOptions: { DurationInSeconds: 300 } });
        deepStrictEqual(DataFormatConversionConfiguration, {
            Enabled: true,
            InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: { CaseInsensitive: false } } },
            OutputFormatConfiguration: { Serializer: { ParquetSerDe: { Compression: "SNAPPY" } } },
            SchemaConfiguration: {
                RoleARN: "arn:aws:iam::000000000000:role/r",
                DatabaseName: "d",
                TableName: "t",
                VersionId: "LATEST",
            },
        });
    });

    it("lists streams and tags in pages", async () => {
        const { sdk, services } = await client({ ...s3Inputs(), tags: { b: "2", a: "1", c: "3" } });
        for (const name of ["zebra", "aardvark"])
            services.resources.put({
                type: STREAM_TYPE,
                id: name,
                inputs: { ...s3Inputs(), name },
                outputs: { arn: name },
            });
        const list = (input: object) => sdk.send(new ListDeliveryStreamsCommand(input));
        const first = await list({ Limit: 2 });
        deepStrictEqual([first.DeliveryStreamNames, first.HasMoreDeliveryStreams], [["aardvark", STREAM], true]);
        const second = await list({ Limit: 2, ExclusiveStartDeliveryStreamName: STREAM });
        deepStrictEqual([second.DeliveryStreamNames, second.HasMoreDeliveryStreams], [["zebra"], false]);
        deepStrictEqual((await list({ DeliveryStreamType: "KinesisStreamAsSource" })).DeliveryStreamNames, []);
        const tags = await sdk.send(
            new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: STREAM, ExclusiveStartTagKey: "a", Limit: 1 }),
        );
        deepStrictEqual([tags.Tags, tags.HasMoreTags], [[{ Key: "b", Value: "2" }], true]);
    });
});

describe("The binding of a delivery stream", () => {
    const open: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0).reverse()) await end();
    });
    function parts() {
        const clock = fakeClock(START);
        const made = firehoseFor(s3Inputs(), { clock });
        const binding = made.firehose.bindings[STREAM_TYPE];
        if (!binding?.update || !binding.delete) throw new Error("It has no update or delete.");
        open.push(async () => made.services.place.remove());
        open.push(() => made.firehose.close());
        return { ...made, clock, create: binding.create, update: binding.update, remove: binding.delete };
    }

    it("makes what AWS gives back", async () => {
        const { create } = parts();
        const inputs = { ...s3Inputs(), name: "other", tags: { a: "1" } };
        const arn = "arn:aws:firehose:us-east-1:000000000000:deliverystream/other";
        deepStrictEqual(await create(inputs, "logical"), {
            id: arn,
            outputs: {
                ...inputs,
                arn,
                destinationId: "destinationId-000000000001",
                versionId: "1",
                tagsAll: { a: "1" },
            },
        });
    });

    it("refuses a name that is taken, and what the local runtime lacks", async () => {
        const { create } = parts();
        await rejects(async () => create(s3Inputs(), "logical"), {
            code: "ResourceInUseException",
            message: `Firehose ${STREAM} already exists under account 000000000000.`,
        });
        await rejects(async () => create({ ...s3Inputs(), name: "other", mskSourceConfiguration: {} }, "logical"), {
            code: "LocalUnsupported",
            message: "A delivery stream with an MSK source is not supported by the local runtime.",
        });
    });

    it("keeps what is buffered through an update, and delivers it as the new configuration says", async () => {
        const { firehose, services, clock, update } = parts();
        firehose.start();
        await putAll(firehose, ["a"]);
        await clock.advance(1000);
        const [old] = services.resources.all(STREAM_TYPE);
        if (!old) throw new Error("There is no stream.");
        const inputs = s3Inputs({ prefix: "new/", bufferingInterval: 5 });
        const updated = await update(old, inputs, "visits");
        deepStrictEqual([updated.id, updated.outputs.versionId], [old.id, "2"]);
        services.resources.put({ type: STREAM_TYPE, ...updated, inputs });
        await passingTime(clock, firehose.idle(STREAM));
        const [[key, body]] = Object.entries(objectsBelow(services.s3.objects, "lake/")) as [[string, string]];
        match(key, new RegExp(`^lake/new/2026/11/20/12/${STREAM}-2-2026-11-20-12-00-00-`));
        strictEqual(body, "a");
        const describe = firehose.service.operations.DescribeDeliveryStream as (
            input: object,
            caller: object,
        ) => {
            DeliveryStreamDescription: { VersionId: string; LastUpdateTimestamp: Date };
        };
        const { VersionId, LastUpdateTimestamp } = describe(
            { DeliveryStreamName: STREAM },
            {},
        ).DeliveryStreamDescription;
        deepStrictEqual([VersionId, LastUpdateTimestamp], ["2", new Date(START + 1000)]);
    });

    it("takes a backup of what comes in, and does not let it go again", async () => {
        const { services, update } = parts();
        const [old] = services.resources.all(STREAM_TYPE);
        if (!old) throw new Error("There is no stream.");
        const s3BackupConfiguration = {
            roleArn: "arn:aws:iam::000000000000:role/backup",
            bucketArn: "arn:aws:s3:::vault",
        };
        const inputs = s3Inputs({ s3BackupMode: "Enabled", s3BackupConfiguration });
        const updated = await update(old, inputs, "visits");
        const kept = services.resources.put({ type: STREAM_TYPE, ...updated, inputs });
        await rejects(async () => update(kept, s3Inputs(), "visits"), {
            code: "InvalidArgumentException",
            message: "Disabling S3 backup is not currently supported.",
        });
        strictEqual((await update(kept, inputs, "visits")).outputs.versionId, "3");
    });

    it("removes what is buffered with the stream, which nobody finds from then on", async () => {
        const { firehose, services, remove } = parts();
        firehose.start();
        await putAll(firehose, ["a"]);
        const [old] = services.resources.all(STREAM_TYPE);
        if (!old) throw new Error("There is no stream.");
        await remove(old);
        strictEqual(fs.existsSync(path.join(services.place.data, "firehose", STREAM)), false);
        await rejects(putAll(firehose, ["b"]), {
            code: "ResourceNotFoundException",
            message: `Firehose ${STREAM} not found under account 000000000000.`,
        });
        deepStrictEqual(firehose.status(), {});
    });

    it("starts a stream that the program makes later", async () => {
        const { firehose, services, create } = parts();
        firehose.start();
        const inputs = { ...s3Inputs({ bufferingInterval: 0 }), name: ".." };
        services.resources.put({ type: STREAM_TYPE, inputs, ...(await create(inputs, "dots")) });
        const put = firehose.service.operations.PutRecord as (input: object, caller: object) => Promise<unknown>;
        await put({ DeliveryStreamName: "..", Record: { Data: Buffer.from("a") } }, {});
        await firehose.idle();
        strictEqual(services.s3.objects.size, 1);
        strictEqual(fs.existsSync(path.join(services.place.data, "firehose", "%2E%2E")), true);
    });
});

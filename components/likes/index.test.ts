import * as assert from "node:assert/strict";
import { fakeAws } from "../../functions/aws-test-support";
import type { TransformEvent, TransformResult } from "../../functions/firehose-events";
import { type Recording, record, resolved, valueAt } from "../../tests/support/mocks";
import { allow, CONTEXT, deployedFunction, recordOf, statements, TOPIC } from "../../tests/support/pipeline";
import type { StackContext } from "../blocks/pipeline";
import { Likes, likes } from ".";
import { likesOptions } from "./options";

/** Records a pipeline named `fans` with these options. */
function pipeline(options: unknown = {}, context: Partial<StackContext> = {}): Promise<Recording<Likes>> {
    const parsed = likesOptions.parse(options);
    return record(() => likes.create("fans", parsed, { ...CONTEXT, ...context }) as Likes);
}

const BUCKET = "aws:s3/bucket:Bucket";
const FUNCTION = "aws:lambda/function:Function";
const ROLE = "aws:iam/role:Role";
const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
const TABLE = "aws:dynamodb/table:Table";

const FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:fans-writer-1a2b3c4";
const TABLE_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/fans-items-1a2b3c4";

describe("Likes", () => {
    let fans: Recording<Likes>;
    const destination = (recording = fans) =>
        valueAt(recording.find(STREAM), "extendedS3Configuration") as Record<string, unknown>;
    before(async () => {
        fans = await pipeline();
    });

    describe("leads a record", () => {
        it("from its producers into a stream of its own, encrypted, and from nowhere else", () => {
            const { destination: kind, kinesisSourceConfiguration, serverSideEncryption } = fans.find(STREAM).inputs;
            assert.deepEqual([kind, kinesisSourceConfiguration], ["extended_s3", undefined]);
            assert.deepEqual(serverSideEncryption, { enabled: true, keyType: "AWS_OWNED_CMK" });
        });

        it("through the writer, in batches whose answers fit what Lambda may answer", () => {
            assert.deepEqual(destination().processingConfiguration, {
                enabled: true,
                processors: [
                    {
                        type: "Lambda",
                        parameters: [
                            { parameterName: "LambdaArn", parameterValue: `${FUNCTION_ARN}:$LATEST` },
                            { parameterName: "BufferSizeInMBs", parameterValue: "0.5" },
                        ],
                    },
                ],
            });
        });

        it("which makes an item of it, or says that it could not", async () => {
            const aws = fakeAws(["element_class"]);
            try {
                const write = deployedFunction<TransformEvent, TransformResult>(fans);
                const records = [
                    recordOf("1", { element_class: "1001", likes: 12 }),
                    recordOf("2", { likes: 12 }),
                    recordOf("3", { element_class: "1002", score: 1.1 }),
                ];
                const answer = await write({ records });
                assert.deepEqual(
                    answer.records.map(({ recordId, result }) => [recordId, result]),
                    [
                        ["1", "Ok"],
                        ["2", "ProcessingFailed"],
                        ["3", "Ok"],
                    ],
                );
                assert.deepEqual(
                    [...aws.items.values()],
                    [
                        { element_class: { S: "1001" }, likes: { N: "12" } },
                        { element_class: { S: "1002" }, score: { N: "1.1" } },
                    ],
                );
            } finally {
                aws.restore();
            }
        });

        it("into the table", () => {
            assert.deepEqual(valueAt(fans.find(FUNCTION), "environment.variables"), { TABLE: "fans-items-1a2b3c4" });
        });

        it("and on to the bucket, by the hour of its arrival", () => {
            const { bucketArn, prefix, compressionFormat, dynamicPartitioningConfiguration } = destination();
            assert.equal(bucketArn, "arn:aws:s3:::fans-bucket-1a2b3c4");
            assert.equal(prefix, "likes/!{timestamp:yyyy/MM/dd/HH}/");
            assert.deepEqual([compressionFormat, dynamicPartitioningConfiguration], ["UNCOMPRESSED", undefined]);
        });
    });

    describe("keeps items in a table", () => {
        it("that costs what is used, can be restored, and tells of each change", () => {
            const { name: _, ...inputs } = fans.find(TABLE).inputs;
            assert.deepEqual(inputs, {
                attributes: [{ name: "element_class", type: "S" }],
                hashKey: "element_class",
                billingMode: "PAY_PER_REQUEST",
                pointInTimeRecovery: { enabled: true },
                serverSideEncryption: { enabled: true },
                streamEnabled: true,
                streamViewType: "NEW_AND_OLD_IMAGES",
                deletionProtectionEnabled: true,
            });
        });

        it("by other keys, of other types, when told so", async () => {
            const table = { partitionKey: { name: "post" }, sortKey: { name: "at", type: "number" } };
            const other = await pipeline({ table });
            const { attributes, hashKey, rangeKey } = other.find(TABLE).inputs;
            assert.deepEqual([hashKey, rangeKey], ["post", "at"]);
            assert.deepEqual(attributes, [
                { name: "post", type: "S" },
                { name: "at", type: "N" },
            ]);
            const aws = fakeAws(["post", "at"]);
            try {
                const records = [recordOf("1", { post: "a", at: 1 }), recordOf("2", { post: "a", at: "1" })];
                const answer = await deployedFunction<TransformEvent, TransformResult>(other)({ records });
                assert.deepEqual(
                    answer.records.map(({ result }) => result),
                    ["Ok", "ProcessingFailed"],
                );
            } finally {
                aws.restore();
            }
            const { partitionKey, sortKey } = await resolved(other.outputs.details);
            assert.deepEqual([partitionKey, sortKey], ["post", "at"]);
        });

        it("which is not deleted with the stack, unless that is disposable", async () => {
            const disposable = await pipeline({}, { disposable: true });
            for (const [type, name] of [
                [TABLE, "fans-items"],
                [BUCKET, "fans-bucket"],
            ] as const) {
                assert.equal(fans.find(type, name).protect, true, name);
                assert.equal(disposable.find(type, name).protect, false, name);
            }
            assert.equal(disposable.find(TABLE).inputs.deletionProtectionEnabled, false);
            assert.equal(disposable.find(BUCKET).inputs.forceDestroy, true);
        });
    });

    describe("loses nothing that fails", () => {
        it("and keeps it in the bucket by error and by hour, for a time", () => {
            assert.equal(
                destination().errorOutputPrefix,
                "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
            );
            const lifecycle = fans.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
            assert.deepEqual((valueAt(lifecycle, "rules") as unknown[])[0], {
                id: "expire-errors",
                status: "Enabled",
                filter: { prefix: "errors/" },
                expiration: { days: 90 },
            });
        });

        it("and says why in a log that is there before the stream", () => {
            const logging = { enabled: true, logGroupName: "fans-stream-log-1a2b3c4", logStreamName: "s3" };
            assert.deepEqual(destination().cloudwatchLoggingOptions, logging);
            assert.equal(fans.find("aws:cloudwatch/logGroup:LogGroup", "stream-log").inputs.retentionInDays, 14);
        });
    });

    describe("keeps what comes as it came, when told so", () => {
        let kept: Recording<Likes>;
        before(async () => {
            kept = await pipeline({ sourceBackup: { retentionDays: 7 } });
        });

        it("in a folder of its own by the hour of its arrival, errors of that among the others", () => {
            const { s3BackupMode, s3BackupConfiguration } = destination(kept);
            assert.equal(s3BackupMode, "Enabled");
            assert.deepEqual(s3BackupConfiguration, {
                bucketArn: "arn:aws:s3:::fans-bucket-1a2b3c4",
                roleArn: "arn:aws:iam::123456789012:role/fans-stream-role-1a2b3c4",
                prefix: "source/!{timestamp:yyyy/MM/dd/HH}/",
                errorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
                bufferingInterval: 300,
                bufferingSize: 5,
                compressionFormat: "GZIP",
                cloudwatchLoggingOptions: {
                    enabled: true,
                    logGroupName: "fans-stream-log-1a2b3c4",
                    logStreamName: "backup",
                },
            });
        });

        it("a minute at the earliest, since Firehose keeps no shorter buffer for it", async () => {
            const fast = await pipeline({ sourceBackup: {}, buffer: { intervalSeconds: 0 } });
            assert.equal(destination(fast).bufferingInterval, 0);
            const { bufferingInterval } = destination(fast).s3BackupConfiguration as { bufferingInterval: number };
            assert.equal(bufferingInterval, 60);
        });

        it("for as long as the options say", () => {
            const lifecycle = kept.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
            assert.deepEqual((valueAt(lifecycle, "rules") as unknown[])[1], {
                id: "expire-source",
                status: "Enabled",
                filter: { prefix: "source/" },
                expiration: { days: 7 },
            });
        });

        it("which is all that Firehose may do beyond", () => {
            const logs = "arn:aws:logs:us-east-1:123456789012:log-group:fans-stream-log-1a2b3c4:log-stream";
            const resources = (statements(kept, "fans-stream-role-policy") as { Resource: string[] }[]).map(
                ({ Resource }) => Resource,
            );
            const usual = (statements(fans, "fans-stream-role-policy") as { Resource: string[] }[]).map(
                ({ Resource }) => Resource,
            );
            assert.deepEqual(
                resources.map((each, index) => each.filter((one) => !usual[index]?.includes(one))),
                [[], ["arn:aws:s3:::fans-bucket-1a2b3c4/source/*"], [], [`${logs}:backup`]],
            );
        });

        it("and does not otherwise", () => {
            const { s3BackupMode, s3BackupConfiguration } = destination();
            assert.deepEqual([s3BackupMode, s3BackupConfiguration], [undefined, undefined]);
        });
    });

    describe("gives each role what it needs and no more", () => {
        it("lets the writer write items in batches, and its log", () => {
            const log = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/tributary-test-fans-writer";
            assert.deepEqual(statements(fans, "fans-writer-role-policy"), [
                allow(["logs:CreateLogStream", "logs:PutLogEvents"], [`${log}:*`]),
                allow(["dynamodb:BatchWriteItem"], [TABLE_ARN]),
            ]);
        });

        it("lets Firehose write to its two folders, call the writer, and write its log", () => {
            const bucket = "arn:aws:s3:::fans-bucket-1a2b3c4";
            const log = "arn:aws:logs:us-east-1:123456789012:log-group:fans-stream-log-1a2b3c4:log-stream:s3";
            assert.deepEqual(statements(fans, "fans-stream-role-policy"), [
                allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket]),
                allow(
                    ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
                    [`${bucket}/likes/*`, `${bucket}/errors/*`],
                ),
                allow(
                    ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
                    [FUNCTION_ARN, `${FUNCTION_ARN}:$LATEST`],
                ),
                allow(["logs:PutLogEvents"], [log]),
            ]);
        });

        it("lets Firehose use its role only for this pipeline's stream in this account", () => {
            assert.deepEqual(valueAt(fans.find(ROLE, "fans-stream-role"), "assumeRolePolicy.Statement.0.Condition"), {
                StringEquals: { "aws:SourceAccount": "123456789012" },
                ArnLike: { "aws:SourceArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/fans-stream-*" },
            });
        });

        it("makes the stream after its role's permissions", () => {
            const policy = "aws:iam/rolePolicy:RolePolicy::fans-stream-role-policy";
            assert.ok(fans.find(STREAM).dependencies.includes(policy));
        });
    });

    it("buffers, retries and partitions as the options say", async () => {
        const other = await pipeline({
            buffer: { intervalSeconds: 0, sizeMiB: 64 },
            writer: { intervalSeconds: 5, sizeMiB: 0.2, retries: 7, memoryMiB: 1024, timeoutSeconds: 120 },
            prefix: "raw/!{timestamp:yyyy-MM-dd}/",
            errors: { prefix: "bad/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/", retentionDays: 3 },
        });
        const { bufferingInterval, bufferingSize, prefix, errorOutputPrefix } = destination(other);
        assert.deepEqual([bufferingInterval, bufferingSize, prefix], [0, 64, "raw/!{timestamp:yyyy-MM-dd}/"]);
        assert.equal(errorOutputPrefix, "bad/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/");
        const path = "extendedS3Configuration.processingConfiguration.processors.0.parameters";
        assert.deepEqual((valueAt(other.find(STREAM), path) as unknown[]).slice(1), [
            { parameterName: "NumberOfRetries", parameterValue: "7" },
            { parameterName: "BufferSizeInMBs", parameterValue: "0.2" },
            { parameterName: "BufferIntervalInSeconds", parameterValue: "5" },
        ]);
        const { memorySize, timeout } = other.find(FUNCTION).inputs;
        assert.deepEqual([memorySize, timeout], [1024, 120]);
        const objects = (statements(other, "fans-stream-role-policy") as { Resource: string[] }[])[1]?.Resource;
        assert.deepEqual(objects, ["arn:aws:s3:::fans-bucket-1a2b3c4/raw/*", "arn:aws:s3:::fans-bucket-1a2b3c4/bad/*"]);
    });

    it("has nothing that Lake Formation decides on", async () => {
        const granted = await pipeline({}, { lakeFormation: "grant" });
        assert.ok(!JSON.stringify(granted.resources).includes("lakeformation"));
    });

    describe("rings", () => {
        const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

        it("for each way in which it can fail, always to the stack's topic", () => {
            const alarms = fans
                .all(ALARM)
                .map(({ inputs }) => `${inputs.namespace} ${inputs.metricName} >= ${inputs.threshold}`);
            assert.deepEqual(alarms.sort(), [
                "AWS/DynamoDB WriteThrottleEvents >= 1",
                "AWS/Firehose DeliveryToS3.DataFreshness >= 900",
                "AWS/Firehose ThrottledRecords >= 1",
                "AWS/Lambda Errors >= 1",
                "AWS/Lambda Throttles >= 1",
                "tributary test-fans-failed >= 1",
            ]);
            for (const { inputs } of fans.all(ALARM)) assert.deepEqual(inputs.alarmActions, [TOPIC]);
        });

        it("on the metrics of its own resources", () => {
            const dimensions = (name: string) => fans.find(ALARM, name).inputs.dimensions;
            assert.deepEqual(dimensions("fans-freshness"), { DeliveryStreamName: "fans-stream-1a2b3c4" });
            assert.deepEqual(dimensions("fans-writer-errors"), { FunctionName: "fans-writer-1a2b3c4" });
            assert.deepEqual(dimensions("fans-item-throttles"), { TableName: "fans-items-1a2b3c4" });
        });

        it("when the writer logs that a record failed", () => {
            const { logGroupName, pattern, metricTransformation } = fans.find(
                "aws:cloudwatch/logMetricFilter:LogMetricFilter",
            ).inputs;
            assert.equal(logGroupName, "/aws/lambda/tributary-test-fans-writer");
            assert.equal(pattern, '{ $.message.outcome = "ProcessingFailed" }');
            assert.deepEqual(metricTransformation, { namespace: "tributary", name: "test-fans-failed", value: "1" });
        });
    });

    it("names every child after itself", () => {
        const strangers = fans.resources.filter(
            ({ name, type }) => !name.startsWith("fans") && type !== "pulumi:pulumi:Stack",
        );
        assert.deepEqual(strangers, []);
    });

    it("tells what a user needs", async () => {
        assert.deepEqual(await resolved(fans.outputs.details), {
            region: "us-east-1",
            stream: "fans-stream-1a2b3c4",
            itemTable: "fans-items-1a2b3c4",
            partitionKey: "element_class",
            bucket: "fans-bucket-1a2b3c4",
            functions: { writer: "fans-writer-1a2b3c4" },
            logs: { writer: "/aws/lambda/tributary-test-fans-writer", stream: "fans-stream-log-1a2b3c4" },
        });
    });

    it("lets a caller change its children", async () => {
        const transform = {
            bucket: { tags: { team: "fans" } },
            table: { readCapacity: 5 },
            stream: (args: object) => ({ ...args, name: "fixed" }) as never,
        };
        const changed = await record(() => {
            new Likes("fans", { ...likesOptions.parse({}), ...CONTEXT, transform });
        });
        assert.deepEqual(changed.find(BUCKET).inputs.tags, { team: "fans" });
        assert.equal(changed.find(TABLE).inputs.readCapacity, 5);
        assert.equal(changed.find(STREAM).inputs.name, "fixed");
        assert.equal(changed.find(STREAM).inputs.destination, "extended_s3");
    });
});

import * as assert from "node:assert/strict";
import { type Recording, record, resolved, valueAt } from "../../tests/support/mocks";
import { allow, CONTEXT, deployedFunction, ordered, recordOf, statements, TOPIC } from "../../tests/support/pipeline";
import type { StackContext } from "../blocks/pipeline";
import { type WebAnalytics, webAnalytics } from ".";
import { webAnalyticsOptions } from "./options";

/** Records a pipeline named `web` with these options. */
function pipeline(options: unknown = {}, context: Partial<StackContext> = {}): Promise<Recording<WebAnalytics>> {
    const parsed = webAnalyticsOptions.parse(options);
    return record(() => webAnalytics.create("web", parsed, { ...CONTEXT, ...context }) as WebAnalytics);
}

const API = "aws:apigateway/restApi:RestApi";
const BUCKET = "aws:s3/bucket:Bucket";
const FUNCTION = "aws:lambda/function:Function";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const ROLE = "aws:iam/role:Role";
const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
const TABLE = "aws:glue/catalogTable:CatalogTable";

const FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:web-check-1a2b3c4";
const STREAM_ARN = "arn:aws:firehose:us-east-1:123456789012:deliverystream/web-stream-1a2b3c4";
const GLUE = "arn:aws:glue:us-east-1:123456789012";

describe("WebAnalytics", () => {
    let web: Recording<WebAnalytics>;
    before(async () => {
        web = await pipeline();
    });

    describe("leads an event", () => {
        it("from the API to its own stream", () => {
            const path = "body.paths./streams/web-stream-1a2b3c4/record.put.x-amazon-apigateway-integration";
            const integration = valueAt(web.find(API), path) as Record<string, unknown>;
            assert.equal(integration.uri, "arn:aws:apigateway:us-east-1:firehose:action/PutRecord");
            assert.equal(integration.credentials, "arn:aws:iam::123456789012:role/web-api-role-1a2b3c4");
        });

        it("from the stream through the check function, without spelling out what Firehose assumes anyway", () => {
            assert.deepEqual(valueAt(web.find(STREAM), "icebergConfiguration.processingConfiguration"), {
                enabled: true,
                processors: [
                    {
                        type: "Lambda",
                        parameters: [{ parameterName: "LambdaArn", parameterValue: `${FUNCTION_ARN}:$LATEST` }],
                    },
                ],
            });
        });

        it("through the function that checks page events and routes them to the table", async () => {
            const handler = deployedFunction<unknown, Answer>(web);
            const event = { user_id: "u", session_id: "s", event: "view", ip: "::1", hostname: "h", uri: "/" };
            const good = { ...event, timestamp: "2026-01-01T00:00:00Z" };
            const { records } = await handler({
                records: [recordOf("1", good), recordOf("2", { ...good, event: "hack" })],
            });
            assert.deepEqual(
                records.map(({ recordId, result, metadata }) => ({ recordId, result, metadata })),
                [
                    {
                        recordId: "1",
                        result: "Ok",
                        metadata: {
                            otfMetadata: {
                                destinationDatabaseName: "tributary_test_web",
                                destinationTableName: "page_events",
                                operation: "insert",
                            },
                        },
                    },
                    { recordId: "2", result: "ProcessingFailed", metadata: undefined },
                ],
            );
        });

        it("to the table", () => {
            assert.deepEqual(valueAt(web.find(STREAM), "icebergConfiguration.destinationTableConfigurations"), [
                { databaseName: "tributary_test_web", tableName: "page_events" },
            ]);
            assert.equal(valueAt(web.find(STREAM), "icebergConfiguration.catalogArn"), `${GLUE}:catalog`);
        });
    });

    describe("loses nothing that fails", () => {
        it("and keeps it in the bucket by error and by hour", () => {
            const configuration = valueAt(web.find(STREAM), "icebergConfiguration") as Record<
                string,
                Record<string, unknown>
            >;
            assert.equal(configuration.s3BackupMode, "FailedDataOnly");
            assert.equal(configuration.s3Configuration.bucketArn, "arn:aws:s3:::web-bucket-1a2b3c4");
            assert.equal(
                configuration.s3Configuration.errorOutputPrefix,
                "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
            );
        });

        it("and says why in a log that is there before the stream", () => {
            const logging = { enabled: true, logGroupName: "web-stream-log-1a2b3c4" };
            const options = (path: string) =>
                valueAt(web.find(STREAM), `icebergConfiguration.${path}cloudwatchLoggingOptions`);
            assert.deepEqual(options(""), { ...logging, logStreamName: "table" });
            assert.deepEqual(options("s3Configuration."), { ...logging, logStreamName: "errors" });
            const names = web.all("aws:cloudwatch/logStream:LogStream").map(({ inputs }) => inputs.name);
            assert.deepEqual(names, ["table", "errors"]);
            assert.equal(web.find("aws:cloudwatch/logGroup:LogGroup", "stream-log").inputs.retentionInDays, 14);
        });
    });

    describe("gives each role what it needs and no more", () => {
        it("lets the API write to its stream", () => {
            assert.deepEqual(statements(web, "web-api-role-policy"), [
                allow(
                    ["firehose:DescribeDeliveryStream", "firehose:PutRecord", "firehose:PutRecordBatch"],
                    [STREAM_ARN],
                ),
            ]);
        });

        it("lets Firehose reach the bucket, the table, the function and its own logs", () => {
            const bucket = "arn:aws:s3:::web-bucket-1a2b3c4";
            const logs = "arn:aws:logs:us-east-1:123456789012:log-group:web-stream-log-1a2b3c4:log-stream";
            assert.deepEqual(statements(web, "web-stream-role-policy"), [
                allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket]),
                allow(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [`${bucket}/*`]),
                allow(
                    ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"],
                    [
                        `${GLUE}:catalog`,
                        `${GLUE}:database/tributary_test_web`,
                        `${GLUE}:table/tributary_test_web/page_events`,
                    ],
                ),
                allow(
                    ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
                    [FUNCTION_ARN, `${FUNCTION_ARN}:$LATEST`],
                ),
                allow(["logs:PutLogEvents"], [`${logs}:table`, `${logs}:errors`]),
            ]);
        });

        it("lets Firehose use its role only for this pipeline's stream in this account", () => {
            assert.deepEqual(valueAt(web.find(ROLE, "web-stream-role"), "assumeRolePolicy.Statement.0"), {
                Effect: "Allow",
                Principal: { Service: "firehose.amazonaws.com" },
                Action: "sts:AssumeRole",
                Condition: {
                    StringEquals: { "aws:SourceAccount": "123456789012" },
                    ArnLike: { "aws:SourceArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/web-stream-*" },
                },
            });
        });

        it("puts no condition on the API's role, because API Gateway does not say for whom it uses one", () => {
            const trust = valueAt(web.find(ROLE, "web-api-role"), "assumeRolePolicy.Statement.0");
            const expected = {
                Effect: "Allow",
                Principal: { Service: "apigateway.amazonaws.com" },
                Action: "sts:AssumeRole",
            };
            assert.deepEqual(trust, expected);
        });

        it("makes the stream after its role's permissions", () => {
            assert.ok(web.find(STREAM).dependencies.includes(`${POLICY}::web-stream-role-policy`));
        });
    });

    describe("keeps the data", () => {
        it("from being deleted, unless the stack is disposable", async () => {
            const disposable = await pipeline({}, { disposable: true });
            for (const [type, name] of [
                [BUCKET, "web-bucket"],
                [TABLE, "web-table"],
                ["aws:glue/catalogDatabase:CatalogDatabase", "web-table-database"],
            ] as const) {
                assert.equal(web.find(type, name).protect, true, name);
                assert.equal(disposable.find(type, name).protect, false, name);
            }
            assert.equal(web.find(BUCKET).inputs.forceDestroy, false);
            assert.equal(disposable.find(BUCKET).inputs.forceDestroy, true);
        });

        it("encrypted, private and for TLS only", () => {
            const rules = valueAt(
                web.find("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
                "rules",
            );
            assert.deepEqual(rules, [
                { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true },
            ]);
            assert.deepEqual(web.find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs, {
                bucket: "web-bucket-1a2b3c4",
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            });
            assert.deepEqual(valueAt(web.find("aws:s3/bucketPolicy:BucketPolicy"), "policy.Statement"), [
                {
                    Sid: "DenyWithoutTls",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:*",
                    Resource: ["arn:aws:s3:::web-bucket-1a2b3c4", "arn:aws:s3:::web-bucket-1a2b3c4/*"],
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ]);
            assert.deepEqual(valueAt(web.find(STREAM), "serverSideEncryption"), {
                enabled: true,
                keyType: "AWS_OWNED_CMK",
            });
        });

        it("and lets what failed, and results of queries, expire", () => {
            const rules = valueAt(
                web.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"),
                "rules",
            );
            assert.deepEqual(rules, [
                { id: "expire-errors", status: "Enabled", filter: { prefix: "errors/" }, expiration: { days: 90 } },
                {
                    id: "expire-query-results",
                    status: "Enabled",
                    filter: { prefix: "query-results/" },
                    expiration: { days: 7 },
                },
                {
                    id: "abort-uploads",
                    status: "Enabled",
                    filter: { prefix: "" },
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
            ]);
        });
    });

    describe("makes a table", () => {
        const input = "openTableFormatInput.icebergInput.icebergTableInput";

        it("with the columns of the dataset, each type as a JSON document", () => {
            const fields = valueAt(web.find(TABLE), `${input}.schema.fields`) as {
                name: string;
                type: string;
                required: boolean;
            }[];
            assert.deepEqual(
                fields.map(({ name, type, required }) => `${name} ${type}${required ? "" : "?"}`),
                [
                    'user_id "string"',
                    'session_id "string"',
                    'event "string"',
                    'referrer "string"?',
                    'user_agent "string"?',
                    'ip "string"',
                    'hostname "string"',
                    'os "string"?',
                    'timestamp "timestamp"',
                    'uri "string"',
                ],
            );
        });

        it("partitioned by event, below a folder of its own", () => {
            assert.deepEqual(valueAt(web.find(TABLE), `${input}.partitionSpec.fields`), [
                { name: "event", sourceId: 3, fieldId: 1000, transform: "identity" },
            ]);
            assert.equal(valueAt(web.find(TABLE), `${input}.location`), "s3://web-bucket-1a2b3c4/page_events");
        });

        it("that Glue compacts, rids of old snapshots and of orphans", () => {
            const optimizers = web.all("aws:glue/catalogTableOptimizer:CatalogTableOptimizer");
            const roleArn = "arn:aws:iam::123456789012:role/web-table-optimizer-1a2b3c4";
            assert.deepEqual(
                optimizers.map(({ inputs }) => [inputs.type, inputs.configuration]),
                [
                    ["compaction", { enabled: true, roleArn }],
                    [
                        "retention",
                        {
                            enabled: true,
                            roleArn,
                            retentionConfiguration: {
                                icebergConfiguration: {
                                    snapshotRetentionPeriodInDays: 5,
                                    numberOfSnapshotsToRetain: 1,
                                    cleanExpiredFiles: true,
                                },
                            },
                        },
                    ],
                    [
                        "orphan_file_deletion",
                        {
                            enabled: true,
                            roleArn,
                            orphanFileDeletionConfiguration: {
                                icebergConfiguration: {
                                    orphanFileRetentionPeriodInDays: 3,
                                    location: "s3://web-bucket-1a2b3c4/page_events",
                                },
                            },
                        },
                    ],
                ],
            );
        });

        it("laid out as the options say", async () => {
            const table = {
                partitionBy: ["day(timestamp)", "event"],
                compression: "snappy",
                sortBy: ["timestamp", "user_id"],
            };
            const other = await pipeline({ table });
            assert.deepEqual(valueAt(other.find(TABLE), `${input}.partitionSpec.fields`), [
                { name: "timestamp_day", sourceId: 9, fieldId: 1000, transform: "day" },
                { name: "event", sourceId: 3, fieldId: 1001, transform: "identity" },
            ]);
            assert.deepEqual(valueAt(other.find(TABLE), `${input}.sortOrder.fields`), [
                { sourceId: 9, transform: "identity", direction: "asc", nullOrder: "nulls-first" },
                { sourceId: 1, transform: "identity", direction: "asc", nullOrder: "nulls-first" },
            ]);
            assert.deepEqual(valueAt(other.find(TABLE), `${input}.properties`), {
                "write.format.default": "parquet",
                "write.parquet.compression-codec": "snappy",
            });
        });
    });

    describe("with unique keys", () => {
        let keyed: Recording<WebAnalytics>;
        before(async () => {
            keyed = await pipeline({ uniqueKeys: ["user_id", "timestamp"] });
        });

        it("tells Firehose by which columns to find a row, and does not only append", () => {
            const configuration = valueAt(keyed.find(STREAM), "icebergConfiguration") as Record<string, unknown>;
            assert.equal(configuration.appendOnly, false);
            assert.deepEqual(configuration.destinationTableConfigurations, [
                { databaseName: "tributary_test_web", tableName: "page_events", uniqueKeys: ["user_id", "timestamp"] },
            ]);
            const schema = "openTableFormatInput.icebergInput.icebergTableInput.schema";
            assert.deepEqual(valueAt(keyed.find(TABLE), `${schema}.identifierFieldIds`), [1, 9]);
        });

        it("updates, and deletes when an event asks for it", async () => {
            const event = { user_id: "u", session_id: "s", event: "view", ip: "::1", hostname: "h", uri: "/" };
            const good = { ...event, timestamp: "2026-01-01T00:00:00Z" };
            const { records } = await deployedFunction<unknown, Answer>(keyed)({
                records: [recordOf("1", good), recordOf("2", { ...good, operation: "delete" })],
            });
            const operations = records.map(({ metadata }) => metadata?.otfMetadata.operation);
            assert.deepEqual(operations, ["update", "delete"]);
        });

        it("only appends when there are none, unless the options say otherwise", async () => {
            assert.equal(valueAt(web.find(STREAM), "icebergConfiguration.appendOnly"), true);
            const other = await pipeline({ appendOnly: false });
            assert.equal(valueAt(other.find(STREAM), "icebergConfiguration.appendOnly"), false);
        });
    });

    it("buffers and retries as the options say", async () => {
        const other = await pipeline({
            buffer: { intervalSeconds: 0, sizeMiB: 64 },
            check: { intervalSeconds: 5, sizeMiB: 0.2, retries: 7, memoryMiB: 1024, timeoutSeconds: 120 },
        });
        const configuration = valueAt(other.find(STREAM), "icebergConfiguration") as Record<
            string,
            Record<string, unknown>
        >;
        assert.deepEqual([configuration.bufferingInterval, configuration.bufferingSize], [0, 64]);
        const { bufferingInterval, bufferingSize } = configuration.s3Configuration;
        assert.deepEqual([bufferingInterval, bufferingSize], [0, 64]);
        const parameters = valueAt(
            other.find(STREAM),
            "icebergConfiguration.processingConfiguration.processors.0.parameters",
        );
        assert.deepEqual((parameters as unknown[]).slice(1), [
            { parameterName: "NumberOfRetries", parameterValue: "7" },
            { parameterName: "BufferSizeInMBs", parameterValue: "0.2" },
            { parameterName: "BufferIntervalInSeconds", parameterValue: "5" },
        ]);
        const { memorySize, timeout } = other.find(FUNCTION).inputs;
        assert.deepEqual([memorySize, timeout], [1024, 120]);
    });

    describe("lets in", () => {
        const SETTINGS = "aws:apigateway/methodSettings:MethodSettings";
        const security = (recording: Recording<unknown>) =>
            valueAt(recording.find(API), "body.paths./streams.get.security");

        it("signed requests by default", () => {
            assert.deepEqual(security(web), [{ sigv4: [] }]);
            assert.deepEqual(web.find(SETTINGS).inputs.settings, { metricsEnabled: true, loggingLevel: "OFF" });
            assert.equal(web.all("aws:apigateway/apiKey:ApiKey").length, 0);
        });

        it("requests with a key, as many as its plan allows", async () => {
            const throttle = { rate: 100, burst: 200 };
            const keys = await pipeline({ auth: { mode: "api-key", throttle, quota: { limit: 1000, period: "DAY" } } });
            assert.deepEqual(security(keys), [{ apiKey: [] }]);
            assert.deepEqual(keys.find("aws:apigateway/usagePlan:UsagePlan").inputs, {
                apiStages: [{ apiId: "api0000001", stage: "v1" }],
                throttleSettings: { rateLimit: 100, burstLimit: 200 },
                quotaSettings: { limit: 1000, period: "DAY" },
            });
            assert.deepEqual(keys.find("aws:apigateway/usagePlanKey:UsagePlanKey").inputs, {
                keyId: "key0000001",
                keyType: "API_KEY",
                usagePlanId: "web-api-plan-1a2b3c4",
            });
            assert.equal(await resolved(keys.outputs.details.apiKeyId), "key0000001");
        });

        it("anyone, within a throttle, when told so", async () => {
            const open = await pipeline({ auth: { mode: "none", throttle: { rate: 10, burst: 20 } } });
            assert.equal(security(open), undefined);
            assert.deepEqual(open.find(SETTINGS).inputs.settings, {
                metricsEnabled: true,
                loggingLevel: "OFF",
                throttlingRateLimit: 10,
                throttlingBurstLimit: 20,
            });
        });
    });

    it("deploys the API anew when its document changes, and only then", async () => {
        const trigger = (recording: Recording<unknown>) =>
            valueAt(recording.find("aws:apigateway/deployment:Deployment"), "triggers.body");
        assert.equal(trigger(await pipeline({ buffer: { sizeMiB: 64 } })), trigger(web));
        assert.notEqual(trigger(await pipeline({ cors: { origins: ["https://shop.example"] } })), trigger(web));
    });

    describe("with Lake Formation", () => {
        const PERMISSIONS = "aws:lakeformation/permissions:Permissions";

        it("off, makes no grant", () => {
            assert.equal(web.all(PERMISSIONS).length, 0);
            assert.ok(!JSON.stringify(web.resources).includes("lakeformation"));
        });

        it("grants Firehose and the optimizers this table, and nobody else anything", async () => {
            const granted = await pipeline({}, { lakeFormation: "grant" });
            const grants = granted.all(PERMISSIONS).map(({ inputs }) => inputs);
            const expected = ["web-table-optimizer", "web-stream-role"].flatMap((role) => {
                const principal = `arn:aws:iam::123456789012:role/${role}-1a2b3c4`;
                return [
                    { principal, permissions: ["DESCRIBE"], database: { name: "tributary_test_web" } },
                    {
                        principal,
                        permissions: ["ALTER", "DELETE", "DESCRIBE", "INSERT", "SELECT"],
                        table: { databaseName: "tributary_test_web", name: "page_events" },
                    },
                ];
            });
            const key = (grant: unknown) => JSON.stringify(grant);
            assert.deepEqual(grants.map(key).sort(), expected.map(ordered).map(key).sort());
            for (const policy of ["web-stream-role-policy", "web-table-optimizer-policy"]) {
                assert.deepEqual((statements(granted, policy) as unknown[]).at(-1), {
                    Sid: "LakeFormationDecidesAndTheActionTakesNoResource",
                    ...allow(["lakeformation:GetDataAccess"], ["*"]),
                });
            }
            assert.equal(granted.all("aws:lakeformation/dataLakeSettings:DataLakeSettings").length, 0);
        });

        it("makes the stream after its grants", async () => {
            const granted = await pipeline({}, { lakeFormation: "grant" });
            const grants = granted.find(STREAM).dependencies.filter((dependency) => dependency.startsWith(PERMISSIONS));
            assert.deepEqual(grants, [
                `${PERMISSIONS}::web-stream-database-grant`,
                `${PERMISSIONS}::web-stream-table-grant`,
            ]);
        });
    });

    describe("rings", () => {
        const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

        it("for each way in which it can fail, always to the stack's topic", () => {
            const alarms = web
                .all(ALARM)
                .map(({ inputs }) => `${inputs.namespace} ${inputs.metricName} >= ${inputs.threshold}`);
            assert.deepEqual(alarms.sort(), [
                "AWS/ApiGateway 5XXError >= 1",
                "AWS/Firehose DeliveryToIceberg.DataFreshness >= 900",
                "AWS/Firehose DeliveryToIceberg.FailedRowCount >= 1",
                "AWS/Firehose ThrottledRecords >= 1",
                "AWS/Lambda Errors >= 1",
                "AWS/Lambda Throttles >= 1",
            ]);
            for (const { inputs } of web.all(ALARM)) assert.deepEqual(inputs.alarmActions, [TOPIC]);
        });

        it("on the metrics of its own resources", () => {
            const dimensions = (name: string) => web.find(ALARM, name).inputs.dimensions;
            assert.deepEqual(dimensions("web-freshness"), { DeliveryStreamName: "web-stream-1a2b3c4" });
            assert.deepEqual(dimensions("web-check-errors"), { FunctionName: "web-check-1a2b3c4" });
            assert.deepEqual(dimensions("web-server-errors"), { ApiName: "web-api-1a2b3c4", Stage: "v1" });
        });
    });

    it("names every child after itself", () => {
        const strangers = web.resources.filter(
            ({ name, type }) => !name.startsWith("web") && type !== "pulumi:pulumi:Stack",
        );
        assert.deepEqual(strangers, []);
    });

    it("tells what a user needs", async () => {
        assert.deepEqual(await resolved(web.outputs.details), {
            region: "us-east-1",
            auth: "iam",
            url: "https://api0000001.execute-api.us-east-1.amazonaws.com/v1",
            stream: "web-stream-1a2b3c4",
            database: "tributary_test_web",
            table: "page_events",
            bucket: "web-bucket-1a2b3c4",
            workgroup: "web-workgroup-1a2b3c4",
            functions: { check: "web-check-1a2b3c4" },
            logs: { check: "/aws/lambda/tributary-test-web-check", stream: "web-stream-log-1a2b3c4" },
            queries: ["events-by-type", "events-per-hour", "top-pages", "top-referrers", "from-view-to-purchase"],
        });
    });

    it("lets a caller change its children", async () => {
        const transform = {
            bucket: { tags: { team: "web" } },
            stream: (args: object) => ({ ...args, name: "fixed" }) as never,
        };
        const { WebAnalytics } = await import(".");
        const changed = await record(() => {
            new WebAnalytics("web", { ...webAnalyticsOptions.parse({}), ...CONTEXT, transform });
        });
        assert.deepEqual(changed.find(BUCKET).inputs.tags, { team: "web" });
        assert.equal(changed.find(STREAM).inputs.name, "fixed");
        assert.equal(changed.find(STREAM).inputs.destination, "iceberg");
    });
});

interface Answer {
    readonly records: readonly {
        readonly recordId: string;
        readonly result: string;
        readonly metadata?: { readonly otfMetadata: { readonly operation: string } };
    }[];
}

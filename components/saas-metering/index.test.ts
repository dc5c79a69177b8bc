import * as assert from "node:assert/strict";
import { start } from "../../tests/support/deployed";
import { type Recording, record, resolved, valueAt } from "../../tests/support/mocks";
import type { StackContext } from "../blocks/pipeline";
import { type SaasMetering, saasMetering } from ".";
import { saasMeteringOptions } from "./options";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms";
const CONTEXT: StackContext = { disposable: false, logRetentionDays: 14, lakeFormation: "off", alarmTopic: TOPIC };

/** Records a pipeline named `meter` with these options. */
function pipeline(options: unknown = {}, context: Partial<StackContext> = {}): Promise<Recording<SaasMetering>> {
    const parsed = saasMeteringOptions.parse(options);
    return record(() => saasMetering.create("meter", parsed, { ...CONTEXT, ...context }) as SaasMetering);
}

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const API = "aws:apigateway/restApi:RestApi";
const BUCKET_ARN = "arn:aws:s3:::meter-bucket-1a2b3c4";
const CLIENT = "aws:cognito/userPoolClient:UserPoolClient";
const FUNCTION = "aws:lambda/function:Function";
const GLUE = "arn:aws:glue:us-east-1:123456789012";
const GRANT = "aws:lakeformation/permissions:Permissions";
const PERMISSION = "aws:lambda/permission:Permission";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const POOL = "aws:cognito/userPool:UserPool";
const STAGE = "aws:apigateway/stage:Stage";
const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
const TABLE = "aws:glue/catalogTable:CatalogTable";

describe("SaasMetering", () => {
    let meter: Recording<SaasMetering>;
    before(async () => {
        meter = await pipeline();
    });

    describe("lets users in", () => {
        it("who sign up by themselves with a verified e-mail address and a strong password", () => {
            assert.deepEqual(meter.find(POOL).inputs, {
                usernameAttributes: ["email"],
                usernameConfiguration: { caseSensitive: false },
                autoVerifiedAttributes: ["email"],
                userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdates: ["email"] },
                accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
                adminCreateUserConfig: { allowAdminCreateUserOnly: false },
                passwordPolicy: {
                    minimumLength: 12,
                    requireLowercase: true,
                    requireUppercase: true,
                    requireNumbers: true,
                    requireSymbols: true,
                    temporaryPasswordValidityDays: 1,
                },
                deletionProtection: "ACTIVE",
            });
            assert.ok(meter.find(POOL).protect);
        });

        it("by a client without a secret and without OAuth, which tells nobody who has an account", () => {
            assert.deepEqual(meter.find(CLIENT).inputs, {
                userPoolId: "us-east-1_pool00001",
                generateSecret: false,
                explicitAuthFlows: [
                    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                    "ALLOW_REFRESH_TOKEN_AUTH",
                    "ALLOW_USER_PASSWORD_AUTH",
                    "ALLOW_USER_SRP_AUTH",
                ],
                preventUserExistenceErrors: "ENABLED",
                enableTokenRevocation: true,
                idTokenValidity: 60,
                accessTokenValidity: 60,
                refreshTokenValidity: 30,
                tokenValidityUnits: { idToken: "minutes", accessToken: "minutes", refreshToken: "days" },
            });
        });

        it("into the API, by the tokens of that pool alone", () => {
            const document = meter.find(API);
            assert.deepEqual(valueAt(document, "body.paths./random/strings.get.security"), [{ userPool: [] }]);
            assert.deepEqual(valueAt(document, "body.components.securitySchemes"), {
                userPool: {
                    type: "apiKey",
                    name: "Authorization",
                    in: "header",
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": {
                        type: "cognito_user_pools",
                        providerARNs: ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_pool00001"],
                    },
                },
            });
        });

        it("and looks out for attackers where the options say so", async () => {
            const { find } = await pipeline({ users: { threatProtection: "enforced" } }, { disposable: true });
            const { userPoolTier, userPoolAddOns, deletionProtection } = find(POOL).inputs;
            assert.deepEqual(
                [userPoolTier, userPoolAddOns, deletionProtection],
                ["PLUS", { advancedSecurityMode: "ENFORCED" }, "INACTIVE"],
            );
            assert.ok(!find(POOL).protect);
        });
    });

    describe("answers", () => {
        it("by its function, which the API alone may call, by that one method", () => {
            const arn = "arn:aws:lambda:us-east-1:123456789012:function:meter-strings-1a2b3c4";
            const path = "body.paths./random/strings.get.x-amazon-apigateway-integration";
            assert.deepEqual(valueAt(meter.find(API), path), {
                type: "aws_proxy",
                httpMethod: "POST",
                uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
                passthroughBehavior: "when_no_match",
            });
            assert.deepEqual(meter.find(PERMISSION, "api-permission").inputs, {
                action: "lambda:InvokeFunction",
                function: "meter-strings-1a2b3c4",
                principal: "apigateway.amazonaws.com",
                sourceArn: "arn:aws:execute-api:us-east-1:123456789012:api0000001/v1/GET/random/strings",
            });
        });

        it("as the deployed function does", async () => {
            const files = meter.find(FUNCTION, "meter-strings").inputs.code as Record<string, string>;
            const { statusCode, body } = await start<object, { statusCode: number; body: string }>(files)({
                queryStringParameters: { len: "7", chars: "digits" },
            });
            assert.equal(statusCode, 200);
            assert.match(body, /^\["\d{7}"\]$/);
        });

        it("not more often than the throttle says", () => {
            const settings = meter.find("aws:apigateway/methodSettings:MethodSettings").inputs.settings;
            assert.deepEqual(settings, {
                metricsEnabled: true,
                loggingLevel: "OFF",
                throttlingRateLimit: 50,
                throttlingBurstLimit: 100,
            });
        });

        it("pages of the origins that the options name, before and after they ask", async () => {
            const { find } = await pipeline({ cors: { origins: ["https://app.example"] } });
            const options = valueAt(find(API), "body.paths./random/strings.options") as object;
            assert.ok(options);
            const files = find(FUNCTION, "meter-strings").inputs.code as Record<string, string>;
            const { headers } = await start<object, { headers: Record<string, string> }>(files)({
                headers: { Origin: "https://app.example" },
            });
            assert.equal(headers["access-control-allow-origin"], "https://app.example");
        });
    });

    describe("logs each request", () => {
        it("as a line of JSON that a client cannot break, with the tenant in it", () => {
            const settings = meter.find(STAGE).inputs.accessLogSettings;
            assert.deepEqual(settings, {
                destinationArn:
                    "arn:aws:firehose:us-east-1:123456789012:deliverystream/amazon-apigateway-meter-log-1a2b3c4",
                format:
                    '{"request_id":"$context.requestId","tenant":"$context.authorizer.claims.sub",' +
                    '"request_time":"$context.requestTimeEpoch","http_method":"$context.httpMethod",' +
                    '"resource_path":"$context.resourcePath","status":"$context.status","error":"$context.error.responseType",' +
                    '"response_bytes":"$context.responseLength","latency_ms":"$context.responseLatency",' +
                    '"ip":"$context.identity.sourceIp","protocol":"$context.protocol"}\n',
            });
        });

        it("to a stream that writes it, compressed, to the folder of the hour of its arrival", () => {
            const { bucketArn, prefix, errorOutputPrefix, compressionFormat, processingConfiguration } = meter.find(
                STREAM,
            ).inputs.extendedS3Configuration as Record<string, unknown>;
            assert.deepEqual(
                { bucketArn, prefix, errorOutputPrefix, compressionFormat, processingConfiguration },
                {
                    bucketArn: BUCKET_ARN,
                    prefix: "access_log/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
                    errorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
                    compressionFormat: "GZIP",
                    processingConfiguration: undefined,
                },
            );
        });

        it("and keeps that longer than the merge looks back", () => {
            const rules = meter.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs
                .rules as {
                filter: { prefix: string };
                expiration?: { days: number };
            }[];
            const days = Object.fromEntries(rules.map(({ filter, expiration }) => [filter.prefix, expiration?.days]));
            assert.deepEqual(days, {
                "access_log/": 30,
                "contents/": 3,
                "errors/": 90,
                "query-results/": 7,
                "": undefined,
            });
        });
    });

    describe("has tables", () => {
        const storage = (name: string, part: string) => valueAt(meter.find(TABLE, name), `storageDescriptor.${part}`);
        const names = (columns: unknown) =>
            (columns as { name: string; type: string }[]).map(({ name, type }) => `${name} ${type}`);

        it("of log lines, all text, whose partitions Athena works out", () => {
            const columns = names(storage("access-log", "columns"));
            assert.ok(columns.every((column) => column.endsWith(" string")));
            assert.equal(storage("access-log", "location"), "s3://meter-bucket-1a2b3c4/access_log/");
            assert.deepEqual(storage("access-log", "serDeInfo"), {
                serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
                parameters: { "ignore.malformed.json": "true" },
            });
            const parameters = meter.find(TABLE, "access-log").inputs.parameters as Record<string, string>;
            assert.equal(parameters["projection.enabled"], "true");
            assert.equal(parameters["projection.year.range"], "2020,2039");
            assert.equal(
                parameters["storage.location.template"],
                "s3://meter-bucket-1a2b3c4/access_log/year=${year}/month=${month}/day=${day}/hour=${hour}/",
            );
        });

        it("of usage, whose partitions are registered", () => {
            assert.deepEqual(names(storage("usage", "columns")), [
                "request_id string",
                "tenant string",
                "request_time timestamp",
                "http_method string",
                "resource_path string",
                "status int",
                "error string",
                "response_bytes bigint",
                "latency_ms int",
                "ip string",
                "protocol string",
            ]);
            assert.deepEqual(meter.find(TABLE, "usage").inputs.parameters, {
                EXTERNAL: "TRUE",
                classification: "parquet",
            });
            assert.deepEqual(names(meter.find(TABLE, "usage").inputs.partitionKeys), [
                "year int",
                "month int",
                "day int",
                "hour int",
            ]);
        });

        it("of what one run has written, in the same folder", () => {
            assert.deepEqual(storage("runs", "columns"), storage("usage", "columns"));
            assert.deepEqual(meter.find(TABLE, "runs").inputs.parameters, {
                EXTERNAL: "TRUE",
                classification: "parquet",
                "projection.enabled": "true",
                "projection.run.type": "injected",
                "storage.location.template": "s3://meter-bucket-1a2b3c4/usage/run=${run}/",
            });
        });
    });

    describe("merges", () => {
        it("by a schedule, which alone may call the function that does", () => {
            const rule = meter.find("aws:cloudwatch/eventRule:EventRule").inputs;
            assert.equal(rule.scheduleExpression, "cron(10 * * * ? *)");
            assert.deepEqual(meter.find("aws:cloudwatch/eventTarget:EventTarget").inputs, {
                rule: "meter-merge-schedule-1a2b3c4",
                arn: "arn:aws:lambda:us-east-1:123456789012:function:meter-merge-1a2b3c4",
            });
            assert.deepEqual(meter.find(PERMISSION, "schedule-permission").inputs, {
                action: "lambda:InvokeFunction",
                function: "meter-merge-1a2b3c4",
                principal: "events.amazonaws.com",
                sourceArn: "arn:aws:events:us-east-1:123456789012:rule/meter-merge-schedule-1a2b3c4",
            });
        });

        it("with the workgroup, database and bucket of the pipeline", () => {
            assert.deepEqual(valueAt(meter.find(FUNCTION, "meter-merge"), "environment.variables"), {
                WORKGROUP: "meter-workgroup-1a2b3c4",
                DATABASE: "tributary_test_meter",
                BUCKET: "meter-bucket-1a2b3c4",
            });
        });

        it("and may do no more than that takes", () => {
            const table = (name: string) => `${GLUE}:table/tributary_test_meter/${name}`;
            const catalog = [`${GLUE}:catalog`, `${GLUE}:database/tributary_test_meter`];
            const folders = (...names: string[]) => names.map((name) => `${BUCKET_ARN}/${name}/*`);
            const statements = valueAt(meter.find(POLICY, "merge-role-policy"), "policy.Statement") as {
                Action: string[];
                Resource: string[];
            }[];
            assert.deepEqual(
                statements.slice(1).map(({ Action, Resource }) => [Action, Resource]),
                [
                    [
                        [
                            "athena:GetQueryExecution",
                            "athena:GetQueryResults",
                            "athena:StartQueryExecution",
                            "athena:StopQueryExecution",
                        ],
                        ["arn:aws:athena:us-east-1:123456789012:workgroup/meter-workgroup-1a2b3c4"],
                    ],
                    [
                        [
                            "glue:BatchGetPartition",
                            "glue:GetDatabase",
                            "glue:GetPartition",
                            "glue:GetPartitions",
                            "glue:GetTable",
                        ],
                        [...catalog, table("access_log"), table("usage"), table("usage_runs")],
                    ],
                    [
                        ["glue:CreatePartition", "glue:UpdatePartition"],
                        [...catalog, table("usage")],
                    ],
                    [["s3:GetBucketLocation", "s3:ListBucket"], [BUCKET_ARN]],
                    [["s3:GetObject"], folders("access_log", "usage", "contents", "query-results")],
                    [
                        ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
                        folders("usage", "contents", "query-results"),
                    ],
                    [["s3:DeleteObject"], folders("usage")],
                ],
            );
        });

        it("with grants of Lake Formation where these decide", async () => {
            const { all, find } = await pipeline({}, { lakeFormation: "grant" });
            const grants = all(GRANT).map(({ name, inputs }) => [name, inputs.permissions] as const);
            assert.deepEqual(
                Object.fromEntries(grants),
                Object.fromEntries([
                    ["meter-merge-database-grant", ["DESCRIBE"]],
                    ["meter-merge-access-log-grant", ["DESCRIBE", "SELECT"]],
                    ["meter-merge-usage-grant", ["ALTER", "DELETE", "DESCRIBE", "INSERT", "SELECT"]],
                    ["meter-merge-runs-grant", ["DESCRIBE", "SELECT"]],
                ]),
            );
            const statements = valueAt(find(POLICY, "merge-role-policy"), "policy.Statement") as { Action: string[] }[];
            assert.deepEqual(statements.at(-1)?.Action, ["lakeformation:GetDataAccess"]);
            assert.equal(meter.all(GRANT).length, 0);
        });
    });

    describe("raises an alarm", () => {
        it("when for hours no run of the merge has left nothing behind, or none has run", () => {
            const filter = meter.find("aws:cloudwatch/logMetricFilter:LogMetricFilter", "behind").inputs;
            assert.deepEqual(filter, {
                logGroupName: "/aws/lambda/tributary-test-meter-merge",
                pattern: "{ $.message.behindSeconds = * }",
                metricTransformation: {
                    namespace: "tributary",
                    name: "test-meter-behind",
                    value: "$.message.behindSeconds",
                },
            });
            const { statistic, threshold, period, evaluationPeriods, treatMissingData, metricName } = meter.find(
                ALARM,
                "merge-behind",
            ).inputs;
            assert.deepEqual(
                { statistic, threshold, period, evaluationPeriods, treatMissingData, metricName },
                {
                    statistic: "Minimum",
                    threshold: 1,
                    period: 3600,
                    evaluationPeriods: 3,
                    treatMissingData: "breaching",
                    metricName: "test-meter-behind",
                },
            );
        });

        it("for each thing that can go wrong, and says what to look at", () => {
            const names = meter.all(ALARM).map(({ name }) => name);
            assert.deepEqual(names.sort(), [
                "meter-freshness",
                "meter-malformed",
                "meter-merge-behind",
                "meter-merge-errors",
                "meter-merge-throttles",
                "meter-server-errors",
                "meter-strings-errors",
                "meter-strings-throttles",
                "meter-throttled",
            ]);
            for (const { inputs } of meter.all(ALARM)) {
                assert.match(
                    String(inputs.alarmDescription),
                    /^meter: .*(Look at|Ask for|Its log says|The named query)/,
                );
                assert.deepEqual(inputs.alarmActions, [TOPIC]);
            }
        });
    });

    it("changes its children as the caller says", async () => {
        const parsed = saasMeteringOptions.parse({});
        const { find } = await record(() => {
            const transform = { bucket: { bucket: "own" }, pool: { mfaConfiguration: "OPTIONAL" } };
            saasMetering.create("meter", { ...parsed, transform } as typeof parsed, CONTEXT);
        });
        assert.equal(find("aws:s3/bucket:Bucket").inputs.bucket, "own");
        assert.equal(find(POOL).inputs.mfaConfiguration, "OPTIONAL");
    });

    it("gives what a user needs", async () => {
        const { kind: _, ...details } = { kind: "", ...(await resolved({ ...meter.outputs.details })) };
        assert.deepEqual(details, {
            region: "us-east-1",
            url: "https://api0000001.execute-api.us-east-1.amazonaws.com/v1",
            auth: "cognito",
            userPoolId: "us-east-1_pool00001",
            userPoolClientId: "client000000000000000000001",
            stream: "amazon-apigateway-meter-log-1a2b3c4",
            database: "tributary_test_meter",
            table: "usage",
            tables: { accessLog: "access_log", usage: "usage" },
            bucket: "meter-bucket-1a2b3c4",
            workgroup: "meter-workgroup-1a2b3c4",
            functions: { strings: "meter-strings-1a2b3c4", merge: "meter-merge-1a2b3c4" },
            logs: {
                strings: "/aws/lambda/tributary-test-meter-strings",
                merge: "/aws/lambda/tributary-test-meter-merge",
                stream: "meter-log-log-1a2b3c4",
            },
            queries: [
                "usage-per-tenant-per-hour",
                "usage-per-tenant-per-day",
                "usage-per-tenant-per-month",
                "errors",
                "top-paths",
                "malformed-lines",
            ],
        });
    });
});

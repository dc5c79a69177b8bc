import * as assert from "node:assert/strict";
import { fakeAws } from "../../functions/aws-test-support";
import type { Partitioning, TransformEvent, TransformResult } from "../../functions/firehose-events";
import type { KinesisEvent, KinesisResult } from "../../functions/kinesis-events";
import { generator } from "../../schema/generate";
import { type Recording, record, resolved, valueAt } from "../../tests/support/mocks";
import { allow, CONTEXT, deployedFunction, statements, TOPIC } from "../../tests/support/pipeline";
import type { StackContext } from "../blocks/pipeline";
import { Orders, orders } from ".";
import { orders as dataset } from "./dataset";
import { ordersOptions } from "./options";

/** Records a pipeline named `shop` with these options. */
function pipeline(options: unknown = {}, context: Partial<StackContext> = {}): Promise<Recording<Orders>> {
    const parsed = ordersOptions.parse(options);
    return record(() => orders.create("shop", parsed, { ...CONTEXT, ...context }) as Orders);
}

const API = "aws:apigateway/restApi:RestApi";
const BUCKET = "aws:s3/bucket:Bucket";
const CRAWLER = "aws:glue/crawler:Crawler";
const DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
const FUNCTION = "aws:lambda/function:Function";
const ITEMS = "aws:dynamodb/table:Table";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const QUERY = "aws:athena/namedQuery:NamedQuery";
const ROLE = "aws:iam/role:Role";
const STREAM = "aws:kinesis/stream:Stream";
const TABLE = "aws:glue/catalogTable:CatalogTable";

const STREAM_ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/shop-stream-1a2b3c4";
const QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:shop-dead-letters-1a2b3c4";
const BUCKET_ARN = "arn:aws:s3:::shop-bucket-1a2b3c4";
const GLUE = "arn:aws:glue:us-east-1:123456789012";
const KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const READ = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"].map(
    (action) => `kinesis:${action}`,
);
const SHORT_NAMES = ["orders", "products", "purchases", "addresses"];
const TABLES = ["orders", "product_details", "purchase_details", "shipping_addresses"];

const made = generator(dataset, { seed: 3, now: Date.UTC(2026, 10, 20) });

function kinesisEvent(documents: readonly unknown[]): KinesisEvent {
    return {
        Records: documents.map((document, index) => ({
            eventID: `shardId-000000000000:${index}`,
            kinesis: {
                sequenceNumber: String(index),
                partitionKey: "key",
                data: Buffer.from(JSON.stringify(document)).toString("base64"),
                approximateArrivalTimestamp: 1795000000,
            },
        })),
    };
}

describe("Orders", () => {
    let shop: Recording<Orders>;
    const destination = (short: string, recording = shop) =>
        valueAt(recording.find(DELIVERY, `shop-${short}-delivery`), "extendedS3Configuration") as Record<
            string,
            unknown
        >;
    before(async () => {
        shop = await pipeline();
    });

    describe("leads an order", () => {
        it("from the API to its own Kinesis stream, one or many", () => {
            for (const [path, action] of [
                ["/orders", "PutRecord"],
                ["/orders/batch", "PutRecords"],
            ]) {
                const at = `body.paths.${path}.post.x-amazon-apigateway-integration`;
                const integration = valueAt(shop.find(API), at) as Record<string, unknown>;
                assert.equal(integration.uri, `arn:aws:apigateway:us-east-1:kinesis:action/${action}`);
                assert.equal(integration.credentials, "arn:aws:iam::123456789012:role/shop-api-role-1a2b3c4");
                const { "application/json": template = "" } = integration.requestTemplates as Record<string, string>;
                assert.ok(template.includes('"StreamName":"shop-stream-1a2b3c4"'));
            }
        });

        it("from the stream to the consumer, from the oldest on, each until it is done or given up", () => {
            assert.deepEqual(shop.find(MAPPING).inputs, {
                eventSourceArn: STREAM_ARN,
                functionName: "arn:aws:lambda:us-east-1:123456789012:function:shop-consumer-1a2b3c4",
                startingPosition: "TRIM_HORIZON",
                batchSize: 500,
                maximumBatchingWindowInSeconds: 1,
                parallelizationFactor: 1,
                functionResponseTypes: ["ReportBatchItemFailures"],
                bisectBatchOnFunctionError: true,
                maximumRetryAttempts: 20,
                maximumRecordAgeInSeconds: 86_400,
                destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } },
            });
        });

        it("through the consumer, which writes it whole and keeps what is of no use", async () => {
            const aws = fakeAws(dataset.key as unknown as string[]);
            try {
                const consume = deployedFunction<KinesisEvent, KinesisResult>(shop, "shop-consumer");
                const { purchase_details, ...others } = made.next();
                const misspelt = { ...others, purchaise_details: purchase_details };
                const answer = await consume(kinesisEvent([misspelt, { customer_id: "eve" }]));
                assert.deepEqual(answer, { batchItemFailures: [] });
                const [item = {}] = [...aws.items.values()];
                assert.deepEqual(Object.keys(item).sort(), dataset.columns.map(({ name }) => name as string).sort());
                const [[key, text] = []] = [...aws.objects];
                assert.equal(key, "shop-bucket-1a2b3c4/errors/rejected/2026/11/18/11/shardId-000000000000-1.json");
                assert.match(JSON.parse(text ?? "").errorMessage, /^order_id is missing; order_date is missing/);
            } finally {
                aws.restore();
            }
        });

        it("with at most 44 calls of DynamoDB for a thousand, all by one client", async () => {
            const aws = fakeAws(dataset.key as unknown as string[]);
            try {
                const consume = deployedFunction<KinesisEvent, KinesisResult>(shop, "shop-consumer");
                const batch = () => kinesisEvent(Array.from({ length: 500 }, () => made.next()));
                for (const event of [batch(), batch()]) await consume(event);
                assert.equal(aws.items.size, 1000);
                assert.ok(aws.calls.length <= 44, `${aws.calls.length} calls`);
                assert.equal(aws.clients.size, 1);
            } finally {
                aws.restore();
            }
        });

        for (const short of SHORT_NAMES) {
            it(`from the stream through a function and a delivery stream to the table of ${short}`, () => {
                const { destination: kind, kinesisSourceConfiguration: source } = shop.find(
                    DELIVERY,
                    `shop-${short}-delivery`,
                ).inputs;
                const roleArn = `arn:aws:iam::123456789012:role/shop-${short}-delivery-role-1a2b3c4`;
                assert.deepEqual([kind, source], ["extended_s3", { kinesisStreamArn: STREAM_ARN, roleArn }]);
                const { processingConfiguration, dataFormatConversionConfiguration, bucketArn } = destination(short);
                const [processor] = (processingConfiguration as { processors: { parameters: unknown[] }[] }).processors;
                assert.deepEqual(processor?.parameters[0], {
                    parameterName: "LambdaArn",
                    parameterValue: `arn:aws:lambda:us-east-1:123456789012:function:shop-${short}-rows-1a2b3c4:$LATEST`,
                });
                const { schemaConfiguration } = dataFormatConversionConfiguration as Record<string, unknown>;
                const table = TABLES[SHORT_NAMES.indexOf(short)];
                assert.deepEqual(schemaConfiguration, {
                    databaseName: "tributary_test_shop",
                    tableName: table,
                    roleArn,
                });
                assert.equal(bucketArn, BUCKET_ARN);
            });
        }

        for (const products of [0, 1, 2, 100]) {
            it(`with ${products} products as that many rows of one record`, async () => {
                const rows = deployedFunction<TransformEvent, TransformResult<Partitioning>>(
                    shop,
                    "shop-products-rows",
                );
                const order = made.next();
                const product = { ...order.product_details[0], quantity: 2 };
                const data = Buffer.from(
                    JSON.stringify({
                        ...order,
                        order_date: "2025-12-31T23:30:00-05:00",
                        product_details: Array(products).fill(product),
                    }),
                ).toString("base64");
                const { records } = await rows({
                    records: [{ recordId: "1", data, kinesisRecordMetadata: { sequenceNumber: "77" } }],
                });
                if (products === 0) return assert.deepEqual(records, [{ recordId: "1", result: "Dropped" }]);
                const [outcome] = records;
                assert.deepEqual(outcome?.metadata, { partitionKeys: { year: "2026", month: "01", day: "01" } });
                const lines = Buffer.from(outcome?.data ?? "", "base64")
                    .toString()
                    .trim()
                    .split("\n");
                const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
                assert.deepEqual(
                    parsed.map(({ line }) => line),
                    Array.from({ length: products }, (_, index) => index + 1),
                );
                assert.deepEqual([parsed[0]?.order_date, parsed[0]?.sequence_number], ["2026-01-01T04:30:00Z", "77"]);
            });
        }
    });

    describe("keeps the stream", () => {
        it("on demand, encrypted with the account's key, for a week", () => {
            assert.deepEqual(shop.find(STREAM).inputs, {
                streamModeDetails: { streamMode: "ON_DEMAND" },
                retentionPeriod: 168,
                encryptionType: "KMS",
                kmsKeyId: "alias/aws/kinesis",
            });
            assert.equal(shop.all("aws:kms/key:Key").length, 0);
        });

        it("with as many shards as the options say", async () => {
            const other = await pipeline({ stream: { mode: "provisioned", shards: 4, retentionHours: 336 } });
            const { streamModeDetails, shardCount, retentionPeriod } = other.find(STREAM).inputs;
            assert.deepEqual([streamModeDetails, shardCount, retentionPeriod], [{ streamMode: "PROVISIONED" }, 4, 336]);
        });

        it("with a key of its own, which all who write and read it may use for that", async () => {
            const own = await pipeline({ stream: { key: "own" } });
            assert.equal(own.find(STREAM).inputs.kmsKeyId, KEY_ARN);
            assert.equal(own.find("aws:kms/key:Key").inputs.enableKeyRotation, true);
            const of = (policy: string) =>
                (statements(own, policy) as { Action: string[] }[]).filter(({ Action }) =>
                    Action[0]?.startsWith("kms:"),
                );
            assert.deepEqual(of("shop-api-role-policy"), [allow(["kms:GenerateDataKey"], [KEY_ARN])]);
            for (const reader of ["consumer", ...SHORT_NAMES.map((short) => `${short}-delivery`)])
                assert.deepEqual(of(`shop-${reader}-role-policy`), [allow(["kms:Decrypt"], [KEY_ARN])], reader);
        });
    });

    describe("keeps orders", () => {
        it("in DynamoDB by customer and order", () => {
            const { hashKey, rangeKey, billingMode, pointInTimeRecovery, streamEnabled } = shop.find(ITEMS).inputs;
            assert.deepEqual([hashKey, rangeKey, billingMode], ["customer_id", "order_id", "PAY_PER_REQUEST"]);
            assert.deepEqual([pointInTimeRecovery, streamEnabled], [{ enabled: true }, undefined]);
        });

        it("in four tables of Parquet with keys for the day, which Athena works out by itself", () => {
            assert.deepEqual(
                shop
                    .all(TABLE)
                    .map(({ inputs }) => inputs.name as string)
                    .sort(),
                TABLES,
            );
            for (const { inputs } of shop.all(TABLE)) {
                const { partitionKeys, parameters } = inputs as Record<string, Record<string, string>>;
                assert.deepEqual(
                    partitionKeys,
                    ["year", "month", "day"].map((name) => ({ name, type: "int" })),
                );
                assert.equal(parameters?.["projection.enabled"], "true");
                assert.equal(parameters?.["projection.year.range"], "2020,2039");
                assert.equal(parameters?.["projection.month.digits"], "2");
                assert.equal(
                    parameters?.["storage.location.template"],
                    `s3://shop-bucket-1a2b3c4/${inputs.name}/year=\${year}/month=\${month}/day=\${day}/`,
                );
            }
        });

        it("in folders by the day of the order, of which there are only as many as days", () => {
            for (const [index, short] of SHORT_NAMES.entries()) {
                const { prefix, dynamicPartitioningConfiguration } = destination(short);
                const day = ["year", "month", "day"].map((key) => `${key}=!{partitionKeyFromLambda:${key}}/`).join("");
                assert.equal(prefix, `${TABLES[index]}/${day}`);
                assert.deepEqual(dynamicPartitioningConfiguration, { enabled: true });
            }
        });

        it("of the years that the options say", async () => {
            const other = await pipeline({ years: { first: 2026, last: 2030 } });
            for (const { inputs } of other.all(TABLE))
                assert.equal((inputs.parameters as Record<string, string>)["projection.year.range"], "2026,2030");
        });

        it("from being deleted, unless the stack is disposable", async () => {
            const disposable = await pipeline({}, { disposable: true });
            const holding = [ITEMS, BUCKET, STREAM, TABLE, "aws:glue/catalogDatabase:CatalogDatabase"];
            for (const type of holding) {
                assert.ok(shop.all(type).length > 0 && shop.all(type).every(({ protect }) => protect), type);
                assert.ok(
                    disposable.all(type).every(({ protect }) => !protect),
                    type,
                );
            }
        });
    });

    describe("loses nothing that fails", () => {
        it("and keeps it in the bucket, by table, error and hour, for a time", () => {
            for (const [index, short] of SHORT_NAMES.entries()) {
                assert.equal(
                    destination(short).errorOutputPrefix,
                    `errors/${TABLES[index]}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
                );
            }
            const lifecycle = shop.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
            const rules = valueAt(lifecycle, "rules") as { filter: { prefix: string }; expiration?: unknown }[];
            assert.deepEqual(
                rules.flatMap(({ filter, expiration }) => (expiration ? [[filter.prefix, expiration]] : [])),
                [
                    ["errors/", { days: 90 }],
                    ["query-results/", { days: 7 }],
                ],
            );
        });

        it("and says why in logs that are there before the streams", () => {
            for (const short of SHORT_NAMES) {
                assert.deepEqual(destination(short).cloudwatchLoggingOptions, {
                    enabled: true,
                    logGroupName: `shop-${short}-delivery-log-1a2b3c4`,
                    logStreamName: "s3",
                });
            }
        });

        it("and keeps what comes once, as it came, when told so", async () => {
            const kept = await pipeline({ sourceBackup: {} });
            const modes = kept
                .all(DELIVERY)
                .map((stream) => [
                    stream.name,
                    valueAt(stream, "extendedS3Configuration.s3BackupConfiguration.prefix"),
                ]);
            assert.deepEqual(modes.sort(), [
                ["shop-addresses-delivery", undefined],
                ["shop-orders-delivery", "source/!{timestamp:yyyy/MM/dd/HH}/"],
                ["shop-products-delivery", undefined],
                ["shop-purchases-delivery", undefined],
            ]);
        });

        it("and tells of what was given up in a queue, encrypted, for as long as SQS can", () => {
            const { messageRetentionSeconds, sqsManagedSseEnabled } = shop.find("aws:sqs/queue:Queue").inputs;
            assert.deepEqual([messageRetentionSeconds, sqsManagedSseEnabled], [1_209_600, true]);
        });
    });

    describe("gives each role what it needs and no more", () => {
        const log = (name: string) => `arn:aws:logs:us-east-1:123456789012:log-group:${name}`;

        it("lets the API put orders into the stream", () => {
            assert.deepEqual(statements(shop, "shop-api-role-policy"), [
                allow(["kinesis:PutRecord", "kinesis:PutRecords"], [STREAM_ARN]),
            ]);
        });

        it("lets the consumer read the stream, write items, tell what was given up, and keep what is rejected", () => {
            assert.deepEqual(statements(shop, "shop-consumer-role-policy"), [
                allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    [`${log("/aws/lambda/tributary-test-shop-consumer")}:*`],
                ),
                allow(READ, [STREAM_ARN]),
                allow(
                    ["dynamodb:BatchWriteItem"],
                    ["arn:aws:dynamodb:us-east-1:123456789012:table/shop-items-1a2b3c4"],
                ),
                allow(["sqs:SendMessage"], [QUEUE_ARN]),
                allow(["s3:PutObject"], [`${BUCKET_ARN}/errors/rejected/*`]),
            ]);
        });

        for (const [index, short] of SHORT_NAMES.entries()) {
            it(`lets the delivery stream of ${short} read the stream, and reach its own folders, table, function and log`, () => {
                const rows = `arn:aws:lambda:us-east-1:123456789012:function:shop-${short}-rows-1a2b3c4`;
                const table = TABLES[index];
                assert.deepEqual(statements(shop, `shop-${short}-delivery-role-policy`), [
                    allow(READ, [STREAM_ARN]),
                    allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [BUCKET_ARN]),
                    allow(
                        ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
                        [`${BUCKET_ARN}/${table}/year=*`, `${BUCKET_ARN}/errors/${table}/*`],
                    ),
                    allow(
                        ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
                        [
                            `${GLUE}:catalog`,
                            `${GLUE}:database/tributary_test_shop`,
                            `${GLUE}:table/tributary_test_shop/${table}`,
                        ],
                    ),
                    allow(["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"], [rows, `${rows}:$LATEST`]),
                    allow(["logs:PutLogEvents"], [`${log(`shop-${short}-delivery-log-1a2b3c4`)}:log-stream:s3`]),
                ]);
            });
        }

        it("lets the functions that make rows do nothing but log", () => {
            for (const short of SHORT_NAMES) {
                const group = log(`/aws/lambda/tributary-test-shop-${short}-rows`);
                assert.deepEqual(statements(shop, `shop-${short}-rows-role-policy`), [
                    allow(["logs:CreateLogStream", "logs:PutLogEvents"], [`${group}:*`]),
                ]);
            }
        });

        it("lets the crawler read the tables' files and register partitions of these tables", () => {
            const policy = statements(shop, "shop-crawler-role-policy") as { Action: string[]; Resource: string[] }[];
            assert.deepEqual(
                policy[1],
                allow(
                    ["s3:GetObject"],
                    TABLES.map((table) => `${BUCKET_ARN}/${table}/*`),
                ),
            );
            assert.deepEqual(policy[2]?.Resource, [
                `${GLUE}:catalog`,
                `${GLUE}:database/tributary_test_shop`,
                ...TABLES.map((table) => `${GLUE}:table/tributary_test_shop/${table}`),
            ]);
        });

        it("lets Firehose use each role only for its own stream in this account", () => {
            for (const short of SHORT_NAMES) {
                const role = shop.find(ROLE, `shop-${short}-delivery-role`);
                assert.deepEqual(valueAt(role, "assumeRolePolicy.Statement.0.Condition.ArnLike"), {
                    "aws:SourceArn": `arn:aws:firehose:us-east-1:123456789012:deliverystream/shop-${short}-delivery-*`,
                });
            }
        });

        it("makes what tries its role out after the role's permissions", () => {
            const dependencies = (type: string, name: string) => shop.find(type, name).dependencies;
            const policy = (name: string) => `aws:iam/rolePolicy:RolePolicy::shop-${name}-role-policy`;
            for (const short of SHORT_NAMES)
                assert.ok(
                    dependencies(DELIVERY, `shop-${short}-delivery`).includes(policy(`${short}-delivery`)),
                    short,
                );
            assert.ok(dependencies(FUNCTION, "shop-consumer").includes(policy("consumer")));
            assert.ok(dependencies(MAPPING, "").some((name) => name.endsWith("::shop-consumer")));
            assert.ok(dependencies(CRAWLER, "").includes(policy("crawler")));
        });
    });

    it("buffers, retries and gives up as the options say", async () => {
        const other = await pipeline({
            consumer: {
                batchSize: 1000,
                windowSeconds: 0,
                parallelization: 4,
                retries: 2,
                maxAgeSeconds: 3600,
                memoryMiB: 1024,
                timeoutSeconds: 30,
            },
            rows: { intervalSeconds: 5, sizeMiB: 0.2, retries: 7, memoryMiB: 256, timeoutSeconds: 120 },
            buffer: { intervalSeconds: 10, sizeMiB: 64 },
        });
        const { inputs } = other.find(MAPPING);
        assert.deepEqual(
            [
                inputs.batchSize,
                inputs.maximumBatchingWindowInSeconds,
                inputs.parallelizationFactor,
                inputs.maximumRetryAttempts,
                inputs.maximumRecordAgeInSeconds,
            ],
            [1000, 0, 4, 2, 3600],
        );
        const sizeOf = (name: string) => {
            const { memorySize, timeout } = other.find(FUNCTION, name).inputs;
            return [memorySize, timeout];
        };
        assert.deepEqual(sizeOf("shop-consumer"), [1024, 30]);
        for (const short of SHORT_NAMES) {
            assert.deepEqual(sizeOf(`shop-${short}-rows`), [256, 120]);
            const { bufferingInterval, bufferingSize, processingConfiguration } = destination(short, other);
            assert.deepEqual([bufferingInterval, bufferingSize], [10, 64]);
            const [processor] = (processingConfiguration as { processors: { parameters: unknown[] }[] }).processors;
            assert.deepEqual(processor?.parameters.slice(1), [
                { parameterName: "NumberOfRetries", parameterValue: "7" },
                { parameterName: "BufferSizeInMBs", parameterValue: "0.2" },
                { parameterName: "BufferIntervalInSeconds", parameterValue: "5" },
            ]);
        }
    });

    describe("lets in", () => {
        const security = (recording: Recording<unknown>) =>
            ["/orders", "/orders/batch"].map((path) =>
                valueAt(recording.find(API), `body.paths.${path}.post.security`),
            );

        it("signed requests by default", () => {
            assert.deepEqual(security(shop), [[{ sigv4: [] }], [{ sigv4: [] }]]);
        });

        it("requests with a key, or anyone within a throttle, when told so", async () => {
            const throttle = { rate: 10, burst: 20 };
            const keys = await pipeline({ auth: { mode: "api-key", throttle } });
            assert.deepEqual(security(keys), [[{ apiKey: [] }], [{ apiKey: [] }]]);
            assert.equal(await resolved(keys.outputs.details.apiKeyId), "key0000001");
            const open = await pipeline({ auth: { mode: "none", throttle } });
            assert.deepEqual(security(open), [undefined, undefined]);
            const { settings } = open.find("aws:apigateway/methodSettings:MethodSettings").inputs;
            assert.equal((settings as Record<string, unknown>).throttlingRateLimit, 10);
        });

        it("web pages of the origins that are named", async () => {
            const pages = await pipeline({ cors: { origins: ["https://shop.example"] } });
            assert.ok(valueAt(pages.find(API), "body.paths./orders.options"));
            assert.ok(valueAt(pages.find(API), "body.paths./orders/batch.options"));
        });
    });

    describe("answers questions", () => {
        it("that come by name, in a workgroup where each reads so much at most", async () => {
            assert.deepEqual(
                shop.all(QUERY).map(({ inputs }) => [inputs.name, inputs.database, inputs.workgroup]),
                [
                    "average-order-value",
                    "most-sold-products",
                    "order-and-client-details",
                    "income-per-payment-method",
                    "sales-per-country",
                ].map((name) => [name, "tributary_test_shop", "shop-workgroup-1a2b3c4"]),
            );
            const limited = await pipeline({ queries: { scanLimitGiB: 2 } });
            const configuration = valueAt(limited.find("aws:athena/workgroup:Workgroup"), "configuration");
            assert.equal((configuration as Record<string, unknown>).bytesScannedCutoffPerQuery, 2 * 2 ** 30);
            assert.equal((configuration as Record<string, unknown>).enforceWorkgroupConfiguration, true);
        });

        it("also of those for whom the crawler registers days, by its schedule, changing nothing else", () => {
            const { schedule, catalogTargets, schemaChangePolicy } = shop.find(CRAWLER).inputs;
            assert.equal(schedule, "cron(15 2 * * ? *)");
            assert.deepEqual(catalogTargets, [{ databaseName: "tributary_test_shop", tables: TABLES }]);
            assert.deepEqual(schemaChangePolicy, { updateBehavior: "LOG", deleteBehavior: "LOG" });
        });
    });

    describe("with Lake Formation", () => {
        const PERMISSIONS = "aws:lakeformation/permissions:Permissions";

        it("off, makes no grant", () => {
            assert.equal(shop.all(PERMISSIONS).length, 0);
        });

        it("grants each delivery stream its own table to read, the crawler all four, and nobody else anything", async () => {
            const granted = await pipeline({}, { lakeFormation: "grant" });
            const grants = granted.all(PERMISSIONS).map(({ inputs }) => {
                const { principal, permissions, table } = inputs as {
                    principal: string;
                    permissions: string[];
                    table?: { name: string };
                };
                return `${principal.split("/")[1]}: ${permissions.join(" ")} ${table?.name ?? "(database)"}`;
            });
            assert.deepEqual(
                grants.sort(),
                [
                    ...SHORT_NAMES.flatMap((short, index) => [
                        `shop-${short}-delivery-role-1a2b3c4: DESCRIBE (database)`,
                        `shop-${short}-delivery-role-1a2b3c4: DESCRIBE SELECT ${TABLES[index]}`,
                    ]),
                    "shop-crawler-role-1a2b3c4: DESCRIBE (database)",
                    ...TABLES.map((table) => `shop-crawler-role-1a2b3c4: ALTER DESCRIBE INSERT SELECT ${table}`),
                ].sort(),
            );
        });
    });

    describe("rings", () => {
        const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

        it("for each way in which it can fail, always to the stack's topic", () => {
            const alarms = shop
                .all(ALARM)
                .map(({ name, inputs }) => `${name}: ${inputs.namespace} ${inputs.metricName} >= ${inputs.threshold}`);
            assert.deepEqual(
                alarms.sort(),
                [
                    "rejected: tributary test-shop-rejected >= 1",
                    "server-errors: AWS/ApiGateway 5XXError >= 1",
                    "write-throttles: AWS/Kinesis WriteProvisionedThroughputExceeded >= 1",
                    "read-throttles: AWS/Kinesis ReadProvisionedThroughputExceeded >= 1",
                    "consumer-age: AWS/Lambda IteratorAge >= 300000",
                    "consumer-errors: AWS/Lambda Errors >= 1",
                    "consumer-throttles: AWS/Lambda Throttles >= 1",
                    "dead-letters: AWS/SQS ApproximateNumberOfMessagesVisible >= 1",
                    "item-throttles: AWS/DynamoDB WriteThrottleEvents >= 1",
                    ...SHORT_NAMES.flatMap((short) => [
                        `${short}-freshness: AWS/Firehose DeliveryToS3.DataFreshness >= 1800`,
                        `${short}-conversion: AWS/Firehose FailedConversion.Records >= 1`,
                        `${short}-partitions: AWS/Firehose PartitionCountExceeded >= 1`,
                        `${short}-errors: AWS/Lambda Errors >= 1`,
                    ]),
                ]
                    .map((alarm) => `shop-${alarm}`)
                    .sort(),
            );
            for (const { inputs } of shop.all(ALARM)) assert.deepEqual(inputs.alarmActions, [TOPIC]);
        });

        it("on the metrics of its own resources", () => {
            const dimensions = (name: string) => shop.find(ALARM, name).inputs.dimensions;
            assert.deepEqual(dimensions("shop-write-throttles"), { StreamName: "shop-stream-1a2b3c4" });
            assert.deepEqual(dimensions("shop-consumer-age"), { FunctionName: "shop-consumer-1a2b3c4" });
            assert.deepEqual(dimensions("shop-dead-letters"), { QueueName: "shop-dead-letters-1a2b3c4" });
            assert.deepEqual(dimensions("shop-item-throttles"), { TableName: "shop-items-1a2b3c4" });
            assert.deepEqual(dimensions("shop-products-freshness"), {
                DeliveryStreamName: "shop-products-delivery-1a2b3c4",
            });
            assert.deepEqual(dimensions("shop-server-errors"), { ApiName: "shop-api-1a2b3c4", Stage: "v1" });
        });
    });

    it("names every child after itself", () => {
        const strangers = shop.resources.filter(
            ({ name, type }) => !name.startsWith("shop") && type !== "pulumi:pulumi:Stack",
        );
        assert.deepEqual(strangers, []);
    });

    it("tells what a user needs", async () => {
        const each = (name: (short: string, index: number) => string | undefined) =>
            Object.fromEntries(SHORT_NAMES.map((short, index) => [short, name(short, index)]));
        assert.deepEqual(await resolved(shop.outputs.details), {
            region: "us-east-1",
            url: "https://api0000001.execute-api.us-east-1.amazonaws.com/v1",
            auth: "iam",
            stream: "shop-stream-1a2b3c4",
            deliveryStreams: each((short) => `shop-${short}-delivery-1a2b3c4`),
            itemTable: "shop-items-1a2b3c4",
            database: "tributary_test_shop",
            tables: each((_, index) => TABLES[index]),
            bucket: "shop-bucket-1a2b3c4",
            deadLetters: "https://sqs.us-east-1.amazonaws.com/123456789012/shop-dead-letters-1a2b3c4",
            crawler: "shop-crawler-1a2b3c4",
            workgroup: "shop-workgroup-1a2b3c4",
            functions: { consumer: "shop-consumer-1a2b3c4", ...each((short) => `shop-${short}-rows-1a2b3c4`) },
            logs: {
                consumer: "/aws/lambda/tributary-test-shop-consumer",
                ...each((short) => `/aws/lambda/tributary-test-shop-${short}-rows`),
            },
            queries: [
                "average-order-value",
                "most-sold-products",
                "order-and-client-details",
                "income-per-payment-method",
                "sales-per-country",
            ],
        });
    });

    it("lets a caller change its children", async () => {
        const transform = {
            bucket: { tags: { team: "shop" } },
            stream: { tags: { team: "shop" } },
            itemTable: { tags: { team: "shop" } },
            table: { owner: "shop" },
            deliveryStream: { tags: { team: "shop" } },
        };
        const changed = await record(() => {
            new Orders("shop", { ...ordersOptions.parse({}), ...CONTEXT, transform });
        });
        for (const type of [BUCKET, STREAM, ITEMS]) assert.deepEqual(changed.find(type).inputs.tags, { team: "shop" });
        for (const { inputs } of changed.all(DELIVERY)) assert.deepEqual(inputs.tags, { team: "shop" });
        for (const { inputs } of changed.all(TABLE)) assert.equal(inputs.owner, "shop");
    });
});

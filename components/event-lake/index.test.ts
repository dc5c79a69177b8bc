import * as assert from "node:assert/strict";
import type * as z from "zod";
import { type Recording, record, resolved, valueAt } from "../../tests/support/mocks";
import type { StackContext } from "../blocks/pipeline";
import { type EventLake, eventLake } from ".";
import { eventLakeOptions } from "./options";
import { queries } from "./queries";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms";
const CONTEXT: StackContext = { disposable: false, logRetentionDays: 14, lakeFormation: "off", alarmTopic: TOPIC };

/** Records a pipeline named `lake` with these options. */
function pipeline(
    options: z.input<typeof eventLakeOptions> = {},
    context: Partial<StackContext> = {},
): Promise<Recording<EventLake>> {
    const parsed = eventLakeOptions.parse(options);
    return record(() => eventLake.create("lake", parsed, { ...CONTEXT, ...context }) as EventLake);
}

const DATABASE = "aws:glue/catalogDatabase:CatalogDatabase";
const JOB = "aws:glue/job:Job";
const PERMISSIONS = "aws:lakeformation/permissions:Permissions";
const POLICY = "aws:iam/rolePolicy:RolePolicy";
const ROLE = "aws:iam/role:Role";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
const TABLE = "aws:glue/catalogTable:CatalogTable";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const TRIGGER = "aws:glue/trigger:Trigger";
const WORKGROUP = "aws:athena/workgroup:Workgroup";

const BUCKET = "arn:aws:s3:::lake-bucket-1a2b3c4";
const RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/lake-bus-1a2b3c4/lake-rule-1a2b3c4";
const QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:lake-dead-letters-1a2b3c4";
const KEY_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:lake-key-1a2b3c4-AbCdEf";

describe("EventLake", () => {
    let lake: Recording<EventLake>;
    let governed: Recording<EventLake>;
    before(async () => {
        lake = await pipeline();
        governed = await pipeline({}, { lakeFormation: "grant" });
    });

    describe("leads an event", () => {
        it("from its own bus, if it is a payment, to the stream, for a day if need be, and to a queue then", () => {
            assert.deepEqual(lake.find(RULE, "lake-rule").inputs, {
                eventBusName: "lake-bus-1a2b3c4",
                eventPattern: '{"source":["transactions"],"detail-type":["card-event"]}',
            });
            assert.deepEqual(lake.find(TARGET, "lake-target").inputs, {
                eventBusName: "lake-bus-1a2b3c4",
                rule: "lake-rule-1a2b3c4",
                arn: "arn:aws:firehose:us-east-1:123456789012:deliverystream/lake-stream-1a2b3c4",
                roleArn: "arn:aws:iam::123456789012:role/lake-role-1a2b3c4",
                retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86400 },
                deadLetterConfig: { arn: QUEUE_ARN },
            });
        });

        it("from the stream to the raw events, one to a line, by the calendar's year and by the day", () => {
            const configuration = valueAt(lake.find(STREAM), "extendedS3Configuration") as Record<string, unknown>;
            const { prefix, errorOutputPrefix, compressionFormat, processingConfiguration } = configuration;
            assert.deepEqual(
                { prefix, errorOutputPrefix, compressionFormat, processingConfiguration },
                {
                    prefix: "raw-data/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/",
                    errorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
                    compressionFormat: "GZIP",
                    processingConfiguration: {
                        enabled: true,
                        processors: [
                            {
                                type: "AppendDelimiterToRecord",
                                parameters: [{ parameterName: "Delimiter", parameterValue: "\\n" }],
                            },
                        ],
                    },
                },
            );
        });

        it("from the raw events through the job into the table's folder, without the columns that it drops", () => {
            const { defaultArguments, command } = lake.find(JOB).inputs as Record<string, Record<string, string>>;
            const { "--mapping": mapping = "", ...others } = defaultArguments ?? {};
            assert.deepEqual(others, {
                "--source": "s3://lake-bucket-1a2b3c4/raw-data/",
                "--target": "s3://lake-bucket-1a2b3c4/card_events/",
                "--errors": "s3://lake-bucket-1a2b3c4/errors/rejected/",
                "--lookback_days": "3",
                "--secret_id": KEY_ARN,
                "--job-bookmark-option": "job-bookmark-enable",
                "--enable-auto-scaling": "true",
                "--custom-logGroup-prefix": "/aws-glue/jobs/tributary-test-lake-job",
                "--TempDir": "s3://lake-bucket-1a2b3c4/glue/temp/",
            });
            assert.deepEqual(command, {
                scriptLocation: "s3://lake-bucket-1a2b3c4/glue/scripts/lake_job.py",
                pythonVersion: "3",
            });
            const { columns, ...rest } = JSON.parse(mapping) as { columns: { target: string; pii: string }[] };
            assert.deepEqual(rest, { eventId: "id", eventTime: "time", years: [2020, 2039] });
            const rules = columns.filter(({ pii }) => pii !== "keep").map(({ target, pii }) => `${target} ${pii}`);
            assert.deepEqual(rules, ["card_number hash", "name mask"]);
        });

        it("into a table that is there before the first run, with the columns that the job writes", () => {
            const { inputs } = lake.find(TABLE);
            const columns = valueAt(lake.find(TABLE), "storageDescriptor.columns") as { name: string; type: string }[];
            assert.equal(
                valueAt(lake.find(TABLE), "storageDescriptor.location"),
                "s3://lake-bucket-1a2b3c4/card_events/",
            );
            assert.deepEqual(
                columns.map(({ name, type }) => `${name} ${type}`),
                [
                    "id string",
                    "time timestamp",
                    "source string",
                    "account string",
                    "region string",
                    "amount decimal(18,2)",
                    "currency string",
                    "country string",
                    "state string",
                    "city string",
                    "card_number string",
                    "name string",
                ],
            );
            assert.deepEqual(inputs.partitionKeys, [
                { name: "year", type: "int" },
                { name: "month", type: "int" },
                { name: "day", type: "int" },
            ]);
            assert.equal((inputs.parameters as Record<string, string>)["projection.year.range"], "2020,2039");
        });
    });

    describe("runs the job", () => {
        it("by schedule, and the crawler when it has succeeded", () => {
            const workflowName = "lake-workflow-1a2b3c4";
            assert.deepEqual(lake.find(TRIGGER, "start").inputs, {
                workflowName,
                type: "SCHEDULED",
                schedule: "cron(0 * * * ? *)",
                actions: [{ jobName: "lake-job-1a2b3c4" }],
                startOnCreation: true,
            });
            assert.deepEqual(lake.find(TRIGGER, "crawl").inputs, {
                workflowName,
                type: "CONDITIONAL",
                predicate: { conditions: [{ jobName: "lake-job-1a2b3c4", state: "SUCCEEDED" }] },
                actions: [{ crawlerName: "lake-crawler-1a2b3c4" }],
                startOnCreation: true,
            });
            assert.equal(lake.find("aws:glue/crawler:Crawler").inputs.schedule, undefined);
        });

        it("one run at a time, with few workers, for an hour, and never again by itself", () => {
            const { executionProperty, glueVersion, maxRetries, numberOfWorkers, timeout, workerType } =
                lake.find(JOB).inputs;
            assert.deepEqual(
                { executionProperty, glueVersion, maxRetries, numberOfWorkers, timeout, workerType },
                {
                    executionProperty: { maxConcurrentRuns: 1 },
                    glueVersion: "5.0",
                    maxRetries: 0,
                    numberOfWorkers: 5,
                    timeout: 60,
                    workerType: "G.1X",
                },
            );
        });

        it("and hears of the runs that fail", () => {
            const { eventPattern } = lake.find(RULE, "failures-rule").inputs;
            assert.deepEqual(JSON.parse(String(eventPattern)), {
                source: ["aws.glue"],
                "detail-type": ["Glue Job State Change", "Glue Crawler State Change"],
                detail: {
                    $or: [
                        { jobName: ["lake-job-1a2b3c4"], state: ["FAILED", "TIMEOUT", "STOPPED"] },
                        { crawlerName: ["lake-crawler-1a2b3c4"], state: ["Failed"] },
                    ],
                },
            });
            const { dimensions } = lake.find("aws:cloudwatch/metricAlarm:MetricAlarm", "failed-runs").inputs;
            assert.deepEqual(dimensions, { RuleName: "lake-failures-rule-1a2b3c4" });
        });
    });

    describe("gives each role what it needs and no more", () => {
        it("lets EventBridge put records into the stream, for the one rule", () => {
            assert.deepEqual(statements(lake, "lake-role-policy"), [
                allow(
                    ["firehose:PutRecord", "firehose:PutRecordBatch"],
                    ["arn:aws:firehose:us-east-1:123456789012:deliverystream/lake-stream-1a2b3c4"],
                ),
            ]);
            assert.deepEqual(valueAt(lake.find(ROLE, "lake-role"), "assumeRolePolicy.Statement.0.Condition"), {
                StringEquals: { "aws:SourceAccount": "123456789012" },
                ArnLike: { "aws:SourceArn": RULE_ARN },
            });
        });

        it("lets EventBridge put the rule's dead letters into the queue, and nobody else", () => {
            const policy = lake.find("aws:sqs/queuePolicy:QueuePolicy", "lake-dead-letters-policy");
            assert.deepEqual(valueAt(policy, "policy.Statement.1"), {
                Effect: "Allow",
                Principal: { Service: "events.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: QUEUE_ARN,
                Condition: { ArnEquals: { "aws:SourceArn": RULE_ARN } },
            });
        });

        it("lets the job read raw events and the key, and write rows and what it rejects", () => {
            const logs = "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/tributary-test-lake-job";
            assert.deepEqual(statements(lake, "lake-job-role-policy"), [
                allow(["s3:GetObject"], [`${BUCKET}/glue/scripts/lake_job.py`]),
                allow(["s3:GetBucketLocation", "s3:ListBucket"], [BUCKET]),
                allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [`${BUCKET}/glue/temp/*`]),
                allow(["logs:CreateLogStream", "logs:PutLogEvents"], [`${logs}/output:*`, `${logs}/error:*`]),
                allow(["s3:GetObject"], [`${BUCKET}/raw-data/*`]),
                allow(
                    ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                    [`${BUCKET}/card_events*`, `${BUCKET}/errors/rejected*`],
                ),
                allow(["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"], [KEY_ARN]),
            ]);
        });

        it("lets the simulator send events to the bus", () => {
            const [, puts] = statements(lake, "lake-simulator-role-policy");
            assert.deepEqual(
                puts,
                allow(["events:PutEvents"], ["arn:aws:events:us-east-1:123456789012:event-bus/lake-bus-1a2b3c4"]),
            );
        });
    });

    describe("keeps personal data", () => {
        it("as it came for some days only: raw events, and what failed", () => {
            const lifecycle = lake.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
            const rules = valueAt(lifecycle, "rules") as {
                filter: { prefix: string };
                expiration?: { days: number };
            }[];
            assert.deepEqual(
                rules.map(({ filter, expiration }) => `${filter.prefix} ${expiration?.days}`),
                ["raw-data/ 30", "errors/ 90", "glue/temp/ 1", "query-results/ 7", " undefined"],
            );
        });

        it("out of the state: the key has no value there, and the simulator no card and no name", () => {
            assert.deepEqual(Object.keys(lake.find("aws:secretsmanager/secret:Secret").inputs).sort(), [
                "description",
                "recoveryWindowInDays",
            ]);
            assert.equal(lake.all("aws:secretsmanager/secretVersion:SecretVersion").length, 0);
            const everything = JSON.stringify(lake.resources.map(({ inputs }) => inputs));
            assert.deepEqual(everything.match(/\b\d{13,19}\b/g), null);
        });

        it("and an archive of the events only where the options ask for one", async () => {
            assert.equal(lake.all("aws:cloudwatch/eventArchive:EventArchive").length, 0);
            const archived = await pipeline({ archive: { retentionDays: 90 } });
            assert.deepEqual(archived.find("aws:cloudwatch/eventArchive:EventArchive").inputs, {
                eventSourceArn: "arn:aws:events:us-east-1:123456789012:event-bus/lake-bus-1a2b3c4",
                eventPattern: '{"source":["transactions"],"detail-type":["card-event"]}',
                retentionDays: 90,
            });
        });
    });

    it("sends sample events that the pattern matches", async () => {
        const other = await pipeline({
            pattern: { source: [{ prefix: "x" }, "shop"], "detail-type": ["paid", "sold"] },
        });
        const { source, detailType } = (await resolved({ ...other.outputs.details })) as Record<string, unknown>;
        assert.deepEqual([source, detailType], ["shop", "paid"]);
    });

    describe("without Lake Formation", () => {
        it("has no roles for people: who may read the bucket is for IAM alone to say", async () => {
            assert.equal(lake.all(PERMISSIONS).length, 0);
            assert.equal(lake.find(DATABASE).inputs.createTableDefaultPermissions, undefined);
            const roles = lake.all(ROLE).map(({ inputs }) => JSON.parse(String(inputs.assumeRolePolicy)) as Policy);
            assert.ok(roles.every(({ Statement: [trust] }) => trust?.Principal?.Service !== undefined));
            assert.deepEqual(
                lake.all(WORKGROUP).map(({ name }) => name),
                ["lake-workgroup"],
            );
        });
    });

    describe("with Lake Formation", () => {
        it("gives new tables of its database to one role, and so not to all of IAM's principals", () => {
            assert.deepEqual(governed.find(DATABASE).inputs.createTableDefaultPermissions, [
                {
                    permissions: ["SELECT"],
                    principal: {
                        dataLakePrincipalIdentifier: "arn:aws:iam::123456789012:role/lake-data-engineer-1a2b3c4",
                    },
                },
            ]);
        });

        it("registers the table's folder with a role that reads it and nothing else", () => {
            assert.deepEqual(governed.find("aws:lakeformation/resource:Resource").inputs, {
                arn: `${BUCKET}/card_events`,
                roleArn: "arn:aws:iam::123456789012:role/lake-location-role-1a2b3c4",
            });
            assert.deepEqual(statements(governed, "lake-location-role-policy"), [
                allow(["s3:ListBucket"], [BUCKET]),
                allow(["s3:GetObject"], [`${BUCKET}/card_events/*`]),
            ]);
        });

        it("leaves the account's administrators alone", () =>
            assert.equal(governed.all("aws:lakeformation/dataLakeSettings:DataLakeSettings").length, 0));

        it("shows the analyst some rows and columns, the developer some columns, the data engineer all", () => {
            const place = { databaseName: "tributary_test_lake", tableName: "card_events" };
            assert.deepEqual(governed.find("aws:lakeformation/dataCellsFilter:DataCellsFilter").inputs.tableData, {
                tableCatalogId: "123456789012",
                ...place,
                name: "analyst",
                columnWildcard: { excludedColumnNames: ["card_number", "name"] },
                rowFilter: { filterExpression: "country = 'IN'" },
            });
            const grants = ["lake-analyst-grant", "lake-developer-grant", "lake-data-engineer-grant"].map((name) => {
                const { principal, ...grant } = governed.find(PERMISSIONS, name).inputs;
                return { principal: String(principal).split("/")[1], ...grant };
            });
            const table = { databaseName: place.databaseName, name: "card_events" };
            assert.deepEqual(grants, [
                {
                    principal: "lake-analyst-1a2b3c4",
                    permissions: ["SELECT"],
                    dataCellsFilter: { tableCatalogId: "123456789012", ...place, name: "analyst" },
                },
                {
                    principal: "lake-developer-1a2b3c4",
                    permissions: ["SELECT"],
                    tableWithColumns: { ...table, wildcard: true, excludedColumnNames: ["name"] },
                },
                { principal: "lake-data-engineer-1a2b3c4", permissions: ["DESCRIBE", "SELECT"], table },
            ]);
        });

        it("lets each role ask Athena in a workgroup of its own, and read neither the files nor the results of another", () => {
            const glue = "arn:aws:glue:us-east-1:123456789012";
            assert.deepEqual(statements(governed, "lake-analyst-policy"), [
                allow(
                    [
                        "athena:BatchGetNamedQuery",
                        "athena:GetNamedQuery",
                        "athena:GetQueryExecution",
                        "athena:GetQueryResults",
                        "athena:GetWorkGroup",
                        "athena:ListNamedQueries",
                        "athena:StartQueryExecution",
                        "athena:StopQueryExecution",
                    ],
                    ["arn:aws:athena:us-east-1:123456789012:workgroup/lake-analyst-workgroup-1a2b3c4"],
                ),
                allow(["s3:GetBucketLocation"], [BUCKET]),
                allow(
                    ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
                    [`${BUCKET}/query-results/analyst/*`],
                ),
                allow(
                    ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
                    [
                        `${glue}:catalog`,
                        `${glue}:database/tributary_test_lake`,
                        `${glue}:table/tributary_test_lake/card_events`,
                    ],
                ),
                { Sid: "GetDataAccessKnowsNoResources", ...allow(["lakeformation:GetDataAccess"], ["*"]) },
            ]);
            const { resultConfiguration } = valueAt(governed.find(WORKGROUP, "analyst-workgroup"), "configuration") as {
                resultConfiguration: { outputLocation: string };
            };
            assert.equal(resultConfiguration.outputLocation, "s3://lake-bucket-1a2b3c4/query-results/analyst/");
        });

        it("gives each role the named queries whose columns it sees", () => {
            const named = (role: string) =>
                governed
                    .all("aws:athena/namedQuery:NamedQuery")
                    .filter(({ inputs }) => inputs.workgroup === `lake-${role}-workgroup-1a2b3c4`)
                    .map(({ inputs }) => inputs.name);
            assert.deepEqual(named("analyst"), ["spend-per-country", "spend-per-day", "top-cities"]);
            assert.deepEqual(named("data-engineer"), Object.keys(queries));
        });

        it("trusts the account, or whom the options name, and nobody from elsewhere", async () => {
            const trust = (recording: Recording<EventLake>) =>
                valueAt(recording.find(ROLE, "lake-analyst"), "assumeRolePolicy.Statement.0");
            const expected = (AWS: unknown) => ({
                Effect: "Allow",
                Principal: { AWS },
                Action: "sts:AssumeRole",
                Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } },
            });
            assert.deepEqual(trust(governed), expected("arn:aws:iam::123456789012:root"));
            const principals = ["arn:aws:iam::123456789012:role/finance"];
            const named = await pipeline({ access: { principals } }, { lakeFormation: "grant" });
            assert.deepEqual(trust(named), expected(principals));
        });

        it("lets the crawler register partitions in the folder", () => {
            assert.deepEqual(governed.find(PERMISSIONS, "crawler-location-grant").inputs, {
                principal: "arn:aws:iam::123456789012:role/lake-crawler-role-1a2b3c4",
                permissions: ["DATA_LOCATION_ACCESS"],
                dataLocation: { arn: `${BUCKET}/card_events` },
            });
        });
    });
});

interface Policy {
    readonly Statement: readonly { readonly Principal?: { readonly Service?: string } }[];
}

function allow(actions: readonly string[], resources: readonly string[]) {
    return { Effect: "Allow", Action: actions, Resource: resources };
}

function statements(recording: Recording<unknown>, policy: string): readonly unknown[] {
    return valueAt(recording.find(POLICY, policy), "policy.Statement") as readonly unknown[];
}

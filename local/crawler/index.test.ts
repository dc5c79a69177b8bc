import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import {
    GetCrawlerCommand,
    GetCrawlersCommand,
    GlueClient,
    StartCrawlerCommand,
    StopCrawlerCommand,
} from "@aws-sdk/client-glue";
import { fakeClock } from "../../tests/support/clock";
import { fakeServices, iamWith, memoryLogs, serve, type TestServer } from "../../tests/support/local";
import { partitionIn } from "../glue/partitions";
import type { Properties } from "../resources";
import type { Services } from "../services";
import { CRAWLER_TYPE } from "./config";
import { createCrawlers } from "./index";

const START = Date.UTC(2026, 10, 20, 12);
const ROLE = "arn:aws:iam::000000000000:role/glue/crawler";
const NAME = "orders-1234567";

describe("A crawler", () => {
    const open: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0).reverse()) await end();
    });

    async function made(over: Properties = {}, own: Partial<Services> = {}) {
        const services = fakeServices({ clock: fakeClock(START), logs: memoryLogs(), ...own });
        open.push(() => services.place.remove());
        const crawlers = createCrawlers(services);
        open.push(() => crawlers.close());
        services.resources.put({
            type: "aws:glue/catalogDatabase:CatalogDatabase",
            id: "shop",
            inputs: { name: "shop" },
        });
        services.resources.put({
            type: "aws:glue/catalogTable:CatalogTable",
            id: "000000000000:shop:orders",
            inputs: {
                databaseName: "shop",
                name: "orders",
                storageDescriptor: { location: "s3://lake/orders/" },
                partitionKeys: [
                    { name: "year", type: "int" },
                    { name: "country", type: "string" },
                ],
            },
        });
        const inputs = {
            name: NAME,
            role: ROLE,
            databaseName: "shop",
            catalogTargets: [{ databaseName: "shop", tables: ["orders"] }],
            ...over,
        };
        const put = async (changed: Properties = {}) => {
            const all = { ...inputs, ...changed };
            const binding = crawlers.bindings[CRAWLER_TYPE];
            const [old] = services.resources.all(CRAWLER_TYPE);
            const outcome = old ? await binding?.update?.(old, all, "x") : await binding?.create(all, "x");
            if (outcome) services.resources.put({ type: CRAWLER_TYPE, inputs: all, ...outcome });
        };
        await put();
        const store = (key: string) => services.s3.putObject(services.iam.root, "lake", key, "x");
        for (const key of [
            "orders/year=2026/country=a%2Fb/one.parquet",
            "orders/year=2026/country=a%2Fb/two.parquet",
            "orders/year=2025/country=x y/one.parquet",
            "orders/year=2025/_SUCCESS",
            "orders/year=2025/country=z/_temporary",
            "orders/stray.parquet",
            "orders-of-others/year=2024/country=q/one.parquet",
        ])
            await store(key);
        return { services, crawlers, put, store };
    }
    async function served(parts: Awaited<ReturnType<typeof made>>) {
        const { crawlers, services } = parts;
        const server: TestServer = await serve({
            iam: services.iam,
            jsonServices: [
                { target: "AWSGlue", name: "glue", client: "@aws-sdk/client-glue", operations: crawlers.operations },
            ],
        });
        const glue = new GlueClient(server.client);
        open.push(async () => {
            glue.destroy();
            await server.close();
        });
        const crawled = async () => {
            await glue.send(new StartCrawlerCommand({ Name: NAME }));
            await crawlers.idle();
            return (await glue.send(new GetCrawlerCommand({ Name: NAME }))).Crawler?.LastCrawl;
        };
        return { glue, crawled };
    }
    const PARTITIONS = [
        { values: ["2025", "x y"], location: "s3://lake/orders/year=2025/country=x y/", created: START },
        { values: ["2026", "a/b"], location: "s3://lake/orders/year=2026/country=a%2Fb/", created: START },
    ];
    const SUCCEEDED = {
        Status: "SUCCEEDED",
        LogGroup: "/aws-glue/crawlers",
        LogStream: NAME,
        StartTime: new Date(START),
    };

    it("registers the folders of partitions that are new, logs it, and says that it has", async () => {
        const parts = await made();
        const { crawled } = await served(parts);
        deepStrictEqual(await crawled(), SUCCEEDED);
        deepStrictEqual(parts.crawlers.partitions("shop", "orders"), PARTITIONS);
        await parts.services.clock.advance(1000);
        await parts.store("orders/year=2025/country=a/one.parquet");
        await crawled();
        deepStrictEqual(
            parts.crawlers.partitions("shop", "orders").map(({ values, created }) => [...values, created - START]),
            [
                ["2025", "a", 1000],
                ["2025", "x y", 0],
                ["2026", "a/b", 0],
            ],
        );
        deepStrictEqual((parts.services.logs as ReturnType<typeof memoryLogs>).messages("/aws-glue/crawlers", NAME), [
            `[${NAME}] BENCHMARK : Running Start Crawl for Crawler ${NAME}`,
            `[${NAME}] INFO : Created 2 partitions for table shop.orders`,
            `[${NAME}] BENCHMARK : Finished writing to Catalog`,
            `[${NAME}] BENCHMARK : Running Start Crawl for Crawler ${NAME}`,
            `[${NAME}] INFO : Created 1 partitions for table shop.orders`,
            `[${NAME}] BENCHMARK : Finished writing to Catalog`,
        ]);
    });

    it("runs for a trigger, and tells the account's rules what has become of it", async () => {
        const { services, put } = await made();
        const told: unknown[] = [];
        const announce = async (announcement: unknown) => void told.push(announcement);
        const crawlers = createCrawlers({ ...services, announce });
        strictEqual(await crawlers.crawl(NAME), "SUCCEEDED");
        await put({ catalogTargets: [{ databaseName: "shop", tables: ["none"] }] });
        strictEqual(await crawlers.crawl(NAME), "FAILED");
        const announced = (outcome: Properties) => ({
            source: "aws.glue",
            detailType: "Glue Crawler State Change",
            detail: { accountId: "000000000000", crawlerName: NAME, ...outcome },
        });
        deepStrictEqual(told, [
            announced({ state: "Succeeded" }),
            announced({ state: "Failed", errorMessage: "Table shop.none not found" }),
        ]);
        throws(() => void crawlers.crawl("other"), {
            name: "EntityNotFoundException",
            message: "Crawler with name other does not exist",
        });
        const running = crawlers.crawl(NAME);
        throws(() => void crawlers.crawl(NAME), {
            name: "CrawlerRunningException",
            message: `Crawler with name ${NAME} has already started`,
        });
        await running;
    });

    it("remembers what it found and how it ended", async () => {
        const parts = await made();
        await (await served(parts)).crawled();
        const again = createCrawlers(parts.services);
        deepStrictEqual(again.partitions("shop", "orders"), PARTITIONS);
        const { glue } = await served({ ...parts, crawlers: again });
        deepStrictEqual((await glue.send(new GetCrawlerCommand({ Name: NAME }))).Crawler?.LastCrawl, SUCCEEDED);
    });

    it("finds tables by the folders that it is to look into", async () => {
        for (const path of ["s3://lake/", "s3a://lake/orders"]) {
            const parts = await made({ catalogTargets: undefined, s3Targets: [{ path }] });
            deepStrictEqual(await (await served(parts)).crawled(), SUCCEEDED);
            deepStrictEqual(parts.crawlers.partitions("shop", "orders"), PARTITIONS);
        }
    });

    it("is described as AWS does", async () => {
        const parts = await made({ schedule: "cron(15 2 * * ? *)", description: "d", configuration: '{"Version":1}' });
        const { glue } = await served(parts);
        await parts.services.clock.advance(1000);
        await parts.put({ tablePrefix: "p" });
        const { Crawlers = [] } = await glue.send(new GetCrawlersCommand({}));
        deepStrictEqual(Crawlers, [
            {
                Name: NAME,
                Role: "glue/crawler",
                Targets: {
                    S3Targets: [],
                    JdbcTargets: [],
                    MongoDBTargets: [],
                    DynamoDBTargets: [],
                    CatalogTargets: [{ DatabaseName: "shop", Tables: ["orders"] }],
                    DeltaTargets: [],
                    IcebergTargets: [],
                    HudiTargets: [],
                },
                DatabaseName: "shop",
                Description: "d",
                Classifiers: [],
                RecrawlPolicy: { RecrawlBehavior: "CRAWL_EVERYTHING" },
                SchemaChangePolicy: {
                    UpdateBehavior: "UPDATE_IN_DATABASE",
                    DeleteBehavior: "DEPRECATE_IN_DATABASE",
                },
                LineageConfiguration: { CrawlerLineageSettings: "DISABLE" },
                State: "READY",
                TablePrefix: "p",
                Schedule: { ScheduleExpression: "cron(15 2 * * ? *)", State: "SCHEDULED" },
                CrawlElapsedTime: 0,
                CreationTime: new Date(START),
                LastUpdated: new Date(START + 1000),
                Version: 2,
                Configuration: '{"Version":1}',
            },
        ]);
    });

    it("answers in AWS's words what cannot be done", async () => {
        const parts = await made();
        const { glue } = await served(parts);
        const none = { Name: "none" };
        await rejects(glue.send(new GetCrawlerCommand(none)), {
            name: "EntityNotFoundException",
            message: "Crawler entry with name none does not exist",
        });
        for (const command of [new StartCrawlerCommand(none), new StopCrawlerCommand(none)])
            await rejects(glue.send(command as StartCrawlerCommand), {
                name: "EntityNotFoundException",
                message: "Crawler with name none does not exist",
            });
        await rejects(glue.send(new StopCrawlerCommand({ Name: NAME })), {
            name: "CrawlerNotRunningException",
            message: `Crawler with name ${NAME} isn't running`,
        });
        const start = parts.crawlers.operations.StartCrawler as (input: object, caller: object) => unknown;
        start({ Name: NAME }, parts.services.iam.root);
        throws(() => start({ Name: NAME }, parts.services.iam.root), {
            code: "CrawlerRunningException",
            message: `Crawler with name ${NAME} has already started`,
        });
        await rejects(parts.put({ description: "other" }), {
            code: "InvalidInputException",
            message: "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.",
        });
        await parts.crawlers.idle();
    });

    it("fails, and says why, when its role lacks a right, or a target has no table", async () => {
        for (const [denied, over, error] of [
            [
                "glue:BatchCreatePartition",
                {},
                "User: arn:aws:sts::000000000000:assumed-role/crawler/AWS-Crawler is not authorized to perform: glue:BatchCreatePartition on resource: arn:aws:glue:us-east-1:000000000000:catalog because no identity-based policy allows the glue:BatchCreatePartition action",
            ],
            [
                "s3:GetObject",
                {},
                "User: arn:aws:sts::000000000000:assumed-role/crawler/AWS-Crawler is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::lake/orders/* because no identity-based policy allows the s3:GetObject action",
            ],
            ["none", { catalogTargets: [{ databaseName: "shop", tables: ["other"] }] }, "Table shop.other not found"],
            [
                "none",
                { catalogTargets: undefined, s3Targets: [{ path: "s3://lake/raw/" }] },
                "No table of shop lies in s3://lake/raw/. The local runtime registers partitions of tables that the program defines, and makes no tables.",
            ],
            ["none", { catalogTargets: [{ databaseName: "none", tables: ["a"] }] }, "Database none not found."],
        ] as const) {
            const iam = iamWith((_caller, action) => action !== denied);
            const parts = await made(over, { iam });
            const { crawled } = await served(parts);
            deepStrictEqual(await crawled(), { ...SUCCEEDED, Status: "FAILED", ErrorMessage: error });
            deepStrictEqual(parts.crawlers.partitions("shop", "orders"), []);
        }
    });

    it("runs by its schedule, which an update changes", async () => {
        const parts = await made({ schedule: "cron(0 * * * ? *)" });
        const { clock } = parts.services;
        const runs = () =>
            (parts.services.logs as ReturnType<typeof memoryLogs>).messages("/aws-glue/crawlers").length / 3;
        parts.crawlers.start();
        await clock.advance(3_599_000);
        strictEqual(runs(), 0);
        await clock.advance(1000);
        strictEqual(runs(), 1);
        await clock.advance(7_200_000);
        strictEqual(runs(), 3);
        await parts.put({ schedule: "cron(0/10 * * * ? *)" });
        await clock.advance(3_600_000);
        strictEqual(runs(), 9);
        await parts.put({ schedule: undefined });
        await clock.advance(86_400_000);
        strictEqual(runs(), 9);
    });

    it("is refused with what AWS, or the local runtime, does not take", async () => {
        const { crawlers, services } = await made();
        const check = crawlers.bindings[CRAWLER_TYPE]?.check as (inputs: Properties) => readonly string[];
        deepStrictEqual(check({ schedule: "cron(15 2 * * ? *)", s3Targets: [{ path: "s3://lake" }] }), []);
        deepStrictEqual(check({ schedule: "cron(0/4 * * * ? *)", s3Targets: [{ path: "lake" }], jdbcTargets: [{}] }), [
            'A crawler with "jdbcTargets" is not supported by the local runtime.',
            '"s3Targets.path" must be a folder in a bucket, s3://bucket/folder: it is "lake".',
            '"schedule" must leave five minutes between two runs: it is "cron(0/4 * * * ? *)".',
        ]);
        deepStrictEqual(check({ schedule: "rate(1 hour)" }), [
            '"schedule" must be minutes, hours, day of month, month, day of week and year, such as cron(15 2 * * ? *): it is "rate(1 hour)".',
        ]);
        const [crawler] = services.resources.all(CRAWLER_TYPE);
        throws(() => crawlers.bindings[CRAWLER_TYPE]?.create(crawler?.inputs ?? {}, "x"), {
            code: "AlreadyExistsException",
            message: `Crawler with name ${NAME} already exists`,
        });
    });

    it("reads partitions from folders with and without names, and no other", () => {
        const keys = ["year", "month"];
        const of = (below: string) => partitionIn(below, keys)?.values;
        deepStrictEqual(
            [
                "year=2026/month=01/a",
                "2026/01/a",
                "Year=2026/month=%/a",
                "year=2026/a",
                "year=2026/day=1/a",
                "a/b/c/d",
            ].map(of),
            [["2026", "01"], ["2026", "01"], ["2026", "%"], undefined, undefined, undefined],
        );
    });
});

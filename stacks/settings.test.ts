import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../tests/support/mocks";
import { readSettings, type Settings } from "./settings";

/** Reads config given without the project's name, as Pulumi would hand it over. */
async function read(config: Readonly<Record<string, unknown>>): Promise<Settings> {
    const keyed = Object.fromEntries(Object.entries(config).map(([key, value]) => [`tributary:${key}`, value]));
    const { outputs } = await record(() => readSettings(pulumi.runtime.allConfig()), { config: keyed, stack: "dev" });
    return outputs;
}

/** The sentences of the error that config is refused with. */
async function refusals(config: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    try {
        await read(config);
    } catch (error) {
        const [heading, ...sentences] = (error as Error).message.split("\n  ");
        assert.match(heading, /^The config of the stack "dev" has (a problem|\d+ problems):$/);
        return sentences;
    }
    return [];
}

/** The same for options of one web-analytics pipeline, without the part that all of them begin with. */
async function optionRefusals(options: unknown): Promise<readonly string[]> {
    const prefix = "tributary:pipelines.web-analytics";
    return (await refusals({ pipelines: { "web-analytics": options } })).map((sentence) => {
        assert.ok(sentence.startsWith(prefix), sentence);
        return sentence.slice(prefix.length).replace(/^\./, "");
    });
}

describe("readSettings", () => {
    it("fills in every default", async () => {
        const { pipelines, ...stack } = await read({ pipelines: { "web-analytics": {} } });
        assert.deepEqual(stack, {
            disposable: false,
            alarmEmail: "",
            logRetentionDays: 30,
            lakeFormation: "off",
            tags: {},
        });
        assert.deepEqual(pipelines, [
            {
                name: "web-analytics",
                kind: "web-analytics",
                options: {
                    buffer: { intervalSeconds: 60, sizeMiB: 128 },
                    check: { intervalSeconds: 60, sizeMiB: 1, retries: 3, memoryMiB: 512, timeoutSeconds: 60 },
                    uniqueKeys: [],
                    auth: { mode: "iam" },
                    table: {
                        partitionBy: ["event"],
                        format: "parquet",
                        compression: "zstd",
                        sortBy: [],
                        snapshotDays: 5,
                        snapshotCount: 1,
                        orphanDays: 3,
                    },
                    errors: {
                        prefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
                        retentionDays: 90,
                    },
                    queries: { scanLimitGiB: 100, resultRetentionDays: 7 },
                    alarms: { freshnessSeconds: 900, failedRecords: 1, serverErrors: 1 },
                },
            },
        ]);
    });

    it("takes two instances of one kind", async () => {
        const { pipelines } = await read({ pipelines: { "web-analytics": {}, "shop-eu": { kind: "web-analytics" } } });
        assert.deepEqual(
            pipelines.map(({ name, kind }) => [name, kind]),
            [
                ["web-analytics", "web-analytics"],
                ["shop-eu", "web-analytics"],
            ],
        );
    });

    it("takes values as `pulumi config set` writes them: all but whole numbers and booleans as text", async () => {
        const options = { check: { sizeMiB: "0.5", retries: "5" }, appendOnly: "false" };
        const config = { pipelines: { "web-analytics": options, eu: '{"kind":"web-analytics"}' }, disposable: "true" };
        const { pipelines, disposable, logRetentionDays } = await read({ ...config, logRetentionDays: "7" });
        const { check, appendOnly } = pipelines[0].options as typeof options;
        assert.deepEqual([check.sizeMiB, check.retries, appendOnly], [0.5, 5, false]);
        assert.deepEqual([pipelines[1].kind, disposable, logRetentionDays], ["web-analytics", true, 7]);
    });

    it("takes nothing, an empty text and the text {} for no options", async () => {
        for (const empty of [null, "", "{}"]) {
            assert.deepEqual(await optionRefusals(empty), []);
        }
    });

    it("reports every problem at once, whatever its kind", async () => {
        const sentences = await refusals({
            logRetentionDays: 31,
            lakeFormation: "on",
            retentionDays: 3,
            pipelines: {
                "web-analytics": {
                    bufer: {},
                    buffer: { intervalSeconds: 1000 },
                    uniqueKeys: ["user_id"],
                    appendOnly: true,
                },
                shop: {},
            },
        });
        assert.deepEqual(sentences, [
            "tributary:logRetentionDays is 31. It must be one of the numbers of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653.",
            'tributary:lakeFormation is "on". It must be one of off, grant.',
            'tributary:retentionDays is not known. Did you mean "logRetentionDays"? Known here: alarmEmail, disposable, lakeFormation, logRetentionDays, pipelines, tags.',
            "tributary:pipelines.web-analytics.buffer.intervalSeconds is 1000. It must be a whole number from 0 to 900 seconds.",
            'tributary:pipelines.web-analytics.bufer is not known. Did you mean "buffer"? Known here: alarms, appendOnly, auth, buffer, check, cors, errors, queries, table, uniqueKeys.',
            "tributary:pipelines.web-analytics.appendOnly: An append-only stream cannot update rows by uniqueKeys. Leave appendOnly out, or remove uniqueKeys.",
            'tributary:pipelines.shop has no kind, and "shop" is not the name of one. Set its kind to one of web-analytics, likes, orders, event-lake, saas-metering.',
        ]);
    });

    it("leaves other projects' and providers' config alone", async () => {
        const config = {
            "aws:region": "eu-west-1",
            "other:pipelines": "x",
            "tributary:pipelines": { "web-analytics": {} },
        };
        const { outputs } = await record(() => readSettings(pulumi.runtime.allConfig()), { config });
        assert.equal(outputs.pipelines.length, 1);
    });

    for (const [what, config, sentence] of [
        [
            "no pipelines",
            {},
            "tributary:pipelines is missing. It says which pipelines run: pulumi config set --path 'tributary:pipelines.web-analytics.kind' web-analytics",
        ],
        [
            "pipelines that are a list",
            { pipelines: ["web-analytics"] },
            'tributary:pipelines is ["web-analytics"]. It must be a map from names to options.',
        ],
        [
            "pipelines that are a text",
            { pipelines: "web-analytics" },
            'tributary:pipelines is "web-analytics". It must be a map from names to options.',
        ],
        [
            "options that are a number",
            { pipelines: { "web-analytics": 5 } },
            "tributary:pipelines.web-analytics is 5. It must be a map of options, which may be empty: {}.",
        ],
        [
            "a name that AWS would not take",
            { pipelines: { Shop_EU: { kind: "web-analytics" } } },
            "tributary:pipelines.Shop_EU has a name that not all of AWS takes. It must be lower-case letters, digits and single hyphens, begin with a letter, and have at most 30.",
        ],
        [
            "a kind that there is not",
            { pipelines: { shop: { kind: "web-analytic" } } },
            'tributary:pipelines.shop.kind is "web-analytic". Did you mean "web-analytics"? It must be one of web-analytics, likes, orders, event-lake, saas-metering.',
        ],
        [
            "a name that is nearly a kind",
            { pipelines: { "web-analytic": {} } },
            'tributary:pipelines.web-analytic has no kind, and "web-analytic" is not the name of one. Did you mean "web-analytics"? Set its kind to one of web-analytics, likes, orders, event-lake, saas-metering.',
        ],
        [
            "an address that is none",
            { alarmEmail: "me" },
            'tributary:alarmEmail is "me". It must be an e-mail address.',
        ],
        ["a flag that is none", { disposable: "yes" }, 'tributary:disposable is "yes". It must be true or false.'],
        ["tags that are not texts", { tags: { cost: 5 } }, "tributary:tags.cost is 5. It must be a text."],
    ] as const) {
        it(`refuses ${what}`, async () => {
            const pipelines = { pipelines: { "web-analytics": {} } };
            assert.deepEqual(
                await refusals("pipelines" in config || what === "no pipelines" ? config : { ...pipelines, ...config }),
                [sentence],
            );
        });
    }

    for (const [options, sentence] of [
        [{ buffer: { sizeMiB: 0 } }, "buffer.sizeMiB is 0. It must be a whole number from 1 to 128 MiB."],
        [
            { buffer: { intervalSeconds: 1.5 } },
            "buffer.intervalSeconds is 1.5. It must be a whole number from 0 to 900 seconds.",
        ],
        [{ buffer: 60 }, "buffer is 60. It must be a map."],
        [{ check: { sizeMiB: 4 } }, "check.sizeMiB is 4. It must be a number from 0.2 to 3 MiB."],
        [
            { check: { sizeMiB: 3 } },
            "check.sizeMiB: 3 MiB of small events can pass the 6 MB that a function may answer with, and what is beyond them fails. Set check.sizeMiB to 1.5 or less.",
        ],
        [
            { uniqueKeys: ["user"] },
            'uniqueKeys.0 is "user". It must be one of user_id, session_id, event, ip, hostname, timestamp, uri.',
        ],
        [
            { uniqueKeys: ["ip", "ip"] },
            'uniqueKeys is ["ip","ip"]. It must be a list without an item that comes twice.',
        ],
        [{ auth: { mode: "open" } }, 'auth.mode is "open". It must be one of iam, api-key, none.'],
        [
            { auth: { mode: "none" } },
            "auth.throttle: Without authentication anybody on the internet can write, so a throttle must say how much. Set auth.throttle.rate and auth.throttle.burst, or auth.mode to iam or api-key.",
        ],
        [
            { auth: { mode: "api-key" } },
            "auth.throttle: An API key names a client and limits it, and without a throttle it limits nothing. Set auth.throttle.rate and auth.throttle.burst.",
        ],
        [
            { auth: { throttle: { rate: 10 } } },
            "auth.throttle.burst is missing. It must be a whole number from 1 to 10,000 requests.",
        ],
        [
            { auth: { quota: { limit: 10 } } },
            "auth.quota: A quota is counted by API key, and there are keys only where auth.mode is api-key. Set auth.mode to api-key, or remove auth.quota.",
        ],
        [
            { cors: { origins: ["https://shop.example/"] } },
            'cors.origins.0 is "https://shop.example/". It must be an origin such as https://shop.example, in lower case and without a path, or *.',
        ],
        [
            { cors: { origins: ["*"] } },
            "cors.origins: The origin * lets every web page call the API with the credentials of whoever looks at it. Name the origins that may, or set auth.mode to none if nobody is to be kept out.",
        ],
        [
            { cors: { origins: ["*", "http://a"] }, auth: { mode: "none", throttle: { rate: 1, burst: 1 } } },
            "cors.origins: The origin * stands for all, so the others beside it mean nothing. Keep *, or the others.",
        ],
        [{ cors: { origins: [] } }, "cors.origins: There is no origin in the list. Name one, or remove cors."],
        [
            { buffer: { intervalSeconds: 900 } },
            "alarms.freshnessSeconds: An event may wait 60 s for its check and 900 s for its delivery, so the alarm would ring without end. Set alarms.freshnessSeconds above 960, or shorten buffer.intervalSeconds and check.intervalSeconds.",
        ],
        [
            { table: { partitionBy: ["user_id"] } },
            "table.partitionBy: A partition for each value of user_id, which are without number, makes as many small files. Partition by bucket(16, user_id), or by a column with a closed list of values: event.",
        ],
        [{ table: { format: "orc" } }, 'table.format is "orc". It must be one of parquet.'],
        [
            { errors: { prefix: "errors/!{firehose:error-output-type}/!{timestamp:YYYY/MM/dd/HH}/" } },
            "errors.prefix: YYYY is the year of the week, which is another year around New Year. Write yyyy.",
        ],
        [
            { errors: { prefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/DD}/" } },
            "errors.prefix: DD is the day of the year. Write dd for the day of the month.",
        ],
        [
            { errors: { prefix: "errors/!{timestamp:yyyy/MM/dd}/" } },
            "errors.prefix: It does not tell the errors apart. Put !{firehose:error-output-type} in it.",
        ],
        [
            { errors: { prefix: "errors/!{firehose:error-output-type}/" } },
            "errors.prefix: It does not tell the days apart. Put !{timestamp:yyyy/MM/dd/HH} in it.",
        ],
        [
            { errors: { prefix: "!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/" } },
            "errors.prefix: It has no folder of its own, on which the days of retention could be set. Begin it with errors/.",
        ],
        [
            { errors: { prefix: "page_events/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/" } },
            "errors.prefix: The folder page_events/ holds something else. Begin it with errors/.",
        ],
        [
            {
                errors: {
                    prefix: "e/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/!{partitionKeyFromQuery:a}/",
                },
            },
            "errors.prefix: Firehose does not know !{partitionKeyFromQuery:a} in an error prefix. Use !{timestamp:...} or !{firehose:...}.",
        ],
    ] as const) {
        it(`refuses ${JSON.stringify(options)}`, async () => {
            assert.deepEqual(await optionRefusals(options), [sentence]);
        });
    }

    it("says in the dataset's own words which layout it cannot have", async () => {
        const [sentence] = await optionRefusals({ table: { partitionBy: ["day(when)"] } });
        assert.match(sentence, /^table\.partitionBy: Dataset "page_events" .*"when"/);
    });
});

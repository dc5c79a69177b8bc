import * as assert from "node:assert/strict";
import { deployed, withEnvironment } from "../tests/support/deployed";
import { type MergeAccessLogOptions, type MergeAnswer, mergeAccessLog } from "./merge-access-log";
import { FakeLakeAws, requestsOf } from "./merge-test-support";
import type { LambdaContext } from "./time-left";
import { type Hour, hourAt, nameOfHour } from "./utc-hours";

type Merge = (event: unknown, context?: LambdaContext) => Promise<MergeAnswer>;

const options: MergeAccessLogOptions = {
    tables: {
        raw: "access_log",
        merged: "usage",
        runs: "usage_runs",
        columns: [
            { name: "request_id", type: "string" },
            { name: "tenant", type: "string" },
            { name: "request_time", type: "timestamp" },
            { name: "status", type: "int" },
            { name: "response_bytes", type: "long" },
        ],
        key: "request_id",
        time: "request_time",
        sortBy: "tenant",
    },
    rawPrefix: "access_log/",
    mergedPrefix: "usage/",
    contentsPrefix: "contents/",
    latenessHours: 48,
};
const environment = { WORKGROUP: "metering", DATABASE: "lake", BUCKET: "bucket", AWS_REGION: "us-east-1" };

/** The same cases for the handler as written and as deployed. */
const forms: readonly [form: string, load: () => Promise<Merge>][] = [
    ["as written", async () => withEnvironment(environment, () => mergeAccessLog(options))],
    ["as deployed", () => deployed(mergeAccessLog, options, environment)],
];

for (const [form, load] of forms) {
    describe(`mergeAccessLog, ${form}`, () => {
        const { now } = Date;
        const { info } = console;
        let merge: Merge;
        let aws: FakeLakeAws;
        let logged: unknown[];
        let NOW: Hour;

        before(async () => {
            merge = await load();
        });
        beforeEach(() => {
            aws = new FakeLakeAws();
            aws.install();
            NOW = hourAt(aws.now);
            logged = [];
            // Time stands still, but for what a test adds.
            Date.now = () => aws.now;
            console.info = (line: unknown) => void logged.push(line);
        });
        afterEach(() => {
            aws.restore();
            Object.assign(Date, { now });
            Object.assign(console, { info });
        });

        const run = (event: unknown = {}) => merge(event);

        it("publishes an hour as a partition that says what it is made of", async () => {
            aws.arrive(NOW, "a.gz", [...requestsOf(NOW - 1, "1", "2"), ...requestsOf(NOW, "3")]);
            const name = (hour: Hour) => nameOfHour(hour);
            assert.deepEqual(await run(), {
                merged: [
                    { hour: name(NOW - 1), rows: 2 },
                    { hour: name(NOW), rows: 1 },
                ],
                left: [],
                malformed: 0,
            });
            const { Values, StorageDescriptor, Parameters } = aws.partitions.get("2026/12/31/22") ?? {};
            assert.deepEqual(Values, ["2026", "12", "31", "22"]);
            assert.match(Parameters?.run ?? "", /^2026-12-31T22-[0-9a-f]{16}$/);
            assert.deepEqual(StorageDescriptor, {
                InputFormat: "parquet",
                Location: `s3://bucket/usage/run=${Parameters?.run}/`,
            });
            assert.equal(Parameters?.rows, "2");
            assert.match(Parameters?.sources ?? "", new RegExp(`^\\{"${NOW}":"[0-9a-f]{32}"\\}$`));
        });

        it("logs numbers and nothing of the requests", async () => {
            aws.arrive(NOW, "a.gz", [...requestsOf(NOW - 1, "1", "2"), "not JSON"]);
            await run();
            assert.deepEqual(logged, [
                { outcome: "Run", merged: 1, rows: 2, left: 0, failed: 0, malformed: 1, behindSeconds: 0 },
            ]);
        });

        it("asks about a folder once for each state that it is in", async () => {
            const asked = () => aws.statements.filter((sql) => sql.includes("AS happened")).length;
            aws.arrive(NOW - 1, "a.gz", requestsOf(NOW - 1, "1"));
            await run();
            await run();
            assert.equal(asked(), 1);
            aws.arrive(NOW - 1, "b.gz", requestsOf(NOW - 1, "2"));
            assert.deepEqual((await run()).merged, [{ hour: nameOfHour(NOW - 1), rows: 2 }]);
            assert.equal(asked(), 2);
            assert.deepEqual(aws.metered(), ["1", "2"]);
        });

        it("sends Athena these statements", async () => {
            aws.arrive(NOW, "a.gz", requestsOf(NOW, "1"));
            await run();
            const folder = '("year" = 2026 AND "month" = 12 AND "day" = 31 AND "hour" = 23)';
            const time = 'TRY_CAST("request_time" AS bigint)';
            const isRequest = `COALESCE(NULLIF("request_id", '-'), '') <> '' AND ${time} BETWEEN 0 AND 253402300799999`;
            const names = '"request_id", "tenant", "request_time", "status", "response_bytes"';
            const requests =
                `SELECT NULLIF("request_id", '-') AS "request_id", NULLIF("tenant", '-') AS "tenant", ` +
                `CAST(from_unixtime(${time} / 1e3) AS timestamp) AS "request_time", TRY_CAST("status" AS integer) AS "status", ` +
                `TRY_CAST("response_bytes" AS bigint) AS "response_bytes" FROM "lake"."access_log" WHERE (${folder}) ` +
                `AND ${isRequest} AND ${time} BETWEEN 1798758000000 AND 1798761599999 ` +
                `UNION ALL SELECT ${names} FROM "lake"."usage" WHERE (${folder})`;
            const runName = aws.partitions.get("2026/12/31/23")?.Parameters?.run;
            assert.deepEqual(aws.statements, [
                `SELECT "year", "month", "day", "hour", CASE WHEN ${isRequest} THEN CAST(floor(${time} / 3.6e6) AS bigint) END AS happened, ` +
                    `count(*) AS lines FROM "lake"."access_log" WHERE (${folder}) GROUP BY 1, 2, 3, 4, 5`,
                `UNLOAD (SELECT ${names} FROM (SELECT ${names}, row_number() OVER (PARTITION BY "request_id" ORDER BY "request_time") AS nth ` +
                    `FROM (${requests})) WHERE nth = 1 ORDER BY "tenant", "request_time") TO 's3://bucket/usage/run=${runName}/' ` +
                    "WITH (format = 'PARQUET', compression = 'SNAPPY')",
                `SELECT i.requests, o.written, o.different FROM (SELECT count(DISTINCT "request_id") AS requests FROM (${requests})) i ` +
                    `CROSS JOIN (SELECT count(*) AS written, count(DISTINCT "request_id") AS different FROM "lake"."usage_runs" WHERE run = '${runName}') o`,
            ]);
        });

        it("waits for the end of each query", async () => {
            aws.behave = () => ({ state: "SUCCEEDED", looks: 1 });
            aws.arrive(NOW, "a.gz", requestsOf(NOW, "1"));
            await run();
            assert.equal(aws.sent.filter((name) => name === "GetQueryExecution").length, 6);
        });

        for (const state of ["FAILED", "CANCELLED"] as const) {
            it(`raises when a query ends as ${state}, after it has merged the other hours`, async () => {
                aws.arrive(NOW, "a.gz", [...requestsOf(NOW - 1, "1"), ...requestsOf(NOW, "2")]);
                aws.behave = (sql) =>
                    sql.includes(`'s3://bucket/usage/run=${nameOfHour(NOW - 1)}`)
                        ? { state, reason: "Query exhausted resources at this scale factor" }
                        : { state: "SUCCEEDED" };
                await assert.rejects(run(), (error: Error) =>
                    /^An hour could not be merged\. 2026-12-31T22: The query q\d ended as (FAILED|CANCELLED): Query exhausted resources at this scale factor\.$/.test(
                        error.message,
                    ),
                );
                assert.deepEqual(aws.metered(), ["2"]);
                aws.behave = () => ({ state: "SUCCEEDED" });
                await run();
                assert.deepEqual(aws.metered(), ["1", "2"]);
            });
        }

        it("stops a query that does not end in time, and leaves the hour to the next run", async () => {
            aws.arrive(NOW, "a.gz", requestsOf(NOW, "1"));
            aws.behave = (sql) => ({ state: "SUCCEEDED", looks: sql.startsWith("UNLOAD") ? 1000 : 0 });
            const context = { getRemainingTimeInMillis: () => 1050 };
            assert.deepEqual(await merge({}, context), { merged: [], left: [nameOfHour(NOW)], malformed: 0 });
            assert.equal(aws.sent.filter((name) => name === "StopQueryExecution").length, 1);
            aws.behave = () => ({ state: "SUCCEEDED" });
            await run();
            assert.deepEqual(aws.metered(), ["1"]);
        });

        it("refuses to go on when Athena reads nothing of a folder that holds something", async () => {
            aws.arrive(NOW, "a.gz", requestsOf(NOW, "1"));
            const rows = Reflect.get(aws, "run") as unknown;
            Object.assign(aws, { run: () => [] });
            await assert.rejects(run(), {
                message:
                    "There are objects in the folder year=2026/month=12/day=31/hour=23/, and Athena reads no line from it. Does the table have partitions for its year?",
            });
            Object.assign(aws, { run: rows });
        });

        it("removes what nobody reads once it is a day old, and nothing else", async () => {
            const old = aws.now - 25 * 3_600_000;
            aws.put(`usage/run=${nameOfHour(NOW)}-dead/part-0`, "x", old);
            aws.put(`usage/run=${nameOfHour(NOW)}-young/part-0`, "x");
            aws.arrive(NOW, "a.gz", requestsOf(NOW, "1"));
            await run();
            const published = aws.partitions.get("2026/12/31/23")?.Parameters?.run;
            const left = [...aws.objects.keys()].filter((key) => key.startsWith("usage/"));
            assert.deepEqual(
                left.sort(),
                [`usage/run=${nameOfHour(NOW)}-young/part-0`, `usage/run=${published}/part-0`].sort(),
            );
            const object = aws.objects.get(`usage/run=${published}/part-0`);
            aws.put(`usage/run=${published}/part-0`, object?.text ?? "", old);
            await run();
            assert.ok(aws.objects.has(`usage/run=${published}/part-0`));
        });

        it("merges one hour or a range by hand, far outside of the lateness window too", async () => {
            aws.arrive(NOW - 500, "a.gz", requestsOf(NOW - 500, "1"));
            aws.arrive(NOW - 499, "b.gz", requestsOf(NOW - 500, "2"));
            assert.deepEqual((await run()).merged, []);
            const hour = `${nameOfHour(NOW - 500)}:00:00Z`;
            assert.deepEqual((await run({ hour })).merged, [{ hour: nameOfHour(NOW - 500), rows: 2 }]);
            const to = `${nameOfHour(NOW - 498)}:00:00Z`;
            assert.deepEqual((await run({ from: hour, to })).merged, [{ hour: nameOfHour(NOW - 500), rows: 2 }]);
        });

        it("meters each request once, whichever command it dies at, before or after its effect", async () => {
            const arrive = (lake: FakeLakeAws) => {
                lake.arrive(NOW - 1, "a.gz", requestsOf(NOW - 1, "1", "2"));
                lake.arrive(NOW, "b.gz", [...requestsOf(NOW - 1, "2", "3"), ...requestsOf(NOW, "4")]);
            };
            arrive(aws);
            await run();
            const commands = aws.sent.length;
            for (let life = 1; life <= commands; life++) {
                for (const isLastDone of [false, true]) {
                    aws = new FakeLakeAws();
                    aws.install();
                    arrive(aws);
                    aws.life = { commands: life, isLastDone };
                    await run().catch(() => undefined);
                    aws.life = { commands: Number.POSITIVE_INFINITY, isLastDone: false };
                    await run();
                    assert.deepEqual(aws.metered(), ["1", "2", "3", "4"], `${life} commands`);
                }
            }
        });
    });
}

describe("mergeAccessLog", () => {
    it("does not start without the names that it works with", () => {
        assert.throws(() => mergeAccessLog(options), { message: "The environment variable WORKGROUP is not set." });
    });
});

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { GetQueryRuntimeStatisticsCommand } from "@aws-sdk/client-athena";
import { CreateTableCommand, GetPartitionsCommand, GetTableCommand } from "@aws-sdk/client-glue";
import { iamWith } from "../../tests/support/local";
import { ANALYST, type Analysts, analysts } from "./test-support";

const JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe";
const PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

describe("Athena, told to write", () => {
    let on: Analysts;
    beforeEach(async () => {
        on = await analysts();
        put(
            "raw/a.json",
            [
                { tenant: "a", n: 1, day: "2026-01-01" },
                { tenant: "b", n: 2, day: "2026-01-02" },
                { tenant: "a", n: 3, day: null },
            ]
                .map((row) => `${JSON.stringify(row)}\n`)
                .join(""),
        );
        await table("raw", "s3://lake/raw/", ["tenant string", "n int", "day string"], [], JSON_SERDE);
    });
    afterEach(() => on.close());

    function put(key: string, body: string): void {
        const file = on.file(`s3://lake/${key}`);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, body);
    }
    async function table(
        Name: string,
        Location: string,
        columns: readonly string[],
        keys: readonly string[],
        SerializationLibrary: string,
        Parameters: Record<string, string> = {},
    ): Promise<void> {
        const of = (list: readonly string[]) =>
            list.map((text) => ({ Name: text.split(" ")[0], Type: text.split(" ")[1] }));
        const StorageDescriptor = { Location, Columns: of(columns), SerdeInfo: { SerializationLibrary } };
        const TableInput = { Name, Parameters, PartitionKeys: of(keys), StorageDescriptor };
        await on.glue.send(new CreateTableCommand({ DatabaseName: "web", TableInput }));
    }
    /** Keys of the objects below a folder. */
    async function keys(prefix: string): Promise<readonly string[]> {
        const all = await on.services.s3.listObjects(on.services.iam.root, "lake", prefix);
        return all.map(({ key }) => key.slice(prefix.length));
    }
    const done = async (sql: string) => {
        const execution = await on.run(sql);
        assert.strictEqual(execution.Status?.State, "SUCCEEDED", execution.Status?.StateChangeReason);
        return execution;
    };

    it("unloads a query into a new folder, lists what it wrote, and counts rows in and out", async () => {
        const execution = await done(
            "UNLOAD (SELECT tenant, n, day FROM raw WHERE tenant = 'a' ORDER BY n) TO 's3://lake/out/run=1/' WITH (format = 'PARQUET', compression = 'SNAPPY')",
        );
        const [name, ...others] = await keys("out/run=1/");
        assert.match(name, /^20261120_120000_00000_\w{5}_[-0-9a-f]{36}$/);
        assert.deepStrictEqual(others, []);
        const id = execution.QueryExecutionId;
        const manifest = `s3://lake/results/${id}-manifest.csv`;
        assert.strictEqual(execution.Statistics?.DataManifestLocation, manifest);
        assert.strictEqual(fs.readFileSync(on.file(manifest), "utf8"), `s3://lake/out/run=1/${name}\n`);
        assert.deepStrictEqual([execution.StatementType, execution.SubstatementType], ["DML", "UNLOAD"]);
        const statistics = await on.client.send(new GetQueryRuntimeStatisticsCommand({ QueryExecutionId: id }));
        assert.deepStrictEqual(statistics.QueryRuntimeStatistics?.Rows, {
            InputRows: 3,
            InputBytes: fs.statSync(on.file("s3://lake/raw/a.json")).size,
            OutputRows: 2,
            OutputBytes: fs.statSync(on.file(`s3://lake/out/run=1/${name}`)).size,
        });
        await table("runs", "s3://lake/out/", ["tenant string", "n int", "day string"], ["run string"], PARQUET, {
            "projection.enabled": "true",
            "projection.run.type": "injected",
        });
        assert.deepStrictEqual(await on.ask("SELECT * FROM runs WHERE run = '1'"), {
            columns: ["tenant varchar", "n integer", "day varchar", "run varchar"],
            rows: [
                ["a", "1", "2026-01-01", "1"],
                ["a", "3", null, "1"],
            ],
        });
    });

    it("does not unload into a folder that holds something, or as what it cannot write", async () => {
        const unload = (to: string, properties: string) =>
            on.refusal(`UNLOAD (SELECT tenant, n FROM raw) TO '${to}' WITH (${properties})`);
        assert.deepStrictEqual(await unload("s3://lake/raw/", "format = 'PARQUET'"), [
            "FAILED",
            "HIVE_PATH_ALREADY_EXISTS: Target directory for UNLOAD already exists: s3://lake/raw/.",
        ]);
        assert.deepStrictEqual(await unload("s3://lake/new/", "format = 'ORC'"), [
            "FAILED",
            "NOT_SUPPORTED: LocalUnsupported: The format ORC is not supported by the local runtime.",
        ]);
        assert.deepStrictEqual(await unload("s3://lake/new/", "format = 'JSON', partitioned_by = ARRAY['tenant']"), [
            "FAILED",
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order as the table properties: [tenant]",
        ]);
        assert.deepStrictEqual(
            await on.refusal("UNLOAD (SELECT n + 1 FROM raw) TO 's3://lake/new/' WITH (format = 'JSON')"),
            ["FAILED", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"],
        );
        assert.deepStrictEqual(await keys("new/"), []);
    });

    it("unloads as JSON and as text, compressed by GZIP unless told otherwise", async () => {
        await done(
            "UNLOAD (SELECT tenant, n, day FROM raw) TO 's3://lake/json/' WITH (format='JSON', partitioned_by=ARRAY['day'])",
        );
        const json = await keys("json/");
        assert.deepStrictEqual(
            json.map((key) => key.replace(/[^/]*$/, "")),
            ["day=2026-01-01/", "day=2026-01-02/", "day=__HIVE_DEFAULT_PARTITION__/"],
        );
        const [first] = json;
        assert.match(first, /\.gz$/);
        assert.strictEqual(
            zlib.gunzipSync(fs.readFileSync(on.file(`s3://lake/json/${first}`))).toString(),
            '{"tenant":"a","n":1}\n',
        );
        await done(
            "UNLOAD (SELECT tenant, n, day FROM raw ORDER BY n) TO 's3://lake/text/' WITH (format='TEXTFILE', field_delimiter=',', compression='NONE')",
        );
        const [text] = await keys("text/");
        assert.strictEqual(
            fs.readFileSync(on.file(`s3://lake/text/${text}`), "utf8"),
            "a,1,2026-01-01\nb,2,2026-01-02\na,3,\\N\n",
        );
    });

    it("makes a table of a query, with its partitions, and adds to it", async () => {
        const execution = await done(
            "CREATE TABLE usage WITH (format = 'PARQUET', write_compression = 'ZSTD', partitioned_by = ARRAY['day']) AS SELECT tenant, sum(n) AS n, day FROM raw GROUP BY tenant, day",
        );
        const id = execution.QueryExecutionId;
        assert.deepStrictEqual(
            [execution.StatementType, execution.SubstatementType, execution.Statistics?.DataManifestLocation],
            ["DDL", "CREATE_TABLE_AS_SELECT", `s3://lake/results/tables/${id}-manifest.csv`],
        );
        const { Table } = await on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "usage" }));
        assert.deepStrictEqual(
            [Table?.StorageDescriptor?.Columns, Table?.PartitionKeys, Table?.StorageDescriptor?.Location],
            [
                [
                    { Name: "tenant", Type: "string" },
                    { Name: "n", Type: "bigint" },
                ],
                [{ Name: "day", Type: "string" }],
                `s3://lake/results/tables/${id}/`,
            ],
        );
        await done("INSERT INTO usage (day, tenant) SELECT '2026-01-02', 'c'");
        await done("INSERT INTO web.usage VALUES ('d', 7, '2026-01-03')");
        const { Partitions } = await on.glue.send(
            new GetPartitionsCommand({ DatabaseName: "web", TableName: "usage" }),
        );
        assert.deepStrictEqual(
            Partitions?.map(({ Values }) => Values?.[0]),
            ["2026-01-01", "2026-01-02", "2026-01-03", "__HIVE_DEFAULT_PARTITION__"],
        );
        assert.deepStrictEqual((await on.ask("SELECT * FROM usage ORDER BY day, tenant")).rows, [
            ["a", "1", "2026-01-01"],
            ["b", "2", "2026-01-02"],
            ["c", null, "2026-01-02"],
            ["d", "7", "2026-01-03"],
            ["a", "3", null],
        ]);
        await done("CREATE TABLE IF NOT EXISTS usage AS SELECT 1 AS x");
    });

    it("refuses a table that is there, a place that is not empty, columns that do not fit, and too many partitions", async () => {
        assert.deepStrictEqual(await on.refusal("CREATE TABLE raw AS SELECT 1 AS x"), [
            "FAILED",
            "TABLE_ALREADY_EXISTS: line 1:14: Table 'awsdatacatalog.web.raw' already exists",
        ]);
        assert.deepStrictEqual(await on.refusal("CREATE TABLE nosuch.t AS SELECT 1 AS x"), [
            "FAILED",
            "SCHEMA_NOT_FOUND: line 1:14: Schema 'nosuch' does not exist",
        ]);
        await assert.rejects(on.run("CREATE TABLE t WITH (external_location = 's3://lake/x/') AS SELECT 1 AS x"), {
            name: "InvalidRequestException",
            message:
                "The Create Table As Select query failed because it was submitted with an 'external_location' property to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the 'external_location' property and resubmit the query.",
        });
        const primary = { WorkGroup: "primary", ResultConfiguration: { OutputLocation: "s3://lake/mine/" } };
        assert.deepStrictEqual(
            await on.refusal("CREATE TABLE t WITH (external_location = 's3://lake/raw') AS SELECT 1 AS x", primary),
            [
                "FAILED",
                "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'web.t' already exists: s3://lake/raw/. You may need to manually clean the data at location 's3://lake/raw/' before retrying. Athena will not delete data in your account.",
            ],
        );
        assert.deepStrictEqual(await on.refusal("INSERT INTO raw SELECT 1, 2"), [
            "FAILED",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [string, int, string], Query: [int, int]",
        ]);
        const many = "SELECT x AS n, CAST(x AS varchar) AS p FROM UNNEST(sequence(1, 101)) AS t(x)";
        assert.deepStrictEqual(await on.refusal(`CREATE TABLE t WITH (partitioned_by = ARRAY['p']) AS ${many}`), [
            "FAILED",
            "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets",
        ]);
        assert.deepStrictEqual(
            await on.refusal("CREATE TABLE t WITH (bucketed_by = ARRAY['x'], bucket_count = 2) AS SELECT 1 AS x"),
            [
                "FAILED",
                "NOT_SUPPORTED: LocalUnsupported: A bucketed table (bucketed_by) is not supported by the local runtime.",
            ],
        );
        await assert.rejects(on.run("UNLOAD (SELECT 1,, 2) TO 's3://lake/new/' WITH (format = 'JSON')"), {
            message: "line 1:18: mismatched input ','. Unexpected token: Comma",
        });
        await assert.rejects(on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "t" })), {
            name: "EntityNotFoundException",
        });
    });

    it("writes as the caller", async () => {
        const { authorize } = iamWith((_caller, action, arn) => action !== "s3:PutObject" || !arn.includes("/out/"));
        const other = await analysts({ authorize, identify: () => ({ caller: ANALYST, secretAccessKey: "local" }) });
        const [state, reason] = await other.refusal(
            "UNLOAD (SELECT 1 AS x) TO 's3://lake/out/' WITH (format = 'JSON')",
        );
        assert.strictEqual(state, "FAILED");
        assert.match(
            String(reason),
            /^PERMISSION_DENIED: Insufficient permissions to execute the query\. User: .* is not authorized to perform: s3:PutObject on resource: "?arn:aws:s3:::lake\/out\//,
        );
        await other.close();
    });
});

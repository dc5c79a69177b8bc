import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetQueryResultsCommand } from "@aws-sdk/client-athena";
import { GetTableCommand } from "@aws-sdk/client-glue";
import { type Analysts, analysts } from "./test-support";

describe("Athena, told to define", () => {
    let on: Analysts;
    beforeEach(async () => {
        on = await analysts();
    });
    afterEach(() => on.close());

    function put(key: string, body: string): void {
        const file = on.file(`s3://lake/${key}`);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, body);
    }
    const done = async (sql: string) => {
        const { Status, QueryExecutionId } = await on.run(sql);
        assert.strictEqual(Status?.State, "SUCCEEDED", Status?.StateChangeReason);
        const { ResultSet } = await on.client.send(new GetQueryResultsCommand({ QueryExecutionId }));
        return ResultSet?.Rows?.map((row) => row.Data?.[0].VarCharValue);
    };

    it("makes an external table in Hive's dialect, and reads it", async () => {
        put("raw/2026/11/a.json", '{"id":"1","detail":{"a":7,"b":["x"]},"amount":1.5}\n');
        await done(`
            -- The raw events.
            CREATE EXTERNAL TABLE IF NOT EXISTS \`web\`.\`raw\` (
                \`id\` string COMMENT 'Who, (or what).',
                detail struct<a:int, b:array<string>>,
                amount decimal(10,2)
            ) COMMENT 'It\\'s raw'
            PARTITIONED BY (year string, \`month\` string)
            ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('ignore.malformed.json'='true')
            STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat' OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'
            LOCATION 's3://lake/raw/'
            TBLPROPERTIES ('projection.enabled'='true', 'projection.year.type'='integer', 'projection.year.range'='2024,2030',
                'projection.month.type'='integer', 'projection.month.range'='1,12', 'projection.month.digits'='2',
                'storage.location.template'='s3://lake/raw/\${year}/\${month}/');`);
        assert.deepStrictEqual(
            (await on.ask("SELECT id, detail.a, amount, year, month FROM raw WHERE year = '2026'")).rows,
            [["1", "7", "1.50", "2026", "11"]],
        );
        const { Table } = await on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "raw" }));
        assert.deepStrictEqual(
            [Table?.Description, Table?.StorageDescriptor?.Columns, Table?.StorageDescriptor?.SerdeInfo],
            [
                "It's raw",
                [
                    { Name: "id", Type: "string", Comment: "Who, (or what)." },
                    { Name: "detail", Type: "struct<a:int,b:array<string>>" },
                    { Name: "amount", Type: "decimal(10,2)" },
                ],
                {
                    SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
                    Parameters: { "serialization.format": "1", "ignore.malformed.json": "true" },
                },
            ],
        );
    });

    it("registers partitions by hand and by folders, shows them, and drops them", async () => {
        put("csv/day=1/a.csv", "id,n\na,1\nb,\\N\n");
        put("csv/day=2/a.csv", "id,n\nc,3\n");
        put("other/a.csv", "id,n\nd,4\n");
        await done(
            "CREATE EXTERNAL TABLE csv (id string, n int) PARTITIONED BY (day int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/csv' TBLPROPERTIES ('skip.header.line.count'='1')",
        );
        assert.deepStrictEqual(await done("SHOW PARTITIONS csv"), []);
        assert.deepStrictEqual(await done("MSCK REPAIR TABLE csv"), [
            "Partitions not in metastore:\tcsv:day=1\tcsv:day=2",
            "Repair: Added partition to metastore csv:day=1",
            "Repair: Added partition to metastore csv:day=2",
        ]);
        await done(
            "ALTER TABLE web.csv ADD IF NOT EXISTS PARTITION (day = 2) PARTITION (day = '3') LOCATION 's3://lake/other/'",
        );
        assert.deepStrictEqual(await done("SHOW PARTITIONS csv"), ["day=1", "day=2", "day=3"]);
        assert.deepStrictEqual((await on.ask("SELECT * FROM csv ORDER BY id")).rows, [
            ["a", "1", "1"],
            ["b", null, "1"],
            ["c", "3", "2"],
            ["d", "4", "3"],
        ]);
        assert.deepStrictEqual(await on.refusal("ALTER TABLE csv ADD PARTITION (day = 2)"), [
            "FAILED",
            "FAILED: AlreadyExistsException(message:Partition already exists)",
        ]);
        await done("ALTER TABLE csv DROP PARTITION (day = 1), PARTITION (day = 2)");
        assert.deepStrictEqual(await done("SHOW PARTITIONS csv"), ["day=3"]);
        assert.deepStrictEqual(await on.refusal("ALTER TABLE csv DROP PARTITION (day = 1)"), [
            "FAILED",
            "FAILED: SemanticException [Error 10006]: Partition not found",
        ]);
    });

    it("makes and drops databases and tables, and takes IF for an answer", async () => {
        await done("CREATE DATABASE lake COMMENT 'x' LOCATION 's3://lake/x/'");
        await done("CREATE SCHEMA IF NOT EXISTS lake");
        await done("CREATE EXTERNAL TABLE lake.t (a int) STORED AS PARQUET LOCATION 's3://lake/t/'");
        const REFUSED: readonly (readonly [string, string])[] = [
            ["CREATE DATABASE lake", "FAILED: AlreadyExistsException(message:Database lake already exists)"],
            [
                "DROP DATABASE lake",
                "FAILED: InvalidOperationException(message:Database lake is not empty. One or more tables exist.)",
            ],
            ["DROP TABLE lake.none", "FAILED: SemanticException [Error 10001]: Table not found lake.none"],
            ["DROP DATABASE none", "FAILED: SemanticException [Error 10072]: Database does not exist: none"],
            ["SHOW PARTITIONS lake.t", "FAILED: SemanticException Table lake.t is not a partitioned table"],
            [
                "CREATE EXTERNAL TABLE lake.t (a int) LOCATION 's3://lake/t/'",
                "FAILED: AlreadyExistsException(message:Table t already exists)",
            ],
            [
                "CREATE TABLE lake.u (a int) LOCATION 's3://lake/t/'",
                "SYNTAX_ERROR: line 1:8: A table that is no Iceberg table must be EXTERNAL",
            ],
            [
                "CREATE EXTERNAL TABLE lake.u (a int) STORED AS ORC LOCATION 's3://lake/t/'",
                "NOT_SUPPORTED: LocalUnsupported: STORED AS ORC is not supported by the local runtime.",
            ],
            [
                "CREATE EXTERNAL TABLE lake.u (a int) STORED IN PARQUET LOCATION 's3://lake/t/'",
                "SYNTAX_ERROR: line 1:38: mismatched input 'STORED'",
            ],
            [
                "CREATE EXTERNAL TABLE lake.u (a int) STORED AS PARQUET",
                "SYNTAX_ERROR: CREATE EXTERNAL TABLE needs LOCATION 's3://…'",
            ],
        ];
        for (const [sql, reason] of REFUSED) assert.deepStrictEqual(await on.refusal(sql), ["FAILED", reason], sql);
        await done("DROP TABLE IF EXISTS lake.none");
        await done("DROP TABLE `lake`.`t`");
        await done("DROP DATABASE IF EXISTS lake CASCADE");
        await done("DROP DATABASE IF EXISTS lake");
        assert.deepStrictEqual(await done("SHOW DATABASES"), ["web"]);
    });

    it("makes views, within each other too, reads them, puts others in their place, and drops them", async () => {
        put("t/a.json", '{"id":"a","n":1}\n{"id":"b","n":2}\n');
        await done(
            "CREATE EXTERNAL TABLE t (id string, n int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/t/'",
        );
        await done("CREATE VIEW twice AS SELECT id, n * 2 AS n FROM t");
        await done("CREATE OR REPLACE VIEW web.big AS SELECT v.id FROM twice AS v JOIN t ON v.id = t.id WHERE v.n > 2");
        assert.deepStrictEqual((await on.ask("SELECT x.id FROM web.big AS x")).rows, [["b"]]);
        assert.deepStrictEqual((await on.ask("SELECT * FROM twice ORDER BY id")).rows, [
            ["a", "2"],
            ["b", "4"],
        ]);
        const { Table } = await on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "twice" }));
        assert.deepStrictEqual(
            [Table?.TableType, Table?.StorageDescriptor?.Columns],
            [
                "VIRTUAL_VIEW",
                [
                    { Name: "id", Type: "string" },
                    { Name: "n", Type: "int" },
                ],
            ],
        );
        assert.deepStrictEqual(await on.refusal("CREATE VIEW twice AS SELECT 1 AS x"), [
            "FAILED",
            "ALREADY_EXISTS: line 1:13: View already exists: web.twice",
        ]);
        assert.deepStrictEqual(await on.refusal("DROP VIEW t"), [
            "FAILED",
            "TABLE_NOT_FOUND: line 1:11: View 'web.t' does not exist",
        ]);
        await done("CREATE OR REPLACE VIEW twice AS SELECT id, n FROM big CROSS JOIN t AS o(x, n)");
        assert.match(
            String((await on.refusal("SELECT * FROM big"))[1]),
            /^INVALID_VIEW: View 'web\.\w+' is in itself$/,
        );
        await done("DROP VIEW big");
        await done("DROP VIEW IF EXISTS big");
    });
});

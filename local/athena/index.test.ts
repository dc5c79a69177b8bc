import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as zlib from "node:zlib";
import {
    BatchGetNamedQueryCommand,
    BatchGetQueryExecutionCommand,
    GetNamedQueryCommand,
    GetQueryExecutionCommand,
    GetQueryResultsCommand,
    GetWorkGroupCommand,
    ListNamedQueriesCommand,
    ListQueryExecutionsCommand,
    ListWorkGroupsCommand,
    StartQueryExecutionCommand,
    StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { CreatePartitionCommand } from "@aws-sdk/client-glue";
import { iamWith } from "../../tests/support/local";
import { ANALYST, type Analysts, analysts } from "./test-support";

describe("Athena, asked through the SDK", () => {
    let on: Analysts;
    before(async () => {
        on = await analysts();
        await on.icebergTable(
            "events",
            {
                user_id: "string",
                event: "string",
                timestamp: "timestamp",
                n: "long",
                amount: "decimal(10,2)",
                note: "string",
            },
            [
                {
                    user_id: "u1",
                    event: "visit",
                    timestamp: "2026-01-01T10:20:30.5Z",
                    n: 1,
                    amount: "1.50",
                    note: 'a "b",\nc',
                },
                { user_id: "u2", event: "view", timestamp: "2026-01-02T11:00:00Z", n: 2, note: "" },
                { user_id: "u1", event: "visit", timestamp: "2026-01-02T12:00:00Z", n: 3, amount: "-0.05" },
            ],
        );
    });
    after(() => on.close());

    it("answers a named query of a pipeline row by row, with types", async () => {
        assert.deepStrictEqual(
            await on.ask(
                "SELECT event, count(*) AS events, count(DISTINCT user_id) AS users, sum(n), max(amount) AS most FROM events GROUP BY event ORDER BY events DESC, event",
            ),
            {
                columns: ["event varchar", "events bigint", "users bigint", "_col3 bigint", "most decimal"],
                rows: [
                    ["visit", "2", "1", "4", "1.50"],
                    ["view", "1", "1", "2", null],
                ],
            },
        );
    });

    it("finds a table by any spelling that Athena takes", async () => {
        for (const table of [
            "events",
            "EVENTS",
            '"web"."events"',
            "web.events",
            "awsdatacatalog.web.events",
            "events AS e",
        ]) {
            assert.deepStrictEqual((await on.ask(`SELECT count(*) FROM ${table}`)).rows, [["3"]]);
        }
        assert.deepStrictEqual(
            (await on.ask("SELECT events.n, E.user_id FROM events JOIN events e USING (n) ORDER BY 1")).rows.length,
            3,
        );
        assert.deepStrictEqual((await on.ask("WITH events AS (SELECT 7 AS n) SELECT n FROM events")).rows, [["7"]]);
    });

    it("keeps NULL, the empty text, quotes and line feeds apart, in the answer and in the object", async () => {
        const sql = "SELECT note, timestamp FROM events ORDER BY n";
        assert.deepStrictEqual((await on.ask(sql)).rows, [
            ['a "b",\nc', "2026-01-01 10:20:30.500000"],
            ["", "2026-01-02 11:00:00.000000"],
            [null, "2026-01-02 12:00:00.000000"],
        ]);
        const { ResultConfiguration } = await on.run(sql);
        assert.strictEqual(
            fs.readFileSync(on.file(String(ResultConfiguration?.OutputLocation)), "utf8"),
            '"note","timestamp"\n"a ""b"",\nc","2026-01-01 10:20:30.500000"\n"","2026-01-02 11:00:00.000000"\n,"2026-01-02 12:00:00.000000"\n',
        );
        assert.ok(fs.existsSync(on.file(`${ResultConfiguration?.OutputLocation}.metadata`)));
    });

    it("pages through a result, the names of the columns first", async () => {
        const { QueryExecutionId } = await on.run("SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x)");
        const sizes: number[] = [];
        let NextToken: string | undefined;
        do {
            const page = await on.client.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken }));
            sizes.push(page.ResultSet?.Rows?.length ?? 0);
            NextToken = page.NextToken;
        } while (NextToken);
        assert.deepStrictEqual(sizes, [1000, 1000, 501]);
        const page = await on.client.send(new GetQueryResultsCommand({ QueryExecutionId, MaxResults: 2 }));
        assert.deepStrictEqual(page.ResultSet?.Rows, [
            { Data: [{ VarCharValue: "x" }] },
            { Data: [{ VarCharValue: "1" }] },
        ]);
        await assert.rejects(on.client.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken: "x" })), {
            name: "InvalidRequestException",
            message: "The NextToken is not valid",
        });
    });

    it("tells what a query was, how long it took and what it read", async () => {
        const execution = await on.run("SELECT n FROM events");
        const { files, release } = on.services.iceberg.scan("s3://lake/events");
        release();
        const file = on.file(files[0].file_path);
        const [chunk] = await on.services.duck.query(
            `SELECT total_compressed_size AS bytes FROM parquet_metadata('${file}') WHERE path_in_schema = 'n'`,
        );
        const footer = fs.readFileSync(file).readUInt32LE(fs.statSync(file).size - 8) + 8;
        const bytes = Number(chunk.bytes) + footer;
        const at = new Date(Date.UTC(2026, 10, 20, 12));
        assert.deepStrictEqual(execution, {
            QueryExecutionId: execution.QueryExecutionId,
            Query: "SELECT n FROM events",
            StatementType: "DML",
            ResultConfiguration: { OutputLocation: `s3://lake/results/${execution.QueryExecutionId}.csv` },
            QueryExecutionContext: { Database: "web" },
            Status: { State: "SUCCEEDED", SubmissionDateTime: at, CompletionDateTime: at },
            Statistics: {
                EngineExecutionTimeInMillis: 0,
                DataScannedInBytes: bytes,
                TotalExecutionTimeInMillis: 0,
                QueryQueueTimeInMillis: 0,
                ServiceProcessingTimeInMillis: 0,
            },
            WorkGroup: "analysts",
            EngineVersion: { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: "Athena engine version 3" },
        });
    });

    describe("refuses in Athena's words", () => {
        const refusals: readonly (readonly [string, string])[] = [
            [
                "SELECT nosuch FROM events",
                "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources",
            ],
            ["SELECT *\nFROM nosuch", "TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.web.nosuch' does not exist"],
            ["SELECT * FROM other.events", "SCHEMA_NOT_FOUND: line 1:15: Schema 'other' does not exist"],
            ["SELECT * FROM hive.web.events", "CATALOG_NOT_FOUND: line 1:15: Catalog 'hive' does not exist"],
            ["SELECT foo(n) FROM events", "FUNCTION_NOT_FOUND: line 1:8: Function 'foo' not registered"],
            [
                "SELECT user_id FROM events GROUP BY event",
                "EXPRESSION_NOT_AGGREGATE: line 1:8: 'user_id' must be an aggregate expression or appear in GROUP BY clause",
            ],
            ["SELECT CAST('abc' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'abc' to integer"],
            [
                "SELECT `n` FROM events",
                "SYNTAX_ERROR: backquoted identifiers are not supported; use double quotes to quote identifiers",
            ],
            ["SELECT n FROM events a JOIN events b ON a.n = b.n", "AMBIGUOUS_NAME: line 1:8: Column 'n' is ambiguous"],
        ];
        for (const [sql, reason] of refusals) {
            it(sql.replaceAll("\n", " "), async () => {
                assert.deepStrictEqual(await on.refusal(sql), ["FAILED", reason]);
            });
        }
    });

    describe("says what it lacks", () => {
        const lacking: readonly (readonly [string, string])[] = [
            ["DELETE FROM events", "The statement DELETE"],
            ["UPDATE events SET n = 1", "The statement UPDATE"],
            ["MERGE INTO events USING events ON true WHEN MATCHED THEN DELETE", "The statement MERGE"],
            ["EXPLAIN SELECT 1", "The statement EXPLAIN"],
            ["SHOW TBLPROPERTIES events", "The statement SHOW TBLPROPERTIES"],
            ["SELECT ROW(1, 2)", "A ROW without names (CAST it AS ROW(name type, ...))"],
        ];
        for (const [sql, what] of lacking) {
            it(sql, async () => {
                const reason = `NOT_SUPPORTED: LocalUnsupported: ${what} is not supported by the local runtime.`;
                assert.deepStrictEqual(await on.refusal(sql), ["FAILED", reason]);
            });
        }

        it("time travel", async () => {
            assert.deepStrictEqual(await on.refusal("SELECT * FROM events FOR VERSION AS OF 1"), [
                "FAILED",
                "NOT_SUPPORTED: line 1:15: LocalUnsupported: Time travel (FOR TIMESTAMP AS OF, FOR VERSION AS OF) is not supported by the local runtime.",
            ]);
        });
    });

    describe("lets no query reach beyond the tables", () => {
        const attempts = [
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM read_text('/etc/passwd')",
            "SELECT * FROM read_parquet('x')",
            "SELECT * FROM glob('/*')",
            "SELECT * FROM '/etc/passwd'",
            'SELECT * FROM "/etc/passwd"',
            "SELECT getenv('HOME')",
            "SELECT current_setting('temp_directory')",
            "SELECT * FROM duckdb_settings()",
            "SELECT * FROM pragma_database_list",
            "SELECT * FROM sqlite_master",
            "SELECT * FROM information_schema.tables",
            "SELECT * FROM __t0, events",
            "SELECT * FROM query('SELECT 1')",
            "SELECT * FROM query_table('events')",
            "SELECT * FROM events, LATERAL (SELECT * FROM read_csv('/etc/passwd'))",
            "SELECT (SELECT content FROM read_text('/etc/passwd') LIMIT 1)",
            "WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM x",
            "SELECT write_log('x')",
            "SELECT json_execute_serialized_sql('x')",
            "SELECT list_transform([1], x -> x)",
            "COPY events TO '/tmp/x'",
            "ATTACH '/tmp/x'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "PRAGMA version",
            "SET threads = 8",
            "CALL pragma_version()",
            "EXPORT DATABASE '/tmp/x'",
            "CREATE MACRO f() AS 1",
            "SUMMARIZE events",
        ];
        for (const sql of attempts) {
            it(sql, async () => {
                const state = await on.refusal(sql).then(
                    ([state]) => state,
                    (error: Error) => error.name,
                );
                assert.ok(state === "FAILED" || state === "InvalidRequestException", `${sql} was ${state}`);
            });
        }
    });

    it("refuses at once what cannot be parsed", async () => {
        const start = (QueryString: string) =>
            on.client.send(new StartQueryExecutionCommand({ QueryString, WorkGroup: "analysts" }));
        await assert.rejects(start("SELECT a,, b FROM t"), {
            name: "InvalidRequestException",
            message: "line 1:10: mismatched input ','. Unexpected token: Comma",
            AthenaErrorCode: "MALFORMED_QUERY",
        });
        await assert.rejects(start("SELECT 1; SELECT 2"), { name: "InvalidRequestException" });
    });

    it("shows the catalog in Hive's statements", async () => {
        const lines = async (sql: string) => {
            const { QueryExecutionId, ResultConfiguration, StatementType } = await on.run(sql);
            assert.deepStrictEqual(
                [StatementType, ResultConfiguration?.OutputLocation?.slice(-4)],
                ["UTILITY", ".txt"],
            );
            const { ResultSet } = await on.client.send(new GetQueryResultsCommand({ QueryExecutionId }));
            return ResultSet?.Rows?.map((row) => row.Data?.[0].VarCharValue);
        };
        assert.deepStrictEqual(await lines("SHOW DATABASES"), ["web"]);
        assert.deepStrictEqual(await lines("SHOW TABLES IN web 'ev*'"), ["events"]);
        assert.deepStrictEqual(await lines("show tables '*nothing*'"), []);
        assert.deepStrictEqual((await lines("DESCRIBE web.events"))?.slice(2, 5), [
            "timestamp           \ttimestamp           \t                    ",
            "n                   \tbigint              \t                    ",
            "amount              \tdecimal(10,2)       \t                    ",
        ]);
        assert.deepStrictEqual((await lines("SHOW COLUMNS IN `events`"))?.slice(0, 2), ["user_id", "event"]);
        assert.deepStrictEqual(await on.refusal("DESCRIBE nosuch"), [
            "FAILED",
            "TABLE_NOT_FOUND: line 1:10: Table 'awsdatacatalog.web.nosuch' does not exist",
        ]);
    });

    it("reads the metadata tables of an Iceberg table", async () => {
        assert.deepStrictEqual((await on.ask('SELECT content, record_count, file_format FROM "events$files"')).rows, [
            ["0", "3", "PARQUET"],
        ]);
        assert.deepStrictEqual((await on.ask('SELECT operation, parent_id FROM "web"."events$snapshots"')).rows, [
            ["append", null],
        ]);
        assert.deepStrictEqual((await on.ask('SELECT is_current_ancestor FROM "events$history"')).rows, [["true"]]);
    });

    it("reads JSON and Parquet files of the partitions that are registered", async () => {
        const folder = "s3://lake/raw/year=2026/month=01/";
        fs.mkdirSync(on.file(`${folder}x`).replace(/\/x$/, ""), { recursive: true });
        fs.writeFileSync(on.file(`${folder}a.json`), '{"id":"1","detail":{"tags":["x","y"]},"n":9007199254740993}\n');
        fs.writeFileSync(on.file(`${folder}b.json.gz`), zlib.gzipSync('{"id":"2"}\n'));
        fs.writeFileSync(on.file(`${folder}_SUCCESS`), "not data");
        await on.make("aws:glue/catalogTable:CatalogTable", {
            name: "raw",
            databaseName: "web",
            partitionKeys: [
                { name: "year", type: "int" },
                { name: "month", type: "string" },
            ],
            storageDescriptor: {
                location: "s3://lake/raw/",
                columns: [
                    { name: "id", type: "string" },
                    { name: "detail", type: "struct<tags:array<string>>" },
                    { name: "n", type: "bigint" },
                ],
                serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
            },
        });
        assert.deepStrictEqual((await on.ask("SELECT * FROM raw")).rows, []);
        const PartitionInput = { Values: ["2026", "01"] };
        await on.glue.send(new CreatePartitionCommand({ DatabaseName: "web", TableName: "raw", PartitionInput }));
        assert.deepStrictEqual(await on.ask("SELECT *, detail.tags FROM raw WHERE year = 2026 ORDER BY id"), {
            columns: ["id varchar", "detail row", "n bigint", "year integer", "month varchar", "tags array"],
            rows: [
                ["1", "{tags=[x, y]}", "9007199254740993", "2026", "01", "[x, y]"],
                ["2", null, null, "2026", "01", null],
            ],
        });
        await on.services.duck.query(
            `COPY (SELECT 1 AS a, 'x' AS b) TO '${on.file("s3://lake/raw/p.parquet")}' (FORMAT parquet)`,
        );
        await on.make("aws:glue/catalogTable:CatalogTable", {
            name: "columns",
            databaseName: "web",
            storageDescriptor: {
                location: "s3://lake/nothing",
                columns: [{ name: "a", type: "int" }],
                serDeInfo: { serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
            },
        });
        assert.deepStrictEqual(await on.ask("SELECT a FROM columns"), { columns: ["a integer"], rows: [] });
    });

    it("starts a query once for a client's token", async () => {
        const request = { QueryString: "SELECT 1", WorkGroup: "analysts", ClientRequestToken: "t".repeat(32) };
        const first = await on.client.send(new StartQueryExecutionCommand(request));
        const second = await on.client.send(new StartQueryExecutionCommand(request));
        assert.strictEqual(second.QueryExecutionId, first.QueryExecutionId);
        await assert.rejects(on.client.send(new StartQueryExecutionCommand({ ...request, QueryString: "SELECT 2" })), {
            name: "InvalidRequestException",
            message: "Idempotent parameters do not match: the ClientRequestToken has been used with another query.",
        });
    });

    it("stops a query that runs, and lists the latest first", async () => {
        const { QueryExecutionId } = await on.client.send(
            new StartQueryExecutionCommand({
                QueryString:
                    "SELECT count(*) FROM UNNEST(sequence(1, 3000)) a(x), UNNEST(sequence(1, 3000)) b(y), UNNEST(sequence(1, 3000)) c(z) WHERE x + y + z = 7",
                WorkGroup: "analysts",
            }),
        );
        await assert.rejects(on.client.send(new GetQueryResultsCommand({ QueryExecutionId })), {
            name: "InvalidRequestException",
            message: /^Query has not yet finished. Current state: (QUEUED|RUNNING)$/,
        });
        await on.client.send(new StopQueryExecutionCommand({ QueryExecutionId }));
        const { QueryExecution } = await on.client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
        assert.deepStrictEqual(
            [QueryExecution?.Status?.State, QueryExecution?.Status?.StateChangeReason],
            ["CANCELLED", "Query was cancelled by user"],
        );
        await on.ask("SELECT 1");
        const { QueryExecutionIds = [] } = await on.client.send(
            new ListQueryExecutionsCommand({ WorkGroup: "analysts" }),
        );
        assert.strictEqual(QueryExecutionIds[1], QueryExecutionId);
        const batch = await on.client.send(
            new BatchGetQueryExecutionCommand({ QueryExecutionIds: [String(QueryExecutionId), "gone"] }),
        );
        assert.deepStrictEqual(batch.QueryExecutions, [QueryExecution]);
        assert.deepStrictEqual(batch.UnprocessedQueryExecutionIds, [
            { QueryExecutionId: "gone", ErrorCode: "INVALID_INPUT", ErrorMessage: "QueryExecution gone was not found" },
        ]);
    });

    it("obeys the workgroup: its place for results, its limit, its state", async () => {
        const elsewhere = { ResultConfiguration: { OutputLocation: "s3://lake/mine" } };
        assert.match(
            String((await on.run("SELECT 1", elsewhere)).ResultConfiguration?.OutputLocation),
            /^s3:\/\/lake\/results\//,
        );
        const primary = { ...elsewhere, WorkGroup: "primary" };
        assert.match(
            String((await on.run("SELECT 1", primary)).ResultConfiguration?.OutputLocation),
            /^s3:\/\/lake\/mine\//,
        );
        await assert.rejects(on.run("SELECT 1", { WorkGroup: "primary" }), {
            name: "InvalidRequestException",
            message:
                "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
        });
        const resultConfiguration = { outputLocation: "s3://lake/results" };
        on.services.resources.put({
            type: "aws:athena/workgroup:Workgroup",
            id: "small",
            inputs: { name: "small", configuration: { resultConfiguration, bytesScannedCutoffPerQuery: 10 } },
        });
        assert.deepStrictEqual(await on.refusal("SELECT n FROM events", { WorkGroup: "small" }), [
            "CANCELLED",
            "Bytes scanned limit was exceeded",
        ]);
        on.services.resources.put({
            type: "aws:athena/workgroup:Workgroup",
            id: "off",
            inputs: { name: "off", state: "DISABLED", configuration: { resultConfiguration } },
        });
        await assert.rejects(on.run("SELECT 1", { WorkGroup: "off" }), { message: "WorkGroup off is disabled." });
        await assert.rejects(on.run("SELECT 1", { WorkGroup: "none" }), { message: "WorkGroup none is not found." });
        const { WorkGroup } = await on.client.send(new GetWorkGroupCommand({ WorkGroup: "analysts" }));
        assert.deepStrictEqual(WorkGroup?.Configuration, {
            ResultConfiguration: { OutputLocation: "s3://lake/results/" },
            EnforceWorkGroupConfiguration: true,
            PublishCloudWatchMetricsEnabled: true,
            RequesterPaysEnabled: false,
            EngineVersion: { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: "Athena engine version 3" },
        });
        const { WorkGroups = [] } = await on.client.send(new ListWorkGroupsCommand({}));
        assert.deepStrictEqual(
            WorkGroups.map(({ Name, State }) => [Name, State]),
            [
                ["primary", "ENABLED"],
                ["analysts", "ENABLED"],
                ["small", "ENABLED"],
                ["off", "DISABLED"],
            ],
        );
    });

    it("keeps named queries", async () => {
        await on.make("aws:athena/namedQuery:NamedQuery", {
            name: "all",
            database: "web",
            query: "SELECT * FROM events",
            workgroup: "analysts",
        });
        const { NamedQueryIds = [] } = await on.client.send(new ListNamedQueriesCommand({ WorkGroup: "analysts" }));
        const expected = {
            NamedQueryId: NamedQueryIds[0],
            Name: "all",
            Database: "web",
            QueryString: "SELECT * FROM events",
            WorkGroup: "analysts",
        };
        const one = await on.client.send(new GetNamedQueryCommand({ NamedQueryId: NamedQueryIds[0] }));
        assert.deepStrictEqual(one.NamedQuery, expected);
        const some = await on.client.send(new BatchGetNamedQueryCommand({ NamedQueryIds: [NamedQueryIds[0], "gone"] }));
        assert.deepStrictEqual(some.NamedQueries, [expected]);
        assert.deepStrictEqual(some.UnprocessedNamedQueryIds, [
            { NamedQueryId: "gone", ErrorCode: "INVALID_INPUT", ErrorMessage: "NamedQuery gone was not found" },
        ]);
    });
});

describe("Athena, asked by a caller who may not do everything", () => {
    const denials: readonly (readonly [string, string, string])[] = [
        ["athena:StartQueryExecution", "arn:aws:athena:us-east-1:000000000000:workgroup/analysts", "thrown"],
        ["glue:GetTable", "arn:aws:glue:us-east-1:000000000000:table/web/events", "FAILED"],
        ["s3:GetObject", "arn:aws:s3:::lake/events/*", "FAILED"],
        ["s3:PutObject", "arn:aws:s3:::lake/results/", "FAILED"],
    ];
    for (const [action, resource, outcome] of denials) {
        it(`needs ${action} on ${resource.replace(/^.*:/, "")}`, async () => {
            const decide = iamWith((_caller, asked, arn) => !(asked === action && arn.startsWith(resource)));
            const on = await analysts({
                authorize: decide.authorize,
                identify: () => ({ caller: ANALYST, secretAccessKey: "local" }),
            });
            try {
                await on.icebergTable("events", { n: "int" }, [{ n: 1 }]);
                const [state, reason] = await on
                    .refusal("SELECT n FROM events")
                    .catch((error) => ["thrown", error.message]);
                assert.strictEqual(state, outcome);
                assert.ok(
                    reason?.includes(
                        `User: ${ANALYST.arn} is not authorized to perform: ${action} on resource: ${resource}`,
                    ),
                    reason,
                );
            } finally {
                await on.close();
            }
        });
    }
});

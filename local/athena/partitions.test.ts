import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BatchCreatePartitionCommand, CreateTableCommand } from "@aws-sdk/client-glue";
import type { TableInputs } from "../glue/catalog";
import { projectionOf } from "./projection";
import { type Analysts, analysts } from "./test-support";

const NOW = Date.UTC(2026, 10, 20, 12);
const PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
const JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe";

describe("Partition projection", () => {
    const valuesOf = (properties: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) => {
        const own = Object.entries(properties).map(([name, value]) => [`projection.k.${name}`, value]);
        const table: TableInputs = {
            databaseName: "web",
            name: "raw",
            parameters: { "projection.enabled": "TRUE", ...Object.fromEntries(own), ...more },
            partitionKeys: [{ name: "k" }],
            storageDescriptor: { location: "s3://lake/raw/" },
        };
        return projectionOf(table, NOW);
    };
    const CASES: readonly (readonly [string, Readonly<Record<string, string>>, unknown])[] = [
        ["the values of an enumeration", { type: "enum", values: "a, b,c" }, ["a", " b", "c"]],
        ["whole numbers", { type: "integer", range: "8,11", digits: "2" }, ["08", "09", "10", "11"]],
        ["whole numbers by steps", { type: "integer", range: "-5,10", interval: "5" }, ["-5", "0", "5", "10"]],
        [
            "days over the end of a leap February",
            { type: "date", range: "2028-02-28,2028-03-01", format: "yyyy-MM-dd" },
            ["2028-02-28", "2028-02-29", "2028-03-01"],
        ],
        [
            "days around now",
            { type: "date", range: "NOW-1DAYS,NOW+1DAY", format: "yyyy/MM/dd" },
            ["2026/11/19", "2026/11/20", "2026/11/21"],
        ],
        [
            "hours over the end of a year",
            { type: "date", range: "2025123123,2026010101", format: "yyyyMMddHH", "interval.unit": "HOURS" },
            ["2025123123", "2026010100", "2026010101"],
        ],
        ["months", { type: "date", range: "NOW-2MONTHS,NOW", format: "yyyy-MM" }, ["2026-09", "2026-10", "2026-11"]],
        [
            "days by weeks",
            {
                type: "date",
                range: "2026-01-01,2026-01-20",
                format: "yyyy-MM-dd",
                interval: "1",
                "interval.unit": "WEEKS",
            },
            ["2026-01-01", "2026-01-08", "2026-01-15"],
        ],
        ["nothing that it can know", { type: "injected" }, "injected"],
    ];
    for (const [what, properties, expected] of CASES) {
        it(`works out ${what}`, () => assert.deepStrictEqual(valuesOf(properties)?.keys, [expected]));
    }

    it("places a partition as its template says, or as Hive does", () => {
        const properties = { type: "injected" };
        assert.strictEqual(valuesOf(properties)?.location(["a b:c"]), "s3://lake/raw/k=a b%3Ac/");
        const template = { "storage.location.template": "s3://other/${k}/data/" };
        assert.strictEqual(valuesOf(properties, template)?.location(["2026/11/20"]), "s3://other/2026/11/20/data/");
        assert.strictEqual(valuesOf({}, { "projection.enabled": "false" }), undefined);
    });

    const WRONG: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
        [
            {},
            "Table web.raw is configured for partition projection, but the following partition columns are missing projection configuration: [k]",
        ],
        [{ type: "enum" }, "Missing required property projection.k.values"],
        [{ type: "other" }, 'Unknown projection type "other" of the partition column k'],
        [{ type: "integer", range: "a,b" }, 'Invalid range "a,b" or interval of the projected partition column k'],
        [
            { type: "date", range: "NOW,NOW", format: "yyyy-MM-dd-HH" },
            'projection.k.interval.unit is required for the format "yyyy-MM-dd-HH"',
        ],
        [
            { type: "date", range: "2026,NOW", format: "yyyy-MM-dd" },
            'Invalid range "2026,NOW" of the projected partition column k',
        ],
    ];
    for (const [properties, message] of WRONG) {
        it(`says what is wrong with ${JSON.stringify(properties)}`, () => {
            assert.throws(() => valuesOf(properties), { message: `INVALID_TABLE_PROPERTY: ${message}` });
        });
    }
});

describe("A query over partitions", () => {
    let on: Analysts;
    let listed: string[];
    before(async () => {
        on = await analysts();
        const { listObjects } = on.services.s3;
        on.services.s3.listObjects = (caller, bucket, prefix) => {
            listed.push(prefix);
            return listObjects(caller, bucket, prefix);
        };
        for (let day = 1; day <= 30; day++) {
            const name = String(day).padStart(2, "0");
            for (const hour of [0, 7]) {
                write(`logs/2026-11-${name}/${hour}/x.json`, `{"tenant":"a","n":${day}}\n{"tenant":"b","n":${hour}}\n`);
            }
        }
        await table("logs", JSON_SERDE, ["day string", "hour int"], {
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.range": "2026-11-01,NOW+10DAYS",
            "projection.day.format": "yyyy-MM-dd",
            "projection.hour.type": "integer",
            "projection.hour.range": "0,23",
            "storage.location.template": "s3://lake/logs/${day}/${hour}/",
        });
        for (const part of ["a", "b"]) {
            const file = on.file(`s3://lake/usage/part=${part}/x.parquet`);
            fs.mkdirSync(path.dirname(file), { recursive: true });
            await on.services.duck.query(
                `COPY (SELECT tenant, n::BIGINT AS n FROM (SELECT 't' || (x // 4096) AS tenant, x AS n FROM range(9000) t(x)) ORDER BY tenant) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 4096)`,
            );
        }
        await table("usage", PARQUET, ["part string"], {});
        await on.glue.send(
            new BatchCreatePartitionCommand({
                DatabaseName: "web",
                TableName: "usage",
                PartitionInputList: [{ Values: ["a"] }, { Values: ["b"] }],
            }),
        );
    });
    beforeEach(() => {
        listed = [];
    });
    after(() => on.close());

    function write(key: string, body: string): void {
        const file = on.file(`s3://lake/${key}`);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, body);
    }
    async function table(Name: string, serde: string, keys: readonly string[], Parameters: Record<string, string>) {
        const of = (list: readonly string[]) =>
            list.map((text) => ({ Name: text.split(" ")[0], Type: text.split(" ")[1] }));
        const TableInput = {
            Name,
            Parameters,
            PartitionKeys: of(keys),
            StorageDescriptor: {
                Location: `s3://lake/${Name}/`,
                Columns: of(["tenant string", "n bigint"]),
                SerdeInfo: { SerializationLibrary: serde },
            },
        };
        await on.glue.send(new CreateTableCommand({ DatabaseName: "web", TableInput }));
    }
    const days = () => [...new Set(listed.map((prefix) => prefix.split("/")[1]))];

    const PRUNED: readonly (readonly [string, string, readonly string[]])[] = [
        ["an equality", "SELECT sum(n) FROM logs WHERE day = '2026-11-05' AND tenant = 'a'", ["2026-11-05"]],
        [
            "a list",
            "SELECT sum(n) FROM logs WHERE day IN ('2026-11-05', '2026-11-06') AND hour IN (0, 1, 2, 3, 4, 5, 6, 7, 8)",
            ["2026-11-05", "2026-11-06"],
        ],
        [
            "a range",
            "SELECT sum(n) FROM logs WHERE day >= '2026-11-05' AND day < '2026-11-07' AND hour = 7",
            ["2026-11-05", "2026-11-06", "2026-11-07"],
        ],
        ["a function", "SELECT sum(n) FROM logs WHERE CAST(day AS date) = DATE '2026-11-05'", ["2026-11-05"]],
        [
            "a subquery",
            "SELECT s FROM (SELECT day AS d, sum(n) AS s FROM logs GROUP BY day) WHERE d = '2026-11-05'",
            ["2026-11-05"],
        ],
        [
            "a WITH clause",
            "WITH l AS (SELECT * FROM logs) SELECT sum(a.n) FROM l a JOIN l b ON a.n = b.n WHERE a.day = '2026-11-05' AND b.day = '2026-11-06'",
            ["2026-11-05", "2026-11-06"],
        ],
        [
            "a join",
            "SELECT sum(a.n) FROM logs a JOIN logs b ON a.day = b.day WHERE a.day = '2026-11-05'",
            ["2026-11-05"],
        ],
        [
            "alternatives",
            "SELECT sum(n) FROM logs WHERE (day = '2026-11-05' AND hour = 7 AND n > 3) OR (day = '2026-11-06' AND tenant = 'a')",
            ["2026-11-05", "2026-11-06"],
        ],
    ];
    for (const [what, sql, expected] of PRUNED) {
        it(`lists no other folders than those that ${what} leaves over`, async () => {
            await on.ask(sql);
            assert.deepStrictEqual(days().sort(), expected);
        });
    }

    it("gives the same rows as without partitions, whatever is listed", async () => {
        assert.deepStrictEqual((await on.ask("SELECT count(*), sum(n) FROM logs")).rows, [
            ["120", String(465 * 2 + 30 * 7)],
        ]);
        assert.deepStrictEqual(listed, ["logs/"]);
        assert.deepStrictEqual(
            (await on.ask("SELECT day, hour, n FROM logs WHERE day > '2026-11-29' AND tenant = 'a' ORDER BY 1, 2"))
                .rows,
            [
                ["2026-11-30", "0", "30"],
                ["2026-11-30", "7", "30"],
            ],
        );
        assert.deepStrictEqual((await on.ask("SELECT n FROM logs WHERE day = 'x' AND day = 'y'")).rows, []);
        // The name of a partition key for another column must not rule out a partition.
        assert.deepStrictEqual(
            (
                await on.ask(
                    "SELECT count(*) FROM (SELECT tenant AS day, day AS tenant FROM logs) WHERE upper(day) = 'A'",
                )
            ).rows,
            [["60"]],
        );
    });

    it("asks for a value of a key that only a query can tell", async () => {
        await table("devices", JSON_SERDE, ["device string", "hour int"], {
            "projection.enabled": "true",
            "projection.device.type": "injected",
            "projection.hour.type": "integer",
            "projection.hour.range": "0,23",
        });
        write("devices/device=x1/hour=7/a.json", '{"tenant":"a","n":1}\n');
        const rows = async (where: string) => (await on.ask(`SELECT device, n FROM devices WHERE ${where}`)).rows;
        assert.deepStrictEqual(await rows("device = 'x1'"), [["x1", "1"]]);
        assert.deepStrictEqual(await rows("device IN ('x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7')"), [["x1", "1"]]);
        assert.deepStrictEqual(await rows("(device = 'x1' AND hour = 7) OR (device = 'x2' AND hour = 8)"), [
            ["x1", "1"],
        ]);
        assert.deepStrictEqual(await rows("device = 'x2'"), []);
        for (const sql of [
            "SELECT n FROM devices",
            "SELECT n FROM devices WHERE device LIKE 'x%'",
            "SELECT n FROM devices WHERE device = 'x1' OR hour = 7",
            "SELECT n FROM devices WHERE device > 'x'",
        ]) {
            assert.deepStrictEqual(
                await on.refusal(sql),
                [
                    "FAILED",
                    "CONSTRAINT_VIOLATION: For the injected projected partition column device, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.",
                ],
                sql,
            );
        }
    });

    it("counts the bytes of whole JSON files, and of Parquet the columns and row groups that are needed", async () => {
        const scanned = async (sql: string) => Number((await on.run(sql)).Statistics?.DataScannedInBytes);
        const size = (key: string) => fs.statSync(on.file(`s3://lake/${key}`)).size;
        assert.strictEqual(
            await scanned("SELECT tenant FROM logs WHERE day = '2026-11-05' AND n = 5"),
            size("logs/2026-11-05/0/x.json") + size("logs/2026-11-05/7/x.json"),
        );
        const file = on.file("s3://lake/usage/part=a/x.parquet");
        const footer = fs.readFileSync(file).readUInt32LE(fs.statSync(file).size - 8) + 8;
        const chunks = await on.services.duck.query(
            `SELECT path_in_schema AS name, row_group_id AS part, total_compressed_size AS bytes FROM parquet_metadata('${file}')`,
        );
        const bytes = (...names: readonly string[]) =>
            chunks
                .filter(({ name, part }) => names.includes(`${name}${part}`))
                .reduce((sum, each) => sum + Number(each.bytes), footer);
        assert.strictEqual(await scanned("SELECT sum(n) FROM usage WHERE part = 'a'"), bytes("n0", "n1", "n2"));
        assert.strictEqual(
            await scanned("SELECT sum(n) FROM usage WHERE part = 'a' AND tenant = 't1'"),
            bytes("n1", "tenant1"),
        );
        assert.strictEqual(await scanned("SELECT count(*) FROM usage WHERE part = 'a' AND n >= 8192"), bytes("n2"));
        assert.strictEqual(await scanned("SELECT count(*) FROM usage WHERE part = 'a' AND n IN (5, 6)"), bytes("n0"));
        assert.strictEqual(await scanned("SELECT count(*) FROM usage"), 2 * footer);
        assert.strictEqual(await scanned("SELECT 1"), 0);
    });
});

import * as assert from "node:assert/strict";
import { createExternalTable, createIcebergTable, quoted, selectCount } from "./athena";
import { defineDataset } from "./dataset";
import { everything } from "./testing";

const logs = defineDataset({
    name: "access_log",
    doc: "It's C:\\logs",
    columns: [
        { name: "request_id", type: "string", doc: "Don't\ntrust." },
        { name: "country", type: "string", oneOf: ["CH", "IN"] },
        { name: "at", type: "timestamp" },
    ],
    partitionBy: ["country", "hour(at)"],
});

describe("createIcebergTable", () => {
    it("spells every column and partition of the dataset", () => {
        assert.equal(
            createIcebergTable(
                everything,
                { database: "lake", location: "s3://bucket/everything" },
                { write_compression: "zstd" },
            ),
            `CREATE TABLE \`lake\`.\`everything\` (
    \`id\` string COMMENT 'What identifies it.',
    \`kind\` string,
    \`code\` string,
    \`count\` int,
    \`total\` bigint,
    \`ratio\` double,
    \`amount\` decimal(10,2),
    \`paid\` boolean,
    \`born\` date,
    \`timestamp\` timestamp COMMENT 'When.',
    \`address\` struct<zip:string,floor:int>,
    \`tags\` array<string>,
    \`lines\` array<struct<zip:string,floor:int>>,
    \`scores\` map<string,double>
)
COMMENT 'Every kind of column, isn\\'t it?'
PARTITIONED BY (\`kind\`, day(\`timestamp\`), bucket(16, \`id\`), truncate(100, \`total\`))
LOCATION 's3://bucket/everything'
TBLPROPERTIES (
    'table_type' = 'ICEBERG',
    'format' = 'parquet',
    'write_compression' = 'zstd'
)`,
        );
    });

    it("is short for a plain dataset", () => {
        const dataset = defineDataset({ name: "d", columns: [{ name: "c", type: "int" }] });
        assert.equal(
            createIcebergTable(dataset, { database: "web-lake", location: "s3://b/d" }),
            "CREATE TABLE `web-lake`.`d` (\n    `c` int\n)\nLOCATION 's3://b/d'\nTBLPROPERTIES (\n    'table_type' = 'ICEBERG',\n    'format' = 'parquet'\n)",
        );
    });

    it("refuses a database that it cannot quote", () => {
        const sneaky = { database: "a`.b", location: "s3://b/d" };
        assert.throws(() => createIcebergTable(everything, sneaky), {
            message: 'The name "a`.b" holds a backtick, which Athena\'s definitions cannot.',
        });
    });
});

describe("createExternalTable", () => {
    const place = { database: "lake", location: "s3://bucket/json/" };

    it("keeps partition keys out of the columns, projects them, and escapes what people wrote", () => {
        assert.equal(
            createExternalTable(logs, { ...place, format: "json", ranges: { year: "2026,2036" } }),
            `CREATE EXTERNAL TABLE \`lake\`.\`access_log\` (
    \`request_id\` string COMMENT 'Don\\'t\\ntrust.',
    \`at\` timestamp
)
COMMENT 'It\\'s C:\\\\logs'
PARTITIONED BY (\`country\` string, \`year\` int, \`month\` int, \`day\` int, \`hour\` int)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
STORED AS TEXTFILE
LOCATION 's3://bucket/json/'
TBLPROPERTIES (
    'projection.enabled' = 'true',
    'projection.country.type' = 'enum',
    'projection.country.values' = 'CH,IN',
    'projection.year.type' = 'integer',
    'projection.year.range' = '2026,2036',
    'projection.year.digits' = '4',
    'projection.month.type' = 'integer',
    'projection.month.range' = '1,12',
    'projection.month.digits' = '2',
    'projection.day.type' = 'integer',
    'projection.day.range' = '1,31',
    'projection.day.digits' = '2',
    'projection.hour.type' = 'integer',
    'projection.hour.range' = '0,23',
    'projection.hour.digits' = '2',
    'storage.location.template' = 's3://bucket/json/country=\${country}/year=\${year}/month=\${month}/day=\${day}/hour=\${hour}/'
)`,
        );
    });

    it("reads Parquet whose partitions are registered", () => {
        const { doc: _, ...undescribed } = logs;
        assert.equal(
            createExternalTable({ ...undescribed, partitionBy: [] }, { ...place, format: "parquet", ranges: {} }),
            "CREATE EXTERNAL TABLE `lake`.`access_log` (\n    `request_id` string COMMENT 'Don\\'t\\ntrust.',\n    `country` string,\n    `at` timestamp\n)\nSTORED AS PARQUET\nLOCATION 's3://bucket/json/'",
        );
    });
});

describe("selectCount", () => {
    it("counts the rows of the table", () => {
        assert.equal(selectCount(logs, "web-lake"), 'SELECT count(*) AS "rows" FROM "web-lake"."access_log"');
    });

    it("quotes what would end the name", () => {
        assert.equal(quoted('a"b'), '"a""b"');
    });
});

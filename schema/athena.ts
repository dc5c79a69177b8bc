import type { Column, Dataset } from "./dataset";
import { glueColumns, gluePartitionKeys, hiveType, type ProjectionOptions, partitionProjection } from "./glue";
import { type Partition, partitionsOf } from "./partition";

/** An identifier in a query, where Athena speaks Trino: `"lake"`. */
export function quoted(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
}

/** An identifier in a definition, where Athena speaks Hive and takes backticks only. Hive cannot hold a backtick in a name. */
function backticked(name: string): string {
    if (name.includes("`"))
        throw new Error(`The name ${JSON.stringify(name)} holds a backtick, which Athena's definitions cannot.`);
    return `\`${name}\``;
}

/** A text in a definition. Hive escapes with backslashes, not by doubling the quote. */
function hiveText(text: string): string {
    return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
}

/** Where a table is. */
export interface TablePlace {
    readonly database: string;
    /** Folder of the table: `s3://bucket/prefix/`. */
    readonly location: string;
}

/**
 * `CREATE TABLE` of a dataset as an Iceberg table. `properties` join `table_type` and `format`, which are ICEBERG and parquet unless given.
 * https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
 */
export function createIcebergTable(
    dataset: Dataset,
    place: TablePlace,
    properties: Readonly<Record<string, string>> = {},
): string {
    const partitions = partitionsOf(dataset).map(partitionTerm);
    return statement([
        `CREATE TABLE ${backticked(place.database)}.${backticked(dataset.name)} (`,
        columnLines(dataset.columns.map(definition)),
        ")",
        dataset.doc && `COMMENT ${hiveText(dataset.doc)}`,
        partitions.length > 0 && `PARTITIONED BY (${partitions.join(", ")})`,
        `LOCATION ${hiveText(place.location)}`,
        tableProperties({ table_type: "ICEBERG", format: "parquet", ...properties }),
    ]);
}

function partitionTerm({ column, transform, parameter }: Partition): string {
    if (transform === "identity") return backticked(column);
    return `${transform}(${parameter ? `${parameter}, ` : ""}${backticked(column)})`;
}

/** How the files of an external table are written, and which partitions there are. */
export interface ExternalTableOptions extends TablePlace {
    readonly format: "parquet" | "json";
    /** Ranges for Athena's partition projection. Without them, partitions have to be registered. */
    readonly ranges?: ProjectionOptions["ranges"];
}

const FORMATS = {
    parquet: ["STORED AS PARQUET"],
    json: ["ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "STORED AS TEXTFILE"],
};

/** `CREATE EXTERNAL TABLE` of a dataset over files of Parquet or JSON. https://docs.aws.amazon.com/athena/latest/ug/create-table.html */
export function createExternalTable(dataset: Dataset, options: ExternalTableOptions): string {
    const keys = gluePartitionKeys(dataset);
    const projection =
        options.ranges && keys.length > 0
            ? partitionProjection(dataset, { location: options.location, ranges: options.ranges })
            : {};
    const columns = glueColumns(dataset).map(({ name, type, comment }) => term(name, type, comment));
    return statement([
        `CREATE EXTERNAL TABLE ${backticked(options.database)}.${backticked(dataset.name)} (`,
        columnLines(columns),
        ")",
        dataset.doc && `COMMENT ${hiveText(dataset.doc)}`,
        keys.length > 0 &&
            `PARTITIONED BY (${keys.map(({ name, type, comment }) => term(name, type, comment)).join(", ")})`,
        ...FORMATS[options.format],
        `LOCATION ${hiveText(options.location)}`,
        Object.keys(projection).length > 0 && tableProperties(projection),
    ]);
}

function definition({ name, type, doc }: Column): string {
    return term(name, hiveType(type), doc);
}

function term(name: string, type: string, comment: string | undefined): string {
    return `${backticked(name)} ${type}${comment === undefined ? "" : ` COMMENT ${hiveText(comment)}`}`;
}

function columnLines(columns: readonly string[]): string {
    return columns.map((column) => `    ${column}`).join(",\n");
}

function tableProperties(properties: Readonly<Record<string, string>>): string {
    const lines = Object.entries(properties).map(([key, value]) => `    ${hiveText(key)} = ${hiveText(value)}`);
    return `TBLPROPERTIES (\n${lines.join(",\n")}\n)`;
}

function statement(lines: readonly (string | false | undefined)[]): string {
    return lines.filter(Boolean).join("\n");
}

/** `SELECT` of the number of rows, in a column called `rows`. */
export function selectCount(dataset: Dataset, database: string): string {
    return `SELECT count(*) AS "rows" FROM ${quoted(database)}.${quoted(dataset.name)}`;
}

import { type DuckSession, identifier, literal } from "../duck";
import type { TableInputs } from "../glue/catalog";
import { parseS3Url } from "../iceberg/table-files";
import { filesOf, type TableFile, valueSql } from "./partitions";
import type { Reading, TypedColumn } from "./plan";
import { notSupported } from "./reasons";
import { type Scanned, scannedParquet } from "./scanned";
import { emptySql, type OpenTable, type TableServices } from "./tables";

/** A table's rows as one query reads them. */
export interface TableRows extends Scanned {
    /** SQL of a query that gives the rows. */
    readonly sql: string;
}

/** Finds the files of a table that a query needs, and how they are read. */
export async function rowsOf(
    services: TableServices,
    session: DuckSession,
    open: OpenTable,
    reading: Reading,
    standIn: string,
): Promise<TableRows> {
    const { rows } = open;
    if (rows.kind === "prepared") return { sql: rows.sql, bytes: 0, rows: 0 };
    if (rows.kind === "hive") return await hiveRows(services, session, open, rows.table, reading, standIn);
    if (!reading.isRead) return { sql: rows.scan.sql, bytes: 0, rows: 0 };
    const { files } = rows.scan;
    const paths = (content: readonly (typeof files)[number][]) =>
        content.map(({ file_path: url }) => pathOf(services, url));
    const data = await scannedParquet(session, paths(files.filter((file) => file.content === 0)), reading);
    const deletes = files.filter((file) => file.content !== 0);
    return {
        sql: rows.scan.sql,
        bytes: data.bytes + deletes.reduce((sum, file) => sum + file.file_size_in_bytes, 0),
        rows: data.rows,
    };
}

function pathOf({ s3 }: TableServices, url: string): string {
    const { bucket, key } = parseS3Url(url);
    return s3.file(bucket, key);
}

async function hiveRows(
    services: TableServices,
    session: DuckSession,
    { columns, keys, reader: caller }: OpenTable,
    table: TableInputs,
    reading: Reading,
    standIn: string,
): Promise<TableRows> {
    const files = await filesOf(services, session, caller, table, keys, reading);
    const reader = readerOf(table);
    if (files.length === 0) return { sql: emptySql([...columns, ...keys]), bytes: 0, rows: 0 };
    const paths = files.map(({ path }) => path);
    const sql = await withKeys(session, reader, { files, columns, keys, standIn });
    if (reader.isParquet) return { sql, ...(await scannedParquet(session, paths, reading)) };
    const [{ rows }] = await session.query(`SELECT count(*)::DOUBLE AS rows FROM ${reader.from(paths, columns, "")}`);
    return { sql, bytes: files.reduce((sum, file) => sum + file.size, 0), rows: Number(rows) };
}

interface Layout {
    readonly files: readonly TableFile[];
    readonly columns: readonly TypedColumn[];
    readonly keys: readonly TypedColumn[];
    readonly standIn: string;
}

/** The values of the keys are the partition's, whatever its folder is called: the files are listed with them. */
async function withKeys(
    session: DuckSession,
    reader: Reader,
    { files, columns, keys, standIn }: Layout,
): Promise<string> {
    const names = columns.map(({ name, type }) => `f.${identifier(name)}::${type} AS ${identifier(name)}`);
    const paths = files.map(({ path }) => path);
    if (keys.length === 0) return `SELECT ${names.join(", ")} FROM ${reader.from(paths, columns, "")} AS f`;
    const lists = keys.map(
        (_, at) => `unnest([${files.map(({ values }) => literal(values[at])).join(", ")}]) AS v${at}`,
    );
    const typed = keys.map(({ type }, at) => `${valueSql(`v${at}`, type)} AS k${at}`);
    const partitions = identifier(`${standIn}_files`);
    await session.query(
        `CREATE TEMP TABLE ${partitions} AS SELECT file, ${typed.join(", ")} FROM
            (SELECT unnest([${paths.map(literal).join(", ")}]) AS file, ${lists.join(", ")})`,
    );
    const values = keys.map(({ name }, at) => `p.k${at} AS ${identifier(name)}`);
    return `SELECT ${[...names, ...values].join(", ")} FROM ${reader.from(paths, columns, ", filename = '__file'")} AS f JOIN ${partitions} AS p ON f.__file = p.file`;
}

/** How files are read. */
interface Reader {
    readonly isParquet: boolean;
    /** SQL of a FROM item; `more` are further options. */
    from(paths: readonly string[], columns: readonly TypedColumn[], more: string): string;
}

/** Hive's separator of fields where a table names none. https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html */
const CONTROL_A = "\u0001";

function readerOf({ storageDescriptor = {}, parameters = {} }: TableInputs): Reader {
    const { serializationLibrary: serde = "", parameters: options = {} } = storageDescriptor.serDeInfo ?? {};
    const list = (paths: readonly string[]) => `[${paths.map(literal).join(", ")}]`;
    const shape = (columns: readonly TypedColumn[]) =>
        columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(", ");
    if (/parquet/i.test(serde)) {
        return {
            isParquet: true,
            // A file may be older than a column of the table, and hold another width of a number.
            from: (paths, columns, more) =>
                `(${emptySql(columns)} UNION ALL BY NAME SELECT * FROM read_parquet(${list(paths)}, union_by_name = true, hive_partitioning = false${more}))`,
        };
    }
    if (/json/i.test(serde)) {
        const skip = options["ignore.malformed.json"] === "true";
        return {
            isParquet: false,
            from: (paths, columns, more) =>
                `read_json(${list(paths)}, format = 'newline_delimited', ignore_errors = ${skip}, columns = {${shape(columns)}}, hive_partitioning = false${more})`,
        };
    }
    if (/LazySimpleSerDe|OpenCSVSerde/i.test(serde)) {
        const isQuoted = /OpenCSV/i.test(serde);
        const separator = options["field.delim"] ?? options.separatorChar ?? (isQuoted ? "," : CONTROL_A);
        const skip = Number(parameters["skip.header.line.count"] ?? 0);
        const quote = isQuoted ? literal(options.quoteChar ?? '"') : "''";
        return {
            isParquet: false,
            from: (paths, columns, more) =>
                `read_csv(${list(paths)}, auto_detect = false, header = false, skip = ${skip}, delim = ${literal(separator)}, quote = ${quote}, escape = ${quote}, nullstr = '\\N', null_padding = true, columns = {${shape(columns)}}, hive_partitioning = false${more})`,
        };
    }
    throw notSupported(`The SerDe ${serde || "of a table that names none"}`);
}

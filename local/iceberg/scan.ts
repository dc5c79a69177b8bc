import { identifier, literal } from "../duck";
import { batchColumn } from "./batch";
import type { DataFile, Entry } from "./manifest";
import type { Schema } from "./metadata";
import type { TableFiles } from "./table-files";
import { duckType, type Field } from "./types";

/** The files of a table that a reader has to read. */
export interface LiveFiles {
    readonly data: readonly DataFile[];
    readonly deletes: readonly DataFile[];
}

/** Sorts what manifests list into data and deletes. */
export function liveFiles(entries: readonly Entry[]): LiveFiles {
    const files = entries.map((entry) => entry.data_file);
    return {
        data: files.filter((file) => file.content === 0),
        deletes: files.filter((file) => file.content === 1),
    };
}

/** SQL of a query that gives a table's rows, columns named as in the schema. */
export function scanSql(files: TableFiles, schema: Schema, live: LiveFiles): string {
    const columns = schema.fields.map((field) => `${batchColumn(field)} AS ${identifier(field.name)}`).join(", ");
    return `SELECT ${columns} FROM (${rowsSql(files, schema.fields, live)})`;
}

/**
 * SQL of a query that gives the rows of data files without the deleted ones, columns named `c<field id>`. Columns are found by field id, so a file
 * that was written before a column was renamed or added reads as the schema of today wants it.
 */
export function rowsSql(files: TableFiles, fields: readonly Field[], live: LiveFiles): string {
    const columns = fields.map(batchColumn).join(", ");
    const touched = withDeletes(live);
    const whole = live.data.filter((file) => !touched.includes(file));
    const parts = [
        ...(whole.length > 0 ? [`SELECT ${columns} FROM ${readParquet(files, fields, whole)}`] : []),
        ...(touched.length > 0
            ? [
                  `SELECT ${columns} FROM ${readParquet(files, fields, touched)} AS d WHERE NOT ${isDeleted(files, touched, live.deletes)}`,
              ]
            : []),
    ];
    if (parts.length === 0) return `SELECT ${fields.map(emptyColumn).join(", ")} WHERE false`;
    return parts.join(" UNION ALL ");
}

function emptyColumn(field: Field): string {
    return `NULL::${duckType(field.type)} AS ${batchColumn(field)}`;
}

/** A FROM item that reads data files, columns named `c<field id>`, with DuckDB's own `file_index` and `file_row_number` beside them. */
export function readParquet(files: TableFiles, fields: readonly Field[], data: readonly DataFile[]): string {
    const columns = fields.map(
        (field) =>
            `${field.id}: {name: '${batchColumn(field)}', type: ${literal(duckType(field.type))}, default_value: NULL}`,
    );
    return `read_parquet(${pathList(files, data)}, hive_partitioning = false, schema = MAP {${columns.join(", ")}})`;
}

/** Files as a list literal of paths on disk. */
export function pathList(files: TableFiles, of: readonly DataFile[]): string {
    return `[${of.map((file) => literal(files.file(file.file_path))).join(", ")}]`;
}

/** SQL condition on a row of `d`, which reads `data`: whether one of the files of deletes names it. */
export function isDeleted(files: TableFiles, data: readonly DataFile[], deletes: readonly DataFile[]): string {
    if (deletes.length === 0) return "false";
    const urls = data.map((file, at) => `(${literal(file.file_path)}, ${at})`);
    const positions = `
        SELECT u.slot, x.pos FROM read_parquet(${pathList(files, deletes)}, hive_partitioning = false) AS x
        JOIN (VALUES ${urls.join(", ")}) AS u(url, slot) ON x.file_path = u.url`;
    return `EXISTS (SELECT 1 FROM (${positions}) AS gone WHERE gone.slot = d.file_index AND gone.pos = d.file_row_number)`;
}

/** Data files that a file of deletes may name: its bounds say from which path to which. */
export function withDeletes({ data, deletes }: LiveFiles): readonly DataFile[] {
    const ranges = deletes.map((file) => [pathBound(file.lower_bounds), pathBound(file.upper_bounds)] as const);
    return data.filter((file) =>
        ranges.some(([from, to]) => (!from || file.file_path >= from) && (!to || file.file_path <= to)),
    );
}

function pathBound(bounds: DataFile["lower_bounds"]): string | undefined {
    return bounds?.find(({ key }) => key === 2147483546)?.value.toString();
}

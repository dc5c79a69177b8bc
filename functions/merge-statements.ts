import { quoted } from "../schema/athena";
import { type Hour, partsOf, startOf } from "./utc-hours";

/** A column of the merged table. The raw table has it under the same name, as text. */
export interface MergedColumn {
    readonly name: string;
    readonly type: "string" | "int" | "long" | "timestamp";
}

/** Tables and columns that statements name. Plain data. */
export interface MergeTables {
    readonly database: string;
    /** Raw lines, in partitions by the hour of their arrival. */
    readonly raw: string;
    /** What is published, in partitions by the hour of the request. */
    readonly merged: string;
    /** What a run has written: the column `run` says which one. */
    readonly runs: string;
    readonly columns: readonly MergedColumn[];
    /** The column that identifies a request. */
    readonly key: string;
    /** The column with the time of the request; raw, it is in milliseconds since 1970. */
    readonly time: string;
    /** The column that rows are sorted by, since queries ask for one value of it. */
    readonly sortBy: string;
}

/** The end of the year 9999: what is later, no calendar here knows. */
const END_OF_TIME = Date.UTC(10_000, 0);

/** Counts the lines of folders, by folder and by the hour that they tell of; those that are no request have none. */
export function contentsStatement(tables: MergeTables, folders: readonly Hour[]): string {
    const time = milliseconds(tables);
    const hour = `CASE WHEN ${isRequest(tables)} THEN CAST(floor(${time} / 3.6e6) AS bigint) END`;
    return (
        `SELECT "year", "month", "day", "hour", ${hour} AS happened, count(*) AS lines ` +
        `FROM ${table(tables, "raw")} WHERE ${inFolders(folders)} GROUP BY 1, 2, 3, 4, 5`
    );
}

/** Writes the requests of an hour, each once, to a folder (an `s3://` URL) that must be empty. */
export function writeStatement(tables: MergeTables, hour: Hour, folders: readonly Hour[], to: string): string {
    const names = tables.columns.map(({ name }) => quoted(name)).join(", ");
    const nth = `row_number() OVER (PARTITION BY ${quoted(tables.key)} ORDER BY ${quoted(tables.time)}) AS nth`;
    return (
        `UNLOAD (SELECT ${names} FROM (SELECT ${names}, ${nth} FROM (${requests(tables, hour, folders)})) ` +
        `WHERE nth = 1 ORDER BY ${quoted(tables.sortBy)}, ${quoted(tables.time)}) ` +
        `TO '${to}' WITH (format = 'PARQUET', compression = 'SNAPPY')`
    );
}

/** Counts the requests of an hour, and what a run has written of them. */
export function countStatement(tables: MergeTables, hour: Hour, folders: readonly Hour[], run: string): string {
    const key = quoted(tables.key);
    return (
        "SELECT i.requests, o.written, o.different " +
        `FROM (SELECT count(DISTINCT ${key}) AS requests FROM (${requests(tables, hour, folders)})) i ` +
        `CROSS JOIN (SELECT count(*) AS written, count(DISTINCT ${key}) AS different FROM ${table(tables, "runs")} WHERE run = '${run}') o`
    );
}

/** The requests of an hour, from folders and from what is published, some of them more than once. */
function requests(tables: MergeTables, hour: Hour, folders: readonly Hour[]): string {
    const typed = tables.columns.map((column) => `${typedValue(column)} AS ${quoted(column.name)}`).join(", ");
    const names = tables.columns.map(({ name }) => quoted(name)).join(", ");
    const happened = `${milliseconds(tables)} BETWEEN ${startOf(hour)} AND ${startOf(hour + 1) - 1}`;
    return (
        `SELECT ${typed} FROM ${table(tables, "raw")} WHERE ${inFolders(folders)} AND ${isRequest(tables)} AND ${happened} ` +
        `UNION ALL SELECT ${names} FROM ${table(tables, "merged")} WHERE ${inFolders([hour])}`
    );
}

/** API Gateway writes `-` for what there is not. */
function typedValue({ name, type }: MergedColumn): string {
    const value = quoted(name);
    const values: Readonly<Record<MergedColumn["type"], string>> = {
        string: `NULLIF(${value}, '-')`,
        int: `TRY_CAST(${value} AS integer)`,
        long: `TRY_CAST(${value} AS bigint)`,
        timestamp: `CAST(from_unixtime(TRY_CAST(${value} AS bigint) / 1e3) AS timestamp)`,
    };
    return values[type];
}

function isRequest(tables: MergeTables): string {
    return `COALESCE(NULLIF(${quoted(tables.key)}, '-'), '') <> '' AND ${milliseconds(tables)} BETWEEN 0 AND ${END_OF_TIME - 1}`;
}

function milliseconds({ time }: MergeTables): string {
    return `TRY_CAST(${quoted(time)} AS bigint)`;
}

function inFolders(folders: readonly Hour[]): string {
    const each = folders.map((folder) => {
        const [year, month, day, hour] = partsOf(folder);
        return `("year" = ${year} AND "month" = ${month} AND "day" = ${day} AND "hour" = ${hour})`;
    });
    return `(${each.join(" OR ")})`;
}

function table(tables: MergeTables, which: "raw" | "merged" | "runs"): string {
    return `${quoted(tables.database)}.${quoted(tables[which])}`;
}

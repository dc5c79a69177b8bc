import * as fs from "node:fs";
import * as path from "node:path";
import { type DuckSession, identifier, literal } from "../duck";
import { encodedValue } from "../glue/input";
import { uuid } from "../iceberg/snapshot";
import { parseS3Url } from "../iceberg/table-files";
import type { Caller, Services } from "../services";
import { type OutputType, outputType } from "./output-type";
import { NULL_FOLDER } from "./partitions";
import { queryError } from "./reasons";

/** The TEMP table that holds what a statement writes. */
const RESULT = "__result";

/** A column of what is written. */
export interface OutputColumn extends OutputType {
    readonly name: string;
}

/** How rows become files. */
export interface FileFormat {
    readonly format: "parquet" | "json" | "text";
    /** DuckDB's name of the compression. */
    readonly compression: string;
    /** Of a text. */
    readonly delimiter?: string;
}

/** Where the files go. */
export interface FileTarget extends FileFormat {
    /** Folder for rows with these values of the partition keys. */
    folder(values: readonly string[]): string;
    /** The columns whose values are in the folders' names, the last ones. */
    readonly partitionedBy: readonly string[];
}

/** Files that were written. */
export interface WrittenFiles {
    readonly files: readonly string[];
    readonly rows: number;
    readonly bytes: number;
    /** The partitions that have rows: values and folders. */
    readonly partitions: readonly { readonly values: readonly string[]; readonly folder: string }[];
}

type FileServices = Pick<Services, "clock" | "place" | "randomHex" | "s3">;

/** Most partitions of one statement. https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html */
const MOST_PARTITIONS = 100;

/** Runs a query and keeps what it gives in the session; tells the columns and the number of rows. */
export async function loadResult(session: DuckSession, sql: string): Promise<readonly OutputColumn[]> {
    const { names, types } = await session.table(`SELECT * FROM (${sql}) LIMIT 0`);
    const columns = names.map((name, at) => ({ name: name.toLowerCase(), ...outputType(types[at]) }));
    checkNames(columns.map(({ name }) => name));
    const typed = columns.map(({ duck }, at) => `r.c${at}::${duck} AS c${at}`);
    const aliases = columns.map((_, at) => `c${at}`);
    await session.query(
        `CREATE TEMP TABLE ${RESULT} AS SELECT ${typed.join(", ")} FROM (${sql}) AS r(${aliases.join(", ")})`,
    );
    return columns;
}

function checkNames(names: readonly string[]): void {
    const unnamed = names.findIndex((name) => /^_col\d+$/.test(name));
    if (unnamed >= 0)
        throw queryError("MISSING_COLUMN_NAME", `Column name not specified at position ${unnamed + 1}`, "line 1:1");
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice) throw queryError("DUPLICATE_COLUMN_NAME", `Column name '${twice}' specified more than once`, "line 1:1");
}

/** Writes the result that the session holds, a file for each partition. What is there when something fails stays, as on AWS. */
export async function writeFiles(
    services: FileServices,
    session: DuckSession,
    caller: Caller,
    columns: readonly OutputColumn[],
    target: FileTarget,
): Promise<WrittenFiles> {
    const keys = columns.slice(columns.length - target.partitionedBy.length);
    checkKeys(keys, target.partitionedBy);
    const written: { url: string; bytes: number }[] = [];
    const partitions: { values: string[]; folder: string }[] = [];
    const scratch = path.join(services.place.data, "athena", services.randomHex(16));
    fs.mkdirSync(scratch, { recursive: true });
    try {
        for (const { values, where } of await partitionsOf(session, columns.length - keys.length, keys)) {
            const name = fileName(services, target);
            const file = path.join(scratch, name);
            await session.query(copySql(columns.slice(0, columns.length - keys.length), where, file, target));
            const folder = target.folder(values);
            const { bucket, key } = parseS3Url(folder);
            const body = fs.readFileSync(file);
            await services.s3.putObject(caller, bucket, `${folderKey(key)}${name}`, body);
            fs.rmSync(file);
            written.push({ url: `s3://${bucket}/${folderKey(key)}${name}`, bytes: body.length });
            partitions.push({ values, folder });
        }
    } finally {
        fs.rmSync(scratch, { recursive: true, force: true });
    }
    const [{ rows }] = await session.query(`SELECT count(*)::DOUBLE AS rows FROM ${RESULT}`);
    return {
        files: written.map(({ url }) => url),
        rows: Number(rows),
        bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
        partitions,
    };
}

function checkKeys(keys: readonly OutputColumn[], partitionedBy: readonly string[]): void {
    if (keys.every(({ name }, at) => name === partitionedBy[at]) && keys.length === partitionedBy.length) return;
    throw queryError(
        "HIVE_COLUMN_ORDER_MISMATCH",
        `Partition keys must be the last columns in the table and in the same order as the table properties: [${partitionedBy.join(", ")}]`,
    );
}

/** The partitions of the result, each with the condition on its rows. No rows make no file, except in one unpartitioned place. */
async function partitionsOf(session: DuckSession, first: number, keys: readonly OutputColumn[]) {
    if (keys.length === 0) {
        const [{ rows }] = await session.query(`SELECT count(*)::INTEGER AS rows FROM ${RESULT}`);
        return rows === 0 ? [] : [{ values: [], where: "true" }];
    }
    const texts = keys.map((_, at) => `c${first + at}::VARCHAR AS v${at}`);
    const found = await session.query(
        `SELECT DISTINCT ${texts.join(", ")} FROM ${RESULT} ORDER BY ALL LIMIT ${MOST_PARTITIONS + 1}`,
    );
    if (found.length > MOST_PARTITIONS) {
        throw queryError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            `Exceeded limit of ${MOST_PARTITIONS} open writers for partitions/buckets`,
        );
    }
    return found.map((row) => {
        const values = keys.map((_, at) => row[`v${at}`] as string | null);
        const same = values.map((value, at) => {
            return `c${first + at}::VARCHAR IS NOT DISTINCT FROM ${value === null ? "NULL" : literal(value)}`;
        });
        return { values: values.map((value) => value ?? NULL_FOLDER), where: same.join(" AND ") };
    });
}

function copySql(
    columns: readonly OutputColumn[],
    where: string,
    file: string,
    { format, compression, delimiter = "\u0001" }: FileFormat,
) {
    const named = columns.map(({ name }, at) => `c${at} AS ${identifier(name)}`).join(", ");
    const line = columns.map((_, at) => `coalesce(c${at}::VARCHAR, '\\N')`).join(", ");
    const rows = `FROM ${RESULT} WHERE ${where}`;
    switch (format) {
        case "parquet":
            return `COPY (SELECT ${named} ${rows}) TO ${literal(file)} (FORMAT parquet, COMPRESSION ${compression})`;
        case "json":
            return `COPY (SELECT ${named} ${rows}) TO ${literal(file)} (FORMAT json, ARRAY false, COMPRESSION ${compression})`;
        case "text":
            return `COPY (SELECT concat_ws(${literal(delimiter)}, ${line}) ${rows}) TO ${literal(file)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\u0002', COMPRESSION ${compression})`;
    }
}

/** As Athena names its files: when, which query, and something that nobody else has. */
function fileName({ clock, randomHex }: FileServices, { format, compression }: FileFormat): string {
    const when = new Date(clock.now())
        .toISOString()
        .slice(0, 19)
        .replaceAll("-", "")
        .replaceAll(":", "")
        .replace("T", "_");
    const extension = format === "parquet" || compression === "none" ? "" : compression === "gzip" ? ".gz" : ".zst";
    return `${when}_00000_${randomHex(5)}_${uuid(randomHex(32))}${extension}`;
}

/** A location's key with a slash at its end. */
export function folderKey(key: string): string {
    return key === "" || key.endsWith("/") ? key : `${key}/`;
}

/** The folder of a partition below a location, as Hive names it. */
export function partitionFolder(location: string, keys: readonly string[], values: readonly string[]): string {
    const folders = keys.map((key, at) => `${key}=${encodedValue(values[at])}/`);
    return `${location.replace(/\/+$/, "")}/${folders.join("")}`;
}

/** Throws unless nothing lies in a folder. */
export async function requireEmpty(
    { s3 }: Pick<Services, "s3">,
    caller: Caller,
    location: string,
    message: string,
): Promise<void> {
    const { bucket, key } = parseS3Url(location);
    const objects = await s3.listObjects(caller, bucket, folderKey(key));
    if (objects.length > 0) throw queryError("HIVE_PATH_ALREADY_EXISTS", message);
}

import { type DuckSession, identifier, literal } from "../duck";
import { type Rejected, rewriteBatch } from "./documents";
import type { Schema } from "./metadata";
import { decimalOf, duckType, type Field } from "./types";

/** A batch in DuckDB: the TEMP table `batch` with `seq`, `op`, and the columns `c<field id>`. */
export interface Batch {
    /** Documents that fit the schema. */
    readonly accepted: number;
    readonly rejected: readonly Rejected[];
    /** Whether any of them is not an insert. */
    readonly replaces: boolean;
}

/** Where a batch comes from. */
export interface BatchSource {
    /** Path of the file of JSON documents, one per line. */
    readonly file: string;
    readonly uniqueKeys: readonly string[];
    /** Path for a file that is written when documents have to be looked at one by one, and removed by the caller. */
    readonly rewritten: string;
}

/** The longest line that DuckDB takes as it is. It keeps twice as much for its buffer, so there is a reason to be modest. */
const LINE = 4 * 1024 * 1024;

/**
 * Loads a batch. DuckDB reads it and checks every value in one go; only when something does not fit, or when columns have types that it does not
 * check strictly, are the documents looked at one by one, the good ones rewritten in canonical form, and read again.
 */
export async function loadBatch(session: DuckSession, schema: Schema, source: BatchSource): Promise<Batch> {
    const read = await readAsIs(session, schema, source).catch(() => undefined);
    if (read && Number(read.bad) === 0) return { accepted: Number(read.total), rejected: [], replaces: read.replaces };
    const { rejected, accepted, longest } = await rewriteBatch(schema, source);
    const replaces = await readRewritten(session, schema, source.rewritten, Math.max(LINE, longest + 1));
    return { accepted, rejected, replaces };
}

/** The column of the TEMP table `batch` that holds a field. */
export function batchColumn(field: Pick<Field, "id">): string {
    return `c${field.id}`;
}

interface Counts {
    readonly total: string;
    readonly bad: string;
    readonly replaces: boolean;
}

async function readAsIs(session: DuckSession, schema: Schema, source: BatchSource): Promise<Counts | undefined> {
    if (!schema.fields.every(({ type }) => typeof type === "string")) return undefined;
    const readers = schema.fields.map((field) => reader(field, source.uniqueKeys));
    const columns = readers.map(({ name, raw }) => `${literal(name)}: '${raw}'`);
    const bad = ["op NOT IN ('insert', 'update', 'delete')", "seq IS NULL", ...readers.flatMap((each) => each.bad)];
    await session.query(`
        CREATE OR REPLACE TEMP TABLE batch AS
        SELECT seq, op, ${readers.map((each) => `${each.value} AS ${each.column}`).join(", ")}, (${bad.join(" OR ")}) AS bad
        FROM (
            SELECT __seq AS seq, __op AS op, ${readers.map((each) => `${identifier(each.name)} AS ${each.column}`).join(", ")}
            FROM ${readJson(source.file, ["__seq: 'BIGINT'", "__op: 'VARCHAR'", ...columns], LINE)}
        )`);
    return await counts(session, source.uniqueKeys.length === 0);
}

async function counts(session: DuckSession, keyless: boolean): Promise<Counts> {
    const bad = keyless ? "bad OR op <> 'insert'" : "bad";
    const [row] = await session.query(
        `SELECT count(*) AS total, count(*) FILTER (coalesce(${bad}, true)) AS bad, coalesce(bool_or(op <> 'insert'), false) AS replaces FROM batch`,
    );
    return row as unknown as Counts;
}

function readJson(file: string, columns: readonly string[], longest: number): string {
    return `read_json(${literal(file)}, format = 'newline_delimited', maximum_object_size = ${longest}, columns = {${columns.join(", ")}})`;
}

interface Reader {
    readonly name: string;
    readonly column: string;
    /** DuckDB's type to read the value as. JSON keeps a number apart from a text that looks like one. */
    readonly raw: string;
    /** SQL of the value. */
    readonly value: string;
    /** SQL conditions under which the document is looked at again. */
    readonly bad: readonly string[];
}

function reader(field: Field, uniqueKeys: readonly string[]): Reader {
    const column = batchColumn(field);
    const { raw, value, fits } = strictly(column, field.type as string);
    const misfit = fits ? [`(${column} IS NOT NULL AND NOT coalesce(${fits}, false))`] : [];
    return { name: field.name, column, raw, value, bad: [...misfit, ...missing(field, column, uniqueKeys)] };
}

/** A deletion needs its keys and nothing else. */
function missing(field: Field, column: string, uniqueKeys: readonly string[]): readonly string[] {
    if (uniqueKeys.includes(field.name)) return [`(${field.required ? "" : "op <> 'insert' AND "}${column} IS NULL)`];
    return field.required ? [`(op <> 'delete' AND ${column} IS NULL)`] : [];
}

/** Years 0001 to 9999, to the second at least, UTC unless an offset is given. */
export const TIMESTAMP_TEXT =
    "(?:0{3}[1-9]|[0-9]{4})-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?";

/** A day of the years 0001 to 9999. */
export const DATE_TEXT = "[0-9]{4}-[0-9]{2}-[0-9]{2}";

function strictly(c: string, type: string): { raw: string; value: string; fits?: string } {
    const text = `${c}::VARCHAR`;
    const cast = `TRY_CAST(${text} AS ${duckType(type)})`;
    const decimal = decimalOf(type);
    if (decimal) return strictDecimal(text, decimal);
    switch (type) {
        case "int":
        case "long":
            return { raw: "JSON", value: cast, fits: `${cast}::VARCHAR = ${text}` };
        case "float":
        case "double":
            return { raw: "JSON", value: cast, fits: `isfinite(${cast})` };
        case "boolean":
            return { raw: "JSON", value: cast, fits: `${text} IN ('true', 'false')` };
        case "date":
            return {
                raw: "VARCHAR",
                value: cast,
                fits: `regexp_full_match(${c}, '${DATE_TEXT}') AND year(${cast}) > 0`,
            };
        case "timestamp":
        case "timestamptz":
            return strictTimestamp(c, type);
    }
    return { raw: "VARCHAR", value: c };
}

function strictTimestamp(c: string, type: string) {
    const instant = `TRY_CAST(${c} AS TIMESTAMPTZ)`;
    // The session's zone is UTC, so this cast keeps the instant.
    const value = type === "timestamp" ? `${instant}::TIMESTAMP` : instant;
    return {
        raw: "VARCHAR",
        value,
        fits: `regexp_full_match(${c}, '${TIMESTAMP_TEXT}') AND year(${value}) BETWEEN 1 AND 9999`,
    };
}

/** A number that is not whole has come through a double, which holds 15 digits; more are read from the document's own text. */
function strictDecimal(text: string, { precision, scale }: { precision: number; scale: number }) {
    const digits = `trim(${text}, '"')`;
    const value = `TRY_CAST(${digits} AS DECIMAL(${precision},${scale}))`;
    const exact = precision <= 15 ? "true" : `(${text} LIKE '"%' OR ${text} NOT SIMILAR TO '.*[.eE].*')`;
    const shape = `regexp_full_match(${digits}, '-?[0-9]+${scale > 0 ? `(\\.[0-9]{1,${scale}})?` : ""}')`;
    return { raw: "JSON", value, fits: `${exact} AND ${shape} AND ${value} IS NOT NULL` };
}

async function readRewritten(session: DuckSession, schema: Schema, file: string, longest: number): Promise<boolean> {
    const columns = schema.fields.map((field) => `${batchColumn(field)}: ${literal(duckType(field.type))}`);
    await session.query(`
        CREATE OR REPLACE TEMP TABLE batch AS
        SELECT * FROM ${readJson(file, ["seq: 'BIGINT'", "op: 'VARCHAR'", ...columns], longest)}`);
    const [row] = await session.query("SELECT coalesce(bool_or(op <> 'insert'), false) AS replaces FROM batch");
    return row.replaces as boolean;
}

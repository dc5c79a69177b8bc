import * as fs from "node:fs";
import { type DuckSession, literal } from "../duck";
import { conjuncts, constantOf, type Node, nameOf } from "./filter";
import type { Reading } from "./plan";

/** What a query reads of files: bytes as Athena counts them, and rows. */
export interface Scanned {
    readonly bytes: number;
    readonly rows: number;
}

/**
 * What a query reads of Parquet files: the chunks of the columns that it needs, as they are compressed, of the row groups that their statistics
 * do not rule out, and the footers. Counted from the files' own metadata.
 */
export async function scannedParquet(
    session: DuckSession,
    files: readonly string[],
    { needed, condition }: Pick<Reading, "needed" | "condition">,
): Promise<Scanned> {
    if (files.length === 0) return { bytes: 0, rows: 0 };
    const footers = files.reduce((sum, file) => sum + footerBytes(file), 0);
    const excluded = (condition ? conjuncts(condition) : []).flatMap((part) => excluding(part) ?? []);
    const names = [...needed].map(literal).join(", ") || "NULL";
    const metadata = `parquet_metadata([${files.map(literal).join(", ")}])`;
    const [row] = await session.query(`
        WITH chunks AS (
            SELECT file_name AS file, row_group_id AS part, row_group_num_rows AS rows, total_compressed_size AS size,
                lower(split_part(path_in_schema, ', ', 1)) AS name, stats_min_value AS low, stats_max_value AS high FROM ${metadata}
        ), skipped AS (SELECT DISTINCT file, part FROM chunks WHERE ${excluded.length > 0 ? excluded.join(" OR ") : "false"}),
        read AS (SELECT * FROM chunks ANTI JOIN skipped USING (file, part))
        SELECT (SELECT coalesce(sum(size), 0) FROM read WHERE name IN (${names}))::DOUBLE AS bytes,
            (SELECT coalesce(sum(rows), 0) FROM (SELECT DISTINCT file, part, rows FROM read))::DOUBLE AS rows`);
    return { bytes: footers + Number(row.bytes), rows: Number(row.rows) };
}

/** A file ends with its footer, the footer's length in four bytes, and `PAR1`. https://parquet.apache.org/docs/file-format/ */
function footerBytes(file: string): number {
    const descriptor = fs.openSync(file, "r");
    try {
        const tail = Buffer.alloc(8);
        fs.readSync(descriptor, tail, 0, 8, fs.fstatSync(descriptor).size - 8);
        return tail.readUInt32LE(0) + 8;
    } finally {
        fs.closeSync(descriptor);
    }
}

/** By how a bound of a chunk must compare with a constant so that no row of it can fulfil a comparison. */
const EXCLUDING: Readonly<Record<string, (bound: { low: string; high: string; value: string }) => string>> = {
    COMPARE_EQUAL: ({ low, high, value }) => `(${low} > ${value} OR ${high} < ${value})`,
    COMPARE_LESSTHAN: ({ low, value }) => `${low} >= ${value}`,
    COMPARE_LESSTHANOREQUALTO: ({ low, value }) => `${low} > ${value}`,
    COMPARE_GREATERTHAN: ({ high, value }) => `${high} <= ${value}`,
    COMPARE_GREATERTHANOREQUALTO: ({ high, value }) => `${high} < ${value}`,
};

/** SQL that tells of a chunk whether its bounds rule out the condition; undefined when they cannot. */
function excluding(condition: Node): string | undefined {
    if (condition.type === "CONJUNCTION_OR") {
        const parts = (condition.children as readonly Node[]).map(excluding);
        const isOneColumn = new Set((condition.children as readonly Node[]).map(columnOf)).size === 1;
        return isOneColumn && !parts.includes(undefined) ? `(${parts.join(" AND ")})` : undefined;
    }
    const name = columnOf(condition);
    if (name === undefined) return undefined;
    if (condition.class === "BETWEEN") {
        const [from, to] = [boundsOf(condition.lower as Node), boundsOf(condition.upper as Node)];
        if (!from || !to) return undefined;
        return `(name = ${literal(name)} AND (${from.high} < ${from.value} OR ${to.low} > ${to.value}))`;
    }
    const bounds = boundsOf(condition.right as Node);
    const test = EXCLUDING[String(condition.type)];
    return bounds && test ? `(name = ${literal(name)} AND ${test(bounds)})` : undefined;
}

function columnOf(condition: Node): string | undefined {
    const left = (condition.input ?? condition.left) as Node | undefined;
    return left?.class === "COLUMN_REF" ? nameOf(left) : undefined;
}

/** Types of constants whose order is that of the texts that the metadata has for bounds, once they are cast. */
const ORDERED = /^(VARCHAR|TINYINT|SMALLINT|INTEGER|BIGINT|DOUBLE|FLOAT|DATE|TIMESTAMP|DECIMAL)$/;

/** A chunk's bounds and a constant, as SQL of one type. */
function boundsOf(constant: Node): { low: string; high: string; value: string } | undefined {
    const text = constantOf(constant);
    const type = typeOf(constant);
    if (text === undefined || !ORDERED.test(type)) return undefined;
    const as = type === "DECIMAL" || type === "FLOAT" ? "DOUBLE" : type;
    return { low: `TRY_CAST(low AS ${as})`, high: `TRY_CAST(high AS ${as})`, value: `${literal(text)}::${as}` };
}

function typeOf(constant: Node): string {
    const cast = constant.class === "CAST" ? constant.cast_type : (constant.value as Node | undefined)?.type;
    return String((cast as Node | undefined)?.id ?? "");
}

import { type DuckSession, identifier } from "../duck";
import type { VisiblePart } from "../lakeformation/access";
import { guarded } from "./guard";
import { loadPolyglot } from "./polyglot";
import { queryError } from "./reasons";
import type { OpenTable } from "./tables";
import { isQuery, parseStatement, translate } from "./translate";

/** What a caller sees of a table. */
export interface Visible {
    /** SQL of what he sees of rows; NULL stands for columns that nobody `needs`. */
    sql(rows: string, needed?: ReadonlySet<string>): string;
    /** Whether some rows or cells are kept from him. */
    readonly isFiltered: boolean;
}

/**
 * What a caller sees of a table of which he is granted parts: the rows of any part, the columns of any part, and a cell only where row and column
 * belong to the same part. https://docs.aws.amazon.com/lake-formation/latest/dg/data-filters-about.html
 */
export async function visibleOf(session: DuckSession, { columns, keys, parts }: OpenTable): Promise<Visible> {
    if (!parts) return { sql: (rows) => rows, isFiltered: false };
    const conditions = new Map<VisiblePart, string>();
    for (const part of parts) conditions.set(part, await rowCondition(session, part));
    const isFiltered = ![...conditions.values()].includes(ALL);
    const shown = [...columns, ...keys].filter(({ name }) => parts.some((part) => part.has(name)));
    const cells = shown.map(({ name, type }) => {
        const of = parts.filter((part) => part.has(name)).map((part) => conditions.get(part) as string);
        const isWhole = of.length === parts.length || of.includes(ALL);
        const value = isWhole ? identifier(name) : `CASE WHEN ${of.join(" OR ")} THEN ${identifier(name)} END`;
        return { name, type, value, isWhole };
    });
    return {
        isFiltered: isFiltered || cells.some(({ isWhole }) => !isWhole),
        sql: (rows, needed) => {
            const list = cells.map(({ name, type, value }) => {
                const isNeeded = !needed || needed.has(name.toLowerCase());
                return `${isNeeded ? value : `NULL::${type}`} AS ${identifier(name)}`;
            });
            const where = isFiltered ? ` WHERE ${[...conditions.values()].join(" OR ")}` : "";
            return `SELECT ${list.join(", ")} FROM (${rows})${where}`;
        },
    };
}

const ALL = "true";

/** A filter's expression as DuckDB understands it: a condition of Athena's, over the table's own columns alone. */
async function rowCondition(session: DuckSession, { rows }: VisiblePart): Promise<string> {
    if (rows === undefined) return ALL;
    const polyglot = await loadPolyglot();
    const sql = `SELECT 1 AS x FROM filtered WHERE (${rows})`;
    const tree = parseStatement(polyglot, sql);
    const translated = translate(polyglot, sql, tree, "filter");
    if (!isQuery(tree) || !tree.select || translated.tables.size !== 1) throw wrong(rows);
    const [standIn] = translated.tables.keys();
    const { sql: whole } = await guarded(session, translated.sql, sql, new Set([standIn]));
    const at = whole.indexOf(" WHERE ");
    if (at < 0) throw wrong(rows);
    return `(${whole.slice(at + " WHERE ".length)})`;
}

function wrong(expression: string): Error {
    return queryError("INVALID_ROW_FILTER", `The row filter's expression is no condition: ${expression}`);
}

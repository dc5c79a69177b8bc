import { type DuckEngine, type DuckSession, identifier } from "../duck";
import { isServiceError } from "../errors";
import type { Caller } from "../services";
import { columnInfo, textOf } from "./format";
import { PRELUDE } from "./functions";
import { guarded } from "./guard";
import { loadPolyglot } from "./polyglot";
import { notSupported, queryError, translateError } from "./reasons";
import type { ResultSet } from "./results";
import { linesResult, showStatement } from "./show";
import { openTable, type QueryTable, type TableServices } from "./tables";
import { isQuery, parseStatement, type Translated, translate } from "./translate";

/** What queries are run with. */
export type RunServices = TableServices & { readonly duck: DuckEngine };

/** A statement to run. */
export interface Statement {
    readonly sql: string;
    /** The database of tables that name none. */
    readonly database?: string;
    readonly caller: Caller;
    /** Most bytes that it may read. */
    readonly cutoff?: number;
    readonly signal: AbortSignal;
}

/** What a statement gave. */
export interface Outcome {
    readonly result: ResultSet;
    /** Bytes of all files of the tables that it read: what it could skip is not taken off, so AWS may bill less. */
    readonly bytes: number;
}

/** Throws InvalidRequest's sentence for SQL that Athena would refuse at once: it cannot be parsed. */
export async function checkSyntax(sql: string): Promise<void> {
    if (showStatement(sql)) return;
    parseStatement(await loadPolyglot(), sql);
}

/** Runs a statement for a caller. Throws a QueryError in Athena's words. */
export async function run(services: RunServices, statement: Statement): Promise<Outcome> {
    try {
        return await attempt(services, statement);
    } catch (error) {
        if (isServiceError(error)) throw denied(error.message);
        throw translateError(statement.sql, error);
    }
}

function denied(message: string): Error {
    return queryError("PERMISSION_DENIED", `Insufficient permissions to execute the query. ${message}`);
}

async function attempt(services: RunServices, statement: Statement): Promise<Outcome> {
    const { sql, caller, database } = statement;
    const show = showStatement(sql);
    if (show) return { result: linesResult(show(services, caller, sql, database)), bytes: 0 };
    const polyglot = await loadPolyglot();
    const tree = parseStatement(polyglot, sql);
    if (!isQuery(tree)) throw notSupported(`The statement ${(/^\s*(\w+)/.exec(sql)?.[1] ?? "").toUpperCase()}`);
    if (/`/.test(sql.replace(/'(?:[^']|'')*'/g, ""))) {
        throw queryError(
            "SYNTAX_ERROR",
            "backquoted identifiers are not supported; use double quotes to quote identifiers",
        );
    }
    return await query(services, statement, translate(polyglot, sql, tree, database));
}

async function query(services: RunServices, statement: Statement, translated: Translated): Promise<Outcome> {
    const opened: QueryTable[] = [];
    try {
        return await services.duck.session(async (session) => {
            for (const [standIn, name] of translated.tables) {
                const table = await openTable(services, statement.caller, statement.sql, name);
                opened.push(table);
                await session.query(`CREATE TEMP VIEW ${identifier(standIn)} AS ${table.sql}`);
            }
            const bytes = opened.reduce((sum, table) => sum + table.bytes, 0);
            if (statement.cutoff !== undefined && bytes > statement.cutoff) {
                throw queryError("EXCEEDED_BYTES_SCANNED_LIMIT", "Bytes scanned limit was exceeded");
            }
            return { result: await rowsOf(session, statement, translated), bytes };
        }, statement.signal);
    } finally {
        for (const table of opened) table.release();
    }
}

async function rowsOf(session: DuckSession, statement: Statement, translated: Translated): Promise<ResultSet> {
    const sql = await guarded(session, translated.sql, statement.sql, new Set(translated.tables.keys()));
    const table = await session.table(sql);
    const names = table.names.map((name, at) =>
        translated.unnamed.has(name) || name === `col${at}` ? `_col${at}` : name,
    );
    return {
        columns: names.map((name, at) => columnInfo(name, table.types[at])),
        rows: table.rows.map((row) => row.map((value, at) => textOf(table.types[at], value))),
        header: true,
    };
}

/** Makes the functions that queries may call. Once for each engine. */
export async function prepare(duck: DuckEngine): Promise<void> {
    await duck.query(PRELUDE.join(";\n"));
}

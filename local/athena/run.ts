import { type DuckEngine, type DuckSession, identifier } from "../duck";
import { isServiceError } from "../errors";
import { removeTable } from "../glue/changes";
import type { Caller, Services } from "../services";
import { definition } from "./ddl";
import type { WrittenFiles } from "./files";
import { columnInfo, textOf } from "./format";
import { PRELUDE } from "./functions";
import { type GuardedQuery, guarded } from "./guard";
import { planned, type Reading, shapeSql } from "./plan";
import { loadPolyglot, type Polyglot } from "./polyglot";
import { rowsOf } from "./read";
import { notSupported, queryError, translateError } from "./reasons";
import type { ResultSet } from "./results";
import type { Scanned } from "./scanned";
import { linesResult, showStatement } from "./show";
import { resolved, type WriteStatement, writeStatement } from "./statements";
import { type OpenTable, openTable, type TableServices } from "./tables";
import { isQuery, parseStatement, type Translated, translate } from "./translate";
import { droppedView, putView, type ViewStatement, viewStatement, viewsFor, viewToDrop } from "./views";
import { type Visible, visibleOf } from "./visible";
import { writerOf } from "./write";

/** What queries are run with. */
export type RunServices = TableServices & Pick<Services, "randomHex"> & { readonly duck: DuckEngine };

/** A statement to run. */
export interface Statement {
    readonly sql: string;
    /** The database of tables that name none. */
    readonly database?: string;
    readonly caller: Caller;
    /** Folder of a table that it makes without saying where. */
    readonly home: string;
    /** Most bytes that it may read. */
    readonly cutoff?: number;
    readonly signal: AbortSignal;
}

/** What a statement gave, and what it read for it. */
export interface Outcome extends Scanned {
    /** What it gave; a statement that writes files, or none at all, gives nothing. */
    readonly result?: ResultSet;
    readonly written?: WrittenFiles;
}

/** Throws InvalidRequest's sentence for SQL that Athena would refuse at once: it cannot be parsed. */
export async function checkSyntax(sql: string): Promise<void> {
    if (definition(sql) || showStatement(sql)) return;
    if (droppedView(sql)) return;
    const part = writeStatement(sql) ?? viewStatement(sql);
    parseStatement(await loadPolyglot(), part ? inPlace(sql, part.query) : sql);
}

/** A part of a text with the rest blanked out, so that places in it are the text's own. */
function inPlace(sql: string, part: string): string {
    return sql.slice(0, sql.indexOf(part)).replace(/[^\n]/g, " ") + part;
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
    const define = definition(sql);
    if (define) return { result: await define({ services, caller, sql, database }), bytes: 0, rows: 0 };
    const show = showStatement(sql);
    if (show) return { result: linesResult(show(services, caller, sql, database)), bytes: 0, rows: 0 };
    const polyglot = await loadPolyglot();
    const write = writeStatement(sql);
    if (write) return await writing(services, statement, write, polyglot);
    const view = viewStatement(sql);
    if (view) return await defineView(services, statement, view, polyglot);
    const gone = droppedView(sql);
    if (gone) return await dropView(services, statement, gone);
    const tree = parseStatement(polyglot, sql);
    if (!isQuery(tree)) throw notSupported(`The statement ${(/^\s*(\w+)/.exec(sql)?.[1] ?? "").toUpperCase()}`);
    if (/`/.test(sql.replace(/'(?:[^']|'')*'/g, ""))) {
        throw queryError(
            "SYNTAX_ERROR",
            "backquoted identifiers are not supported; use double quotes to quote identifiers",
        );
    }
    return await query(services, statement, translate(polyglot, sql, tree, database, viewsFor(services, caller, sql)));
}

async function query(services: RunServices, statement: Statement, translated: Translated): Promise<Outcome> {
    return await withQuery(services, statement, translated, async (session, sql) => resultOf(session, sql, translated));
}

async function writing(
    services: RunServices,
    statement: Statement,
    write: WriteStatement,
    polyglot: Polyglot,
): Promise<Outcome> {
    const { sql, caller, database, home } = statement;
    const tree = parseStatement(polyglot, inPlace(sql, write.query));
    const writer = await writerOf({ services, caller, sql, database, home }, write);
    if (!writer) return { bytes: 0, rows: 0 };
    const translated = translate(polyglot, sql, tree, database, viewsFor(services, caller, sql));
    const { result: written, ...scanned } = await withQuery(services, statement, translated, writer);
    return { ...scanned, written };
}

async function defineView(
    services: RunServices,
    statement: Statement,
    view: ViewStatement,
    polyglot: Polyglot,
): Promise<Outcome> {
    const { sql, caller, database } = statement;
    const tree = parseStatement(polyglot, inPlace(sql, view.query));
    const translated = translate(polyglot, sql, tree, database, viewsFor(services, caller, sql));
    await withQuery(services, statement, translated, (session, query) =>
        putView(services, caller, statement, view, session, query),
    );
    return { bytes: 0, rows: 0 };
}

async function dropView(
    services: RunServices,
    { sql, caller, database }: Statement,
    { view, orNothing }: NonNullable<ReturnType<typeof droppedView>>,
): Promise<Outcome> {
    const found = viewToDrop(services, caller, sql, resolved(view, database), orNothing);
    if (found) await removeTable(services, found.database, found.name);
    return { bytes: 0, rows: 0 };
}

/** Runs `use` with a query that may be run, in a session in which its tables are open. Adds what the query reads to the answer. */
async function withQuery<T>(
    services: RunServices,
    statement: Statement,
    translated: Translated,
    use: (session: DuckSession, sql: string) => Promise<T>,
): Promise<Scanned & { readonly result: T }> {
    const { caller, cutoff, signal } = statement;
    const tables = new Map<string, OpenTable>();
    try {
        for (const [standIn, name] of translated.tables)
            tables.set(standIn, openTable(services, caller, statement.sql, name));
        return await services.duck.session(async (session) => {
            const guard = await guarded(session, translated.sql, statement.sql, new Set(tables.keys()));
            const scanned = await openRows(services, session, tables, guard);
            if (cutoff !== undefined && scanned.bytes > cutoff) {
                throw queryError("EXCEEDED_BYTES_SCANNED_LIMIT", "Bytes scanned limit was exceeded");
            }
            return { result: await use(session, guard.sql), ...scanned };
        }, signal);
    } finally {
        for (const table of tables.values()) table.release();
    }
}

/**
 * Makes a view of each table's rows: of those that the query, planned over tables of the same shape, needs, and the caller may see. Rows that are
 * kept from him are gone before the query runs: a condition of his own is never asked about them.
 */
async function openRows(
    services: RunServices,
    session: DuckSession,
    tables: ReadonlyMap<string, OpenTable>,
    { plannable, named }: GuardedQuery,
): Promise<Scanned> {
    if (tables.size === 0) return { bytes: 0, rows: 0 };
    const shapes = [...tables].map(([standIn, { columns, keys }]) => ({ standIn, columns, keys }));
    const visible = new Map<string, Visible>();
    for (const [at, shape] of shapes.entries()) {
        const table = tables.get(shape.standIn) as OpenTable;
        const { rows } = table;
        const seen = await visibleOf(session, table);
        visible.set(shape.standIn, seen);
        const sql = rows.kind === "prepared" ? rows.sql : seen.sql(shapeSql(services.place, shape, at));
        await session.query(`CREATE OR REPLACE TEMP VIEW ${identifier(shape.standIn)} AS ${sql}`);
    }
    const readings = await planned(session, shapes, plannable, named);
    let [bytes, rows] = [0, 0];
    for (const [standIn, table] of tables) {
        const reading = readings.get(standIn) as Reading;
        const found = await rowsOf(services, session, table, reading, standIn);
        const { sql, isFiltered } = visible.get(standIn) as Visible;
        const name = identifier(standIn);
        if (isFiltered) {
            await session.query(`DROP VIEW ${name}; CREATE TEMP TABLE ${name} AS ${sql(found.sql, reading.needed)}`);
        } else await session.query(`CREATE OR REPLACE TEMP VIEW ${name} AS ${sql(found.sql)}`);
        bytes += found.bytes;
        rows += found.rows;
    }
    return { bytes, rows };
}

async function resultOf(session: DuckSession, sql: string, { unnamed }: Translated): Promise<ResultSet> {
    const table = await session.table(sql);
    const names = table.names.map((name, at) => (unnamed.has(name) || name === `col${at}` ? `_col${at}` : name));
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

import * as fs from "node:fs";
import * as path from "node:path";
import { type DuckSession, identifier, literal } from "../duck";
import type { Place } from "../services";
import { implied, type Naming, type Node, readTree, visit } from "./filter";

/** A column of a table, with DuckDB's name of its type. */
export interface TypedColumn {
    readonly name: string;
    readonly type: string;
}

/** A table as the planner sees it: names and types, and no row. */
export interface PlannedTable {
    /** The name that stands for it in the query. */
    readonly standIn: string;
    /** Columns that are in the files, then those that are in the folders' names. */
    readonly columns: readonly TypedColumn[];
    readonly keys: readonly TypedColumn[];
}

/** What a query reads of a table. */
export interface Reading {
    /** Whether it reads the table at all: a condition may rule out every row. */
    readonly isRead: boolean;
    /** Columns and keys that it needs. */
    readonly needed: ReadonlySet<string>;
    /** A condition that every row fulfils that it needs; undefined when there is none. Columns by their names. */
    readonly condition: Node | undefined;
}

/** One scan of a table in DuckDB's plan. */
interface Scan {
    readonly columns: readonly string[];
    readonly filters: readonly string[];
}

interface PlanNode {
    readonly name: string;
    readonly extra_info: {
        readonly Projections?: string | readonly string[];
        readonly Expression?: string | readonly string[];
    };
    readonly children: readonly PlanNode[];
}

/**
 * Finds out what a query reads of each table, from DuckDB's own plan of the query over tables of the same shape: which columns, and which
 * conditions it pushes down to a table, through views, joins and subqueries. `named` are the names that the query itself gives to columns.
 */
export async function planned(
    session: DuckSession,
    tables: readonly PlannedTable[],
    sql: string,
    named: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Reading>> {
    const scans = scansIn(await planOf(session, sql));
    const readings = new Map<string, Reading>();
    for (const [at, table] of tables.entries()) {
        const own = scans.get(at) ?? [];
        const conditions = await Promise.all(own.map((scan) => conditionOf(session, table, at, scan, named)));
        const naming = plainNames(table, at);
        readings.set(table.standIn, {
            isRead: own.length > 0,
            needed: new Set(own.flatMap(({ columns }) => columns.flatMap((column) => naming(column) ?? []))),
            condition: conditions.includes(undefined) ? undefined : anyOf(conditions as Node[]),
        });
    }
    return readings;
}

/** SQL of a view that has the shape of a table. Its columns' names tell them apart in a plan; a file of no rows has no statistics to plan with. */
export function shapeSql(place: Pick<Place, "data">, table: PlannedTable, at: number): string {
    const all = [...table.columns, ...table.keys];
    const marker = `t${at}z`;
    const types = [...all.map(({ type }, column) => `${inner(at, column)}: ${literal(type)}`), `${marker}: 'VARCHAR'`];
    const names = all.map(({ name }, column) => `${inner(at, column)} AS ${identifier(name)}`);
    const file = path.join(place.data, "duck", "nothing.json");
    if (!fs.existsSync(file)) fs.writeFileSync(file, "");
    const from = `read_json(${literal(file)}, format = 'newline_delimited', columns = {${types.join(", ")}})`;
    return `SELECT ${names.join(", ")} FROM ${from} WHERE ${marker} IS NOT NULL`;
}

function inner(table: number, column: number): string {
    return `t${table}c${column}`;
}

async function planOf(session: DuckSession, sql: string): Promise<PlanNode> {
    const [row] = await session.query(`EXPLAIN (FORMAT json) ${sql}`);
    return { name: "", extra_info: {}, children: JSON.parse(String(row.explain_value)) as PlanNode[] };
}

/** The scans in a plan by the numbers of their tables, each with the conditions right above it. */
function scansIn(plan: PlanNode): ReadonlyMap<number, Scan[]> {
    const scans = new Map<number, Scan[]>();
    const walk = (node: PlanNode, above: readonly string[]) => {
        if (node.name.trim() === "READ_JSON") {
            const columns = listOf(node.extra_info.Projections);
            const [, table] = /^t(\d+)[cz]/.exec(columns[0] ?? "") ?? [];
            if (table === undefined) throw new Error(`Scan of an unknown table: ${columns}`);
            scans.set(Number(table), [...(scans.get(Number(table)) ?? []), { columns, filters: above }]);
            return;
        }
        const own = node.name.trim() === "FILTER" ? listOf(node.extra_info.Expression) : [];
        const isThrough = own.length > 0 || node.name.trim() === "PROJECTION";
        for (const child of node.children) walk(child, isThrough ? [...above, ...own] : []);
    };
    walk(plan, []);
    return scans;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
    return value === undefined || value === "" ? [] : typeof value === "string" ? [value] : value;
}

/** A plan names a column by its place, `t0c1`, or by the name that the table's view gives it: unless the query gave that name to another. */
async function conditionOf(
    session: DuckSession,
    table: PlannedTable,
    at: number,
    { filters }: Scan,
    named: ReadonlySet<string>,
): Promise<Node | undefined> {
    const plain = plainNames(table, at);
    const own = new Set([...table.columns, ...table.keys].map(({ name }) => name.toLowerCase()));
    const naming: Naming = (column) => {
        if (named.has(column.toLowerCase())) return undefined;
        return plain(column) ?? (own.has(column.toLowerCase()) ? column.toLowerCase() : undefined);
    };
    const conditions: Node[] = [];
    for (const filter of filters) {
        const parsed = await parsedCondition(session, filter);
        const says = parsed && implied(parsed, naming);
        if (says) conditions.push(says);
    }
    return conditions.length > 1
        ? { class: "CONJUNCTION", type: "CONJUNCTION_AND", alias: "", children: conditions }
        : conditions[0];
}

function plainNames(table: PlannedTable, at: number): Naming {
    const names = new Map(
        [...table.columns, ...table.keys].map(({ name }, column) => [inner(at, column), name.toLowerCase()]),
    );
    return (column) => names.get(column);
}

/** What DuckDB's parser makes of a condition; undefined for one that it prints and cannot read. */
async function parsedCondition(session: DuckSession, condition: string): Promise<Node | undefined> {
    const sql = `SELECT * FROM t WHERE ${condition}`;
    const [row] = await session.query(`SELECT json_serialize_sql(${literal(sql)})::VARCHAR AS parsed`);
    const parsed = readTree(String(row.parsed)) as { readonly error: boolean; readonly statements?: readonly Node[] };
    if (parsed.error || parsed.statements?.length !== 1) return undefined;
    return (parsed.statements[0].node as Node).where_clause as Node;
}

/** SQL of the rows of a relation that fulfil a condition. */
export async function selectWhere(session: DuckSession, relation: string, condition: Node): Promise<string> {
    const sql = `SELECT * FROM ${identifier(relation)} WHERE true`;
    const [row] = await session.query(`SELECT json_serialize_sql(${literal(sql)})::VARCHAR AS parsed`);
    const parsed = readTree(String(row.parsed)) as { statements: { node: Record<string, unknown> }[] };
    parsed.statements[0].node.where_clause = condition;
    const text = literal(JSON.stringify(parsed));
    const [out] = await session.query(`SELECT json_deserialize_sql(${text}::JSON) AS sql`);
    return String(out.sql);
}

function anyOf(conditions: readonly Node[]): Node | undefined {
    if (conditions.length < 2) return conditions[0];
    return { class: "CONJUNCTION", type: "CONJUNCTION_OR", alias: "", children: conditions };
}

/** The names that a query gives to columns, from what DuckDB's parser made of it. A column that keeps its name is none. */
export function namesGiven(parsed: unknown): ReadonlySet<string> {
    const names = new Set<string>();
    visit(parsed, (node) => {
        const { alias, class: kind, column_names: column, column_name_alias: columns, aliases } = node;
        const keeps = kind === "COLUMN_REF" && (column as readonly string[]).at(-1) === alias;
        if (typeof kind === "string" && typeof alias === "string" && alias !== "" && !keeps)
            names.add(alias.toLowerCase());
        for (const list of [columns, aliases]) {
            if (!Array.isArray(list)) continue;
            for (const name of list) names.add(String(name).toLowerCase());
        }
    });
    return names;
}

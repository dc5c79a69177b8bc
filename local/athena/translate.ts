import { DIALECT, type Polyglot } from "./polyglot";
import { notSupported, placeOf, placeOfName, type QueryError, queryError } from "./reasons";
import { rewriteFunctions } from "./rewrite";
import type { TableName } from "./tables";
import { type Tree, visit } from "./tree";

/** A query in DuckDB's dialect, its tables named anew. */
export interface Translated {
    readonly sql: string;
    /** The tables that it reads, by the names that stand for them in `sql`. */
    readonly tables: ReadonlyMap<string, TableName>;
    /** Names of result columns that Trino names after their place: `_col0`. */
    readonly unnamed: ReadonlySet<string>;
}

/** Kinds of trees that give rows. */
const QUERIES = new Set(["select", "union", "intersect", "except", "values", "subquery", "paren"]);

/** Reads a statement in Athena's dialect. Throws with the place where it cannot be read. */
export function parseStatement(polyglot: Polyglot, sql: string): Tree {
    const result = polyglot.parse(sql, DIALECT as never) as {
        readonly success: boolean;
        readonly ast?: unknown;
        readonly error?: string | null;
        readonly errorStart?: number;
    };
    if (!result.success) throw syntaxError(sql, result);
    const statements = result.ast as readonly Tree[];
    if (statements.length !== 1)
        throw queryError("SYNTAX_ERROR", `Only one sql statement is allowed. Got: ${statements.length}`);
    return statements[0];
}

function syntaxError(
    sql: string,
    result: { readonly error?: string | null; readonly errorStart?: number },
): QueryError {
    const what = (result.error ?? "").replace(/^\w+ error at line \d+, column \d+: /i, "");
    const at = placeOf(sql, result.errorStart ?? 0);
    const found = /^[\w."]+|^\S/.exec(sql.slice(result.errorStart ?? 0))?.[0] ?? "<EOF>";
    return Object.assign(queryError("SYNTAX_ERROR", what), { message: `${at}: mismatched input '${found}'. ${what}` });
}

/** Whether a tree gives rows. */
export function isQuery(tree: Tree): boolean {
    return QUERIES.has(Object.keys(tree)[0]);
}

/** The query of a view, and the database of tables that it does not say more of; undefined for what is no view. */
export type ViewOf = (name: TableName) => { readonly sql: string; readonly database: string } | undefined;

/** Translates a query. `database` is the one that a table without a database is in. */
export function translate(
    polyglot: Polyglot,
    sql: string,
    tree: Tree,
    database: string | undefined,
    viewOf: ViewOf = () => undefined,
): Translated {
    const tables = new Map<string, TableName>();
    const unnamed = nameColumns(tree);
    resolve(tree, new Set(), { sql, database, tables, polyglot, viewOf, depth: 0 });
    rewriteFunctions(polyglot, tree, sql);
    const trino = polyglot.generate([tree], DIALECT);
    if (!trino.success || !trino.sql) throw notSupported(`This statement (${trino.error})`);
    const duck = polyglot.transpile(trino.sql.join(";"), DIALECT as never, "duckdb" as never) as {
        readonly success: boolean;
        readonly sql?: readonly string[];
        readonly error?: string | null;
    };
    if (!duck.success || !duck.sql)
        throw notSupported(
            (duck.error ?? "This statement").replace(/^Unsupported: | is not supported in duckdb$/g, ""),
        );
    // The bridge forgets the brackets that DuckDB wants around a negative interval.
    return { sql: duck.sql.join(";").replace(/INTERVAL (-\d+) (\w+)/g, "INTERVAL ($1) $2"), tables, unnamed };
}

interface Scope {
    readonly sql: string;
    readonly database: string | undefined;
    readonly tables: Map<string, TableName>;
    readonly polyglot: Polyglot;
    readonly viewOf: ViewOf;
    /** How many views the present part is in. */
    readonly depth: number;
}

/** Gives every table of the catalog a name of its own; those of a WITH clause keep theirs. */
function resolve(node: Tree, common: ReadonlySet<string>, scope: Scope): void {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
        for (const item of node) resolve(item, common, scope);
        return;
    }
    const own = commonTables(node);
    const known = own.length > 0 ? new Set([...common, ...own]) : common;
    for (const [key, value] of Object.entries(node)) {
        if (key === "table" && isTable(value)) {
            const view = viewQuery(value, known, scope);
            if (!view) rename(value, known, scope);
            else {
                delete node.table;
                node.subquery = view;
            }
        } else resolve(value, known, scope);
    }
}

function commonTables(node: Tree): readonly string[] {
    return (node.with?.ctes ?? []).map((cte: Tree) => String(cte.alias.name).toLowerCase());
}

function isTable(value: Tree): boolean {
    return typeof value === "object" && value !== null && "schema" in value && "catalog" in value;
}

/** Views within views, at most. */
const DEEPEST = 20;

/** The query that a view stands for, as an item of FROM; its own tables are found as the view's maker named them. */
function viewQuery(table: Tree, common: ReadonlySet<string>, scope: Scope): Tree | undefined {
    const name = String(table.name.name);
    const database = (table.schema?.name as string | undefined) ?? scope.database;
    if (!database || (!table.schema && common.has(name.toLowerCase()))) return undefined;
    const view = scope.viewOf({ database, name });
    if (!view) return undefined;
    if (scope.depth === DEEPEST) throw queryError("INVALID_VIEW", `View '${database}.${name}' is in itself`);
    const whole = parseStatement(scope.polyglot, `SELECT * FROM (${view.sql}\n) AS x`);
    let found: Tree;
    visit(whole, (node) => {
        found ??= node.subquery;
    });
    resolve(found.this, new Set(), { ...scope, database: view.database, depth: scope.depth + 1 });
    return { ...found, alias: table.alias ?? identifier(name), column_aliases: table.column_aliases ?? [] };
}

function rename(table: Tree, common: ReadonlySet<string>, { sql, database, tables }: Scope): void {
    const name = String(table.name.name);
    const schema = table.schema?.name as string | undefined;
    if (!schema && common.has(name.toLowerCase())) return;
    const catalog = table.catalog?.name as string | undefined;
    if (catalog && catalog.toLowerCase() !== "awsdatacatalog") {
        throw queryError("CATALOG_NOT_FOUND", `Catalog '${catalog}' does not exist`, placeOfName(sql, catalog));
    }
    if (table.when || table.version)
        throw notSupported("Time travel (FOR TIMESTAMP AS OF, FOR VERSION AS OF)", placeOfName(sql, name));
    const home = schema ?? database;
    if (!home) {
        throw queryError(
            "MISSING_SCHEMA_NAME",
            "Schema must be specified when session schema is not set",
            placeOfName(sql, name),
        );
    }
    const standIn = `__t${tables.size}`;
    tables.set(standIn, { database: home, name });
    table.alias ??= identifier(name);
    table.alias_explicit_as = true;
    table.name = identifier(standIn);
    table.schema = null;
    table.catalog = null;
}

function identifier(name: string): Tree {
    return { name, quoted: true, trailing_comments: [] };
}

/** Names every expression of a SELECT list that has no name as Trino does, `_col0` for the first column. Gives the names at the top. */
function nameColumns(tree: Tree): ReadonlySet<string> {
    const top = new Set<string>();
    const first = leftmost(tree);
    visit(tree, (node) => {
        const list = node.select?.expressions;
        if (!Array.isArray(list)) return;
        list.forEach((expression: Tree, at: number) => {
            const kind = Object.keys(expression)[0];
            if (kind === "alias" || kind === "column" || kind === "star" || kind === "dot") return;
            const name = `_col${at}`;
            if (node.select === first) top.add(name);
            list[at] = { alias: aliasOf(expression, name) };
        });
    });
    return top;
}

function aliasOf(expression: Tree, name: string): Tree {
    return {
        this: expression,
        alias: identifier(name),
        column_aliases: [],
        alias_explicit_as: true,
        pre_alias_comments: [],
        trailing_comments: [],
    };
}

/** The SELECT whose names the result has. */
function leftmost(tree: Tree): Tree {
    if (tree.select) return tree.select;
    const [value] = Object.values(tree) as Tree[];
    const next = value?.left ?? value?.this;
    return next && typeof next === "object" ? leftmost(next) : undefined;
}

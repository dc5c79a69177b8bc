import { type DuckSession, literal } from "../duck";
import { type Node, readTree, visit } from "./filter";
import { MACRO_NAMES, NATIVE, RENAMED, SCHEMA } from "./functions";
import { namesGiven } from "./plan";
import { notSupported, placeOfName, type QueryError, queryError } from "./reasons";

/** A query that may be run. */
export interface GuardedQuery {
    /** The query, with Trino's meaning of the functions. */
    readonly sql: string;
    /** The same with longer IN lists spelled out, which a plan shows as conditions. */
    readonly plannable: string;
    /** Names that the query gives to columns. */
    readonly named: ReadonlySet<string>;
}

/** What DuckDB's parser makes of a query: JSON text. */
interface Serialized {
    readonly error: boolean;
    readonly error_message?: string;
    readonly statements?: readonly { readonly node: unknown }[];
}

/** Items of FROM that DuckDB has and a query may not. */
const OTHER_FROM_ITEMS = new Set(["SHOW_REF", "PIVOT", "COLUMN_DATA", "DELIM_GET", "BOUND_TABLE_REF", "INVALID"]);

/**
 * Lets a query through to DuckDB only if it is one SELECT over `tables` with functions that are known to be harmless, as DuckDB's own parser
 * understands it. `original` is the SQL that the user wrote, for the messages.
 */
export async function guarded(
    session: DuckSession,
    sql: string,
    original: string,
    tables: ReadonlySet<string>,
): Promise<GuardedQuery> {
    const [row] = await session.query(`SELECT json_serialize_sql(${literal(sql)})::VARCHAR AS parsed`);
    const text = row.parsed as string;
    const parsed = readTree(text) as Serialized;
    if (parsed.error) throw queryError("SYNTAX_ERROR", parsed.error_message ?? "The query cannot be parsed");
    if (parsed.statements?.length !== 1) throw queryError("SYNTAX_ERROR", "Only one sql statement is allowed");
    const problem = refused(parsed, original, new Set([...tables, ...commonTables(parsed)]));
    if (problem) throw problem;
    const meant = withMeanings(text);
    return {
        sql: await sqlOf(session, meant),
        plannable: await sqlOf(
            session,
            JSON.stringify(readTree(meant), (_key, value) => spelledOut(value)),
        ),
        named: namesGiven(parsed),
    };
}

async function sqlOf(session: DuckSession, parsed: string): Promise<string> {
    const [out] = await session.query(`SELECT json_deserialize_sql(${literal(parsed)}::JSON) AS sql`);
    return out.sql as string;
}

/** `x IN (1, 2)` as `x = 1 OR x = 2`, for constants. */
function spelledOut(value: unknown): unknown {
    const { type, children } = (value ?? {}) as { readonly type?: unknown; readonly children?: readonly Node[] };
    if (type !== "COMPARE_IN" || !children || children.length < 3) return value;
    const [left, ...list] = children;
    if (list.some((each) => each.class !== "CONSTANT")) return value;
    const equals = list.map((right) => ({ class: "COMPARISON", type: "COMPARE_EQUAL", alias: "", left, right }));
    return { class: "CONJUNCTION", type: "CONJUNCTION_OR", alias: "", children: equals };
}

/** Points the functions to their macros. The names in DuckDB's JSON are escaped, so nothing that a user wrote can look like this. */
function withMeanings(text: string): string {
    return text.replace(/"function_name":"([^"\\]+)","schema":"(?:main)?"/g, (whole, name: string) => {
        if (RENAMED.has(name)) return `"function_name":"${RENAMED.get(name)}","schema":""`;
        return MACRO_NAMES.has(name) ? `"function_name":"${name}","schema":"${SCHEMA}"` : whole;
    });
}

function commonTables(parsed: unknown): readonly string[] {
    const names: string[] = [];
    visit(parsed, (node) => {
        const { map } = (node.cte_map ?? {}) as { readonly map?: readonly { readonly key: string }[] };
        names.push(...(map ?? []).map(({ key }) => key.toLowerCase()));
    });
    return names;
}

function refused(parsed: unknown, original: string, tables: ReadonlySet<string>): QueryError | undefined {
    let problem: QueryError | undefined;
    visit(parsed, (node) => {
        problem ??= refusedNode(node, original, tables);
    });
    return problem;
}

function refusedNode(node: Node, original: string, tables: ReadonlySet<string>): QueryError | undefined {
    if (typeof node.function_name === "string") return refusedFunction(node, node.function_name, original);
    const type = node.type as string;
    if (OTHER_FROM_ITEMS.has(type)) return notSupported("This form of FROM");
    if (
        type === "BASE_TABLE" &&
        (node.schema_name || node.catalog_name || !tables.has(String(node.table_name).toLowerCase()))
    ) {
        const name = String(node.table_name);
        return queryError("TABLE_NOT_FOUND", `Table '${name}' does not exist`, placeOfName(original, name));
    }
    if (type === "TABLE_FUNCTION") {
        const { function_name: name = "" } = (node.function ?? {}) as Node;
        if (name !== "unnest") return notRegistered(original, String(name));
    }
    return undefined;
}

function refusedFunction(node: Node, name: string, original: string): QueryError | undefined {
    const home = node.schema === "" || node.schema === "main";
    const known = NATIVE.has(name) || MACRO_NAMES.has(name) || RENAMED.has(name);
    return home && !node.catalog && known ? undefined : notRegistered(original, name);
}

function notRegistered(original: string, name: string): QueryError {
    return queryError("FUNCTION_NOT_FOUND", `Function '${name}' not registered`, placeOfName(original, name));
}

import { DUCK_ONLY } from "./functions";
import { DIALECT, type Polyglot } from "./polyglot";
import { notSupported, placeOfName, queryError } from "./reasons";
import { type Tree, visit } from "./tree";

/** A call of a function, whatever node the bridge made of it. */
interface Call {
    readonly name: string;
    readonly args: readonly Tree[];
}

/** SQL in Athena's dialect that stands for a call, with `__0`, `__1` for its arguments; or undefined to leave it alone. */
type Rewrite = (call: Call) => string | undefined;

/** Calls that the bridge would translate wrongly or not at all. */
const REWRITES: Readonly<Record<string, Rewrite>> = {
    flatten: () => "trino_flatten(__0)",
    to_hex: () => "trino_to_hex(__0)",
    count_if: () => "trino_count_if(__0)",
    cardinality: () => "trino_cardinality(__0)",
    any_match: () => "trino_cardinality(filter(__0, __1)) > 0",
    none_match: () => "trino_cardinality(filter(__0, __1)) = 0",
    all_match: () => "trino_cardinality(filter(__0, __1)) = trino_cardinality(__0)",
    at_timezone: ({ args }) => inUtc(args[1]),
    at_time_zone: ({ args }) => inUtc(args[1]),
    format_datetime: ({ args }) => `date_format(__0, '${mysqlPattern(textOf(args[1]))}')`,
    parse_datetime: ({ args }) => `date_parse(__0, '${mysqlPattern(textOf(args[1]))}')`,
    reduce: ({ args }) => reduction(args[3]),
    rand: ({ args }) => (args.length > 0 ? fail("random with a limit") : undefined),
};

/** Rewrites a tree's calls in place. Throws for a function that only DuckDB has, and for what has no counterpart there. */
export function rewriteFunctions(polyglot: Polyglot, tree: Tree, sql: string): void {
    const ours = new WeakSet<Tree>();
    visit(tree, (node) => {
        const kind = Object.keys(node)[0];
        if (ours.has(node)) return;
        if (kind === "alias" && node.alias.this?.unnest) return unnestTogether(polyglot, ours, node);
        if (kind === "literal" && node.literal.literal_type === "number" && /e/i.test(node.literal.value)) {
            // DuckDB writes a double without an exponent, and then reads it as a decimal.
            return replace(node, filled(polyglot, ours, `CAST('${node.literal.value}' AS double)`, []));
        }
        const call = callOf(kind, node[kind]);
        if (!call) return;
        if (DUCK_ONLY.test(call.name)) {
            throw queryError(
                "FUNCTION_NOT_FOUND",
                `Function '${call.name}' not registered`,
                placeOfName(sql, call.name),
            );
        }
        const rewrite = Object.hasOwn(REWRITES, call.name) ? REWRITES[call.name] : undefined;
        if (!rewrite) return;
        try {
            const text = rewrite(call);
            if (text !== undefined) replace(node, filled(polyglot, ours, text, call.args));
        } catch (error) {
            throw notSupported((error as Error).message, placeOfName(sql, call.name.replace("at_time_zone", "AT")));
        }
    });
}

function callOf(kind: string, value: Tree): Call | undefined {
    if (kind === "function" && value?.args) return { name: String(value.name).toLowerCase(), args: value.args };
    if (!Object.hasOwn(REWRITES, kind)) return undefined;
    if (value.filter || value.distinct) fail(`${kind} with FILTER or DISTINCT`);
    return {
        name: kind,
        args: [value.this, value.zone, value.seed].filter((arg) => arg !== undefined && arg !== null),
    };
}

function fail(what: string): never {
    throw new Error(what);
}

function replace(node: Tree, by: Tree): void {
    for (const key of Object.keys(node)) delete node[key];
    Object.assign(node, by);
}

/** UNNEST of a map, or of several arrays side by side: DuckDB's takes a single list, but a SELECT may have several of it. */
function unnestTogether(polyglot: Polyglot, ours: WeakSet<Tree>, node: Tree): void {
    const { this: item, alias, column_aliases: names } = node.alias;
    const args = [item.unnest.this, ...(item.unnest.expressions ?? [])];
    if (item.unnest.with_ordinality || names.length < 2) return;
    const lists = args.length === 1 ? ["map_keys(__0)", "map_values(__0)"] : args.map((_, at) => `__${at}`);
    const columns = lists.map((list, at) => `trino_unnest(${list}) AS x${at}`);
    const { subquery } = filled(polyglot, ours, `(SELECT ${columns.join(", ")})`, args);
    replace(node, { subquery: { ...subquery, alias, column_aliases: names, alias_explicit_as: true } });
}

/** A piece of SQL as a tree, with the arguments in their places. */
function filled(polyglot: Polyglot, ours: WeakSet<Tree>, text: string, args: readonly Tree[]): Tree {
    const parsed = polyglot.parse(`SELECT ${text}`, DIALECT as never) as { readonly ast?: unknown };
    const [expression] = (parsed.ast as Tree)[0].select.expressions;
    const holes: Tree[] = [];
    visit(expression, (node) => {
        ours.add(node);
        if (/^__\d$/.test(node.column?.name?.name ?? "")) holes.push(node);
    });
    for (const hole of holes) {
        replace(hole, structuredClone(args[Number(hole.column.name.name.slice(2))]));
        ours.delete(hole);
    }
    return expression;
}

/** The text of a literal. */
function textOf(tree: Tree): string {
    const { literal_type: type, value } = tree?.literal ?? {};
    return type === "string" ? value : fail("A pattern or zone that is not a literal");
}

/** DuckDB's timestamps with a time zone are instants and forget the zone, so only UTC means the same. */
function inUtc(zone: Tree): string {
    const name = textOf(zone);
    return /^(UTC|Etc\/UTC|GMT|Z|\+00:00)$/i.test(name)
        ? "CAST(__0 AS timestamp with time zone)"
        : fail(`The time zone '${name}'`);
}

/** Letters of Joda's patterns that have a counterpart among MySQL's, which the bridge understands. */
const LETTERS: Readonly<Record<string, string>> = {
    yyyy: "%Y",
    yy: "%y",
    MM: "%m",
    dd: "%d",
    HH: "%H",
    mm: "%i",
    ss: "%s",
};

function mysqlPattern(pattern: string): string {
    return pattern.replace(/'([^']*)'|([a-zA-Z])\2*|%|[^a-zA-Z'%]+/g, (part, quoted: string | undefined) => {
        if (quoted !== undefined) return quoted.replaceAll("%", "%%");
        if (part === "%") return "%%";
        if (!/^[a-zA-Z]/.test(part)) return part;
        return LETTERS[part] ?? fail(`The pattern '${pattern}' of format_datetime or parse_datetime`);
    });
}

/** DuckDB's list_reduce takes the start last and has no final function. */
function reduction(finish: Tree): string {
    const [parameter] = finish?.lambda?.parameters ?? [];
    const same = parameter && finish.lambda.body.column?.name.name === parameter.name;
    return same ? "trino_reduce(__0, __2, __1)" : fail("reduce with a final function that does something");
}

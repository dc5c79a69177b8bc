/** An error of a query, as Athena puts it into StateChangeReason: `TABLE_NOT_FOUND: line 1:15: Table '…' does not exist`. */
export interface QueryError extends Error {
    readonly name: "QueryError";
    /** Whether the caller's SQL is at fault, or what it needs is missing; otherwise Athena itself failed. */
    readonly category: 1 | 2;
}

/** Makes a {@link QueryError}. `place` is where in the SQL, as `line 1:8`. */
export function queryError(code: string, message: string, place?: string): QueryError {
    const text = place ? `${code}: ${place}: ${message}` : `${code}: ${message}`;
    return Object.assign(new Error(text), { name: "QueryError" as const, category: 2 as const });
}

/** The error for what Athena has and the local runtime lacks. */
export function notSupported(what: string, place?: string): QueryError {
    return queryError("NOT_SUPPORTED", `LocalUnsupported: ${what} is not supported by the local runtime.`, place);
}

/** Whether an error is a {@link QueryError}. */
export function isQueryError(error: unknown): error is QueryError {
    return error instanceof Error && error.name === "QueryError";
}

/** Where an offset lies in a text: `line 2:5`, both counted from 1. */
export function placeOf(sql: string, offset: number): string {
    const before = sql.slice(0, offset).split("\n");
    return `line ${before.length}:${(before.at(-1) as string).length + 1}`;
}

/** Where a name stands in the SQL, or `line 1:1` when it is not found. */
export function placeOfName(sql: string, name: string): string {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const found = new RegExp(`(?<![\\w$])"?${escaped}"?(?![\\w$])`, "i").exec(sql);
    return placeOf(sql, found?.index ?? 0);
}

/** Types as DuckDB's messages name them, in Athena's words. */
const TYPES: Readonly<Record<string, string>> = {
    INT8: "tinyint",
    INT16: "smallint",
    INT32: "integer",
    INT64: "bigint",
};

const TRANSLATIONS: readonly (readonly [RegExp, (sql: string, ...parts: string[]) => QueryError])[] = [
    [
        /Referenced column "(.+?)" (?:was )?not found|Could not find key "(.+?)" in struct|does not have a column named "(.+?)"/,
        (sql, ...names) => columnNotFound(sql, names.find(Boolean) as string),
    ],
    [/Referenced table "(.+?)" not found/, (sql, name) => columnNotFound(sql, name)],
    [
        /Ambiguous reference to column name "(.+?)"/,
        (sql, name) => queryError("AMBIGUOUS_NAME", `Column '${name}' is ambiguous`, placeOfName(sql, name)),
    ],
    [
        /column "(.+?)" must appear in the GROUP BY clause|GROUP BY clause cannot contain/,
        (sql, name = "") =>
            queryError(
                "EXPRESSION_NOT_AGGREGATE",
                `'${name}' must be an aggregate expression or appear in GROUP BY clause`,
                placeOfName(sql, name),
            ),
    ],
    [
        /No function matches the given name and argument types '(.+?)\((.*?)\)'/,
        (sql, name, types) =>
            queryError(
                "TYPE_MISMATCH",
                `Unexpected parameters (${types.toLowerCase()}) for function ${name.replace(/^\w+\./, "")}`,
                placeOfName(sql, name.replace(/^\w+\./, "")),
            ),
    ],
    [
        /Cannot compare values of type (.+?) and (?:values of )?type (.+?)(?: - |\.|$)/,
        (_sql, left, right) =>
            queryError("TYPE_MISMATCH", `Cannot apply operator: ${left.toLowerCase()} = ${right.toLowerCase()}`),
    ],
    [
        /Could not convert string '(.*?)' to (\w+)/,
        (_sql, value, type) =>
            queryError("INVALID_CAST_ARGUMENT", `Cannot cast '${value}' to ${TYPES[type] ?? type.toLowerCase()}`),
    ],
    [
        /UNNEST requires a single list/,
        () => notSupported("UNNEST of a map or of several arrays WITH ORDINALITY, or without names for all columns"),
    ],
    [/INTERRUPT/, () => queryError("QUERY_CANCELLED", "Query was cancelled")],
    [
        /Out of Memory Error/,
        () => queryError("EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exhausted resources at this scale factor"),
    ],
];

function columnNotFound(sql: string, name: string): QueryError {
    const message = `Column '${name}' cannot be resolved or requester is not authorized to access requested resources`;
    return queryError("COLUMN_NOT_FOUND", message, placeOfName(sql, name));
}

/** An error of DuckDB in Athena's words; what has no counterpart keeps DuckDB's sentence. */
export function translateError(sql: string, error: unknown): QueryError {
    if (isQueryError(error)) return error;
    const message = error instanceof Error ? error.message : String(error);
    for (const [pattern, make] of TRANSLATIONS) {
        const found = pattern.exec(message);
        if (found) return make(sql, ...found.slice(1));
    }
    const [, kind, rest] = /^(\w+) Error: (.*)$/s.exec(message) ?? [];
    const isSyntax = kind === "Binder" || kind === "Parser" || kind === "Catalog";
    return queryError(isSyntax ? "SYNTAX_ERROR" : "GENERIC_USER_ERROR", rest ?? message);
}

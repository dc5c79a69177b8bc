import { readProperties, type StatementProperties } from "./properties";
import type { TableName } from "./tables";

/** A statement that writes what a query gives. */
export type WriteStatement =
    | { readonly kind: "unload"; readonly query: string; readonly to: string; readonly properties: StatementProperties }
    | {
          readonly kind: "create";
          readonly query: string;
          readonly table: NamedTable;
          readonly orNothing: boolean;
          readonly properties: StatementProperties;
          /** Whether the rows are written, not only the table made. */
          readonly withData: boolean;
      }
    | {
          readonly kind: "insert";
          readonly query: string;
          readonly table: NamedTable;
          /** The columns that the query gives; all of them unless it says so. */
          readonly columns: readonly string[] | undefined;
      };

/** A table as a statement names it; its database may be the one of the session. */
export interface NamedTable {
    readonly database: string | undefined;
    readonly name: string;
}

const PART = '(?:"(?:[^"]|"")+"|`[^`]+`|[\\w$]+)';
const NAME = `(${PART}(?:\\s*\\.\\s*${PART}){0,2})`;
const WITH = "WITH\\s*\\(((?:[^()']|'(?:[^']|'')*')*)\\)";

const UNLOAD = new RegExp(`^UNLOAD\\s*\\((.*)\\)\\s*TO\\s*('(?:[^']|'')*')\\s*(?:${WITH})?$`, "is");
const CREATE = new RegExp(
    `^CREATE\\s+TABLE\\s+(IF\\s+NOT\\s+EXISTS\\s+)?${NAME}\\s*(?:${WITH}\\s*)?AS\\s+(.*?)(\\s+WITH\\s+(?:NO\\s+)?DATA)?$`,
    "is",
);
const INSERT = new RegExp(
    `^INSERT\\s+INTO\\s+${NAME}\\s*(?:\\((\\s*${PART}(?:\\s*,\\s*${PART})*\\s*)\\)\\s*)?((?:SELECT|WITH|VALUES|TABLE)\\b.*|\\(.*)$`,
    "is",
);

/** The statement of this kind that a SQL text is, or undefined. https://docs.aws.amazon.com/athena/latest/ug/dml-queries-functions-operators.html */
export function writeStatement(sql: string): WriteStatement | undefined {
    const text = bare(sql);
    const unload = UNLOAD.exec(text);
    if (unload) {
        const [, query, to, properties = ""] = unload;
        return {
            kind: "unload",
            query,
            to: to.slice(1, -1).replaceAll("''", "'"),
            properties: readProperties(properties),
        };
    }
    const create = CREATE.exec(text);
    if (create) {
        const [, orNothing, name, properties = "", query, data = ""] = create;
        return {
            kind: "create",
            query,
            table: nameIn(name),
            orNothing: orNothing !== undefined,
            properties: readProperties(properties),
            withData: !/\sNO\s/i.test(data),
        };
    }
    const insert = INSERT.exec(text);
    if (!insert) return undefined;
    const [, name, columns, query] = insert;
    return { kind: "insert", query, table: nameIn(name), columns: columns ? namesIn(columns) : undefined };
}

/** SQL without comments before it, and without a semicolon behind it. */
export function bare(sql: string): string {
    return sql
        .trim()
        .replace(/^(?:(?:--[^\n]*\n|\/\*.*?\*\/)\s*)+/s, "")
        .replace(/[\s;]+$/, "");
}

/** The names in a list or a path, without their quotes. */
export function namesIn(text: string): readonly string[] {
    return [...text.matchAll(new RegExp(PART, "g"))].map(([part]) =>
        /^["`]/.test(part) ? part.slice(1, -1).replaceAll('""', '"') : part,
    );
}

/** The table that `db.name`, or `name`, stands for. */
export function nameIn(text: string): NamedTable {
    const names = namesIn(text).map((name) => name.toLowerCase());
    return { database: names.at(-2), name: names.at(-1) as string };
}

/** A name with the session's database, where it has none of its own. */
export function resolved({ database, name }: NamedTable, session: string | undefined): TableName {
    return { database: database ?? session ?? "default", name };
}

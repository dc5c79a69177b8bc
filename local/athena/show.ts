import { authorizeDatabase, authorizeTable, isVisible } from "../glue/authorize";
import { catalogArns, databases, tables } from "../glue/catalog";
import { describeTable } from "../glue/describe";
import { visibleColumns } from "../lakeformation/access";
import type { Caller } from "../services";
import { columnInfo } from "./format";
import { notSupported, queryError } from "./reasons";
import type { ResultSet } from "./results";
import { lookUp, type TableServices } from "./tables";

/** A statement about the catalog, in Hive's dialect. */
type Show = (services: TableServices, caller: Caller, sql: string, database: string | undefined) => readonly string[];

const NAME = '(?:[`"]?([\\w$]+)[`"]?)';
const LIKE = "(?:\\s+(?:LIKE\\s+)?'([^']*)')?";

/** Statements by pattern; each gives its lines. https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html */
const STATEMENTS: readonly (readonly [RegExp, (...parts: (string | undefined)[]) => Show])[] = [
    [
        new RegExp(`^SHOW\\s+(?:DATABASES|SCHEMAS)${LIKE}$`, "i"),
        (pattern) => (services, caller) => {
            services.iam.authorize(caller, "glue:GetDatabases", catalogArns(services).catalog);
            return matching(
                databases(services).map(({ inputs }) => inputs.name),
                pattern,
            );
        },
    ],
    [
        new RegExp(`^SHOW\\s+TABLES(?:\\s+(?:IN|FROM)\\s+${NAME})?${LIKE}$`, "i"),
        (database, pattern) => (services, caller, _sql, current) => {
            const wanted = (database ?? current ?? "default").toLowerCase();
            authorizeDatabase(services, caller, "glue:GetTables", wanted);
            if (!databases(services).some(({ inputs }) => inputs.name === wanted)) {
                throw queryError("SCHEMA_NOT_FOUND", `Schema '${wanted}' does not exist`);
            }
            const names = tables(services, wanted).map(({ inputs }) => inputs.name);
            return matching(
                names.filter((name) => isVisible(services, caller, wanted, name)),
                pattern,
            );
        },
    ],
    [
        new RegExp(`^SHOW\\s+COLUMNS\\s+(?:IN|FROM)\\s+(?:${NAME}\\.)?${NAME}(?:\\s+(?:IN|FROM)\\s+${NAME})?$`, "i"),
        (before, table, after) => (services, caller, sql, current) =>
            columnsOf(services, caller, sql, before ?? after ?? current, table as string).map(({ name }) => name),
    ],
    [
        new RegExp(`^(?:DESCRIBE|DESC)\\s+(?:TABLE\\s+)?(?:${NAME}\\.)?${NAME}$`, "i"),
        (database, table) => (services, caller, sql, current) =>
            columnsOf(services, caller, sql, database ?? current, table as string).map(({ name, type, comment }) =>
                [name, type, comment].map((text) => text.padEnd(20)).join("\t"),
            ),
    ],
];

/** The statement about the catalog that a SQL text is, or undefined for any other. */
export function showStatement(sql: string): Show | undefined {
    const text = sql.trim().replace(/\s*;$/, "");
    if (!/^(SHOW|DESC)/i.test(text)) return undefined;
    for (const [pattern, make] of STATEMENTS) {
        const found = pattern.exec(text);
        if (found) return make(...found.slice(1));
    }
    throw notSupported(`The statement ${text.split(/\s+/).slice(0, 2).join(" ").toUpperCase()}`);
}

/** What a statement about the catalog gives. */
export function linesResult(lines: readonly string[]): ResultSet {
    return {
        columns: [columnInfo("result", { toString: () => "VARCHAR" } as never)],
        rows: lines.map((line) => [line]),
        header: false,
    };
}

/** Hive's patterns: `*` stands for anything, `|` for a choice. */
function matching(names: readonly string[], pattern: string | undefined): readonly string[] {
    if (pattern === undefined) return names;
    const regex = pattern
        .split("|")
        .map((choice) =>
            choice
                .trim()
                .replace(/[.+?^${}()[\]\\]/g, "\\$&")
                .replace(/[*%]/g, ".*"),
        )
        .join("|");
    return names.filter((name) => new RegExp(`^(?:${regex})$`, "i").test(name));
}

function columnsOf(services: TableServices, caller: Caller, sql: string, database: string | undefined, table: string) {
    const name = { database: (database ?? "default").toLowerCase(), name: table.toLowerCase() };
    authorizeTable(services, caller, "glue:GetTable", name.database, name.name);
    const found = describeTable(services, lookUp(services, sql, name));
    const isShown = visibleColumns(services, caller, name.database, name.name);
    const all = [...(found.StorageDescriptor?.Columns ?? []), ...(found.PartitionKeys ?? [])];
    return all
        .filter((column) => isShown(column.Name ?? ""))
        .map((column) => ({
            name: column.Name ?? "",
            type: column.Type ?? "",
            comment: column.Comment ?? "",
        }));
}

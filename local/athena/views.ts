import type { DuckSession } from "../duck";
import { authorizeTable } from "../glue/authorize";
import { type TableInputs, tables } from "../glue/catalog";
import { addTable, replaceTable } from "../glue/changes";
import { requirePermission, tableAccess } from "../lakeformation/access";
import type { Caller } from "../services";
import { columnInfo } from "./format";
import { outputType } from "./output-type";
import { notSupported, placeOfName, queryError } from "./reasons";
import { bare, type NamedTable, nameIn, resolved } from "./statements";
import { lookUp, type TableName, type TableServices } from "./tables";
import type { ViewOf } from "./translate";

/** CREATE VIEW. https://docs.aws.amazon.com/athena/latest/ug/create-view.html */
export interface ViewStatement {
    readonly view: NamedTable;
    readonly orReplace: boolean;
    readonly query: string;
}

const PART = '(?:"(?:[^"]|"")+"|[\\w$]+)';
const CREATE = new RegExp(
    `^CREATE\\s+(OR\\s+REPLACE\\s+)?VIEW\\s+(${PART}(?:\\s*\\.\\s*${PART}){0,2})\\s+AS\\s+(.*)$`,
    "is",
);

/** The CREATE VIEW that a SQL text is, or undefined. */
export function viewStatement(sql: string): ViewStatement | undefined {
    const [, orReplace, name, query] = CREATE.exec(bare(sql)) ?? [];
    return name === undefined ? undefined : { view: nameIn(name), orReplace: orReplace !== undefined, query };
}

/** What is kept of a view beside its columns, as Presto keeps it. */
interface Kept {
    readonly originalSql: string;
    readonly catalog: string;
    readonly schema: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Puts a view of a query, which has been checked, into the catalog. */
export async function putView(
    services: TableServices,
    caller: Caller,
    statement: { readonly sql: string; readonly database?: string },
    { view, orReplace, query }: ViewStatement,
    session: DuckSession,
    translated: string,
): Promise<void> {
    const { database, name } = resolved(view, statement.database);
    authorizeTable(services, caller, "glue:CreateTable", database, name);
    const { names, types } = await session.table(`SELECT * FROM (${translated}) LIMIT 0`);
    const unnamed = names.findIndex((each) => /^_col\d+$/.test(each));
    if (unnamed >= 0)
        throw queryError("MISSING_COLUMN_NAME", `Column name not specified at position ${unnamed + 1}`, "line 1:1");
    const kept: Kept = {
        originalSql: query,
        catalog: "awsdatacatalog",
        schema: statement.database ?? database,
        columns: names.map((each, at) => ({ name: each, type: String(columnInfo(each, types[at]).Type) })),
    };
    const inputs: TableInputs = {
        databaseName: database,
        name,
        tableType: "VIRTUAL_VIEW",
        parameters: { comment: "Presto View", presto_view: "true" },
        viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(kept)).toString("base64")} */`,
        viewExpandedText: "/* Presto View */",
        storageDescriptor: {
            columns: names.map((each, at) => ({ name: each.toLowerCase(), type: outputType(types[at]).hive })),
        },
    };
    const before = tables(services, database).find((each) => each.inputs.name === name);
    if (!before) return addTable(services, inputs, caller);
    if (!orReplace || before.inputs.tableType !== "VIRTUAL_VIEW") {
        throw queryError(
            "ALREADY_EXISTS",
            `View already exists: ${database}.${name}`,
            placeOfName(statement.sql, name),
        );
    }
    authorizeTable(services, caller, "glue:UpdateTable", database, name);
    replaceTable(services, inputs);
}

/** Gives the query of a view to a caller who may see all of the view; what the query reads is asked for in his own name. */
export function viewsFor(services: TableServices, caller: Caller, sql: string): ViewOf {
    return (wanted: TableName) => {
        const [database, name] = [wanted.database.toLowerCase(), wanted.name.toLowerCase()];
        const found = tables(services, database).find((each) => each.inputs.name === name);
        if (found?.inputs.tableType !== "VIRTUAL_VIEW") return undefined;
        authorizeTable(services, caller, "glue:GetTable", database, name);
        lookUp(services, sql, { database, name });
        const access = tableAccess(services, caller, database, name);
        const isWhole = (column: string) =>
            access === "iam" || access.parts.some((part) => part.rows === undefined && part.has(column));
        const columns = found.inputs.storageDescriptor?.columns ?? [];
        if (!columns.every((column) => isWhole(column.name)))
            throw notSupported("A part of a view", placeOfName(sql, name));
        const [, text = ""] = /^\/\* Presto View: (\S+) \*\/$/.exec(found.inputs.viewOriginalText ?? "") ?? [];
        if (!text) throw notSupported(`The view ${name}, which is not one of Athena's,`, placeOfName(sql, name));
        const { originalSql, schema } = JSON.parse(Buffer.from(text, "base64").toString()) as Kept;
        return { sql: originalSql, database: schema };
    };
}

const DROP = /^DROP\s+VIEW\s+(IF\s+EXISTS\s+)?(.+)$/is;

/** The DROP VIEW that a SQL text is, or undefined. */
export function droppedView(sql: string): { readonly view: NamedTable; readonly orNothing: boolean } | undefined {
    const [, orNothing, name] = DROP.exec(bare(sql)) ?? [];
    return name === undefined ? undefined : { view: nameIn(name), orNothing: orNothing !== undefined };
}

/** Throws unless a name is a view's that the caller may drop; undefined when there is none and that is no matter. */
export function viewToDrop(
    services: TableServices,
    caller: Caller,
    sql: string,
    { database, name }: TableName,
    orNothing: boolean,
): TableName | undefined {
    authorizeTable(services, caller, "glue:DeleteTable", database, name);
    requirePermission(services, caller, ["DROP"], { database, table: name });
    const found = tables(services, database).find((each) => each.inputs.name === name);
    if (found?.inputs.tableType === "VIRTUAL_VIEW") return { database, name };
    if (orNothing) return undefined;
    throw queryError("TABLE_NOT_FOUND", `View '${database}.${name}' does not exist`, placeOfName(sql, name));
}

import { isUtf8 } from "node:buffer";
import type { StreamConfig } from "./config";
import type { Failure, Route } from "./outcome";

/** What can be done with a row. */
export type RowOperation = "insert" | "update" | "delete";

/** A record on its way into a table. */
export interface Document {
    readonly database: string;
    readonly table: string;
    /** One line of JSON, with its line feed: `__seq` and `__op` in front, the rest as it came. */
    readonly line: string;
}

/** A document, or why the record is none. https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-format-input-record.html */
export function documentOf(
    config: StreamConfig,
    data: Buffer,
    position: number,
    route: Route | undefined,
): Document | Failure {
    const tables = config.iceberg?.tables ?? [];
    // Without a route, the one table that the stream names is meant.
    const only = tables.length === 1 ? tables[0] : undefined;
    const database = route?.destinationDatabaseName ?? only?.database;
    const table = route?.destinationTableName ?? only?.table;
    if (!database || !table) return NO_TABLE;
    const operation = operationOf(route);
    if (!operation) return badOperation(route?.operation);
    if (operation !== "insert") {
        const keys = tables.find((each) => each.database === database && each.table === table)?.uniqueKeys ?? [];
        if (config.iceberg?.appendOnly) return appendOnly(operation);
        if (keys.length === 0) return noKeys(operation, database, table);
    }
    const text = objectText(data);
    if (text === undefined) return NOT_AN_OBJECT;
    return { database, table, line: spliced(text, position, operation) };
}

function operationOf(route: Route | undefined): RowOperation | undefined {
    const operation = (route?.operation ?? "insert").toLowerCase();
    return operation === "insert" || operation === "update" || operation === "delete" ? operation : undefined;
}

/** The text of a JSON object on one line, or undefined when the bytes are no such thing. Nothing in it is re-encoded. */
function objectText(data: Buffer): string | undefined {
    if (!isUtf8(data)) return undefined;
    const text = trimmed(data.toString("utf8"));
    try {
        const value: unknown = JSON.parse(text);
        if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
        if ("__seq" in value || "__op" in value) return undefined;
    } catch {
        return undefined;
    }
    // JSON allows a line feed between its tokens only, where a space says the same.
    return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text;
}

/** The text without JSON's white space around it, which is less than what String.trim takes away. */
function trimmed(text: string): string {
    const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;
    let start = 0;
    let end = text.length;
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    return text.slice(start, end);
}

function spliced(text: string, position: number, operation: RowOperation): string {
    const rest = text.slice(1).trimStart();
    return `{"__seq":${position},"__op":"${operation}"${rest === "}" ? "" : ","}${rest}\n`;
}

/** The document without what was spliced in, as base64. */
export function rawDataOf(line: string): string {
    const rest = line.replace(/^\{"__seq":\d+,"__op":"[a-z]+",?/, "");
    return Buffer.from(`{${rest}`).toString("base64");
}

/** The position in a line. */
export function sequenceOf(line: string): number {
    return Number.parseInt(line.slice('{"__seq":'.length), 10);
}

// AWS documents the code of the first; it documents none for the others, whose names are ours in its form.
// https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-stream.html
const NO_TABLE: Failure = { code: "Iceberg.InvalidTableName", message: "A null or empty table name is passed." };
const NOT_AN_OBJECT: Failure = {
    code: "Iceberg.InvalidJson",
    message: "The record is not a single JSON object in UTF-8.",
};

function badOperation(operation: string | undefined): Failure {
    return {
        code: "Iceberg.InvalidOperation",
        message: `The operation must be insert, update or delete, not "${operation}".`,
    };
}

function appendOnly(operation: RowOperation): Failure {
    return {
        code: "Iceberg.InvalidOperation",
        message: `The delivery stream is append-only: it can't do the operation "${operation}".`,
    };
}

function noKeys(operation: RowOperation, database: string, table: string): Failure {
    return {
        code: "Iceberg.UniqueKeysNotFound",
        message: `The operation "${operation}" needs unique keys, and the delivery stream names none for the table ${database}.${table}.`,
    };
}

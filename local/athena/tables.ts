import { identifier, literal } from "../duck";
import { authorizeTable } from "../glue/authorize";
import {
    type ColumnInputs,
    findDatabase,
    findTable,
    icebergLocation,
    type TableInputs,
    type TableResource,
} from "../glue/catalog";
import type { IcebergTables, Scan } from "../iceberg";
import { currentSchema } from "../iceberg/metadata";
import { duckType } from "../iceberg/types";
import { type TableAccess, tableAccess, type VisiblePart, vended } from "../lakeformation/access";
import type { Caller, Services } from "../services";
import { duckTypeOfHive } from "./hive-type";
import { icebergPart } from "./iceberg-part";
import type { TypedColumn } from "./plan";
import { projectionOf } from "./projection";
import { notSupported, placeOfName, queryError } from "./reasons";

/** What the tables of a query are read with. */
export type TableServices = Pick<Services, "clock" | "resources" | "place" | "iam" | "s3"> & {
    readonly iceberg: IcebergTables;
};

/** A table as the SQL names it, after the default database. */
export interface TableName {
    readonly database: string;
    readonly name: string;
}

/** A table that a query may read. */
export interface OpenTable {
    /** What it looks like: columns in the files, then those in the folders' names. */
    readonly columns: readonly TypedColumn[];
    readonly keys: readonly TypedColumn[];
    /** Who reads its files: Lake Formation's role where the table is governed and its place registered, the caller himself anywhere else. */
    readonly reader: Caller;
    /** What of it the caller may see, if not all. */
    readonly parts?: readonly VisiblePart[];
    /** Where its rows are. */
    readonly rows: IcebergRows | HiveRows | PreparedRows;
    release(): void;
}

/** Rows of an Iceberg table. */
export interface IcebergRows {
    readonly kind: "iceberg";
    readonly scan: Scan;
}

/** Rows in files below folders, as Hive has them. */
export interface HiveRows {
    readonly kind: "hive";
    readonly table: TableInputs;
}

/** Rows that a SQL query gives without reading any data. */
export interface PreparedRows {
    readonly kind: "prepared";
    readonly sql: string;
}

/**
 * Opens a table of the catalog for a caller, who must be allowed to get the table from Glue and its objects from S3.
 * Throws in Athena's words when there is no such table.
 */
export function openTable(services: TableServices, caller: Caller, sql: string, wanted: TableName): OpenTable {
    const [, name, part] = /^(.*?)(?:\$(\w+))?$/s.exec(wanted.name) as RegExpExecArray;
    const database = wanted.database.toLowerCase();
    const table = name.toLowerCase();
    authorizeTable(services, caller, "glue:GetTable", database, table);
    const resource = lookUp(services, sql, { database, name: table });
    const access = tableAccess(services, caller, database, table);
    const location = icebergLocation(resource) ?? resource.inputs.storageDescriptor?.location;
    const reader = access === "iam" || !location ? caller : vended(services, caller, location);
    if (location) services.iam.authorize(reader, "s3:GetObject", objectsBelow(location));
    const open = part
        ? metadataTable(services, sql, resource, { ...wanted, name }, part, access)
        : opened(services, caller, resource);
    return { ...open, reader, ...(access !== "iam" && { parts: access.parts }) };
}

type Opened = Omit<OpenTable, "reader" | "parts">;

function opened(services: TableServices, caller: Caller, resource: TableResource): Opened {
    const location = icebergLocation(resource);
    return location ? icebergTable(services, location) : hiveTable(services, caller, resource);
}

/** What the metadata of a table tells of its rows is for those who may see all of them. */
function metadataTable(
    { iceberg }: TableServices,
    sql: string,
    resource: TableResource,
    { database, name }: TableName,
    part: string,
    access: TableAccess,
): Opened {
    const location = icebergLocation(resource);
    const isWhole = access === "iam" || access.parts.some(({ rows }) => rows === undefined);
    if (!location || !isWhole) throw notFound(sql, { database, name: `${name}$${part}` });
    return icebergPart(iceberg, sql, location, `${name}$${part}`, part);
}

/** The resource behind a name. Throws in Athena's words when there is none. */
export function lookUp(
    services: Pick<Services, "resources">,
    sql: string,
    { database, name }: TableName,
): TableResource {
    try {
        findDatabase(services, database);
    } catch {
        throw queryError("SCHEMA_NOT_FOUND", `Schema '${database}' does not exist`, placeOfName(sql, database));
    }
    try {
        return findTable(services, database, name);
    } catch {
        throw notFound(sql, { database, name });
    }
}

function notFound(sql: string, { database, name }: TableName): Error {
    return queryError(
        "TABLE_NOT_FOUND",
        `Table 'awsdatacatalog.${database}.${name}' does not exist`,
        placeOfName(sql, name),
    );
}

/** ARN of the objects below a location. */
export function objectsBelow(location: string): string {
    return `arn:aws:s3:::${location.replace(/^s3[an]?:\/\//, "").replace(/\/+$/, "")}/*`;
}

function icebergTable({ iceberg }: TableServices, location: string): Opened {
    const scan = iceberg.scan(location);
    const columns = currentSchema(scan.metadata).fields.map(({ name, type }) => ({ name, type: duckType(type) }));
    return { columns, keys: [], rows: { kind: "iceberg", scan }, release: scan.release };
}

function hiveTable(services: TableServices, caller: Caller, { inputs }: TableResource): Opened {
    const { storageDescriptor = {}, partitionKeys = [] } = inputs;
    const { columns = [], location } = storageDescriptor;
    if (!location) throw notSupported(`A table without a location, ${inputs.name},`);
    if (partitionKeys.length > 0 && !projectionOf(inputs, services.clock.now())) {
        authorizeTable(services, caller, "glue:GetPartitions", inputs.databaseName, inputs.name);
    }
    return {
        columns: columns.map(typed),
        keys: partitionKeys.map(typed),
        rows: { kind: "hive", table: inputs },
        release: () => undefined,
    };
}

function typed({ name, type = "string" }: ColumnInputs): TypedColumn {
    return { name, type: duckTypeOfHive(type) };
}

/** SQL of a query that gives no row and these columns. */
export function emptySql(columns: readonly TypedColumn[]): string {
    const list = columns.map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`);
    return `SELECT ${list.join(", ")} WHERE false`;
}

type Cell = string | number | boolean | null;

/** SQL of a query that gives these rows. `columns` is `name TYPE, name TYPE`. */
export function valuesSql(columns: string, rows: readonly (readonly Cell[])[]): string {
    const named = columns.split(", ").map((column) => column.split(" "));
    const select = named.map(([name, type], at) => `CAST(v.c${at} AS ${type}) AS ${identifier(name)}`).join(", ");
    const cells = (row: readonly Cell[]) =>
        `(${row.map((cell) => (cell === null ? "NULL" : literal(String(cell)))).join(", ")})`;
    const none = `(${named.map(() => "NULL").join(", ")})`;
    const values = rows.length > 0 ? rows.map(cells).join(", ") : none;
    const names = named.map((_, at) => `c${at}`).join(", ");
    return `SELECT ${select} FROM (VALUES ${values}) AS v(${names})${rows.length > 0 ? "" : " WHERE false"}`;
}

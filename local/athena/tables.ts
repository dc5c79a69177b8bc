import { identifier, literal } from "../duck";
import { authorizeTable, findDatabase, findTable, icebergLocation, type TableResource } from "../glue/catalog";
import type { IcebergTables } from "../iceberg";
import { parseS3Url } from "../iceberg/table-files";
import type { Caller, Services } from "../services";
import { duckTypeOfHive } from "./hive-type";
import { notSupported, placeOfName, queryError } from "./reasons";

/** What the tables of a query are read with. */
export type TableServices = Pick<Services, "resources" | "place" | "iam" | "s3"> & { readonly iceberg: IcebergTables };

/** A table as one query reads it. */
export interface QueryTable {
    /** SQL of a query that gives the rows. */
    readonly sql: string;
    /** Bytes of the files that it reads. */
    readonly bytes: number;
    release(): void;
}

/** A table as the SQL names it, after the default database. */
export interface TableName {
    readonly database: string;
    readonly name: string;
}

/**
 * Opens a table of the catalog for a caller, who must be allowed to get the table from Glue and its objects from S3.
 * Throws in Athena's words when there is no such table.
 */
export async function openTable(
    services: TableServices,
    caller: Caller,
    sql: string,
    wanted: TableName,
): Promise<QueryTable> {
    const [, name, part] = /^(.*?)(?:\$(\w+))?$/s.exec(wanted.name) as RegExpExecArray;
    const database = wanted.database.toLowerCase();
    const table = name.toLowerCase();
    authorizeTable(services, caller, "glue:GetTable", database, table);
    const resource = lookUp(services, sql, { database, name: table });
    const location = icebergLocation(resource);
    if (location) {
        services.iam.authorize(caller, "s3:GetObject", objectsBelow(location));
        return part ? icebergPart(services.iceberg, sql, location, wanted.name, part) : services.iceberg.scan(location);
    }
    if (part) throw notFound(sql, { database, name: wanted.name });
    return await hiveTable(services, caller, resource);
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

function objectsBelow(location: string): string {
    return `arn:aws:s3:::${location.replace(/^s3[an]?:\/\//, "").replace(/\/+$/, "")}/*`;
}

/** Iceberg's metadata tables. https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html */
function icebergPart(iceberg: IcebergTables, sql: string, location: string, name: string, part: string): QueryTable {
    const scan = iceberg.scan(location);
    const { metadata } = scan;
    const rows: Readonly<Record<string, () => string>> = {
        files: () =>
            valuesSql(
                "content INTEGER, file_path VARCHAR, file_format VARCHAR, record_count BIGINT, file_size_in_bytes BIGINT",
                scan.files.map((file) => [
                    file.content,
                    file.file_path,
                    file.file_format,
                    file.record_count,
                    file.file_size_in_bytes,
                ]),
            ),
        snapshots: () =>
            valuesSql(
                "committed_at TIMESTAMPTZ, snapshot_id BIGINT, parent_id BIGINT, operation VARCHAR, manifest_list VARCHAR",
                metadata.snapshots.map((snapshot) => [
                    new Date(snapshot["timestamp-ms"]).toISOString(),
                    snapshot["snapshot-id"],
                    snapshot["parent-snapshot-id"] ?? null,
                    snapshot.summary.operation,
                    snapshot["manifest-list"],
                ]),
            ),
        history: () => {
            const parents = new Map(
                metadata.snapshots.map((each) => [each["snapshot-id"], each["parent-snapshot-id"]]),
            );
            return valuesSql(
                "made_current_at TIMESTAMPTZ, snapshot_id BIGINT, parent_id BIGINT, is_current_ancestor BOOLEAN",
                metadata["snapshot-log"].map((entry) => [
                    new Date(entry["timestamp-ms"]).toISOString(),
                    entry["snapshot-id"],
                    parents.get(entry["snapshot-id"]) ?? null,
                    true,
                ]),
            );
        },
    };
    if (Object.hasOwn(rows, part)) return { sql: rows[part](), bytes: 0, release: scan.release };
    scan.release();
    throw notSupported(`The metadata table "${name}"`, placeOfName(sql, name));
}

type Cell = string | number | boolean | null;

function valuesSql(columns: string, rows: readonly (readonly Cell[])[]): string {
    const typed = columns.split(", ").map((column) => column.split(" "));
    const select = typed.map(([name, type], at) => `CAST(v.c${at} AS ${type}) AS ${identifier(name)}`).join(", ");
    const cells = (row: readonly Cell[]) =>
        `(${row.map((cell) => (cell === null ? "NULL" : literal(String(cell)))).join(", ")})`;
    const none = `(${typed.map(() => "NULL").join(", ")})`;
    const values = rows.length > 0 ? rows.map(cells).join(", ") : none;
    const names = typed.map((_, at) => `c${at}`).join(", ");
    return `SELECT ${select} FROM (VALUES ${values}) AS v(${names})${rows.length > 0 ? "" : " WHERE false"}`;
}

/** A table of JSON or Parquet files, partitioned by folders as Hive does. */
async function hiveTable(services: TableServices, caller: Caller, { inputs }: TableResource): Promise<QueryTable> {
    const { storageDescriptor = {}, partitionKeys = [] } = inputs;
    const { columns = [], location } = storageDescriptor;
    const serde = storageDescriptor.serDeInfo?.serializationLibrary ?? "";
    if (!location) throw notSupported(`A table without a location, ${inputs.name},`);
    services.iam.authorize(caller, "s3:GetObject", objectsBelow(location));
    const files = await dataFiles(services, caller, location);
    const typed = (list: typeof columns, map: (name: string, type: string) => string) =>
        list.map(({ name, type = "string" }) => map(name, duckTypeOfHive(type)));
    const names = [...columns, ...partitionKeys].map(({ name }) => identifier(name)).join(", ");
    const release = () => undefined;
    if (files.length === 0) {
        const empty = typed([...columns, ...partitionKeys], (name, type) => `NULL::${type} AS ${identifier(name)}`);
        return { sql: `SELECT ${empty.join(", ")} WHERE false`, bytes: 0, release };
    }
    const hive = typed(partitionKeys, (name, type) => `${literal(name)}: ${type}`);
    const partitioning =
        hive.length > 0 ? `hive_partitioning = true, hive_types = {${hive.join(", ")}}` : "hive_partitioning = false";
    const paths = `[${files.map((file) => literal(file.path)).join(", ")}]`;
    const shape = typed(columns, (name, type) => `${literal(name)}: ${literal(type)}`).join(", ");
    const skip = storageDescriptor.serDeInfo?.parameters?.["ignore.malformed.json"] === "true";
    const from = /json/i.test(serde)
        ? `read_json(${paths}, format = 'newline_delimited', ignore_errors = ${skip}, columns = {${shape}}, ${partitioning})`
        : /parquet/i.test(serde)
          ? `read_parquet(${paths}, union_by_name = true, ${partitioning})`
          : undefined;
    if (!from) throw notSupported(`The SerDe ${serde || "of a table that names none"}`);
    return { sql: `SELECT ${names} FROM ${from}`, bytes: files.reduce((sum, file) => sum + file.size, 0), release };
}

/** Hive sees no object whose name begins with a dot or an underscore. */
async function dataFiles({ s3 }: Pick<Services, "s3">, caller: Caller, location: string) {
    const { bucket, key } = parseS3Url(location);
    const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
    const objects = await s3.listObjects(caller, bucket, prefix);
    return objects
        .filter((object) => object.size > 0 && !/(^|\/)[._][^/]*$/.test(object.key))
        .map((object) => ({ path: s3.file(bucket, object.key), size: object.size }));
}

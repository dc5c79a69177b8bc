import type { DuckSession } from "../duck";
import { authorizeTable } from "../glue/authorize";
import { icebergLocation, type TableInputs, type TableResource, tables } from "../glue/catalog";
import { addTable } from "../glue/changes";
import { openPartitions } from "../glue/partitions";
import { requireLocation, requirePermission } from "../lakeformation/access";
import type { Caller } from "../services";
import {
    type FileTarget,
    loadResult,
    type OutputColumn,
    partitionFolder,
    requireEmpty,
    type WrittenFiles,
    writeFiles,
} from "./files";
import { formatOf, formatOfTable, storageOfFormat } from "./formats";
import { columnsInOrder } from "./insert-columns";
import { projectionOf } from "./projection";
import { onlyProperties, type StatementProperties } from "./properties";
import { notSupported, placeOfName, queryError } from "./reasons";
import type { RunServices } from "./run";
import { resolved, type WriteStatement } from "./statements";
import { lookUp, type TableName } from "./tables";

/** What a statement that writes is run with. */
export interface WriteContext {
    readonly services: RunServices;
    readonly caller: Caller;
    readonly sql: string;
    readonly database: string | undefined;
    /** Folder of a table that the statement makes without saying where. */
    readonly home: string;
}

/** What is to be done with a query's rows, once everything that can be checked before has been. */
export type Writer = (session: DuckSession, query: string) => Promise<WrittenFiles>;

type Statement<K extends WriteStatement["kind"]> = Extract<WriteStatement, { kind: K }>;

/** Checks a statement that writes, and gives what writes; undefined when there is nothing to be done. */
export async function writerOf(context: WriteContext, statement: WriteStatement): Promise<Writer | undefined> {
    switch (statement.kind) {
        case "unload":
            return await unload(context, statement);
        case "create":
            return await createTableAs(context, statement);
        case "insert":
            return insertInto(context, statement);
    }
}

/** https://docs.aws.amazon.com/athena/latest/ug/unload.html */
async function unload(context: WriteContext, { to, properties }: Statement<"unload">): Promise<Writer> {
    const { services, caller } = context;
    onlyProperties(properties, ["format", "compression", "compression_level", "partitioned_by", "field_delimiter"]);
    if (!properties.has("format")) throw queryError("SYNTAX_ERROR", "UNLOAD needs the property format in WITH (...)");
    if (!/^s3:\/\/[^/]+\/./.test(to))
        throw queryError("INVALID_UNLOAD_LOCATION", `The location '${to}' is not a folder in S3`);
    const partitionedBy = namesOf(properties, "partitioned_by");
    const target: FileTarget = {
        ...formatOf(properties),
        partitionedBy,
        folder: (values) => partitionFolder(to, partitionedBy, values),
    };
    await requireEmpty(services, caller, to, `Target directory for UNLOAD already exists: ${to}.`);
    return async (session, query) =>
        await writeFiles(services, session, caller, await loadResult(session, query), target);
}

const CTAS_PROPERTIES = [
    "table_type",
    "external_location",
    "is_external",
    "format",
    "partitioned_by",
    "bucketed_by",
    "bucket_count",
    "write_compression",
    "parquet_compression",
    "compression_level",
    "field_delimiter",
];

/** https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html */
async function createTableAs(context: WriteContext, statement: Statement<"create">): Promise<Writer | undefined> {
    const { services, caller, home } = context;
    const { properties, withData } = statement;
    onlyProperties(properties, CTAS_PROPERTIES);
    if (properties.has("bucketed_by") || properties.has("bucket_count"))
        throw notSupported("A bucketed table (bucketed_by)");
    const type = String(properties.get("table_type") ?? "HIVE");
    if (type.toUpperCase() !== "HIVE") throw notSupported(`CREATE TABLE AS of the table type ${type}`);
    const name = resolved(statement.table, context.database);
    authorizeTable(services, caller, "glue:CreateTable", name.database, name.name);
    if (isThere(context, name)) {
        if (statement.orNothing) return undefined;
        throw queryError(
            "TABLE_ALREADY_EXISTS",
            `Table 'awsdatacatalog.${name.database}.${name.name}' already exists`,
            placeOfName(context.sql, name.name),
        );
    }
    const location = String(properties.get("external_location") ?? home).replace(/\/*$/, "/");
    const partitionedBy = namesOf(properties, "partitioned_by");
    const format = formatOf(properties);
    requireLocation(services, caller, location);
    await requireEmpty(
        services,
        caller,
        location,
        `Target directory for table '${name.database}.${name.name}' already exists: ${location}. You may need to manually clean the data at location '${location}' before retrying. Athena will not delete data in your account.`,
    );
    return async (session, query) => {
        const columns = await loadResult(session, withData ? query : `SELECT * FROM (${query}) LIMIT 0`);
        const folder = (values: readonly string[]) => partitionFolder(location, partitionedBy, values);
        const written = await writeFiles(services, session, caller, columns, { ...format, partitionedBy, folder });
        const inputs = tableOf(name, columns, partitionedBy.length);
        const made = {
            ...inputs,
            storageDescriptor: { columns: inputs.storageDescriptor?.columns, ...storageOfFormat(format, location) },
            parameters: {
                EXTERNAL: "TRUE",
                classification: format.format === "text" ? "csv" : format.format,
                "write.compression": format.compression.replace("uncompressed", "none").toUpperCase(),
            },
        };
        addTable(services, made, caller);
        if (partitionedBy.length > 0) register(context, inputs, written);
        return written;
    };
}

function tableOf(name: TableName, columns: readonly OutputColumn[], keys: number): TableInputs {
    const described = columns.map(({ name: column, hive }) => ({ name: column, type: hive }));
    return {
        databaseName: name.database,
        name: name.name,
        tableType: "EXTERNAL_TABLE",
        partitionKeys: described.slice(described.length - keys),
        storageDescriptor: { columns: described.slice(0, described.length - keys) },
    };
}

/** Whether a table is there. Throws in Athena's words when its database is not. */
function isThere({ services, sql }: WriteContext, { database, name }: TableName): boolean {
    if (tables(services, database).some(({ inputs }) => inputs.name === name)) return true;
    try {
        lookUp(services, sql, { database, name });
    } catch (error) {
        if (!(error as Error).message.startsWith("TABLE_NOT_FOUND")) throw error;
    }
    return false;
}

/** https://docs.aws.amazon.com/athena/latest/ug/insert-into.html */
function insertInto(context: WriteContext, statement: Statement<"insert">): Writer {
    const { services, caller, sql } = context;
    const name = resolved(statement.table, context.database);
    authorizeTable(services, caller, "glue:GetTable", name.database, name.name);
    const table = lookUp(services, sql, name);
    requirePermission(services, caller, ["INSERT"], { database: name.database, table: name.name });
    if (icebergLocation(table)) throw notSupported("INSERT INTO an Iceberg table", placeOfName(sql, name.name));
    const { inputs } = table;
    const keys = (inputs.partitionKeys ?? []).map((key) => key.name);
    const target: FileTarget = {
        ...formatOfTable(inputs.storageDescriptor, inputs.parameters),
        partitionedBy: keys,
        folder: folderOf(context, table, keys),
    };
    return async (session, query) => {
        const columns = await loadResult(session, await columnsInOrder(session, query, statement.columns, inputs));
        const written = await writeFiles(services, session, caller, columns, target);
        if (keys.length > 0 && !projectionOf(inputs, services.clock.now())) register(context, inputs, written);
        return written;
    };
}

/** Where rows of a partition go: where it lies when it is known, or where it would lie. */
function folderOf(
    { services }: WriteContext,
    { inputs }: TableResource,
    keys: readonly string[],
): FileTarget["folder"] {
    const location = inputs.storageDescriptor?.location ?? "";
    const projection = projectionOf(inputs, services.clock.now());
    const known = new Map(
        openPartitions(services.place)
            .of(inputs.databaseName, inputs.name)
            .map((partition) => [partition.values.join("\0"), partition.location]),
    );
    return (values) =>
        projection?.location(values) ?? known.get(values.join("\0")) ?? partitionFolder(location, keys, values);
}

function register({ services, caller }: WriteContext, table: TableInputs, { partitions }: WrittenFiles): void {
    authorizeTable(services, caller, "glue:BatchCreatePartition", table.databaseName, table.name);
    openPartitions(services.place).add(
        table.databaseName,
        table.name,
        partitions.map(({ values, folder }) => ({ values, location: folder, created: services.clock.now() })),
    );
}

function namesOf(properties: StatementProperties, property: string): readonly string[] {
    const names = properties.get(property) ?? [];
    if (!Array.isArray(names))
        throw queryError("INVALID_TABLE_PROPERTY", `The property ${property} must be an ARRAY of names`);
    return names.map((name: string) => name.toLowerCase());
}

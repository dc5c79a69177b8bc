import type {
    Column,
    GetDatabaseRequest,
    GetDatabaseResponse,
    GetDatabasesRequest,
    GetDatabasesResponse,
    GetTableRequest,
    GetTableResponse,
    GetTablesRequest,
    GetTablesResponse,
    Table,
} from "@aws-sdk/client-glue";
import { serviceError } from "../errors";
import type { IcebergTables } from "../iceberg";
import { visibleColumns } from "../lakeformation/access";
import type { Caller, JsonService, Operation, Services } from "../services";
import { authorizeDatabase, authorizeTable, isVisible } from "./authorize";
import {
    type CatalogServices,
    catalogArns,
    databases,
    findDatabase,
    findTable,
    type TableResource,
    tables,
} from "./catalog";
import { describeDatabase, describeTable } from "./describe";
import { required } from "./input";
import { pageOf } from "./paging";
import { partitionOperations } from "./partition-operations";
import { ownCatalog, tableOperations } from "./table-operations";

type GlueServices = CatalogServices & Pick<Services, "clock"> & { readonly iceberg: IcebergTables };

/** The Glue catalog: databases, tables and partitions, whoever made them, and where the Iceberg tables' metadata is. */
export function createGlue(services: GlueServices): { readonly service: JsonService } {
    const operations: Record<string, Operation> = {
        GetDatabase: getDatabase(services),
        GetDatabases: getDatabases(services),
        GetTable: getTable(services),
        GetTables: getTables(services),
        ...tableOperations(services),
        ...partitionOperations(services),
    };
    return { service: { target: "AWSGlue", name: "glue", client: "@aws-sdk/client-glue", operations } };
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabase.html */
const getDatabase =
    (services: GlueServices) =>
    (request: GetDatabaseRequest, caller: Caller): GetDatabaseResponse => {
        ownCatalog(services, request.CatalogId);
        const name = required(request.Name, "name").toLowerCase();
        authorizeDatabase(services, caller, "glue:GetDatabase", name);
        return { Database: describeDatabase(services, findDatabase(services, name)) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabases.html */
const getDatabases =
    (services: GlueServices) =>
    (request: GetDatabasesRequest, caller: Caller): GetDatabasesResponse => {
        ownCatalog(services, request.CatalogId);
        services.iam.authorize(caller, "glue:GetDatabases", catalogArns(services).catalog);
        const page = pageOf(databases(services), request);
        return { DatabaseList: page.items.map((each) => describeDatabase(services, each)), ...page.next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetTable.html */
const getTable =
    (services: GlueServices) =>
    (request: GetTableRequest, caller: Caller): GetTableResponse => {
        ownCatalog(services, request.CatalogId);
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        const name = required(request.Name, "name").toLowerCase();
        authorizeTable(services, caller, "glue:GetTable", database, name);
        return { Table: shownTo(services, caller, findTable(services, database, name)) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html */
const getTables =
    (services: GlueServices) =>
    (request: GetTablesRequest, caller: Caller): GetTablesResponse => {
        ownCatalog(services, request.CatalogId);
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        authorizeTable(services, caller, "glue:GetTables", database, "*");
        findDatabase(services, database);
        const matches = expression(request.Expression);
        const page = pageOf(
            tables(services, database).filter(
                ({ inputs: { name } }) => matches(name) && isVisible(services, caller, database, name),
            ),
            request,
        );
        return { TableList: page.items.map((each) => shownTo(services, caller, each)), ...page.next };
    };

/** A table as a caller may know it: without the columns that Lake Formation keeps from him. */
function shownTo(services: GlueServices, caller: Caller, table: TableResource): Table {
    const { StorageDescriptor: storage, PartitionKeys: keys, ...rest } = describeTable(services, table);
    const has = visibleColumns(services, caller, table.inputs.databaseName, table.inputs.name);
    const shown = (columns: readonly Column[] = []) => columns.filter(({ Name = "" }) => has(Name));
    return {
        ...rest,
        PartitionKeys: shown(keys),
        ...(storage && { StorageDescriptor: { ...storage, Columns: shown(storage.Columns) } }),
    };
}

/** Glue's pattern over names: a Java regular expression that must match the whole name. */
function expression(pattern: string | undefined): (name: string) => boolean {
    if (!pattern) return () => true;
    try {
        const regex = new RegExp(`^(?:${pattern})$`, "i");
        return (name) => regex.test(name);
    } catch {
        throw serviceError("InvalidInputException", `The expression ${pattern} is not a regular expression.`);
    }
}

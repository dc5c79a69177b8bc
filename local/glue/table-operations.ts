import type {
    BatchDeleteTableRequest,
    BatchDeleteTableResponse,
    CreateDatabaseRequest,
    CreateTableRequest,
    DeleteDatabaseRequest,
    DeleteTableRequest,
    TableError,
    UpdateDatabaseRequest,
    UpdateTableRequest,
} from "@aws-sdk/client-glue";
import { isServiceError, serviceError, unsupported } from "../errors";
import { requireLocation } from "../lakeformation/access";
import type { Caller, Operation, Services } from "../services";
import { authorizeDatabase, authorizeTable } from "./authorize";
import { type CatalogServices, DATABASE_TYPE, findDatabase } from "./catalog";
import {
    addDatabase,
    addTable,
    type ChangeServices,
    databaseState,
    removeDatabase,
    removeTable,
    replaceTable,
} from "./changes";
import { databaseInputs, required, tableInputs } from "./input";

type WriteServices = CatalogServices & ChangeServices;

/** The operations of Glue that change databases and tables. */
export function tableOperations(services: WriteServices): Record<string, Operation> {
    return {
        CreateDatabase: createDatabase(services),
        UpdateDatabase: updateDatabase(services),
        DeleteDatabase: deleteDatabase(services),
        CreateTable: createTable(services),
        UpdateTable: updateTable(services),
        DeleteTable: deleteTable(services),
        BatchDeleteTable: batchDeleteTable(services),
    };
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html */
const createDatabase =
    (services: WriteServices) =>
    (request: CreateDatabaseRequest, caller: Caller): Record<string, never> => {
        ownCatalog(services, request.CatalogId);
        const inputs = databaseInputs(request.DatabaseInput);
        authorizeDatabase(services, caller, "glue:CreateDatabase", inputs.name);
        addDatabase(services, inputs);
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html */
const updateDatabase =
    (services: WriteServices) =>
    (request: UpdateDatabaseRequest, caller: Caller): Record<string, never> => {
        ownCatalog(services, request.CatalogId);
        const name = required(request.Name, "name").toLowerCase();
        authorizeDatabase(services, caller, "glue:UpdateDatabase", name);
        const { id } = findDatabase(services, name);
        const inputs = databaseInputs(request.DatabaseInput);
        if (inputs.name !== name) throw serviceError("InvalidInputException", "Database name cannot be changed.");
        services.resources.put({ type: DATABASE_TYPE, inputs, ...databaseState(services, inputs), id });
        return {};
    };

/** Takes its tables along. https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html */
const deleteDatabase =
    (services: WriteServices) =>
    async (request: DeleteDatabaseRequest, caller: Caller): Promise<Record<string, never>> => {
        ownCatalog(services, request.CatalogId);
        const name = required(request.Name, "name").toLowerCase();
        authorizeDatabase(services, caller, "glue:DeleteDatabase", name);
        await removeDatabase(services, name);
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html */
const createTable =
    (services: WriteServices) =>
    (request: CreateTableRequest, caller: Caller): Record<string, never> => {
        ownCatalog(services, request.CatalogId);
        if (request.OpenTableFormatInput) throw unsupported("OpenTableFormatInput of CreateTable");
        if (request.PartitionIndexes?.length) throw unsupported("PartitionIndexes of CreateTable");
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        const inputs = tableInputs(database, request.TableInput);
        authorizeTable(services, caller, "glue:CreateTable", database, inputs.name);
        requireLocation(services, caller, inputs.storageDescriptor?.location ?? "");
        addTable(services, inputs, caller);
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html */
const updateTable =
    (services: WriteServices) =>
    (request: UpdateTableRequest, caller: Caller): Record<string, never> => {
        ownCatalog(services, request.CatalogId);
        if (request.UpdateOpenTableFormatInput) throw unsupported("UpdateOpenTableFormatInput of UpdateTable");
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        const inputs = tableInputs(database, request.TableInput);
        authorizeTable(services, caller, "glue:UpdateTable", database, inputs.name);
        requireLocation(services, caller, inputs.storageDescriptor?.location ?? "");
        replaceTable(services, inputs);
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html */
const deleteTable =
    (services: WriteServices) =>
    async (request: DeleteTableRequest, caller: Caller): Promise<Record<string, never>> => {
        ownCatalog(services, request.CatalogId);
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        const name = required(request.Name, "name").toLowerCase();
        authorizeTable(services, caller, "glue:DeleteTable", database, name);
        await removeTable(services, database, name);
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTable.html */
const batchDeleteTable =
    (services: WriteServices) =>
    async (request: BatchDeleteTableRequest, caller: Caller): Promise<BatchDeleteTableResponse> => {
        ownCatalog(services, request.CatalogId);
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        const names = (request.TablesToDelete ?? []).map((name) => name.toLowerCase());
        for (const name of names) authorizeTable(services, caller, "glue:BatchDeleteTable", database, name);
        const errors: TableError[] = [];
        for (const name of names) {
            try {
                await removeTable(services, database, name);
            } catch (error) {
                if (!isServiceError(error)) throw error;
                const ErrorDetail = { ErrorCode: error.code, ErrorMessage: error.message };
                errors.push({ TableName: name, ErrorDetail });
            }
        }
        return { Errors: errors };
    };

/** Throws for a catalog that is not the account's own. */
export function ownCatalog({ place }: Pick<Services, "place">, catalogId: string | undefined): void {
    if (catalogId !== undefined && catalogId !== place.account) throw unsupported(`The catalog ${catalogId}`);
}

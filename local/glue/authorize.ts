import { holds, requirePermission } from "../lakeformation/access";
import type { Caller } from "../services";
import { type CatalogServices, catalogArns } from "./catalog";

/** What Lake Formation asks for beside IAM's leave, one of them. https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html */
const ON_TABLE: Readonly<Record<string, readonly string[]>> = {
    GetTable: ["DESCRIBE"],
    GetPartition: ["DESCRIBE"],
    GetPartitions: ["DESCRIBE"],
    BatchGetPartition: ["DESCRIBE"],
    UpdateTable: ["ALTER"],
    DeleteTable: ["DROP"],
    BatchDeleteTable: ["DROP"],
    CreatePartition: ["ALTER", "INSERT"],
    BatchCreatePartition: ["ALTER", "INSERT"],
    UpdatePartition: ["ALTER"],
    BatchUpdatePartition: ["ALTER"],
    DeletePartition: ["ALTER", "DELETE"],
    BatchDeletePartition: ["ALTER", "DELETE"],
};

const ON_DATABASE: Readonly<Record<string, readonly string[]>> = {
    GetDatabase: ["DESCRIBE"],
    CreateTable: ["CREATE_TABLE"],
    UpdateDatabase: ["ALTER"],
    DeleteDatabase: ["DROP"],
};

/** Throws unless the caller may do this to a table: Glue asks for the catalog, the database and the table alike, and then Lake Formation. */
export function authorizeTable(
    services: CatalogServices,
    caller: Caller,
    action: string,
    database: string,
    table: string,
): void {
    const arns = catalogArns(services);
    for (const arn of [arns.catalog, arns.database(database), arns.table(database, table)]) {
        services.iam.authorize(caller, action, arn);
    }
    const name = action.replace(/^glue:/, "");
    const onTable = ON_TABLE[name];
    if (onTable) requirePermission(services, caller, onTable, { database, table });
    const onDatabase = ON_DATABASE[name];
    if (onDatabase) requirePermission(services, caller, onDatabase, { database });
}

/** Throws unless the caller may do this to a database: Glue asks for the catalog and the database, and then Lake Formation. */
export function authorizeDatabase(services: CatalogServices, caller: Caller, action: string, database: string): void {
    const arns = catalogArns(services);
    for (const arn of [arns.catalog, arns.database(database)]) services.iam.authorize(caller, action, arn);
    const permissions = ON_DATABASE[action.replace(/^glue:/, "")];
    if (permissions) requirePermission(services, caller, permissions, { database });
}

/** Whether a caller may know of a table, by Lake Formation: a list leaves out the others. */
export function isVisible(services: CatalogServices, caller: Caller, database: string, table: string): boolean {
    return holds(services, caller, ["DESCRIBE"], { database, table });
}

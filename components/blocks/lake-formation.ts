import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Whether roles get Lake Formation grants beside their IAM policies. */
export type LakeFormation = "off" | "grant";

/** A table that can be granted. */
interface Granted {
    readonly database: aws.glue.CatalogDatabase;
    readonly table: aws.glue.CatalogTable;
}

/** Tables of one database that can be granted, by a short name for each. */
interface GrantedTables {
    readonly database: aws.glue.CatalogDatabase;
    readonly tables: Readonly<Record<string, { readonly table: aws.glue.CatalogTable }>>;
    /** Those of them on which the role may do everything, by the same short names. @default none */
    readonly writable?: readonly string[];
}

/** What a role needs to read and write a table. */
const ALL = ["ALTER", "DELETE", "DESCRIBE", "INSERT", "SELECT"];

/**
 * Lets a role describe a database, and read and write one table of it unless `permissions` say less, by Lake Formation; makes nothing when that
 * is off. The account's list of administrators is left alone: whoever deploys must be one of them, or hold the grants with the grant option.
 */
export function grantTable(
    name: string,
    lakeFormation: LakeFormation,
    principal: pulumi.Input<string>,
    { database, table }: Granted,
    opts: pulumi.CustomResourceOptions,
    permissions: readonly string[] = ALL,
): readonly aws.lakeformation.Permissions[] {
    return grantTables(name, lakeFormation, principal, { database, tables: { table: { table } } }, permissions, opts);
}

/** The same for several tables. */
export function grantTables(
    name: string,
    lakeFormation: LakeFormation,
    principal: pulumi.Input<string>,
    { database, tables, writable = [] }: GrantedTables,
    permissions: readonly string[],
    opts: pulumi.CustomResourceOptions,
): readonly aws.lakeformation.Permissions[] {
    if (lakeFormation === "off") return [];
    return [
        new aws.lakeformation.Permissions(
            `${name}-database-grant`,
            { principal, permissions: ["DESCRIBE"], database: { name: database.name } },
            opts,
        ),
        ...Object.entries(tables).map(
            ([each, { table }]) =>
                new aws.lakeformation.Permissions(
                    `${name}-${each}-grant`,
                    {
                        principal,
                        permissions: writable.includes(each) ? ALL : [...permissions],
                        table: { databaseName: database.name, name: table.name },
                    },
                    opts,
                ),
        ),
    ];
}

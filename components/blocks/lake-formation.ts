import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Whether roles get Lake Formation grants beside their IAM policies. */
export type LakeFormation = "off" | "grant";

/** A table that can be granted. */
interface Granted {
    readonly database: aws.glue.CatalogDatabase;
    readonly table: aws.glue.CatalogTable;
}

/**
 * Lets a role describe a database, and read and write one table of it, by Lake Formation; makes nothing when that is off.
 * The account's list of administrators is left alone: whoever deploys must be one of them, or hold the grants with the grant option.
 */
export function grantTable(
    name: string,
    lakeFormation: LakeFormation,
    principal: pulumi.Input<string>,
    { database, table }: Granted,
    opts: pulumi.CustomResourceOptions,
): readonly aws.lakeformation.Permissions[] {
    if (lakeFormation === "off") return [];
    return [
        new aws.lakeformation.Permissions(
            `${name}-database-grant`,
            { principal, permissions: ["DESCRIBE"], database: { name: database.name } },
            opts,
        ),
        new aws.lakeformation.Permissions(
            `${name}-table-grant`,
            {
                principal,
                permissions: ["ALTER", "DELETE", "DESCRIBE", "INSERT", "SELECT"],
                table: { databaseName: database.name, name: table.name },
            },
            opts,
        ),
    ];
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Bucket } from "../blocks/bucket";
import type { Crawler } from "../blocks/crawler";
import type { ParquetTable } from "../blocks/parquet-table";
import type { Place } from "../blocks/place";
import { policyDocument, ServiceRole, type Statement } from "../blocks/role";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import type { EventLakeOptions } from "./options";
import { queriesWithout } from "./queries";

/** Who works with the table, from those who see least of it. */
export const ROLES = ["analyst", "developer", "data-engineer"] as const;

/** One of {@link ROLES}. */
export type RoleName = (typeof ROLES)[number];

/** Roles by their names. */
export type Roles = Readonly<Record<RoleName, aws.iam.Role>>;

/**
 * Makes the roles, which may do nothing yet. The account's principals take them, all whom its own policies allow to unless some are named.
 * They are there before the database, whose tables go to a role by default: without that, Lake Formation would give them to all of IAM's principals.
 */
export function createRoles(
    name: string,
    { principals }: EventLakeOptions["access"],
    { account, partition }: Place,
    opts: pulumi.CustomResourceOptions,
): Roles {
    const root = pulumi.interpolate`arn:${partition}:iam::${account}:root`;
    const assumeRolePolicy = pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Principal: { AWS: principals.length > 0 ? principals : root },
                Action: "sts:AssumeRole",
                Condition: { StringEquals: { "aws:PrincipalAccount": account } },
            },
        ],
    });
    const made = ROLES.map((role) => [role, new aws.iam.Role(`${name}-${role}`, { assumeRolePolicy }, opts)]);
    return Object.fromEntries(made) as Roles;
}

/** Arguments of {@link LakeAccess}. */
export interface LakeAccessArgs extends Pick<EventLakeOptions, "access" | "queries"> {
    readonly roles: Roles;
    readonly table: ParquetTable;
    readonly bucket: Bucket;
    /** Registers partitions in the table's folder. */
    readonly crawler: Crawler;
    readonly place: Place;
    readonly disposable: boolean;
}

/**
 * Lets each role ask Athena what it may see of the table, by Lake Formation: location -> role of its own, role -> workgroup of its own, role ->
 * columns and rows. The account's list of administrators is left alone.
 */
export class LakeAccess extends pulumi.ComponentResource {
    /** The table's folder, which Lake Formation reads for the roles. */
    public readonly location: aws.lakeformation.Resource;
    /** Where each role asks: nobody reads the results of another. */
    public readonly workgroups: Readonly<Record<RoleName, Workgroup>>;

    constructor(name: string, args: LakeAccessArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:pipelines:LakeAccess", name, {}, opts);
        const child = { parent: this };
        const { access, place, roles, table } = args;
        const { databaseName, name: tableName } = table.table;

        this.location = this.createLocation(`${name}-location`, args);
        this.workgroups = Object.fromEntries(
            ROLES.map((role) => [role, this.createWorkgroup(`${name}-${role}`, role, args)]),
        ) as LakeAccess["workgroups"];
        const filter = new aws.lakeformation.DataCellsFilter(
            `${name}-analyst-cells`,
            {
                tableData: {
                    tableCatalogId: place.account,
                    databaseName,
                    tableName,
                    name: "analyst",
                    columnWildcard: { excludedColumnNames: access.analyst.hidden },
                    rowFilter: { filterExpression: access.analyst.rows },
                },
            },
            child,
        );
        const { tableData } = filter;
        this.grant(`${name}-crawler-location`, args.crawler.crawler.role, {
            permissions: ["DATA_LOCATION_ACCESS"],
            dataLocation: { arn: this.location.arn },
        });
        this.grant(`${name}-analyst`, roles.analyst.arn, {
            permissions: ["SELECT"],
            dataCellsFilter: {
                tableCatalogId: place.account,
                databaseName,
                tableName,
                name: tableData.apply((data) => data?.name ?? "analyst"),
            },
        });
        this.grant(`${name}-developer`, roles.developer.arn, {
            permissions: ["SELECT"],
            tableWithColumns: {
                databaseName,
                name: tableName,
                wildcard: true,
                excludedColumnNames: access.developer.hidden,
            },
        });
        this.grant(`${name}-data-engineer`, roles["data-engineer"].arn, {
            permissions: ["DESCRIBE", "SELECT"],
            table: { databaseName, name: tableName },
        });

        this.registerOutputs({ location: this.location });
    }

    /** A role of its own, and not the one that Lake Formation has for all that the account registers. */
    private createLocation(name: string, { bucket, place, table }: LakeAccessArgs): aws.lakeformation.Resource {
        const child = { parent: this };
        const folder = pulumi.interpolate`${bucket.bucket.arn}/${table.dataset.name}`;
        const { role, policy } = new ServiceRole(
            `${name}-role`,
            {
                service: "lakeformation.amazonaws.com",
                // https://docs.aws.amazon.com/lake-formation/latest/dg/cross-service-confused-deputy-prevention.html
                onlyFor: { account: place.account, arn: place.arn("lakeformation", "*") },
                // https://docs.aws.amazon.com/lake-formation/latest/dg/registration-role.html
                allow: [
                    { actions: ["s3:ListBucket"], resources: [bucket.bucket.arn] },
                    { actions: ["s3:GetObject"], resources: [pulumi.interpolate`${folder}/*`] },
                ],
            },
            child,
        );
        return new aws.lakeformation.Resource(
            name,
            { arn: folder, roleArn: role.arn },
            // Whoever makes a table in a registered folder needs a grant on the folder.
            { ...child, dependsOn: [policy, table.table] },
        );
    }

    private createWorkgroup(name: string, role: RoleName, args: LakeAccessArgs): Workgroup {
        const child = { parent: this };
        const { access, bucket, queries, roles, table, disposable } = args;
        const hidden = role === "data-engineer" ? [] : access[role].hidden;
        const results = `${RESULTS}${role}/`;
        const workgroup = new Workgroup(
            `${name}-workgroup`,
            {
                bucket: bucket.bucket,
                results,
                database: table.database,
                queries: queriesWithout(hidden),
                scanLimitGiB: queries.scanLimitGiB,
                disposable,
            },
            child,
        );
        new aws.iam.RolePolicy(
            `${name}-policy`,
            { role: roles[role].id, policy: policyDocument(permissions(args, workgroup.workgroup, results)) },
            child,
        );
        return workgroup;
    }

    private grant(
        name: string,
        principal: pulumi.Input<string>,
        on: Omit<aws.lakeformation.PermissionsArgs, "principal">,
    ): void {
        new aws.lakeformation.Permissions(`${name}-grant`, { principal, ...on }, { parent: this });
    }
}

/** What it takes to ask Athena. What of the table a role gets to see is said by Lake Formation alone: none of them reads the table's files. */
function permissions(
    { bucket, table }: LakeAccessArgs,
    workgroup: aws.athena.Workgroup,
    results: string,
): readonly Statement[] {
    return [
        {
            actions: [
                "athena:BatchGetNamedQuery",
                "athena:GetNamedQuery",
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetWorkGroup",
                "athena:ListNamedQueries",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            resources: [workgroup.arn],
        },
        { actions: ["s3:GetBucketLocation"], resources: [bucket.bucket.arn] },
        {
            actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resources: [pulumi.interpolate`${bucket.bucket.arn}/${results}*`],
        },
        {
            actions: ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
            resources: table.arns,
        },
        {
            actions: ["lakeformation:GetDataAccess"],
            resources: ["*"],
            // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslakeformation.html
            reason: "GetDataAccessKnowsNoResources",
        },
    ];
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Dataset } from "../../schema/dataset";
import { icebergPartitionSpec, icebergSchema } from "../../schema/iceberg";
import { grantTable, type LakeFormation } from "./lake-formation";
import type { Place } from "./place";
import { ServiceRole, type Statement } from "./role";
import { type Transform, transformed } from "./transform";

/** How an Iceberg table is laid out and tidied up. */
export interface IcebergTableOptions {
    readonly format: "parquet";
    readonly compression: "zstd" | "snappy" | "gzip";
    /** Columns by which rows are sorted within a file. */
    readonly sortBy: readonly string[];
    /** Days for which the table can be read as it was. */
    readonly snapshotDays: number;
    /** Snapshots that are kept whatever their age. */
    readonly snapshotCount: number;
    /** Days after which a file that no snapshot refers to is deleted. */
    readonly orphanDays: number;
}

/** Arguments of {@link IcebergTable}. */
export interface IcebergTableArgs extends IcebergTableOptions {
    readonly dataset: Dataset;
    /** Name of the Glue database, which is made. */
    readonly databaseName: string;
    /** The bucket that holds the table, below a folder of the dataset's name. */
    readonly bucket: aws.s3.Bucket;
    readonly place: Place;
    readonly lakeFormation: LakeFormation;
    /** Whether the table may be deleted. */
    readonly disposable: boolean;
    readonly transform?: { readonly table?: Transform<aws.glue.CatalogTableArgs> };
}

/** An Iceberg v2 table in a Glue database of its own, compacted, rid of old snapshots and of orphaned files by Glue. */
export class IcebergTable extends pulumi.ComponentResource {
    public readonly database: aws.glue.CatalogDatabase;
    public readonly table: aws.glue.CatalogTable;
    /** ARN of the account's Glue catalog. */
    public readonly catalogArn: pulumi.Output<string>;
    /** The role that the optimizers work with. */
    public readonly optimizerRole: ServiceRole;

    constructor(name: string, args: IcebergTableArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:IcebergTable", name, {}, opts);
        const child = { parent: this };
        const data = { ...child, protect: !args.disposable };

        this.catalogArn = args.place.arn("glue", "catalog");
        this.database = new aws.glue.CatalogDatabase(`${name}-database`, { name: args.databaseName }, data);
        this.table = new aws.glue.CatalogTable(
            name,
            transformed(args.transform?.table, {
                databaseName: this.database.name,
                name: args.dataset.name,
                openTableFormatInput: { icebergInput: icebergInput(args) },
            }),
            data,
        );
        this.optimizerRole = new ServiceRole(
            `${name}-optimizer`,
            { service: "glue.amazonaws.com", allow: this.optimizerPermissions(args) },
            child,
        );
        const granted = grantTable(`${name}-optimizer`, args.lakeFormation, this.optimizerRole.role.arn, this, child);
        for (const [type, configuration] of Object.entries(optimizers(args))) {
            new aws.glue.CatalogTableOptimizer(
                `${name}-${type.replaceAll("_", "-")}`,
                {
                    catalogId: args.place.account,
                    databaseName: this.database.name,
                    tableName: this.table.name,
                    type,
                    configuration: { enabled: true, roleArn: this.optimizerRole.role.arn, ...configuration },
                },
                { ...child, dependsOn: [this.optimizerRole.policy, ...granted] },
            );
        }

        this.registerOutputs({ database: this.database, table: this.table });
    }

    /** ARNs that Glue asks about for a call on the table. */
    public get arns(): readonly pulumi.Output<string>[] {
        return [this.catalogArn, this.database.arn, this.table.arn];
    }

    /** https://docs.aws.amazon.com/glue/latest/dg/optimization-prerequisites.html */
    private optimizerPermissions({ bucket, dataset, place, lakeFormation }: IcebergTableArgs): readonly Statement[] {
        const groups = ["compaction", "retention", "orphan-file-deletion"].map(
            (job) => `log-group:/aws-glue/iceberg-${job}/logs:*`,
        );
        return [
            {
                actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                resources: [pulumi.interpolate`${bucket.arn}/${dataset.name}/*`],
            },
            { actions: ["s3:ListBucket"], resources: [bucket.arn] },
            { actions: ["glue:GetTable", "glue:UpdateTable"], resources: this.arns },
            {
                actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                resources: groups.map((group) => place.arn("logs", group)),
            },
            ...(lakeFormation === "grant" ? [GET_DATA_ACCESS] : []),
        ];
    }
}

/** What a role needs to be handed Lake Formation's credentials. */
export const GET_DATA_ACCESS: Statement = {
    actions: ["lakeformation:GetDataAccess"],
    resources: ["*"],
    reason: "LakeFormationDecidesAndTheActionTakesNoResource",
};

/** Only `openTableFormatInput` is set: Glue makes the rest from it, and the provider sends nothing else for an Iceberg table. */
function icebergInput({ bucket, dataset, sortBy, ...options }: IcebergTableArgs) {
    const { fields, identifierFieldIds } = icebergSchema(dataset);
    const partition = icebergPartitionSpec(dataset);
    return {
        metadataOperation: "CREATE",
        version: "2",
        icebergTableInput: {
            location: pulumi.interpolate`s3://${bucket.bucket}/${dataset.name}`,
            // The provider wants each type as a JSON document: a simple one in quotes.
            schema: {
                type: "struct",
                fields: fields.map((field) => ({ ...field, type: JSON.stringify(field.type) })),
                ...(identifierFieldIds.length > 0 && { identifierFieldIds: [...identifierFieldIds] }),
            },
            ...(partition.length > 0 && { partitionSpec: { fields: [...partition] } }),
            ...(sortBy.length > 0 && { sortOrder: { orderId: 1, fields: sortBy.map(sortField) } }),
            properties: writeProperties(options),
        },
    };

    function sortField(column: string) {
        const sourceId = fields.find((field) => field.name === column)?.id ?? 0;
        return { sourceId, transform: "identity", direction: "asc", nullOrder: "nulls-first" };
    }
}

/** https://iceberg.apache.org/docs/latest/configuration/#write-properties */
function writeProperties({
    format,
    compression,
}: Pick<IcebergTableOptions, "format" | "compression">): Record<string, string> {
    return { "write.format.default": format, [`write.${format}.compression-codec`]: compression };
}

function optimizers({ bucket, dataset, ...options }: IcebergTableArgs) {
    return {
        compaction: {},
        retention: {
            retentionConfiguration: {
                icebergConfiguration: {
                    snapshotRetentionPeriodInDays: options.snapshotDays,
                    numberOfSnapshotsToRetain: options.snapshotCount,
                    cleanExpiredFiles: true,
                },
            },
        },
        orphan_file_deletion: {
            orphanFileDeletionConfiguration: {
                icebergConfiguration: {
                    orphanFileRetentionPeriodInDays: options.orphanDays,
                    location: pulumi.interpolate`s3://${bucket.bucket}/${dataset.name}`,
                },
            },
        },
    };
}

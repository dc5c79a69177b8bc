import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Dataset } from "../../schema/dataset";
import { glueColumns, gluePartitionKeys, type ProjectionOptions, partitionProjection } from "../../schema/glue";
import type { Place } from "./place";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link ParquetTable}. */
export interface ParquetTableArgs {
    readonly dataset: Dataset;
    readonly database: aws.glue.CatalogDatabase;
    /** The bucket that holds the table's files, below a folder of the dataset's name. */
    readonly bucket: aws.s3.Bucket;
    /** First and last value of the partition keys that need them: `{ year: "2020,2039" }`. */
    readonly ranges: ProjectionOptions["ranges"];
    readonly place: Place;
    /** Whether the table may be deleted. Its files are the bucket's. */
    readonly disposable: boolean;
    readonly transform?: { readonly table?: Transform<aws.glue.CatalogTableArgs> };
}

/** A table of Parquet files, in folders that Athena works out by itself. */
export class ParquetTable extends pulumi.ComponentResource {
    public readonly dataset: Dataset;
    public readonly database: aws.glue.CatalogDatabase;
    public readonly table: aws.glue.CatalogTable;
    /** ARNs that Glue asks about for a call on the table. */
    public readonly arns: readonly pulumi.Output<string>[];

    constructor(name: string, args: ParquetTableArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:ParquetTable", name, {}, opts);

        this.dataset = args.dataset;
        this.database = args.database;
        this.table = new aws.glue.CatalogTable(
            name,
            transformed(args.transform?.table, {
                databaseName: args.database.name,
                name: args.dataset.name,
                description: args.dataset.doc,
                tableType: "EXTERNAL_TABLE",
                parameters: parametersOf(args),
                partitionKeys: [...gluePartitionKeys(args.dataset)],
                storageDescriptor: {
                    location: locationOf(args),
                    columns: [...glueColumns(args.dataset)],
                    ...PARQUET,
                },
            }),
            { parent: this, protect: !args.disposable },
        );
        this.arns = [args.place.arn("glue", "catalog"), args.database.arn, this.table.arn];

        this.registerOutputs({ table: this.table });
    }
}

/** The classes that read and write Parquet, by the names that Hive gave them. https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html */
export const PARQUET = {
    inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serDeInfo: {
        serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        parameters: { "serialization.format": "1" },
    },
};

function locationOf({ bucket, dataset }: ParquetTableArgs): pulumi.Output<string> {
    return pulumi.interpolate`s3://${bucket.bucket}/${dataset.name}/`;
}

function parametersOf(args: ParquetTableArgs) {
    return locationOf(args).apply((location) => ({
        EXTERNAL: "TRUE",
        classification: "parquet",
        "parquet.compression": "SNAPPY",
        ...partitionProjection(args.dataset, { location, ranges: args.ranges }),
    }));
}

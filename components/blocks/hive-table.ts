import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Dataset } from "../../schema/dataset";
import { type GlueColumn, hiveType } from "../../schema/glue";
import { PARQUET } from "./parquet-table";
import type { Place } from "./place";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link HiveTable}. */
export interface HiveTableArgs {
    /** Name, columns and words of the table. */
    readonly dataset: Pick<Dataset, "name" | "doc" | "columns">;
    readonly database: aws.glue.CatalogDatabase;
    /** Folder that holds its files: an `s3://` URL that ends in a slash. */
    readonly location: pulumi.Input<string>;
    readonly format: keyof typeof FORMATS;
    /** What its folders are told apart by. */
    readonly partitionKeys: readonly GlueColumn[];
    /** Parameters with which Athena works out the partitions. @default partitions have to be registered */
    readonly projection?: pulumi.Input<Readonly<Record<string, string>>>;
    readonly place: Place;
    /** Whether the table may be deleted. Its files are the bucket's. */
    readonly disposable: boolean;
    readonly transform?: { readonly table?: Transform<aws.glue.CatalogTableArgs> };
}

/** A table of files that something else writes, as it says: its columns are in the files, its partition keys are not. */
export class HiveTable extends pulumi.ComponentResource {
    public readonly database: aws.glue.CatalogDatabase;
    public readonly table: aws.glue.CatalogTable;
    /** ARNs that Glue asks about for a call on the table. */
    public readonly arns: readonly pulumi.Output<string>[];

    constructor(name: string, args: HiveTableArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:HiveTable", name, {}, opts);
        const { classification, ...storage } = FORMATS[args.format];

        this.database = args.database;
        this.table = new aws.glue.CatalogTable(
            name,
            transformed(args.transform?.table, {
                databaseName: args.database.name,
                name: args.dataset.name,
                description: args.dataset.doc,
                tableType: "EXTERNAL_TABLE",
                parameters: pulumi
                    .output(args.projection ?? {})
                    .apply((projection) => ({ EXTERNAL: "TRUE", classification, ...projection })),
                partitionKeys: [...args.partitionKeys],
                storageDescriptor: {
                    location: args.location,
                    columns: args.dataset.columns.map(({ name: column, type, doc }) => ({
                        name: column,
                        type: hiveType(type),
                        ...(doc && { comment: doc }),
                    })),
                    ...storage,
                },
            }),
            { parent: this, protect: !args.disposable },
        );
        this.arns = [args.place.arn("glue", "catalog"), args.database.arn, this.table.arn];

        this.registerOutputs({ table: this.table });
    }
}

const FORMATS = {
    parquet: { classification: "parquet", ...PARQUET },
    /** A line that is not JSON is a row of nulls, which can be counted, and not the end of every query. https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html */
    json: {
        classification: "json",
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serDeInfo: {
            serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
            parameters: { "ignore.malformed.json": "true" },
        },
    },
};

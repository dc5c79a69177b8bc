import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { grantTables, type LakeFormation } from "./lake-formation";
import type { ParquetTable } from "./parquet-table";
import type { Place } from "./place";
import { ServiceRole, type Statement } from "./role";

/** Arguments of {@link Crawler}. */
export interface CrawlerArgs {
    readonly place: Place;
    readonly database: aws.glue.CatalogDatabase;
    /** The tables, by a short name for each. */
    readonly tables: Readonly<Record<string, ParquetTable>>;
    /** The bucket that holds their files. */
    readonly bucket: aws.s3.Bucket;
    /** When it runs, such as `cron(15 2 * * ? *)`, in UTC. @default when it is told to */
    readonly schedule?: string;
    readonly lakeFormation: LakeFormation;
}

/** A Glue crawler that registers new folders of tables as partitions, and changes nothing else: Athena finds them by itself, Spark and Redshift do not. */
export class Crawler extends pulumi.ComponentResource {
    public readonly crawler: aws.glue.Crawler;

    constructor(name: string, args: CrawlerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:Crawler", name, {}, opts);
        const child = { parent: this };

        const { role, policy } = new ServiceRole(
            `${name}-role`,
            { service: "glue.amazonaws.com", allow: permissions(args) },
            child,
        );
        const granted = grantTables(name, args.lakeFormation, role.arn, args, CRAWL, child);
        this.crawler = new aws.glue.Crawler(
            name,
            {
                databaseName: args.database.name,
                role: role.arn,
                schedule: args.schedule,
                catalogTargets: [
                    {
                        databaseName: args.database.name,
                        tables: Object.values(args.tables).map(({ table }) => table.name),
                    },
                ],
                // The program defines the tables. What the crawler would make of their files is logged, and no more.
                schemaChangePolicy: { updateBehavior: "LOG", deleteBehavior: "LOG" },
                configuration: JSON.stringify({
                    Version: 1.0,
                    CrawlerOutput: { Partitions: { AddOrUpdateBehavior: "InheritFromTable" } },
                }),
            },
            { ...child, dependsOn: [policy, ...granted] },
        );

        this.registerOutputs({ crawler: this.crawler });
    }
}

const CRAWL = ["ALTER", "DESCRIBE", "INSERT", "SELECT"];

/** https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html */
function permissions({ place, database, tables, bucket }: CrawlerArgs): readonly Statement[] {
    const folders = Object.values(tables).map(({ dataset }) => pulumi.interpolate`${bucket.arn}/${dataset.name}/*`);
    return [
        { actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [bucket.arn] },
        { actions: ["s3:GetObject"], resources: folders },
        {
            actions: [
                "glue:BatchCreatePartition",
                "glue:BatchGetPartition",
                "glue:BatchUpdatePartition",
                "glue:GetDatabase",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:GetTable",
                "glue:GetTables",
                "glue:UpdateTable",
            ],
            resources: [
                place.arn("glue", "catalog"),
                database.arn,
                ...Object.values(tables).map(({ table }) => table.arn),
            ],
        },
        {
            actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [place.arn("logs", "log-group:/aws-glue/crawlers:*")],
        },
    ];
}

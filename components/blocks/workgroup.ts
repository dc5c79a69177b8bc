import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A question that users ask often. */
export interface NamedQuery {
    readonly description: string;
    /** Athena SQL, with the table's name unqualified. */
    readonly sql: string;
}

/** Arguments of {@link Workgroup}. */
export interface WorkgroupArgs {
    /** Holds the results. */
    readonly bucket: aws.s3.Bucket;
    /** Folder of the results, below `query-results/`. @default that itself */
    readonly results?: string;
    readonly database: aws.glue.CatalogDatabase;
    /** By name. */
    readonly queries: Readonly<Record<string, NamedQuery>>;
    /** Bytes that a query may read before Athena ends it. */
    readonly scanLimitGiB: number;
    /** Whether the workgroup may be deleted with the queries that were made in it. */
    readonly disposable: boolean;
}

/** Folder of a bucket for the results of queries. */
export const RESULTS = "query-results/";

/** An Athena workgroup whose queries cost no more than agreed, with named queries in it. */
export class Workgroup extends pulumi.ComponentResource {
    public readonly workgroup: aws.athena.Workgroup;

    constructor(name: string, args: WorkgroupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:Workgroup", name, {}, opts);
        const child = { parent: this };

        this.workgroup = new aws.athena.Workgroup(
            name,
            {
                forceDestroy: args.disposable,
                configuration: {
                    enforceWorkgroupConfiguration: true,
                    publishCloudwatchMetricsEnabled: true,
                    bytesScannedCutoffPerQuery: args.scanLimitGiB * 2 ** 30,
                    resultConfiguration: {
                        outputLocation: pulumi.interpolate`s3://${args.bucket.bucket}/${args.results ?? RESULTS}`,
                        encryptionConfiguration: { encryptionOption: "SSE_S3" },
                    },
                },
            },
            child,
        );
        for (const [query, { description, sql }] of Object.entries(args.queries)) {
            new aws.athena.NamedQuery(
                `${name}-${query}`,
                { name: query, description, query: sql, database: args.database.name, workgroup: this.workgroup.name },
                child,
            );
        }

        this.registerOutputs({ workgroup: this.workgroup });
    }
}

import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { gluePartitionKeys, partitionProjection } from "../../schema/glue";
import { HiveTable } from "../blocks/hive-table";
import type { Place } from "../blocks/place";
import type { Transform } from "../blocks/transform";
import { accessLog, runs, usage } from "./dataset";

/** The tables of a pipeline. */
export type Tables = Readonly<Record<"accessLog" | "usage" | "runs", HiveTable>>;

/** Arguments of {@link createTables}. */
export interface TablesArgs {
    readonly database: aws.glue.CatalogDatabase;
    readonly bucket: aws.s3.Bucket;
    readonly place: Place;
    /** The years (UTC) that log lines arrive in. */
    readonly years: { readonly first: number; readonly last: number };
    readonly disposable: boolean;
    readonly transform?: { readonly table?: Transform<aws.glue.CatalogTableArgs> };
}

/** Folder of the bucket for what is known about the folders of log lines. */
export const CONTENTS = "contents/";

/**
 * Makes the tables: of log lines, whose folders Athena works out by the hour of arrival; of usage, whose partitions the merge function
 * registers by the hour of the request, so that one shows in a moment what was written before; and of what single runs of it have written.
 */
export function createTables(name: string, args: TablesArgs, opts: pulumi.ComponentResourceOptions): Tables {
    const { database, place, disposable, transform } = args;
    const common = { database, place, disposable, transform };
    const folder = (of: string) => pulumi.interpolate`s3://${args.bucket.bucket}/${of}/`;
    const [raw, merged] = [folder(accessLog.name), folder(usage.name)];
    const hours = gluePartitionKeys(usage);
    const { first, last } = args.years;
    return {
        accessLog: new HiveTable(
            `${name}-access-log`,
            {
                ...common,
                dataset: accessLog,
                location: raw,
                format: "json",
                partitionKeys: hours,
                projection: raw.apply((location) =>
                    partitionProjection(usage, { location, ranges: { year: `${first},${last}` } }),
                ),
            },
            opts,
        ),
        usage: new HiveTable(
            `${name}-usage`,
            { ...common, dataset: usage, location: merged, format: "parquet", partitionKeys: hours },
            opts,
        ),
        runs: new HiveTable(
            `${name}-runs`,
            {
                ...common,
                dataset: { ...runs, columns: usage.columns },
                location: merged,
                format: "parquet",
                partitionKeys: gluePartitionKeys(runs),
                projection: merged.apply((location) => partitionProjection(runs, { location })),
            },
            opts,
        ),
    };
}

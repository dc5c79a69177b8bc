import * as z from "zod";
import { defineDataset } from "../../schema/dataset";
import { authOptions, corsOptions, errorOptions, processorOptions, queryOptions } from "../blocks/option-groups";
import { choice, flag, group, integer, list } from "../blocks/options";
import { pageEvents } from "./dataset";

const columns = pageEvents.columns.map((column) => column.name);
const required = pageEvents.columns.flatMap((column) => ("optional" in column ? [] : [column.name]));

/** What config may say about a web-analytics pipeline: ranges, units and defaults. */
export const webAnalyticsOptions = group({
    /** When Firehose writes to the table. A commit per interval: short ones make many small files. */
    buffer: group({
        intervalSeconds: integer(0, 900, "seconds").default(60),
        sizeMiB: integer(1, 128, "MiB").default(128),
    }).prefault({}),
    /** The function that checks every record. */
    check: processorOptions({ sizeMiB: 1 }),
    /** Columns that identify an event: the same event twice is one row, and `operation` may update or delete it. */
    uniqueKeys: list(choice(...required)).default([]),
    /** Whether Firehose may scale without limit because rows are only added. Without it: true when there are no unique keys. */
    appendOnly: flag().optional(),
    auth: authOptions,
    cors: corsOptions,
    table: group({
        /** Partitions, outermost first: a column, or `day(timestamp)`, `hour(timestamp)`, `bucket(16, user_id)`. */
        partitionBy: list(z.string("a text")).default([...pageEvents.partitionBy]),
        /** The only one that Glue makes and compacts. */
        format: choice("parquet").default("parquet"),
        compression: choice("zstd", "snappy", "gzip").default("zstd"),
        sortBy: list(choice(...columns)).default([]),
        snapshotDays: integer(1, 365, "days").default(5),
        snapshotCount: integer(1, 1_000, "snapshots").default(1),
        orphanDays: integer(3, 365, "days").default(3),
    }).prefault({}),
    errors: errorOptions,
    queries: queryOptions,
    alarms: group({
        /** How old the oldest record may be that is not in the table yet. */
        freshnessSeconds: integer(60, 86_400, "seconds").default(900),
        /** Records in five minutes that did not reach the table. */
        failedRecords: integer(1, 1_000_000, "records").default(1),
        /** Answers 5xx in five minutes. */
        serverErrors: integer(1, 1_000_000, "answers").default(1),
    }).prefault({}),
});

/** Options of a web-analytics pipeline, defaults filled in. */
export type WebAnalyticsOptions = z.output<typeof webAnalyticsOptions>;

/** Whether the stream only ever appends. */
export function isAppendOnly({ appendOnly, uniqueKeys }: WebAnalyticsOptions): boolean {
    return appendOnly ?? uniqueKeys.length === 0;
}

/** The dataset as these options lay it out. */
export function datasetOf({ uniqueKeys, table }: WebAnalyticsOptions) {
    return defineDataset({
        ...pageEvents,
        partitionBy: table.partitionBy,
        ...(uniqueKeys.length > 0 && { key: uniqueKeys }),
    });
}

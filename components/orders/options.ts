import type * as z from "zod";
import { authOptions, corsOptions, errorOptions, processorOptions, queryOptions } from "../blocks/option-groups";
import { choice, group, integer, text } from "../blocks/options";
import { sourceBackupOptions } from "../blocks/source-backup";

/** What config may say about an orders pipeline: ranges, units and defaults. */
export const ordersOptions = group({
    auth: authOptions,
    cors: corsOptions,
    /** The Kinesis stream between the API and all that reads the orders. */
    stream: group({
        mode: choice("on-demand", "provisioned").default("on-demand"),
        /** How many shards, where their number is provisioned. */
        shards: integer(1, 10_000, "shards").optional(),
        /** For how long orders can be read again. */
        retentionHours: integer(24, 8_760, "hours").default(168),
        /** `aws`: the key that the account has for Kinesis. `own`: one for this stream alone. */
        key: choice("aws", "own").default("aws"),
    }).prefault({}),
    /** The function that writes the orders to DynamoDB: how many it gets at once, and when an order is given up. */
    consumer: group({
        batchSize: integer(1, 10_000, "orders").default(500),
        windowSeconds: integer(0, 300, "seconds").default(1),
        parallelization: integer(1, 10, "calls per shard").default(1),
        retries: integer(0, 10_000, "retries").default(20),
        maxAgeSeconds: integer(60, 604_800, "seconds").default(86_400),
        memoryMiB: integer(128, 10_240, "MiB").default(512),
        timeoutSeconds: integer(3, 900, "seconds").default(60),
    }).prefault({}),
    /** The functions that make rows of orders, one for each of the four delivery streams. */
    rows: processorOptions({ sizeMiB: 0.5 }),
    /** When Firehose writes a file, for each day that it has rows of. Short intervals make many small files. */
    buffer: group({
        intervalSeconds: integer(1, 900, "seconds").default(300),
        sizeMiB: integer(64, 128, "MiB").default(128),
    }).prefault({}),
    /** The years (UTC) in which orders happen. The tables have partitions for these, and an order of another year is rejected. */
    years: group({
        first: integer(1, 9_999).default(2020),
        last: integer(1, 9_999).default(2039),
    }).prefault({}),
    /** When partitions are registered for those who, unlike Athena, do not find them by themselves. In UTC. */
    crawler: group({
        schedule: text(/^cron\(\S+( \S+){5}\)$/, "a schedule such as cron(15 2 * * ? *)").default("cron(15 2 * * ? *)"),
    }).prefault({}),
    /** Kept by the stream of the table of orders: what comes is the same for all four. */
    sourceBackup: sourceBackupOptions,
    errors: errorOptions,
    queries: queryOptions,
    alarms: group({
        /** How old the oldest row may be that is not in its table yet. */
        freshnessSeconds: integer(60, 86_400, "seconds").default(1_800),
        /** How old the oldest order may be that is not in DynamoDB yet. */
        iteratorAgeSeconds: integer(1, 604_800, "seconds").default(300),
        /** Answers 5xx in five minutes. */
        serverErrors: integer(1, 1_000_000, "answers").default(1),
    }).prefault({}),
});

/** Options of an orders pipeline, defaults filled in. */
export type OrdersOptions = z.output<typeof ordersOptions>;

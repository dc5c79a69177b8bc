import * as z from "zod";
import { defineDataset } from "../../schema/dataset";
import { choice, decimal, flag, group, integer, list, text } from "../blocks/options";
import type { Problem } from "../blocks/pipeline";
import { pageEvents } from "./dataset";

const columns = pageEvents.columns.map((column) => column.name);
const required = pageEvents.columns.flatMap((column) => ("optional" in column ? [] : [column.name]));

const closed = pageEvents.columns.flatMap((column) => ("oneOf" in column ? [column.name] : []));

const throttle = group({
    rate: integer(1, 10_000, "requests per second"),
    burst: integer(1, 10_000, "requests"),
});

/** What config may say about a web-analytics pipeline: ranges, units and defaults. */
export const webAnalyticsOptions = group({
    /** When Firehose writes to the table. A commit per interval: short ones make many small files. */
    buffer: group({
        intervalSeconds: integer(0, 900, "seconds").default(60),
        sizeMiB: integer(1, 128, "MiB").default(128),
    }).prefault({}),
    /** The function that checks every record: how much it gets at once, how often Firehose tries again, how large it is. */
    check: group({
        intervalSeconds: integer(0, 900, "seconds").default(60),
        sizeMiB: decimal(0.2, 3, "MiB").default(1),
        retries: integer(0, 300, "retries").default(3),
        memoryMiB: integer(128, 10_240, "MiB").default(512),
        timeoutSeconds: integer(1, 300, "seconds").default(60),
    }).prefault({}),
    /** Columns that identify an event: the same event twice is one row, and `operation` may update or delete it. */
    uniqueKeys: list(choice(...required)).default([]),
    /** Whether Firehose may scale without limit because rows are only added. Without it: true when there are no unique keys. */
    appendOnly: flag().optional(),
    auth: group({
        mode: choice("iam", "api-key", "none").default("iam"),
        /** Requests that the API takes; with `api-key` also what each key may make of them. */
        throttle: throttle.optional(),
        /** Requests that a key has in a period. */
        quota: group({
            limit: integer(1, 1_000_000_000, "requests"),
            period: choice("DAY", "WEEK", "MONTH").default("MONTH"),
        }).optional(),
    }).prefault({}),
    /** Web pages that may call the API: `https://shop.example`, or `*` for all. */
    cors: group({
        origins: list(
            text(
                /^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/,
                "an origin such as https://shop.example, in lower case and without a path, or *",
            ),
        ),
    }).optional(),
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
    /** Days for which what could not be delivered is kept. */
    errorRetentionDays: integer(1, 3_650, "days").default(90),
    queries: group({
        scanLimitGiB: integer(1, 10_240, "GiB").default(100),
        resultRetentionDays: integer(1, 365, "days").default(7),
    }).prefault({}),
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

/** What AWS would refuse, or worse accept, in options that are each within their range. */
export function webAnalyticsProblems(options: WebAnalyticsOptions): readonly Problem[] {
    return [...RULES.flatMap((rule) => rule(options)), ...layoutProblems(options)];
}

/**
 * The smallest valid event takes 150 bytes, and in the answer 470: its base64 in an envelope with the names of database and table.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_CHECK_MIB = 1.5;

type Rule = (options: WebAnalyticsOptions) => readonly Problem[];

const RULES: readonly Rule[] = [
    ({ appendOnly, uniqueKeys }) =>
        problem(
            appendOnly === true && uniqueKeys.length > 0,
            ["appendOnly"],
            ["An append-only stream cannot update rows by uniqueKeys.", "Leave appendOnly out, or remove uniqueKeys."],
        ),
    ({ auth }) =>
        problem(
            auth.mode === "none" && !auth.throttle,
            ["auth", "throttle"],
            [
                "Without authentication anybody on the internet can write, so a throttle must say how much.",
                "Set auth.throttle.rate and auth.throttle.burst, or auth.mode to iam or api-key.",
            ],
        ),
    ({ auth }) =>
        problem(
            auth.mode !== "api-key" && auth.quota !== undefined,
            ["auth", "quota"],
            [
                "A quota is counted by API key, and there are keys only where auth.mode is api-key.",
                "Set auth.mode to api-key, or remove auth.quota.",
            ],
        ),
    ({ auth, cors }) =>
        problem(
            auth.mode !== "none" && cors !== undefined && cors.origins.includes("*"),
            ["cors", "origins"],
            [
                "The origin * lets every web page call the API with the credentials of whoever looks at it.",
                "Name the origins that may, or set auth.mode to none if nobody is to be kept out.",
            ],
        ),
    ({ cors }) =>
        problem(
            cors !== undefined && cors.origins.includes("*") && cors.origins.length > 1,
            ["cors", "origins"],
            ["The origin * stands for all, so the others beside it mean nothing.", "Keep *, or the others."],
        ),
    ({ cors }) =>
        problem(
            cors !== undefined && cors.origins.length === 0,
            ["cors", "origins"],
            ["There is no origin in the list.", "Name one, or remove cors."],
        ),
    ({ check }) =>
        problem(
            check.sizeMiB > MAX_CHECK_MIB,
            ["check", "sizeMiB"],
            [
                `${check.sizeMiB} MiB of small events can pass the 6 MB that a function may answer with, and what is beyond them fails.`,
                `Set check.sizeMiB to ${MAX_CHECK_MIB} or less.`,
            ],
        ),
    ({ alarms, buffer, check }) =>
        problem(
            alarms.freshnessSeconds <= buffer.intervalSeconds + check.intervalSeconds,
            ["alarms", "freshnessSeconds"],
            [
                `A record may wait ${check.intervalSeconds} s for its check and ${buffer.intervalSeconds} s for its delivery, so the alarm would ring without end.`,
                `Set alarms.freshnessSeconds above ${buffer.intervalSeconds + check.intervalSeconds}, or shorten buffer.intervalSeconds and check.intervalSeconds.`,
            ],
        ),
    ({ table }) =>
        unbounded(table.partitionBy).map((column) => ({
            path: ["table", "partitionBy"],
            message:
                `A partition for each value of ${column}, which are without number, makes as many small files. ` +
                `Partition by bucket(16, ${column}), or by a column with a closed list of values: ${closed.join(", ")}.`,
        })),
];

/** Columns that partition by each of their values, though anything may be in them. */
function unbounded(partitionBy: readonly string[]): readonly string[] {
    return columns.filter((column) => partitionBy.includes(column) && !(closed as readonly string[]).includes(column));
}

/** A layout that the dataset cannot have, in the words of the dataset itself. */
function layoutProblems(options: WebAnalyticsOptions): readonly Problem[] {
    try {
        datasetOf(options);
        return [];
    } catch (error) {
        return [{ path: ["table", "partitionBy"], message: error instanceof Error ? error.message : String(error) }];
    }
}

function problem(holds: boolean, path: readonly string[], sentences: readonly string[]): readonly Problem[] {
    return holds ? [{ path, message: sentences.join(" ") }] : [];
}

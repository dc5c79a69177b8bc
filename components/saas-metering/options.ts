import type * as z from "zod";
import { corsOptions, errorOptions, queryOptions } from "../blocks/option-groups";
import { choice, group, integer, text } from "../blocks/options";

/** What config may say about a saas-metering pipeline: ranges, units and defaults. */
export const saasMeteringOptions = group({
    /** Requests that the API takes, of all users together. */
    throttle: group({
        rate: integer(1, 10_000, "requests per second").default(50),
        burst: integer(1, 10_000, "requests").default(100),
    }).prefault({}),
    cors: corsOptions,
    /** Who signs up, and for how long a sign-in holds. */
    users: group({
        passwordLength: integer(8, 99, "characters").default(12),
        tokenMinutes: integer(5, 1_440, "minutes").default(60),
        refreshDays: integer(1, 3_650, "days").default(30),
        threatProtection: choice("off", "audit", "enforced").default("off"),
    }).prefault({}),
    /** The function that answers. */
    api: group({
        memoryMiB: integer(128, 10_240, "MiB").default(256),
        timeoutSeconds: integer(1, 29, "seconds").default(5),
    }).prefault({}),
    /** When Firehose writes a file of log lines. Short intervals make many small files, which the merge then reads. */
    buffer: group({
        intervalSeconds: integer(0, 900, "seconds").default(300),
        sizeMiB: integer(1, 128, "MiB").default(128),
    }).prefault({}),
    /** Where log lines lie as they came, and for how many days. */
    raw: group({
        retentionDays: integer(1, 3_650, "days").default(30),
    }).prefault({}),
    /** The function that makes the usage table of log lines. */
    merge: group({
        schedule: text(
            /^(cron\(\S+( \S+){5}\)|rate\([1-9]\d* (minutes?|hours?|days?)\))$/,
            "a schedule such as cron(10 * * * ? *) or rate(1 hour)",
        ).default("cron(10 * * * ? *)"),
        /** For how long files are expected in the folder of an hour. Firehose tries for a day to deliver one. */
        latenessHours: integer(1, 336, "hours").default(48),
        memoryMiB: integer(128, 10_240, "MiB").default(512),
        timeoutSeconds: integer(60, 900, "seconds").default(900),
    }).prefault({}),
    /** The years (UTC) in which log lines arrive: Athena looks for their folders in these. */
    years: group({
        first: integer(1970, 9_998).default(2020),
        last: integer(1970, 9_998).default(2039),
    }).prefault({}),
    errors: errorOptions,
    queries: queryOptions,
    alarms: group({
        /** How old the oldest log line may be that is not in the bucket yet. */
        freshnessSeconds: integer(60, 86_400, "seconds").default(1_800),
        /** For how long no run of the merge may have left nothing behind. */
        behindHours: integer(1, 168, "hours").default(3),
        /** Answers 5xx in five minutes. */
        serverErrors: integer(1, 1_000_000, "answers").default(1),
    }).prefault({}),
});

/** Options of a saas-metering pipeline, defaults filled in. */
export type SaasMeteringOptions = z.output<typeof saasMeteringOptions>;

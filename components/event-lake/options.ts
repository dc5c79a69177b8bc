import * as z from "zod";
import { errorOptions, queryOptions } from "../blocks/option-groups";
import { choice, group, integer, list, text } from "../blocks/options";
import { cardEvents } from "./dataset";

const columns = cardEvents.columns.map(({ name }) => name);

/** Columns that a role does not see. */
const hidden = (...defaults: readonly string[]) => list(choice(...columns)).default([...defaults]);

/** What config may say about an event-lake pipeline: ranges, units and defaults. */
export const eventLakeOptions = group({
    /** Which events of the bus are payments. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
    pattern: z
        .record(z.string(), z.unknown(), 'a map such as { source: ["transactions"] }')
        .default({ source: ["transactions"], "detail-type": ["card-event"] }),
    /** How long EventBridge tries to hand an event to the stream before it gives it up. */
    delivery: group({
        retries: integer(0, 185, "retries").default(185),
        maxAgeSeconds: integer(60, 86_400, "seconds").default(86_400),
    }).prefault({}),
    /** Whether the bus keeps the events for a replay. They are as clear there as they came. */
    archive: group({ retentionDays: integer(1, 3_650, "days") }).optional(),
    /** When Firehose writes a file of raw events. */
    buffer: group({
        intervalSeconds: integer(0, 900, "seconds").default(120),
        sizeMiB: integer(1, 128, "MiB").default(128),
    }).prefault({}),
    /** For how long the events are kept as they came, personal data and all. */
    raw: group({ retentionDays: integer(1, 3_650, "days").default(30) }).prefault({}),
    /** The job that makes rows of the raw events. */
    job: group({
        /** In UTC. */
        schedule: z.string("a text").default("cron(0 * * * ? *)"),
        /** Most workers at once; there are two when there is little to do. */
        workers: integer(2, 299, "workers").default(5),
        timeoutMinutes: integer(5, 10_080, "minutes").default(60),
        /** Days in which an event is known again although it comes with another time. Those with the same time are always. */
        lookbackDays: integer(1, 365, "days").default(3),
    }).prefault({}),
    /** The years (UTC) in which events happen. The table has partitions for these, and an event of another year is rejected. */
    years: group({
        first: integer(1, 9_999).default(2020),
        last: integer(1, 9_999).default(2039),
    }).prefault({}),
    /** Who sees what, where the stack says `lakeFormation: grant`. */
    access: group({
        /** Users and roles of the account that may work as one of the roles. None: all whom the account's own policies allow to. */
        principals: list(
            text(
                /^arn:aws[\w-]*:iam::\d{12}:(user|role)\/[\w+=,.@/-]+$/,
                "the ARN of a user or a role, such as arn:aws:iam::123456789012:role/finance",
            ),
        ).default([]),
        analyst: group({
            /** What a row must be: a condition in SQL. */
            rows: z.string("a text").default("country = 'IN'"),
            hidden: hidden("card_number", "name"),
        }).prefault({}),
        developer: group({ hidden: hidden("name") }).prefault({}),
    }).prefault({}),
    /** The function that sends events to try the pipeline with. */
    simulator: group({
        memoryMiB: integer(128, 10_240, "MiB").default(512),
        timeoutSeconds: integer(3, 900, "seconds").default(300),
    }).prefault({}),
    errors: errorOptions,
    queries: queryOptions,
    alarms: group({
        /** How old the oldest event may be that is not in the bucket yet. */
        freshnessSeconds: integer(60, 86_400, "seconds").default(900),
        /** Documents in five minutes of which the job can make no row. */
        rejected: integer(1, 1_000_000, "documents").default(1),
    }).prefault({}),
});

/** Options of an event-lake pipeline, defaults filled in. */
export type EventLakeOptions = z.output<typeof eventLakeOptions>;

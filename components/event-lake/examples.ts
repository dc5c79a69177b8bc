import type * as z from "zod";
import type { eventLakeOptions } from "./options";

/** Options for typical uses, by what they are for. Between them they try every mode; tests of the whole program go through all. */
export const examples: Readonly<Record<string, z.input<typeof eventLakeOptions>>> = {
    "the defaults": {},
    "as fast as can be": {
        buffer: { intervalSeconds: 0, sizeMiB: 1 },
        job: { schedule: "cron(0/5 * * * ? *)", workers: 20 },
        alarms: { freshnessSeconds: 60 },
    },
    "a bank that must be able to replay": {
        archive: { retentionDays: 365 },
        raw: { retentionDays: 400 },
        job: { lookbackDays: 31, timeoutMinutes: 600 },
        delivery: { retries: 10, maxAgeSeconds: 3600 },
    },
    "large payments of one country": {
        pattern: {
            source: [{ prefix: "transactions" }],
            "detail-type": ["card-event"],
            detail: {
                location: { country: ["IN"] },
                $or: [{ amount: { value: [{ numeric: [">", 1000, "<=", 5000] }] } }, { urgent: [{ exists: true }] }],
            },
        },
    },
    "once a day, kept for a short time": {
        job: { schedule: "cron(30 1 ? * MON-FRI *)" },
        raw: { retentionDays: 4 },
        years: { first: 2026, last: 2030 },
    },
    "roles for named people only": {
        access: {
            principals: ["arn:aws:iam::123456789012:role/finance", "arn:aws:iam::123456789012:user/ada"],
            analyst: { rows: "country IN ('IN', 'US') AND amount < 1000", hidden: ["card_number", "name", "city"] },
            developer: { hidden: [] },
        },
    },
};

import type * as z from "zod";
import type { saasMeteringOptions } from "./options";

/** Options for typical uses, by what they are for. Between them they try every mode; tests of the whole program go through all. */
export const examples: Readonly<Record<string, z.input<typeof saasMeteringOptions>>> = {
    "the defaults": {},
    "a product with many tenants": {
        throttle: { rate: 2000, burst: 4000 },
        users: { passwordLength: 16, tokenMinutes: 15, refreshDays: 7, threatProtection: "enforced" },
        api: { memoryMiB: 1769 },
        raw: { retentionDays: 400 },
        merge: { latenessHours: 168, memoryMiB: 1024 },
    },
    "a single page of its own": { cors: { origins: ["https://app.example"] } },
    "pages of several origins": {
        cors: { origins: ["https://app.example", "https://www.app.example"] },
        users: { threatProtection: "audit" },
    },
    "open to every page": { cors: { origins: ["*"] } },
    "merged once a day": {
        buffer: { intervalSeconds: 900 },
        merge: { schedule: "cron(30 2 * * ? *)" },
        alarms: { behindHours: 30 },
    },
    "as fast as can be": {
        buffer: { intervalSeconds: 0, sizeMiB: 1 },
        merge: { schedule: "rate(5 minutes)" },
        alarms: { behindHours: 1 },
    },
};

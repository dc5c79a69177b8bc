import type * as z from "zod";
import type { ordersOptions } from "./options";

/** Options for typical uses, by what they are for. Between them they try every mode; tests of the whole program go through all. */
export const examples: Readonly<Record<string, z.input<typeof ordersOptions>>> = {
    "the defaults": {},
    "a shop that knows its load": {
        stream: { mode: "provisioned", shards: 4, retentionHours: 336 },
        consumer: { batchSize: 1000, parallelization: 4, memoryMiB: 1769 },
        years: { first: 2026, last: 2030 },
    },
    "a key of its own": { stream: { key: "own", retentionHours: 24 }, consumer: { maxAgeSeconds: 3600 } },
    "a shop's own pages": {
        auth: { mode: "api-key", throttle: { rate: 100, burst: 200 }, quota: { limit: 1_000_000, period: "DAY" } },
        cors: { origins: ["https://shop.example", "https://www.shop.example"] },
    },
    "open to every page": {
        auth: { mode: "none", throttle: { rate: 10, burst: 20 } },
        cors: { origins: ["*"] },
    },
    "every order kept as it came": { sourceBackup: {} },
    "as fast as can be": {
        consumer: { windowSeconds: 0, retries: 0 },
        rows: { intervalSeconds: 0, sizeMiB: 0.2, retries: 0 },
        buffer: { intervalSeconds: 1, sizeMiB: 64 },
        crawler: { schedule: "cron(0 * * * ? *)" },
    },
};

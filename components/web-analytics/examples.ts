import type * as z from "zod";
import type { webAnalyticsOptions } from "./options";

/** Options for typical uses, by what they are for. Between them they try every mode; tests of the whole program go through all. */
export const examples: Readonly<Record<string, z.input<typeof webAnalyticsOptions>>> = {
    "the defaults": {},
    "one row per event": {
        uniqueKeys: ["user_id", "timestamp"],
        table: { partitionBy: ["day(timestamp)", "event"], compression: "snappy", sortBy: ["timestamp"] },
    },
    "a web shop's own pages": {
        auth: { mode: "api-key", throttle: { rate: 100, burst: 200 }, quota: { limit: 1_000_000, period: "DAY" } },
        cors: { origins: ["https://shop.example", "https://www.shop.example"] },
    },
    "open to every page": {
        auth: { mode: "none", throttle: { rate: 10, burst: 20 } },
        cors: { origins: ["*"] },
    },
    "as fast as can be": {
        buffer: { intervalSeconds: 0, sizeMiB: 1 },
        check: { intervalSeconds: 0, sizeMiB: 0.2, retries: 0 },
        appendOnly: false,
    },
};

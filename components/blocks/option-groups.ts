import * as z from "zod";
import { choice, decimal, group, integer, list, text } from "./options";

// Groups of options that more than one kind of pipeline has.

const throttle = group({
    rate: integer(1, 10_000, "requests per second"),
    burst: integer(1, 10_000, "requests"),
});

/** Who may call an API, and how much. */
export const authOptions = group({
    mode: choice("iam", "api-key", "none").default("iam"),
    /** Requests that the API takes; with `api-key` also what each key may make of them. */
    throttle: throttle.optional(),
    /** Requests that a key has in a period. */
    quota: group({
        limit: integer(1, 1_000_000_000, "requests"),
        period: choice("DAY", "WEEK", "MONTH").default("MONTH"),
    }).optional(),
}).prefault({});

/** Web pages that may call an API: `https://shop.example`, or `*` for all. */
export const corsOptions = group({
    origins: list(
        text(
            /^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/,
            "an origin such as https://shop.example, in lower case and without a path, or *",
        ),
    ),
}).optional();

/** The function that every record of a delivery stream goes through: how much it gets at once, how often Firehose tries again, how large it is. */
export function processorOptions(defaults: { readonly sizeMiB: number }) {
    return group({
        intervalSeconds: integer(0, 900, "seconds").default(60),
        sizeMiB: decimal(0.2, 3, "MiB").default(defaults.sizeMiB),
        retries: integer(0, 300, "retries").default(3),
        memoryMiB: integer(128, 10_240, "MiB").default(512),
        timeoutSeconds: integer(1, 300, "seconds").default(60),
    }).prefault({});
}

/** Where in the bucket lies what could not be delivered, and for how many days. */
export const errorOptions = group({
    prefix: z.string("a text").default("errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/"),
    retentionDays: integer(1, 3_650, "days").default(90),
}).prefault({});

/** What a query may read, and how long its result is kept. */
export const queryOptions = group({
    scanLimitGiB: integer(1, 10_240, "GiB").default(100),
    resultRetentionDays: integer(1, 365, "days").default(7),
}).prefault({});

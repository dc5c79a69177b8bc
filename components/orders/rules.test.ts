import * as assert from "node:assert/strict";
import type * as z from "zod";
import { examples } from "./examples";
import { ordersOptions } from "./options";
import { ordersProblems } from "./rules";

type Options = z.input<typeof ordersOptions>;

function problemsOf(options: Options): readonly string[] {
    return ordersProblems(ordersOptions.parse(options)).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const failed = "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/";

describe("The options of orders", () => {
    for (const [what, options] of Object.entries(examples)) {
        it(`may be those of the example "${what}"`, () => assert.deepEqual(problemsOf(options), []));
    }

    for (const [options, ...problems] of [
        [
            { auth: { mode: "none" } },
            "auth.throttle: Without authentication anybody on the internet can write, so a throttle must say how much. Set auth.throttle.rate and auth.throttle.burst, or auth.mode to iam or api-key.",
        ],
        [
            { cors: { origins: ["*"] } },
            "cors.origins: The origin * lets every web page call the API with the credentials of whoever looks at it. Name the origins that may, or set auth.mode to none if nobody is to be kept out.",
        ],
        [
            { stream: { shards: 2 } },
            "stream.shards: A stream on demand has as many shards as it needs. Remove stream.shards, or set stream.mode to provisioned.",
        ],
        [
            { stream: { mode: "provisioned" } },
            "stream.shards: A provisioned stream has as many shards as you say. Set stream.shards: the five readers share what a shard gives, so one carries 0.4 MB of orders per second. Or set stream.mode to on-demand.",
        ],
        [{ stream: { mode: "provisioned", shards: 1 } }],
        [
            { stream: { retentionHours: 24 } },
            "consumer.maxAgeSeconds: The stream keeps orders for 24 hours, so they would expire before they are given up, and be gone when you look for them. Set consumer.maxAgeSeconds below 86400, or stream.retentionHours higher.",
        ],
        [{ stream: { retentionHours: 24 }, consumer: { maxAgeSeconds: 86_399 } }],
        [
            { years: { first: 2027, last: 2026 } },
            "years: There is no year from 2027 to 2026. Set years.first to years.last or less.",
        ],
        [{ years: { first: 2026, last: 2026 } }],
        [
            { years: { first: 1926, last: 2026 } },
            "years: Athena would look for files in the folders of each day of 101 years, which takes minutes. Let years.first and years.last span at most 100 years.",
        ],
        [{ years: { first: 1927, last: 2026 } }],
        [
            { rows: { sizeMiB: 0.91 } },
            "rows.sizeMiB: 0.91 MiB of orders can make rows beyond the 6 MB that a function may answer with, and what is beyond them fails. Set rows.sizeMiB to 0.9 or less.",
        ],
        [{ rows: { sizeMiB: 0.9 } }],
        [
            { buffer: { intervalSeconds: 900 }, alarms: { freshnessSeconds: 1_410 } },
            "alarms.freshnessSeconds: An order may wait 60 s for its function and 1350 s for its delivery, so the alarm would ring without end. Set alarms.freshnessSeconds above 1410, or shorten buffer.intervalSeconds and rows.intervalSeconds.",
        ],
        [{ buffer: { intervalSeconds: 900 }, alarms: { freshnessSeconds: 1_411 } }],
        [
            { consumer: { windowSeconds: 300 } },
            "alarms.iteratorAgeSeconds: An order may wait 300 s for a full batch, so the alarm would ring without end. Set alarms.iteratorAgeSeconds above 300, or shorten consumer.windowSeconds.",
        ],
        [{ consumer: { windowSeconds: 299 } }],
        ...["orders", "product_details", "purchase_details", "shipping_addresses", "query-results"].map(
            (folder): [Options, string] => [
                { errors: { prefix: failed.replace("errors", folder) } },
                `errors.prefix: The folder ${folder}/ holds something else. Begin it with errors/.`,
            ],
        ),
        [
            { errors: { prefix: failed.replace("dd", "DD") } },
            "errors.prefix: DD is the day of the year. Write dd for the day of the month.",
        ],
        [
            { stream: { shards: 2 }, years: { first: 2, last: 1 } },
            "stream.shards: A stream on demand has as many shards as it needs. Remove stream.shards, or set stream.mode to provisioned.",
            "years: There is no year from 2 to 1. Set years.first to years.last or less.",
        ],
    ] satisfies readonly (readonly [Options, ...string[]])[]) {
        it(`are ${problems.length ? "refused" : "taken"} when they are ${JSON.stringify(options)}`, () => {
            assert.deepEqual(problemsOf(options), problems);
        });
    }
});

import * as assert from "node:assert/strict";
import type * as z from "zod";
import { examples } from "./examples";
import { likesOptions } from "./options";
import { likesProblems } from "./rules";

type Options = z.input<typeof likesOptions>;

function problemsOf(options: Options): readonly string[] {
    return likesProblems(likesOptions.parse(options)).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const failed = "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/";

describe("The options of likes", () => {
    for (const [what, options] of Object.entries(examples)) {
        it(`may be those of the example "${what}"`, () => assert.deepEqual(problemsOf(options), []));
    }

    for (const [options, ...problems] of [
        [
            { table: { partitionKey: { name: "post" }, sortKey: { name: "post" } } },
            "table.sortKey.name: The partition key is post already. Name another attribute, or remove table.sortKey.",
        ],
        [
            { writer: { sizeMiB: 1 } },
            "writer.sizeMiB: 1 MiB of small items can pass the 6 MB that a function may answer with, and what is beyond them fails. Set writer.sizeMiB to 0.9 or less.",
        ],
        [{ writer: { sizeMiB: 0.9 } }],
        [
            { buffer: { intervalSeconds: 840 } },
            "alarms.freshnessSeconds: A record may wait 60 s for the function and 840 s for its delivery, so the alarm would ring without end. Set alarms.freshnessSeconds above 900, or shorten buffer.intervalSeconds and writer.intervalSeconds.",
        ],
        [{ buffer: { intervalSeconds: 839 } }],
        [{ buffer: { intervalSeconds: 900 }, alarms: { freshnessSeconds: 961 } }],
        [
            { prefix: "likes/!{timestamp:YYYY/MM/DD}/" },
            "prefix: YYYY is the year of the week, which is another year around New Year. Write yyyy.",
            "prefix: DD is the day of the year. Write dd for the day of the month.",
        ],
        [
            { prefix: "likes/!{partitionKeyFromLambda:post}/!{timestamp:yyyy/MM/dd}/" },
            "prefix: Firehose does not know !{partitionKeyFromLambda:post} in this prefix. Use !{timestamp:...} alone.",
        ],
        [{ prefix: "likes/" }, "prefix: It does not tell the days apart. Put !{timestamp:yyyy/MM/dd/HH} in it."],
        [
            { prefix: "!{timestamp:yyyy/MM/dd}/" },
            "prefix: It has no folder of its own, apart from what failed. Begin it with a folder such as likes/.",
        ],
        [
            { prefix: "errors/!{timestamp:yyyy/MM/dd}/" },
            "errors.prefix: The folder errors/ holds something else. Begin it with errors/.",
        ],
        [
            { errors: { prefix: failed.replace("errors/", "likes/failed/") } },
            "errors.prefix: The folder likes/failed/ holds something else. Begin it with errors/.",
        ],
        [
            { sourceBackup: {}, errors: { prefix: failed.replace("errors/", "source/") } },
            "errors.prefix: The folder source/ holds something else. Begin it with errors/.",
        ],
        [
            { sourceBackup: {}, prefix: "source/!{timestamp:yyyy/MM/dd}/" },
            "prefix: The folder source/ holds the backup of what came. Begin it with a folder such as likes/.",
        ],
        [{ prefix: "source/!{timestamp:yyyy/MM/dd}/" }],
        [
            { errors: { prefix: failed.replace("yyyy", "YYYY") } },
            "errors.prefix: YYYY is the year of the week, which is another year around New Year. Write yyyy.",
        ],
    ] satisfies readonly (readonly [Options, ...string[]])[]) {
        it(`are ${problems.length ? "refused" : "taken"} when they are ${JSON.stringify(options)}`, () => {
            assert.deepEqual(problemsOf(options), problems);
        });
    }
});

import * as assert from "node:assert/strict";
import type * as z from "zod";
import { examples } from "./examples";
import { saasMeteringOptions } from "./options";
import { saasMeteringProblems } from "./rules";

type Options = z.input<typeof saasMeteringOptions>;

function problemsOf(options: Options): readonly string[] {
    const problems = saasMeteringProblems(saasMeteringOptions.parse(options));
    return problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const failed = "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/";

describe("The options of saas-metering", () => {
    for (const [what, options] of Object.entries(examples)) {
        it(`may be those of the example "${what}"`, () => assert.deepEqual(problemsOf(options), []));
    }

    for (const [options, ...problems] of [
        [{ cors: { origins: [] } }, "cors.origins: There is no origin in the list. Name one, or remove cors."],
        [
            { cors: { origins: ["*", "https://a.example"] } },
            "cors.origins: The origin * stands for all, so the others beside it mean nothing. Keep *, or the others.",
        ],
        [
            { merge: { latenessHours: 25 } },
            "merge.latenessHours: Firehose tries for a day to deliver a file, and after 25 hours the merge looks for it no more: its requests would be metered by nobody. Set merge.latenessHours to 26 or more.",
        ],
        [{ merge: { latenessHours: 26 } }],
        [
            { raw: { retentionDays: 3 } },
            "raw.retentionDays: The merge looks back 48 hours, and log lines would be deleted before it has seen them or could try again. Set raw.retentionDays to 4 or more, or merge.latenessHours lower.",
        ],
        [{ raw: { retentionDays: 4 } }],
        [
            { merge: { schedule: "cron(10 * * * * *)" } },
            "merge.schedule: Exactly one of its day of the month and its day of the week must be ?. Write cron(10 * * * ? *).",
        ],
        [
            { merge: { schedule: "rate(1 hours)" } },
            "merge.schedule: EventBridge wants the unit of rate(1 hours) in another form. Write rate(1 hour).",
        ],
        [
            { merge: { schedule: "cron(0 */6 * * ? *)" } },
            "alarms.behindHours: The merge pauses for up to 6 hours by its schedule cron(0 */6 * * ? *), so the alarm would ring without end. Set alarms.behindHours above 6, or let the merge run more often.",
        ],
        [{ merge: { schedule: "cron(0 */6 * * ? *)" }, alarms: { behindHours: 7 } }],
        [
            { buffer: { intervalSeconds: 900 }, alarms: { freshnessSeconds: 900 } },
            "alarms.freshnessSeconds: A log line may wait 900 s for its delivery, so the alarm would ring without end. Set alarms.freshnessSeconds above 900, or shorten buffer.intervalSeconds.",
        ],
        [
            { years: { first: 2030, last: 2029 } },
            "years: There is no year from 2030 to 2029. Set years.first to years.last or less.",
        ],
        ...["access_log", "usage", "contents", "query-results"].map((folder): [Options, string] => [
            { errors: { prefix: failed.replace("errors/", `${folder}/`) } },
            `errors.prefix: The folder ${folder}/ holds something else. Begin it with errors/.`,
        ]),
        [
            { errors: { prefix: failed.replace("yyyy", "YYYY") } },
            "errors.prefix: YYYY is the year of the week, which is another year around New Year. Write yyyy.",
        ],
    ] as readonly (readonly [Options, ...string[]])[]) {
        const verb = problems.length > 0 ? "refuse" : "allow";
        it(`${verb} ${JSON.stringify(options)}`, () => assert.deepEqual(problemsOf(options), problems));
    }

    for (const [options, sentence] of [
        [{ throttle: { rate: 0 } }, "a whole number from 1 to 10,000 requests per second"],
        [{ users: { passwordLength: 7 } }, "a whole number from 8 to 99 characters"],
        [{ users: { threatProtection: "on" } }, "one of off, audit, enforced"],
        [{ merge: { schedule: "hourly" } }, "a schedule such as cron(10 * * * ? *) or rate(1 hour)"],
        [{ api: { timeoutSeconds: 30 } }, "a whole number from 1 to 29 seconds"],
    ] as const) {
        it(`refuse ${JSON.stringify(options)}, whose value is out of range`, () => {
            const { error } = saasMeteringOptions.safeParse(options);
            assert.deepEqual(
                error?.issues.map(({ message }) => message),
                [sentence],
            );
        });
    }
});

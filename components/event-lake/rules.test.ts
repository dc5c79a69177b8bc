import * as assert from "node:assert/strict";
import type * as z from "zod";
import { eventLakeOptions } from "./options";
import { eventLakeProblems } from "./rules";

const problems = (options: z.input<typeof eventLakeOptions>) =>
    eventLakeProblems(eventLakeOptions.parse(options)).map(({ path, message }) => `${path.join(".")}: ${message}`);

const COLUMNS = "Use id, time, source, account, region, amount, currency, country, state, city.";

describe("The rules of event-lake", () => {
    it("find nothing wrong with the defaults", () => assert.deepEqual(problems({}), []));

    for (const [what, options, ...expected] of [
        [
            "a pattern that matches nothing",
            { pattern: { source: [] } },
            'pattern: "source" has no values, so no event matches. Give it some, or leave it out.',
        ],
        [
            "a schedule that Glue does not take, and nothing that follows from it",
            { job: { schedule: "hourly" } },
            'job.schedule: "hourly" does not have six fields. Write it like cron(0 * * * ? *).',
        ],
        [
            "raw events that expire before they are read, and a look-back that misses the last run",
            { raw: { retentionDays: 7 }, job: { schedule: "cron(0 3 ? * MON *)" } },
            "raw.retentionDays: Raw events would be deleted after 7 days, but up to 8 days pass until they have been read and looked back at. Set raw.retentionDays to 8 or more, or run job.schedule more often.",
            "job.lookbackDays: Up to 7 days pass between two runs, and the second would know no event again of the days before. Set job.lookbackDays to 7 or more, or run job.schedule more often.",
        ],
        [
            "raw events that expire within the look-back",
            { raw: { retentionDays: 10 }, job: { lookbackDays: 10 } },
            "raw.retentionDays: Raw events would be deleted after 10 days, but up to 11 days pass until they have been read and looked back at. Set raw.retentionDays to 11 or more, or run job.schedule more often.",
        ],
        [
            "years that run backwards",
            { years: { first: 2030, last: 2029 } },
            "years: There is no year from 2030 to 2029. Set years.first to years.last or less.",
        ],
        [
            "more years than Athena looks through",
            { years: { first: 1900, last: 2026 } },
            "years: Athena would look for files in the folders of each day of 127 years, which takes minutes. Let years.first and years.last span at most 100 years.",
        ],
        [
            "a condition on columns that there are not",
            { access: { analyst: { rows: "nation = 'IN' AND Country = 'country' OR card = 1" } } },
            `access.analyst.rows: The table has no column "nation". ${COLUMNS}`,
            `access.analyst.rows: The table has no column "card". ${COLUMNS}`,
        ],
        [
            "a condition on personal data, which nobody finds",
            { access: { analyst: { rows: "card_number = '4111111111111111' OR transaction_message LIKE '%x%'" } } },
            `access.analyst.rows: "card_number" is personal data (hash), so no row has the value that the condition looks for. ${COLUMNS}`,
            `access.analyst.rows: "transaction_message" is personal data (drop), so no row has the value that the condition looks for. ${COLUMNS}`,
        ],
        [
            "a condition whose text does not end",
            { access: { analyst: { rows: "country = 'IN" } } },
            "access.analyst.rows: A text in country = 'IN does not end. Close it with a single quote.",
        ],
        [
            "no condition",
            { access: { analyst: { rows: " " } } },
            "access.analyst.rows: An empty condition is none. Write true for all rows.",
        ],
        [
            "an analyst who sees nothing",
            {
                access: {
                    analyst: {
                        hidden: [
                            "id",
                            "time",
                            "source",
                            "account",
                            "region",
                            "amount",
                            "currency",
                            "country",
                            "state",
                            "city",
                            "card_number",
                            "name",
                        ],
                    },
                },
            },
            "access.analyst.hidden: The analyst would see no column at all. Take some out of the list.",
        ],
        [
            "an alarm that rings without end",
            { buffer: { intervalSeconds: 900 } },
            "alarms.freshnessSeconds: An event may wait 900 s for its delivery, so the alarm would ring without end. Set alarms.freshnessSeconds above 900, or shorten buffer.intervalSeconds.",
        ],
        [
            "an error prefix with the year of the week, in the folder of the raw events",
            { errors: { prefix: "raw-data/!{firehose:error-output-type}/!{timestamp:YYYY/MM/dd}/" } },
            "errors.prefix: YYYY is the year of the week, which is another year around New Year. Write yyyy.",
            "errors.prefix: The folder raw-data/ holds something else. Begin it with errors/.",
        ],
    ] as const) {
        it(`find ${what}`, () => assert.deepEqual(problems(options as never), expected));
    }

    it("let a condition say more than one thing", () =>
        assert.deepEqual(
            problems({
                access: {
                    analyst: { rows: "country IN ('IN', 'it''s') AND amount BETWEEN 1.5 AND 20 AND state IS NOT NULL" },
                },
            }),
            [],
        ));
});

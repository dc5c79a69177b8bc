import { apiProblems } from "../blocks/api-problems";
import { errorPrefixProblems } from "../blocks/error-prefix";
import type { Problem } from "../blocks/pipeline";
import { problem } from "../blocks/problem";
import { RESULTS } from "../blocks/workgroup";
import { pageEvents } from "./dataset";
import { datasetOf, type WebAnalyticsOptions } from "./options";

type Rule = (options: WebAnalyticsOptions) => readonly Problem[];

/** What AWS would refuse, or worse accept, in options that are each within their range: a sentence on what is wrong, and one on the way out. */
export function webAnalyticsProblems(options: WebAnalyticsOptions): readonly Problem[] {
    return RULES.flatMap((rule) => rule(options));
}

const RULES: readonly Rule[] = [
    appendingWithKeys,
    apiProblems,
    answersBeyondLimit,
    alarmThatAlwaysRings,
    unboundedPartitions,
    wrongErrorPrefix,
    impossibleLayout,
];

function appendingWithKeys({ appendOnly, uniqueKeys }: WebAnalyticsOptions) {
    if (appendOnly !== true || uniqueKeys.length === 0) return [];
    return problem(
        "appendOnly",
        "An append-only stream cannot update rows by uniqueKeys.",
        "Leave appendOnly out, or remove uniqueKeys.",
    );
}

/**
 * The smallest valid event takes 150 bytes, and in the answer 470: its base64 in an envelope with the names of database and table.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_CHECK_MIB = 1.5;

function answersBeyondLimit({ check }: WebAnalyticsOptions) {
    if (check.sizeMiB <= MAX_CHECK_MIB) return [];
    return problem(
        "check.sizeMiB",
        `${check.sizeMiB} MiB of small events can pass the 6 MB that a function may answer with, and what is beyond them fails.`,
        `Set check.sizeMiB to ${MAX_CHECK_MIB} or less.`,
    );
}

function alarmThatAlwaysRings({ alarms, buffer, check }: WebAnalyticsOptions) {
    const longest = buffer.intervalSeconds + check.intervalSeconds;
    if (alarms.freshnessSeconds > longest) return [];
    return problem(
        "alarms.freshnessSeconds",
        `An event may wait ${check.intervalSeconds} s for its check and ${buffer.intervalSeconds} s for its delivery, so the alarm would ring without end.`,
        `Set alarms.freshnessSeconds above ${longest}, or shorten buffer.intervalSeconds and check.intervalSeconds.`,
    );
}

function unboundedPartitions({ table }: WebAnalyticsOptions) {
    const names = pageEvents.columns.map((column) => column.name);
    const closed: readonly string[] = pageEvents.columns.flatMap((column) => ("oneOf" in column ? [column.name] : []));
    const unbounded = names.filter((column) => table.partitionBy.includes(column) && !closed.includes(column));
    return unbounded.flatMap((column) =>
        problem(
            "table.partitionBy",
            `A partition for each value of ${column}, which are without number, makes as many small files.`,
            `Partition by bucket(16, ${column}), or by a column with a closed list of values: ${closed.join(", ")}.`,
        ),
    );
}

function wrongErrorPrefix({ errors }: WebAnalyticsOptions) {
    return errorPrefixProblems(errors.prefix, [pageEvents.name, RESULTS]).flatMap((sentence) =>
        problem("errors.prefix", sentence),
    );
}

/** A layout that the dataset cannot have, in the words of the dataset itself. */
function impossibleLayout(options: WebAnalyticsOptions) {
    try {
        datasetOf(options);
        return [];
    } catch (error) {
        return problem("table.partitionBy", error instanceof Error ? error.message : String(error));
    }
}

import { cronProblems, longestDays } from "../blocks/cron";
import { errorPrefixProblems } from "../blocks/error-prefix";
import { eventPatternProblems } from "../blocks/event-pattern";
import { GLUE } from "../blocks/glue-job";
import type { Problem } from "../blocks/pipeline";
import { problem } from "../blocks/problem";
import { RESULTS } from "../blocks/workgroup";
import { tooManyYears, yearsBackwards } from "../blocks/years";
import { cardEvents, payments } from "./dataset";
import type { EventLakeOptions } from "./options";
import { RAW } from "./places";

type Rule = (options: EventLakeOptions) => readonly Problem[];

/** What AWS would refuse, or worse accept, in options that are each within their range: a sentence on what is wrong, and one on the way out. */
export function eventLakeProblems(options: EventLakeOptions): readonly Problem[] {
    return RULES.flatMap((rule) => rule(options));
}

const RULES: readonly Rule[] = [
    wrongPattern,
    wrongSchedule,
    expiredBeforeRead,
    lookbackBetweenRuns,
    yearsBackwards,
    tooManyYears,
    wrongRowFilter,
    nothingToSee,
    alarmThatAlwaysRings,
    wrongErrorPrefix,
];

function wrongPattern({ pattern }: EventLakeOptions) {
    return eventPatternProblems(pattern).flatMap((sentence) => problem("pattern", sentence));
}

function wrongSchedule({ job }: EventLakeOptions) {
    return cronProblems(job.schedule).flatMap((sentence) => problem("job.schedule", sentence));
}

/** A day, because lifecycle rules and runs both begin at some time of it. */
const MARGIN_DAYS = 1;

function expiredBeforeRead({ raw, job }: EventLakeOptions) {
    if (cronProblems(job.schedule).length > 0) return [];
    const needed = Math.max(longestDays(job.schedule), job.lookbackDays) + MARGIN_DAYS;
    if (raw.retentionDays >= needed) return [];
    return problem(
        "raw.retentionDays",
        `Raw events would be deleted after ${raw.retentionDays} days, but up to ${needed} days pass until they have been read and looked back at.`,
        `Set raw.retentionDays to ${needed} or more, or run job.schedule more often.`,
    );
}

function lookbackBetweenRuns({ job }: EventLakeOptions) {
    if (cronProblems(job.schedule).length > 0) return [];
    const between = longestDays(job.schedule);
    if (job.lookbackDays >= between) return [];
    return problem(
        "job.lookbackDays",
        `Up to ${between} days pass between two runs, and the second would know no event again of the days before.`,
        `Set job.lookbackDays to ${between} or more, or run job.schedule more often.`,
    );
}

/** Words of a condition that are no columns. https://docs.aws.amazon.com/lake-formation/latest/dg/partiql-support.html */
const WORDS = /^(and|or|not|in|between|like|is|null|true|false|cast|as|date|timestamp)$/i;

function wrongRowFilter({ access }: EventLakeOptions) {
    const { rows } = access.analyst;
    if (rows.trim() === "")
        return problem("access.analyst.rows", "An empty condition is none.", "Write true for all rows.");
    const withoutTexts = rows.replace(/'(?:[^']|'')*'/g, " ");
    if (withoutTexts.includes("'"))
        return problem("access.analyst.rows", `A text in ${rows} does not end.`, "Close it with a single quote.");
    const names = [...new Set(withoutTexts.match(/\b[A-Za-z_]\w*/g) ?? [])].filter((word) => !WORDS.test(word));
    return names.flatMap((name) => {
        const column = payments.columns.find((each) => each.name === name.toLowerCase());
        const kept = cardEvents.columns.flatMap((each) => (piiOf(each.name) ? [] : [each.name]));
        const rule = column && piiOf(column.name);
        if (column && !rule) return [];
        return problem(
            "access.analyst.rows",
            rule
                ? `"${name}" is personal data (${rule}), so no row has the value that the condition looks for.`
                : `The table has no column "${name}".`,
            `Use ${kept.join(", ")}.`,
        );
    });
}

/** The rule for personal data of a column, if it has one. */
function piiOf(name: string): string | undefined {
    const column = payments.columns.find((each) => each.name === name);
    return column && "pii" in column ? column.pii : undefined;
}

function nothingToSee({ access }: EventLakeOptions) {
    return (["analyst", "developer"] as const)
        .filter((role) => access[role].hidden.length === cardEvents.columns.length)
        .flatMap((role) =>
            problem(`access.${role}.hidden`, `The ${role} would see no column at all.`, "Take some out of the list."),
        );
}

function alarmThatAlwaysRings({ alarms, buffer }: EventLakeOptions) {
    if (alarms.freshnessSeconds > buffer.intervalSeconds) return [];
    return problem(
        "alarms.freshnessSeconds",
        `An event may wait ${buffer.intervalSeconds} s for its delivery, so the alarm would ring without end.`,
        `Set alarms.freshnessSeconds above ${buffer.intervalSeconds}, or shorten buffer.intervalSeconds.`,
    );
}

function wrongErrorPrefix({ errors }: EventLakeOptions) {
    return errorPrefixProblems(errors.prefix, [RAW, GLUE, cardEvents.name, RESULTS]).flatMap((sentence) =>
        problem("errors.prefix", sentence),
    );
}

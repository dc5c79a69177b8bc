import { corsProblems } from "../blocks/api-problems";
import { errorPrefixProblems } from "../blocks/error-prefix";
import type { Problem } from "../blocks/pipeline";
import { problem } from "../blocks/problem";
import { longestPause, scheduleProblems } from "../blocks/schedule-problems";
import { RESULTS } from "../blocks/workgroup";
import { yearsBackwards } from "../blocks/years";
import { accessLog, usage } from "./dataset";
import type { SaasMeteringOptions } from "./options";
import { CONTENTS } from "./tables";

type Rule = (options: SaasMeteringOptions) => readonly Problem[];

/** What AWS would refuse, or worse accept, in options that are each within their range: a sentence on what is wrong, and one on the way out. */
export function saasMeteringProblems(options: SaasMeteringOptions): readonly Problem[] {
    return RULES.flatMap((rule) => rule(options));
}

const RULES: readonly Rule[] = [
    corsProblems,
    lateFilesMissed,
    expiredBeforeMerged,
    wrongSchedule,
    mergeThatAlwaysRings,
    alarmThatAlwaysRings,
    yearsBackwards,
    wrongErrorPrefix,
];

/** Firehose tries for up to 24 hours to deliver to S3, into the folder of the hour in which it got the lines. https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html */
const LATEST_HOURS = 26;

function lateFilesMissed({ merge }: SaasMeteringOptions) {
    if (merge.latenessHours >= LATEST_HOURS) return [];
    return problem(
        "merge.latenessHours",
        `Firehose tries for a day to deliver a file, and after ${merge.latenessHours} hours the merge looks for it no more: its requests would be metered by nobody.`,
        `Set merge.latenessHours to ${LATEST_HOURS} or more.`,
    );
}

function expiredBeforeMerged({ merge, raw }: SaasMeteringOptions) {
    const days = Math.ceil(merge.latenessHours / 24) + 2;
    if (raw.retentionDays >= days) return [];
    return problem(
        "raw.retentionDays",
        `The merge looks back ${merge.latenessHours} hours, and log lines would be deleted before it has seen them or could try again.`,
        `Set raw.retentionDays to ${days} or more, or merge.latenessHours lower.`,
    );
}

function wrongSchedule({ merge }: SaasMeteringOptions) {
    return scheduleProblems(merge.schedule).flatMap((sentence) => problem("merge.schedule", sentence));
}

function mergeThatAlwaysRings({ alarms, merge }: SaasMeteringOptions) {
    if (scheduleProblems(merge.schedule).length > 0) return [];
    const pause = longestPause(merge.schedule);
    if (pause < alarms.behindHours) return [];
    return problem(
        "alarms.behindHours",
        `The merge pauses for up to ${pause} hours by its schedule ${merge.schedule}, so the alarm would ring without end.`,
        `Set alarms.behindHours above ${pause}, or let the merge run more often.`,
    );
}

function alarmThatAlwaysRings({ alarms, buffer }: SaasMeteringOptions) {
    if (alarms.freshnessSeconds > buffer.intervalSeconds) return [];
    return problem(
        "alarms.freshnessSeconds",
        `A log line may wait ${buffer.intervalSeconds} s for its delivery, so the alarm would ring without end.`,
        `Set alarms.freshnessSeconds above ${buffer.intervalSeconds}, or shorten buffer.intervalSeconds.`,
    );
}

function wrongErrorPrefix({ errors }: SaasMeteringOptions) {
    const taken = [accessLog.name, usage.name, CONTENTS, RESULTS];
    return errorPrefixProblems(errors.prefix, taken).flatMap((sentence) => problem("errors.prefix", sentence));
}

import { dataPrefixProblems } from "../blocks/data-prefix";
import { errorPrefixProblems, folderOf } from "../blocks/error-prefix";
import type { Problem } from "../blocks/pipeline";
import { problem } from "../blocks/problem";
import { sourceExpiry } from "../blocks/source-backup";
import type { LikesOptions } from "./options";

type Rule = (options: LikesOptions) => readonly Problem[];

/** What AWS would refuse, or worse accept, in options that are each within their range: a sentence on what is wrong, and one on the way out. */
export function likesProblems(options: LikesOptions): readonly Problem[] {
    return RULES.flatMap((rule) => rule(options));
}

const RULES: readonly Rule[] = [
    sameKeyTwice,
    answersBeyondLimit,
    alarmThatAlwaysRings,
    wrongPrefix,
    wrongErrorPrefix,
    backupAmongItems,
];

function sameKeyTwice({ table }: LikesOptions) {
    if (table.sortKey?.name !== table.partitionKey.name) return [];
    return problem(
        "table.sortKey.name",
        `The partition key is ${table.partitionKey.name} already.`,
        "Name another attribute, or remove table.sortKey.",
    );
}

/**
 * The smallest item, `{"element_class":"1"}`, takes 22 bytes, and in the answer 130: its base64 in an envelope with its id.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_WRITER_MIB = 0.9;

function answersBeyondLimit({ writer }: LikesOptions) {
    if (writer.sizeMiB <= MAX_WRITER_MIB) return [];
    return problem(
        "writer.sizeMiB",
        `${writer.sizeMiB} MiB of small items can pass the 6 MB that a function may answer with, and what is beyond them fails.`,
        `Set writer.sizeMiB to ${MAX_WRITER_MIB} or less.`,
    );
}

function alarmThatAlwaysRings({ alarms, buffer, writer }: LikesOptions) {
    const longest = buffer.intervalSeconds + writer.intervalSeconds;
    if (alarms.freshnessSeconds > longest) return [];
    return problem(
        "alarms.freshnessSeconds",
        `A record may wait ${writer.intervalSeconds} s for the function and ${buffer.intervalSeconds} s for its delivery, so the alarm would ring without end.`,
        `Set alarms.freshnessSeconds above ${longest}, or shorten buffer.intervalSeconds and writer.intervalSeconds.`,
    );
}

function wrongPrefix({ prefix }: LikesOptions) {
    return dataPrefixProblems(prefix).flatMap((sentence) => problem("prefix", sentence));
}

function wrongErrorPrefix({ errors, prefix, sourceBackup }: LikesOptions) {
    const taken = [folderOf(prefix), ...Object.keys(sourceExpiry(sourceBackup))];
    return errorPrefixProblems(errors.prefix, taken).flatMap((sentence) => problem("errors.prefix", sentence));
}

function backupAmongItems({ prefix, sourceBackup }: LikesOptions) {
    return Object.keys(sourceExpiry(sourceBackup))
        .filter((folder) => prefix.startsWith(folder))
        .flatMap((folder) =>
            problem(
                "prefix",
                `The folder ${folder} holds the backup of what came.`,
                "Begin it with a folder such as likes/.",
            ),
        );
}

import { apiProblems } from "../blocks/api-problems";
import { errorPrefixProblems } from "../blocks/error-prefix";
import type { Problem } from "../blocks/pipeline";
import { problem } from "../blocks/problem";
import { sourceExpiry } from "../blocks/source-backup";
import { RESULTS } from "../blocks/workgroup";
import { tooManyYears, yearsBackwards } from "../blocks/years";
import type { OrdersOptions } from "./options";
import { tables } from "./tables";

type Rule = (options: OrdersOptions) => readonly Problem[];

/** What AWS would refuse, or worse accept, in options that are each within their range: a sentence on what is wrong, and one on the way out. */
export function ordersProblems(options: OrdersOptions): readonly Problem[] {
    return RULES.flatMap((rule) => rule(options));
}

const RULES: readonly Rule[] = [
    apiProblems,
    shardsOnDemand,
    provisionedWithoutShards,
    expiredBeforeGivenUp,
    yearsBackwards,
    tooManyYears,
    answersBeyondLimit,
    rowsThatAlwaysRing,
    ordersThatAlwaysRing,
    wrongErrorPrefix,
];

function shardsOnDemand({ stream }: OrdersOptions) {
    if (stream.mode === "provisioned" || stream.shards === undefined) return [];
    return problem(
        "stream.shards",
        "A stream on demand has as many shards as it needs.",
        "Remove stream.shards, or set stream.mode to provisioned.",
    );
}

function provisionedWithoutShards({ stream }: OrdersOptions) {
    if (stream.mode !== "provisioned" || stream.shards !== undefined) return [];
    return problem(
        "stream.shards",
        "A provisioned stream has as many shards as you say.",
        "Set stream.shards: the five readers share what a shard gives, so one carries 0.4 MB of orders per second. Or set stream.mode to on-demand.",
    );
}

function expiredBeforeGivenUp({ stream, consumer }: OrdersOptions) {
    if (consumer.maxAgeSeconds < stream.retentionHours * 3_600) return [];
    return problem(
        "consumer.maxAgeSeconds",
        `The stream keeps orders for ${stream.retentionHours} hours, so they would expire before they are given up, and be gone when you look for them.`,
        `Set consumer.maxAgeSeconds below ${stream.retentionHours * 3_600}, or stream.retentionHours higher.`,
    );
}

/**
 * The smallest product takes 77 bytes in an order, and as a row 360 and more, with the ids of the order: in base64 six times as much.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ROWS_MIB = 0.9;

function answersBeyondLimit({ rows }: OrdersOptions) {
    if (rows.sizeMiB <= MAX_ROWS_MIB) return [];
    return problem(
        "rows.sizeMiB",
        `${rows.sizeMiB} MiB of orders can make rows beyond the 6 MB that a function may answer with, and what is beyond them fails.`,
        `Set rows.sizeMiB to ${MAX_ROWS_MIB} or less.`,
    );
}

/** Firehose may take half as long again when it keeps a buffer for each partition. https://docs.aws.amazon.com/firehose/latest/dev/buffering.html */
function rowsThatAlwaysRing({ alarms, buffer, rows }: OrdersOptions) {
    const longest = Math.ceil(1.5 * buffer.intervalSeconds) + rows.intervalSeconds;
    if (alarms.freshnessSeconds > longest) return [];
    return problem(
        "alarms.freshnessSeconds",
        `An order may wait ${rows.intervalSeconds} s for its function and ${Math.ceil(1.5 * buffer.intervalSeconds)} s for its delivery, so the alarm would ring without end.`,
        `Set alarms.freshnessSeconds above ${longest}, or shorten buffer.intervalSeconds and rows.intervalSeconds.`,
    );
}

function ordersThatAlwaysRing({ alarms, consumer }: OrdersOptions) {
    if (alarms.iteratorAgeSeconds > consumer.windowSeconds) return [];
    return problem(
        "alarms.iteratorAgeSeconds",
        `An order may wait ${consumer.windowSeconds} s for a full batch, so the alarm would ring without end.`,
        `Set alarms.iteratorAgeSeconds above ${consumer.windowSeconds}, or shorten consumer.windowSeconds.`,
    );
}

function wrongErrorPrefix({ errors, sourceBackup }: OrdersOptions) {
    const folders = Object.values(tables).map(({ dataset }) => dataset.name);
    const taken = [...folders, RESULTS, ...Object.keys(sourceExpiry(sourceBackup))];
    return errorPrefixProblems(errors.prefix, taken).flatMap((sentence) => problem("errors.prefix", sentence));
}

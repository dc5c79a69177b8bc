import type { Entry } from "./source";

/** Which of a batch's records a function has done with. */
export type Reported =
    /** All before the record at `done`, which failed. */
    | { readonly done: number }
    /** None: what it said makes no sense. */
    | "nonsense";

/**
 * How many records at the start of a batch are done, by the answer of a function that reports failures. The lowest sequence number that is
 * reported counts, and everything from there on is tried again.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export function reported(payload: string, entries: readonly Pick<Entry, "sequenceNumber">[]): Reported {
    const answer = parsed(payload);
    if (answer === null || answer === undefined) return { done: entries.length };
    if (typeof answer !== "object" || Array.isArray(answer)) return "nonsense";
    const { batchItemFailures: failures } = answer as { readonly batchItemFailures?: unknown };
    if (failures === null || failures === undefined) return { done: entries.length };
    if (!Array.isArray(failures)) return "nonsense";
    if (failures.length === 0) return { done: entries.length };
    const sequenceNumbers = entries.map(({ sequenceNumber }) => sequenceNumber);
    const failed = failures.map((failure) => indexOf(failure, sequenceNumbers));
    if (failed.some((index) => index < 0)) return "nonsense";
    return { done: Math.min(...failed) };
}

/** The place of the record that a failure names, or -1 when it names none of the batch. */
function indexOf(failure: unknown, sequenceNumbers: readonly string[]): number {
    const { itemIdentifier } = (failure ?? {}) as { readonly itemIdentifier?: unknown };
    return typeof itemIdentifier === "string" ? sequenceNumbers.indexOf(itemIdentifier) : -1;
}

/** An empty answer is that of a function which returned nothing. */
function parsed(payload: string): unknown {
    if (payload === "") return null;
    try {
        return JSON.parse(payload);
    } catch {
        return payload;
    }
}

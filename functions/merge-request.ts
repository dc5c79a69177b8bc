import { type Hour, hourAt, nameOfHour } from "./utc-hours";

/** Hours of requests to merge: from one on, up to and without another. */
export interface HourRange {
    readonly from: Hour;
    readonly to: Hour;
}

/** Hours that one call merges at most: a month. */
const MOST = 31 * 24;

const FULL_HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}:00(:00(\.0+)?)?Z$/;

/**
 * What a call asks for: `{"hour": "2026-01-31T12:00:00Z"}`, or `{"from": ..., "to": ...}` without the last. Undefined for a schedule's event and
 * for nothing at all: then it is whatever has changed. Throws a sentence with the way out for anything else that looks like a wish.
 */
export function readMergeRequest(event: unknown): HourRange | undefined {
    const { hour, from, to, ...others } = (event ?? {}) as Readonly<Record<string, unknown>>;
    if (hour !== undefined) {
        if (from !== undefined || to !== undefined)
            throw new Error('There is "hour" beside "from" and "to". Give either one hour, or a range.');
        const only = hourOf("hour", hour);
        return { from: only, to: only + 1 };
    }
    if (from === undefined && to === undefined) {
        rejectUnknown(others);
        return undefined;
    }
    const range = { from: hourOf("from", from), to: hourOf("to", to) };
    const count = range.to - range.from;
    if (count < 1)
        throw new Error(`"to" is ${nameOfHour(range.to)}, which is not after "from", ${nameOfHour(range.from)}.`);
    if (count > MOST)
        throw new Error(
            `From "from" to "to" are ${count} hours. One call merges at most ${MOST}: call again with the rest.`,
        );
    return range;
}

/** A schedule's event tells where it comes from; a typing error must not merge something else than was meant. */
function rejectUnknown(others: Readonly<Record<string, unknown>>): void {
    const [unknown] = "detail-type" in others ? [] : Object.keys(others);
    if (unknown !== undefined)
        throw new Error(
            `There is no option "${unknown}". Give "hour", or "from" and "to", or {} for all that has changed.`,
        );
}

function hourOf(name: string, value: unknown): Hour {
    // A day that no month has, Date.parse would take for one of the next.
    const hour = typeof value === "string" && FULL_HOUR.test(value) ? hourAt(Date.parse(value)) : undefined;
    if (hour !== undefined && String(value).startsWith(nameOfHour(hour))) return hour;
    throw new Error(
        `"${name}" is ${JSON.stringify(value)}. It must be a full hour in UTC, such as "2026-01-31T12:00:00Z".`,
    );
}

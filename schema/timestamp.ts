/** Regular expression (its text, without anchors) of a day of the Gregorian calendar in the years 0001 to 9999. */
const DAY =
    "(?!0000)(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))" +
    "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

const CLOCK = "T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d";

/** Regular expression of a `date`: `2026-02-28`, a day that the calendar has. */
export const DATE_PATTERN = `^${DAY}$`;

/**
 * Regular expression of a `timestamp`, ISO 8601 in the profile of RFC 3339: day, `T`, time with seconds, a fraction of up to nine digits,
 * and `Z` or an offset of up to 23:59 (`+02:00`, `+0200` or `+02`). No leap second, nothing left out or un-padded.
 * Java stops at 18:00 and Athena's engine at 14:00, but they only ever see UTC.
 * An offset that could lead out of the years 0001 to 9999 is refused: their first and last day are given in UTC.
 */
export const TIMESTAMP_PATTERN = `^(?!0001-01-01T.*\\+|9999-12-31T.*-)${DAY}${CLOCK}(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3])(?::?[0-5]\\d)?)$`;

const TIMESTAMP = new RegExp(TIMESTAMP_PATTERN);
const CANONICAL = new RegExp(`^${DAY}${CLOCK}(?:\\.\\d{1,6})?Z$`);
const PARTS = /^(.{19})(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d)?)$/;

/** Whether a text is a timestamp as it is stored: UTC, at most microseconds. Such a record is passed on as it came. */
export function isCanonical(text: string): boolean {
    return CANONICAL.test(text);
}

/**
 * The same instant as `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`: the text itself when it is that already, undefined when it is not a timestamp.
 * What is finer than a microsecond is cut off, never rounded, as Iceberg's microseconds ask for.
 */
export function toUtc(text: string): string | undefined {
    if (CANONICAL.test(text)) return text;
    if (!TIMESTAMP.test(text)) return undefined;
    const [, local, fraction = "", sign, hours, minutes = "00"] = PARTS.exec(text) as RegExpExecArray;
    const offset = sign ? (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000) : 0;
    const seconds = offset === 0 ? local : new Date(Date.parse(`${local}Z`) - offset).toISOString().slice(0, 19);
    return `${seconds}${fraction.slice(0, 7)}Z`;
}

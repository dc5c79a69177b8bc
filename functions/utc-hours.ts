/** An hour in UTC, as the number of hours since 1970 began. */
export type Hour = number;

const MILLISECONDS = 3_600_000;

/** The hour that a time (milliseconds since 1970) is in. */
export function hourAt(time: number): Hour {
    return Math.floor(time / MILLISECONDS);
}

/** When an hour begins, in milliseconds since 1970. */
export function startOf(hour: Hour): number {
    return hour * MILLISECONDS;
}

/** `2026-01-31T12` */
export function nameOfHour(hour: Hour): string {
    return new Date(startOf(hour)).toISOString().slice(0, -":00:00.000Z".length);
}

/** Year, month, day and hour, which are the partition keys of a table by the hour. */
export function partsOf(hour: Hour): readonly [number, number, number, number] {
    const date = new Date(startOf(hour));
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours()];
}

/** The hour with these parts. */
export function hourOfParts([year, month, day, hour]: readonly [number, number, number, number]): Hour {
    return hourAt(Date.UTC(year, month - 1, day, hour));
}

/** The folder of an hour as Firehose names it: `year=2026/month=01/day=31/hour=12/`. */
export function folderOfHour(hour: Hour): string {
    const [year, month, day, of] = partsOf(hour);
    const digits = (value: number, count: number) => String(value).padStart(count, "0");
    return `year=${digits(year, 4)}/month=${digits(month, 2)}/day=${digits(day, 2)}/hour=${digits(of, 2)}/`;
}

/** The hours from one on, up to and without another. */
export function hoursBetween(from: Hour, to: Hour): readonly Hour[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

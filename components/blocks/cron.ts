const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** A field of a schedule: first and last value, and names that stand for them. */
interface Field {
    readonly name: string;
    readonly range: readonly [first: number, last: number];
    readonly names?: readonly string[];
    /** Forms beyond numbers, lists, ranges and steps. */
    readonly special?: RegExp;
}

const FIELDS: readonly Field[] = [
    { name: "minutes", range: [0, 59] },
    { name: "hours", range: [0, 23] },
    { name: "day of the month", range: [1, 31], special: /^(\?|LW?|([1-9]|[12]\d|3[01])W)$/ },
    { name: "month", range: [1, 12], names: MONTHS },
    {
        name: "day of the week",
        range: [1, 7],
        names: DAYS,
        special: /^(\?|([1-7]|[A-Z]{3})?L|([1-7]|[A-Z]{3})#[1-5])$/,
    },
    { name: "year", range: [1970, 2199] },
];

/** Minutes between two runs that Glue takes at least. https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html */
const MIN_MINUTES = 5;

/**
 * What is wrong with a schedule `cron(minutes hours day-of-month month day-of-week year)` of a Glue trigger, each with the way out.
 * https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
 */
export function cronProblems(schedule: string): readonly string[] {
    const fields = fieldsOf(schedule);
    if (fields.length !== FIELDS.length)
        return [`"${schedule}" does not have six fields. Write it like cron(0 * * * ? *).`];
    const wrong = FIELDS.flatMap((field, i) => {
        const text = fields[i] ?? "";
        if (field.special?.test(text) || valuesOf(field, text)) return [];
        const [first, last] = field.range;
        return [`"${text}" is no ${field.name}, which goes from ${first} to ${last}. Write it like cron(0 * * * ? *).`];
    });
    if (wrong.length > 0) return wrong;
    if ((fields[2] === "?") === (fields[4] === "?"))
        return [
            `"${schedule}" must have one ? in the place of the day of the month or of the day of the week. Put it where the other says the day.`,
        ];
    if (shortestMinutes(fields) < MIN_MINUTES)
        return [
            `"${schedule}" runs more often than every ${MIN_MINUTES} minutes, which Glue refuses. Leave ${MIN_MINUTES} minutes between two runs.`,
        ];
    return [];
}

/** Days that pass between two runs at the longest, for a schedule without problems. */
export function longestDays(schedule: string): number {
    const fields = fieldsOf(schedule);
    const [, , dayOfMonth = "", month = "", dayOfWeek = ""] = fields;
    // Nearest weekdays, last days and third Tuesdays come once a month.
    const [monthly, months] = [/[LW#]/, valuesOf(FIELDS[3] as Field, month) ?? []];
    const days = valuesOf(FIELDS[2] as Field, dayOfMonth);
    const weekdays = valuesOf(FIELDS[4] as Field, dayOfWeek);
    const runs = (date: Date) =>
        months.includes(date.getUTCMonth() + 1) &&
        (monthly.test(dayOfMonth) || monthly.test(dayOfWeek)
            ? date.getUTCDate() === 1
            : (days?.includes(date.getUTCDate()) ?? true) && (weekdays?.includes(date.getUTCDay() + 1) ?? true));
    let [longest, since] = [1, 0];
    // Four years and the days to the first run have each month and each weekday in all ways that matter.
    for (let day = 1; day <= 5 * 366; day++) {
        since++;
        if (!runs(new Date(Date.UTC(2024, 0, day)))) continue;
        longest = Math.max(longest, since);
        since = 0;
    }
    return Math.max(longest, since);
}

function fieldsOf(schedule: string): readonly string[] {
    return /^cron\((.*)\)$/.exec(schedule)?.[1]?.split(" ").filter(Boolean) ?? [];
}

function shortestMinutes([minutes = "", hours = ""]: readonly string[]): number {
    const at = valuesOf(FIELDS[0] as Field, minutes) ?? [];
    const everyHour = (valuesOf(FIELDS[1] as Field, hours) ?? []).length > 1;
    const next = everyHour ? [...at, (at[0] ?? 0) + 60] : at;
    return Math.min(60, ...next.slice(1).map((minute, i) => minute - (next[i] ?? 0)));
}

/** Every value that a field stands for, in order; nothing when it is not one of numbers, lists, ranges and steps. */
function valuesOf({ range: [first, last], names = [] }: Field, text: string): readonly number[] | undefined {
    const number = (word: string) =>
        names.includes(word) ? names.indexOf(word) + first : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    const parts = text.split(",").map((part) => {
        const [, from = "", to, step] = /^(\*|\w+?)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
        const start = from === "*" ? first : number(from);
        const end = to !== undefined ? number(to) : from === "*" || step !== undefined ? last : start;
        const every = Number(step ?? 1);
        if (!(start >= first && start <= end && end <= last && every > 0)) return undefined;
        return Array.from({ length: Math.floor((end - start) / every) + 1 }, (_, i) => start + i * every);
    });
    return parts.some((part) => part === undefined)
        ? undefined
        : [...new Set(parts.flatMap((part) => part ?? []))].sort((a, b) => a - b);
}

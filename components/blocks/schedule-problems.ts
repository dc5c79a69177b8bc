/** Minutes of a day at which a schedule runs, or how many minutes are between two runs. */
type Times = { readonly at: readonly number[] } | { readonly every: number };

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };
const A_DAY = 1_440;

/**
 * What EventBridge would refuse in `cron(minute hour day month weekday year)` or `rate(n unit)`, each with the way out.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function scheduleProblems(expression: string): readonly string[] {
    const [, count = "", unit = ""] = /^rate\((\d+) (\w+)\)$/.exec(expression) ?? [];
    if (count) {
        const right = `rate(${count} ${unit.replace(/s$/, "")}${Number(count) === 1 ? "" : "s"})`;
        return right === expression
            ? []
            : [`EventBridge wants the unit of ${expression} in another form. Write ${right}.`];
    }
    const [minute = "", hour = "", day = "", , weekday = ""] = fieldsOf(expression);
    const wrong = [["minute", minute, 59] as const, ["hour", hour, 23] as const].filter(
        ([, field, last]) => expand(field, last) === undefined,
    );
    return [
        ...wrong.map(
            ([name, field, last]) =>
                `Its ${name}, ${field}, is none. Write *, a number from 0 to ${last}, a range such as 1-5, steps such as 0/15, or a list of these.`,
        ),
        ...((day === "?") === (weekday === "?")
            ? ["Exactly one of its day of the month and its day of the week must be ?. Write cron(10 * * * ? *)."]
            : []),
    ];
}

/** The most hours between two runs of a schedule that has no problems. One that names days or months is taken to pause for a month. */
export function longestPause(expression: string): number {
    const times = timesOf(expression);
    if ("every" in times) return times.every / 60;
    const { at } = times;
    return Math.max(...at.map((time, index) => (at[index + 1] ?? (at[0] as number) + A_DAY) - time)) / 60;
}

function timesOf(expression: string): Times {
    const [, count, unit = ""] = /^rate\((\d+) (\w+?)s?\)$/.exec(expression) ?? [];
    if (count) return { every: Number(count) * (MINUTES[unit] as number) };
    const [minute = "", hour = "", ...days] = fieldsOf(expression);
    if (!days.every((field) => field === "*" || field === "?")) return { every: 31 * A_DAY };
    const minutes = expand(minute, 59) ?? [];
    return { at: (expand(hour, 23) ?? []).flatMap((each) => minutes.map((past) => 60 * each + past)) };
}

function fieldsOf(expression: string): readonly string[] {
    return expression.slice("cron(".length, -1).split(" ");
}

/** The numbers that a field stands for, in their order; undefined when it is no field. */
function expand(field: string, last: number): readonly number[] | undefined {
    const parts = field.split(",").map((part) => {
        const [, all, from, to, step] = /^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/([1-9]\d?))?$/.exec(part) ?? [];
        if (all === undefined && from === undefined) return undefined;
        const first = Number(from ?? 0);
        const end = all !== undefined || (step !== undefined && to === undefined) ? last : Number(to ?? from);
        if (first > end || end > last) return undefined;
        return Array.from({ length: end - first + 1 }, (_, at) => first + at).filter(
            (_, at) => at % Number(step ?? 1) === 0,
        );
    });
    if (parts.some((part) => part === undefined)) return undefined;
    return [...new Set(parts.flatMap((part) => part ?? []))].sort((a, b) => a - b);
}

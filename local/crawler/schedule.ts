import { Cron } from "croner";

/** When something happens, in UTC. */
export interface Schedule {
    /** The first time after this one, in milliseconds since 1970, or undefined when there is none. */
    after(time: number): number | undefined;
}

/** Least and greatest value of each field of AWS's expressions: minutes, hours, day of month, month, day of week, year. */
const FIELDS = [
    [0, 59],
    [0, 23],
    [1, 31],
    [1, 12],
    [1, 7],
    [1970, 2199],
] as const;

const DAY_OF_MONTH = 2;
const DAY_OF_WEEK = 4;

/**
 * Reads `cron(15 2 * * ? *)` as AWS does, or gives undefined when it is no such expression. Days of the week count from 1, a Sunday; one of
 * the two kinds of days is a question mark. https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
 */
export function parseCron(expression: string): Schedule | undefined {
    const [, inner = ""] = /^cron\((.*)\)$/.exec(expression) ?? [];
    const fields = inner.trim().split(/\s+/);
    if (fields.length !== FIELDS.length) return undefined;
    if ((fields[DAY_OF_MONTH] === "?") === (fields[DAY_OF_WEEK] === "?")) return undefined;
    try {
        const cron = new Cron(`0 ${fields.map(translated).join(" ")}`, {
            timezone: "UTC",
            mode: "7-part",
            paused: true,
        });
        return { after: (time) => cron.nextRun(new Date(time))?.getTime() };
    } catch {
        return undefined;
    }
}

/** A field in croner's words, where Sunday is 0 and steps are taken through a range. */
function translated(field: string, index: number): string {
    const [, last] = FIELDS[index] as (typeof FIELDS)[number];
    if (field === "?") return "*";
    const parts = field.split(",").map((part) => part.replace(/^(\d+)\/(\d+)$/, `$1-${last}/$2`));
    return (index === DAY_OF_WEEK ? parts.map(fromSunday) : parts).join(",");
}

/** Croner would take 8 for a Sunday, too. What follows a number sign or a slash counts something else. */
function fromSunday(part: string): string {
    return part.replace(/(?<![#/\d])\d+/g, (day) => {
        const [first, last] = FIELDS[DAY_OF_WEEK];
        if (Number(day) < first || Number(day) > last) throw new Error(`There is no day ${day}.`);
        return String(Number(day) - 1);
    });
}

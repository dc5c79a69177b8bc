import { Cron } from "croner";
import type { Clock } from "./clock";

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

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(5 minutes)` as AWS does, or gives undefined when it is no such expression. Times count from `since`. One of something is singular,
 * more are plural. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-rate-expressions
 */
export function parseRate(expression: string, since: number): Schedule | undefined {
    const [, count, unit, plural] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
    if (count === undefined || (count === "1") !== (plural === "")) return undefined;
    const period = Number(count) * (UNITS[unit as string] as number);
    return { after: (time) => since + Math.max(1, Math.floor((time - since) / period) + 1) * period };
}

/** Something that happens by a schedule. */
export interface Scheduled {
    readonly schedule: Schedule;
    /** Lets it happen; it was due at that time. */
    run(due: number): void;
}

/** Lets things happen by their schedules. */
export interface Scheduler {
    start(): void;
    /** Asks again what is scheduled. */
    changed(): void;
    close(): Promise<void>;
}

/** Longest that is slept at once: clocks are set. */
const MAX_SLEEP_MS = 3_600_000;

/** Makes a {@link Scheduler}. What was due before it started, or before it knew of it, does not happen. */
export function createScheduler(clock: Clock, scheduled: () => readonly Scheduled[]): Scheduler {
    let stop = new AbortController();
    let again = new AbortController();
    let running: Promise<void> | undefined;

    async function run(signal: AbortSignal): Promise<void> {
        let known = scheduled();
        let last = clock.now();
        while (!signal.aborted) {
            const now = clock.now();
            for (const each of known) {
                const due = each.schedule.after(last);
                if (due !== undefined && due <= now) each.run(due);
            }
            last = now;
            known = scheduled();
            const times = known.map(({ schedule }) => schedule.after(now) ?? Number.POSITIVE_INFINITY);
            again = new AbortController();
            const ms = Math.min(MAX_SLEEP_MS, ...times.map((time) => time - now));
            await clock.sleep(ms, AbortSignal.any([signal, again.signal]));
        }
    }

    return {
        start() {
            stop = new AbortController();
            running ??= run(stop.signal);
        },
        changed: () => again.abort(),
        async close() {
            stop.abort();
            await running;
            running = undefined;
        },
    };
}

import { TIME_IS_UP } from "./athena-queries";
import { inParallel } from "./in-parallel";
import type { HourRange } from "./merge-request";
import { type Hour, hoursBetween, nameOfHour, startOf } from "./utc-hours";

/** Folders that rows were taken from, by their hour, each with a fingerprint of the objects that it had at least. */
export type Sources = ReadonlyMap<Hour, string>;

/** What a folder of raw lines holds. */
export interface FolderContents {
    /** The hours in which its requests happened. */
    readonly hours: readonly Hour[];
    /** Lines that are no request. */
    readonly malformed: number;
}

/** An hour as it is published: all its requests of these sources, in the folder of one run. */
export interface PublishedHour {
    readonly run: string;
    readonly rows: number;
    readonly sources: Sources;
}

/** What was counted of a run before it is published. */
export interface Counted {
    /** Different requests in the sources and in what is published. */
    readonly requests: number;
    /** Rows that were written, and different requests among them. */
    readonly rows: number;
    readonly different: number;
}

/** The raw lines, by the hour of their arrival, and the merged table, by the hour of the request. */
export interface Lake {
    /** Those of the folders that hold anything, with the fingerprints of what they hold now. */
    folders(hours: readonly Hour[]): Promise<Sources>;
    /** What they hold, or more, where something has arrived since. */
    contents(folders: Sources): Promise<ReadonlyMap<Hour, FolderContents>>;
    published(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, PublishedHour>>;
    /** Writes the requests of an hour, each once, from folders and from what is published, to the folder of a run, which nobody reads yet. */
    write(hour: Hour, folders: readonly Hour[], run: string): Promise<void>;
    count(hour: Hour, folders: readonly Hour[], run: string): Promise<Counted>;
    /** Has everybody read another run from now on, all at once. `before` is the one that they read so far; false when that is no longer so. */
    publish(hour: Hour, next: PublishedHour, before: PublishedHour | undefined): Promise<boolean>;
    /** Removes what runs that were ended have left behind. */
    tidy(hours: readonly Hour[]): Promise<void>;
}

/** What to merge, and for how long. */
export interface MergeOptions {
    /** The hours to merge whatever is recorded of them. @default those of which something has arrived that is not recorded */
    readonly range?: HourRange;
    /** The hour it is. */
    readonly now: Hour;
    /** Hours after which nothing is expected any more in a folder. */
    readonly latenessHours: number;
    /** Whether another hour may be begun. */
    readonly hasTime: () => boolean;
    readonly newRun: (hour: Hour) => string;
}

/** What became of the hours that were due, oldest first. */
export interface MergeReport {
    readonly merged: readonly { readonly hour: Hour; readonly rows: number }[];
    /** For the next run: time was up, or another run was faster. */
    readonly left: readonly Hour[];
    readonly failed: readonly { readonly hour: Hour; readonly reason: string }[];
    /** Lines in the folders that are no request. */
    readonly malformed: number;
}

/** Hours that are merged at once: Athena runs so many queries in any account. */
const CONCURRENCY = 3;

/**
 * Merges raw lines into the table, hour by hour. What a published hour was made of is recorded with it, at the same moment, so "seen" means
 * published: an hour is due as long as a folder with requests of it is not in its record as it is now. It is then made anew from those folders
 * and from what is published already, each request once. So any run may end anywhere, be repeated or meet another: the next finds what is due.
 */
export async function mergeHours(lake: Lake, options: MergeOptions): Promise<MergeReport> {
    const folders = await lake.folders(arrivals(options));
    const contents = await lake.contents(folders);
    const sources = sourcesByHour(folders, contents, options.range);
    const hours = [...sources.keys()].sort((a, b) => a - b);
    const published = await lake.published(hours);
    const due = hours.filter((hour) => options.range || !isRecorded(sources.get(hour) as Sources, published.get(hour)));
    const outcomes = await inParallel(CONCURRENCY, due, async (hour): Promise<Outcome> => {
        if (!options.hasTime()) return "left";
        return outcomeOf(() => mergeHour(lake, hour, sources.get(hour) as Sources, published.get(hour), options));
    });
    if (options.hasTime()) await lake.tidy(hours);
    return {
        ...sorted(due, outcomes),
        malformed: [...contents.values()].reduce((sum, { malformed }) => sum + malformed, 0),
    };
}

/** Folders in which there may be something new. A clock that is a little ahead may have written to the next one. */
function arrivals({ range, now, latenessHours }: MergeOptions): readonly Hour[] {
    if (!range) return hoursBetween(now - latenessHours, now + 2);
    return hoursBetween(range.from - 1, Math.min(range.to + latenessHours, now + 2));
}

/** For each hour that something happened in, the folders that tell of it. */
function sourcesByHour(
    folders: Sources,
    contents: ReadonlyMap<Hour, FolderContents>,
    range: HourRange | undefined,
): ReadonlyMap<Hour, Sources> {
    const sources = new Map<Hour, Map<Hour, string>>();
    for (const [folder, fingerprint] of folders) {
        for (const hour of contents.get(folder)?.hours ?? []) {
            if (range && (hour < range.from || hour >= range.to)) continue;
            sources.set(hour, (sources.get(hour) ?? new Map<Hour, string>()).set(folder, fingerprint));
        }
    }
    return sources;
}

function isRecorded(sources: Sources, published: PublishedHour | undefined): boolean {
    return [...sources].every(([folder, fingerprint]) => published?.sources.get(folder) === fingerprint);
}

/** Rows that were published, "left" when another run was faster. */
async function mergeHour(
    lake: Lake,
    hour: Hour,
    sources: Sources,
    before: PublishedHour | undefined,
    { newRun }: MergeOptions,
): Promise<number | "left"> {
    const all = new Map([...(before?.sources ?? []), ...sources]);
    const folders = [...all.keys()].sort((a, b) => a - b);
    const run = newRun(hour);
    await lake.write(hour, folders, run);
    const counted = await lake.count(hour, folders, run);
    const [now, latest] = [await lake.folders([...sources.keys()]), (await lake.published([hour])).get(hour)];
    if (latest?.run !== before?.run) return "left";
    const isStill = [...sources].every(([folder, fingerprint]) => now.get(folder) === fingerprint);
    check(counted, before, isStill);
    const isPublished = await lake.publish(hour, { run, rows: counted.rows, sources: all }, before);
    return isPublished ? counted.rows : "left";
}

/** Throws when rows are missing or more than they may be. What has arrived since may be among the requests and not among the rows. */
function check({ requests, rows, different }: Counted, before: PublishedHour | undefined, isStill: boolean): void {
    if (rows !== different) throw new Error(`${rows} rows were written of ${different} requests.`);
    if (rows > requests || (isStill && rows < requests))
        throw new Error(`${rows} rows were written of ${requests} requests.`);
    if (before && rows < before.rows)
        throw new Error(
            `${rows} rows were written, and ${before.rows} are published. Files of the table are gone: restore them, or the raw files.`,
        );
}

type Outcome = number | "left" | { readonly reason: string };

async function outcomeOf(merge: () => Promise<number | "left">): Promise<Outcome> {
    try {
        return await merge();
    } catch (error) {
        const { name, message } = error as Error;
        return name === TIME_IS_UP ? "left" : { reason: message };
    }
}

function sorted(due: readonly Hour[], outcomes: readonly Outcome[]): Omit<MergeReport, "malformed"> {
    const report = {
        merged: [] as { hour: Hour; rows: number }[],
        left: [] as Hour[],
        failed: [] as { hour: Hour; reason: string }[],
    };
    due.forEach((hour, index) => {
        const outcome = outcomes[index] as Outcome;
        if (outcome === "left") report.left.push(hour);
        else if (typeof outcome === "number") report.merged.push({ hour, rows: outcome });
        else report.failed.push({ hour, reason: outcome.reason });
    });
    return report;
}

/** Seconds for which the oldest hour has been over that is not merged; 0 when none is. */
export function secondsBehind({ left, failed }: MergeReport, now: number): number {
    const open = [...left, ...failed.map(({ hour }) => hour)];
    return Math.round(open.reduce((most, hour) => Math.max(most, now - startOf(hour + 1)), 0) / 1000);
}

/** The sentence with which a run ends that could not merge every hour that it tried; undefined when it could. */
export function failureOf({ failed }: MergeReport): string | undefined {
    if (failed.length === 0) return undefined;
    const reasons = failed.map(({ hour, reason }) => `${nameOfHour(hour)}: ${reason}`);
    return `${failed.length === 1 ? "An hour" : `${failed.length} hours`} could not be merged. ${reasons.join(" ")}`;
}

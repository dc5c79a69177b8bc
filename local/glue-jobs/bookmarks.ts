import * as fs from "node:fs";
import * as path from "node:path";
import { fileName, readJson, writeJson } from "../firehose/files";
import type { SourceFile } from "./mapping/execute";

/** What the runs of a job have read. */
export interface Bookmark {
    /** Counts the commits, and the runs that made them since the last reset. */
    readonly version: number;
    readonly run: number;
    readonly runId: string;
    readonly previousRunId?: string;
    /** Time of the last change of each file that was read, in milliseconds since 1970, by its key. */
    readonly files: Readonly<Record<string, number>>;
}

/** Bookmarks of jobs, on disk. */
export interface Bookmarks {
    of(job: string): Bookmark | undefined;
    /** Those of the files that no committed run has read as they are now. */
    unread(job: string, files: readonly SourceFile[]): readonly SourceFile[];
    /** Notes that a run has read these files, of which a run before may have read some. Files that are gone are forgotten. */
    commit(job: string, runId: string, files: readonly SourceFile[]): void;
    reset(job: string): void;
}

/** Opens the {@link Bookmarks} in a folder. A clock that steps back does not matter: each file is remembered, not the time of the run. */
export function openBookmarks(folder: string): Bookmarks {
    const fileOf = (job: string) => path.join(folder, `${fileName(job)}.json`);
    const of = (job: string) => readJson<Bookmark>(fileOf(job));
    return {
        of,
        unread(job, files) {
            const known = of(job)?.files ?? {};
            return files.filter(({ key, modified }) => known[key] !== modified);
        },
        commit(job, runId, files) {
            const { version = 0, run = 0, runId: previousRunId } = of(job) ?? {};
            const read = Object.fromEntries(files.map(({ key, modified }) => [key, modified]));
            const before = previousRunId === undefined ? {} : { previousRunId };
            writeJson(fileOf(job), { version: version + 1, run: run + 1, runId, ...before, files: read });
        },
        reset: (job) => fs.rmSync(fileOf(job), { force: true }),
    };
}

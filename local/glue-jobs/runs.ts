import * as fs from "node:fs";
import * as path from "node:path";
import { fileName, readJson, writeJson } from "../firehose/files";
import type { Arguments } from "./config";

/** How far a run has come. https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html */
export type RunState = "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "SUCCEEDED" | "FAILED" | "TIMEOUT";

/** Whether a run in this state is over. */
export function isOver(state: RunState): boolean {
    return state !== "STARTING" && state !== "RUNNING" && state !== "STOPPING";
}

/** A run of a job. */
export interface JobRun {
    readonly id: string;
    readonly job: string;
    readonly state: RunState;
    readonly error?: string;
    /** Milliseconds since 1970, as all times here. */
    readonly started: number;
    readonly modified: number;
    readonly completed?: number;
    /** Those that were given for this run. */
    readonly arguments: Arguments;
    /** Minutes. */
    readonly timeout: number;
    readonly logGroup: string;
    /** How often it was tried before. */
    readonly attempt: number;
    readonly previous?: string;
    readonly trigger?: string;
    /** The run of a workflow that it belongs to. */
    readonly workflowRun?: string;
}

/** Runs of jobs, on disk. */
export interface JobRuns {
    /** Those of a job, newest first. */
    of(job: string): readonly JobRun[];
    /** Those of all jobs that are not over. */
    open(): readonly JobRun[];
    put(run: JobRun): void;
    forget(job: string): void;
}

/** Opens the {@link JobRuns} in a folder. */
export function openRuns(folder: string): JobRuns {
    const folderOf = (job: string) => path.join(folder, fileName(job));
    const runsIn = (names: string) => filesIn(names).flatMap((file) => readJson<JobRun>(file) ?? []);
    const newestFirst = (runs: readonly JobRun[]) =>
        [...runs].sort((a, b) => b.started - a.started || (a.id < b.id ? 1 : -1));
    return {
        of: (job) => newestFirst(runsIn(folderOf(job))),
        open: () => filesIn(folder).flatMap((names) => runsIn(names).filter(({ state }) => !isOver(state))),
        put: (run) => writeJson(path.join(folderOf(run.job), `${run.id}.json`), run),
        forget: (job) => fs.rmSync(folderOf(job), { recursive: true, force: true }),
    };
}

/** Paths of what is in a folder, but for what a kill left half written. */
export function filesIn(folder: string): readonly string[] {
    if (!fs.existsSync(folder)) return [];
    return fs
        .readdirSync(folder)
        .filter((name) => !name.endsWith(".new"))
        .map((name) => path.join(folder, name));
}

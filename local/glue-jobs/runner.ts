import * as fs from "node:fs";
import * as path from "node:path";
import { serviceError } from "../errors";
import type { Announcement } from "../eventbridge/event";
import type { Services } from "../services";
import type { Bookmarks } from "./bookmarks";
import type { Arguments, JobInputs, JobResource } from "./config";
import type { Counts } from "./mapping/execute";
import { isOver, type JobRun, type JobRuns, type RunState } from "./runs";
import { requireLocalScript } from "./script";
import { outputGroup, type WorkServices, work } from "./work";

/** What a {@link Runner} needs. */
export type RunnerServices = WorkServices &
    Pick<Services, "metrics"> & {
        /** Tells the account's rules what has become of a run. */
        announce(announcement: Announcement): Promise<void>;
    };

/** How a run is asked for. */
export interface RunRequest {
    readonly arguments?: Arguments;
    /** Minutes. */
    readonly timeout?: number;
    readonly trigger?: string;
    readonly workflowRun?: string;
}

/** Runs jobs. */
export interface Runner {
    /** Begins a run; throws AWS's errors when it may not begin. */
    start(job: JobResource, request: RunRequest): JobRun;
    /** Stops a run that is not over. */
    stop(run: JobRun): void;
    /** Ends the runs that a former process has left. */
    recover(): void;
    /** Resolves when no job runs. */
    idle(): Promise<void>;
    close(): Promise<void>;
}

/** Minutes after which a run is ended, unless the job says otherwise. https://docs.aws.amazon.com/glue/latest/webapi/API_JobRun.html */
const DEFAULT_TIMEOUT = 480;

/** Why a run was aborted. */
type Reason = "STOPPED" | "TIMEOUT" | "FAILED";

/** Makes a {@link Runner}. `ended` is told of each run that is over, and of those that are tried again of the last attempt. */
export function createRunner(
    services: RunnerServices,
    runs: JobRuns,
    bookmarks: Bookmarks,
    ended: (run: JobRun) => void,
): Runner {
    const { clock, place, randomHex, s3 } = services;
    const running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
    const workFolder = path.join(place.data, "glue-jobs", "work");

    const note = (run: JobRun, state: RunState, more: Partial<JobRun> = {}): JobRun => {
        const noted = { ...run, ...more, state, modified: clock.now() };
        runs.put(noted);
        return noted;
    };
    const end = (run: JobRun, state: RunState, error?: string) => {
        count(services, run, state);
        void services.announce(announcementOf(run, state, error));
        return note(run, state, { completed: clock.now(), ...(error !== undefined && { error }) });
    };

    function start({ inputs }: JobResource, request: RunRequest): JobRun {
        const given = argumentsOf(inputs, request.arguments);
        requireLocalScript(s3, inputs, given);
        const most = inputs.executionProperty?.maxConcurrentRuns ?? 1;
        if (runs.of(inputs.name).filter(({ state }) => !isOver(state)).length >= most)
            throw serviceError("ConcurrentRunsExceededException", `Concurrent runs exceeded for ${inputs.name}`);
        const { arguments: own = {}, timeout = inputs.timeout ?? DEFAULT_TIMEOUT, ...cause } = request;
        const now = clock.now();
        const run: JobRun = {
            ...{ id: `jr_${randomHex(64)}`, job: inputs.name, state: "STARTING", started: now, modified: now },
            ...{ arguments: own, timeout, logGroup: outputGroup(given), attempt: 0 },
            ...cause,
        };
        runs.put(run);
        begin(inputs, run, given);
        return run;
    }

    function begin(job: JobInputs, run: JobRun, given: Arguments): void {
        const abort = new AbortController();
        const done = execute(job, run, given, abort).finally(() => running.delete(run.id));
        running.set(run.id, { abort, done });
    }

    async function execute(job: JobInputs, starting: JobRun, given: Arguments, abort: AbortController): Promise<void> {
        const run = note(starting, "RUNNING");
        const folder = path.join(workFolder, run.id);
        const done = new AbortController();
        void clock
            .sleep(run.timeout * 60_000, done.signal)
            .then(() => done.signal.aborted || abort.abort("TIMEOUT" satisfies Reason));
        try {
            const counts = await work(services, {
                ...{ job, run, arguments: given, bookmarks, folder },
                signal: abort.signal,
            });
            measure(services, job, counts);
            ended(end(run, "SUCCEEDED"));
        } catch (error) {
            const reason = abort.signal.aborted ? (abort.signal.reason as Reason) : "FAILED";
            const over = end(run, reason, abort.signal.aborted ? ABORTED[reason] : sentenceOf(error));
            if (!abort.signal.aborted && run.attempt < (job.maxRetries ?? 0)) again(job, run, given);
            else ended(over);
        } finally {
            done.abort();
            fs.rmSync(folder, { recursive: true, force: true });
        }
    }

    /** A further attempt is a run of its own. */
    function again(job: JobInputs, run: JobRun, given: Arguments): void {
        const { completed, error, ...rest } = run;
        const attempt = run.attempt + 1;
        const now = clock.now();
        const id = `${run.id.replace(/_attempt_\d+$/, "")}_attempt_${attempt}`;
        const next: JobRun = { ...rest, id, state: "STARTING", started: now, modified: now, attempt, previous: run.id };
        runs.put(next);
        begin(job, next, given);
    }

    const idle = async () => {
        while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done));
    };
    return {
        start,
        stop(run) {
            note(run, "STOPPING");
            running.get(run.id)?.abort.abort("STOPPED" satisfies Reason);
        },
        recover() {
            fs.rmSync(workFolder, { recursive: true, force: true });
            for (const run of runs.open()) ended(end(run, "FAILED", ABORTED.FAILED));
        },
        idle,
        async close() {
            for (const { abort } of running.values()) abort.abort("FAILED" satisfies Reason);
            await idle();
        },
    };
}

function argumentsOf(job: JobInputs, given: Arguments = {}): Arguments {
    return { ...job.defaultArguments, ...given, ...job.nonOverridableArguments };
}

/** What is said of a run that was aborted. */
const ABORTED: Readonly<Record<Reason, string | undefined>> = {
    STOPPED: undefined,
    TIMEOUT: "Job run exceeded its timeout.",
    FAILED: "The local runtime was ended while the job ran.",
};

/** Why a run has failed. What DuckDB quotes may be of a record, and is left out. */
function sentenceOf(error: unknown): string {
    const { name, message } = error as Error;
    return name === "DuckError" ? message.replace(/"[^"]*"|'[^']*'/g, "…") : message;
}

const SEVERITIES: Readonly<Partial<Record<RunState, string>>> = { FAILED: "ERROR", TIMEOUT: "WARN" };

/** https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html */
function announcementOf({ id, job }: JobRun, state: RunState, error: string | undefined): Announcement {
    const message = error ?? `Job run ${state === "STOPPED" ? "stopped" : "succeeded"}`;
    const detail = { jobName: job, severity: SEVERITIES[state] ?? "INFO", state, jobRunId: id, message };
    return { source: "aws.glue", detailType: "Glue Job State Change", detail };
}

// https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html
function count({ metrics }: RunnerServices, { job }: JobRun, state: RunState): void {
    const name = state === "SUCCEEDED" ? "numCompletedTasks" : "numFailedTasks";
    metrics.put("Glue", `glue.driver.aggregate.${name}`, dimensions(job), 1);
}

function measure({ metrics }: RunnerServices, { name }: JobInputs, { read }: Counts): void {
    metrics.put("Glue", "glue.driver.aggregate.recordsRead", dimensions(name), read);
}

function dimensions(job: string) {
    return { JobName: job, JobRunId: "ALL", Type: "count" };
}

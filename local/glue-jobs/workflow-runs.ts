import * as fs from "node:fs";
import * as path from "node:path";
import { readJson, writeJson } from "../firehose/files";
import { filesIn, type RunState } from "./runs";

/** What a trigger has started in a run of a workflow. */
export interface StartedAction {
    readonly trigger: string;
    readonly kind: "JOB" | "CRAWLER";
    readonly name: string;
    /** `ERROR` when it could not be started. */
    readonly state: RunState | "ERROR";
    /** The run of a job. */
    readonly runId?: string;
}

/** A run of a workflow. */
export interface WorkflowRun {
    readonly id: string;
    readonly workflow: string;
    readonly status: "RUNNING" | "COMPLETED";
    /** Milliseconds since 1970. */
    readonly started: number;
    readonly completed?: number;
    readonly properties: Readonly<Record<string, string>>;
    readonly previous?: string;
    readonly actions: readonly StartedAction[];
}

/** Runs of workflows, on disk. */
export interface WorkflowRuns {
    /** Those of a workflow, newest first. */
    of(workflow: string): readonly WorkflowRun[];
    get(id: string): WorkflowRun | undefined;
    /** Those that are not over. */
    open(): readonly WorkflowRun[];
    put(run: WorkflowRun): void;
    forget(workflow: string): void;
}

/** Opens the {@link WorkflowRuns} in a folder. */
export function openWorkflowRuns(folder: string): WorkflowRuns {
    const all = () => filesIn(folder).flatMap((file) => readJson<WorkflowRun>(file) ?? []);
    const fileOf = (id: string) => path.join(folder, `${id}.json`);
    const of = (workflow: string) =>
        all()
            .filter((run) => run.workflow === workflow)
            .sort((a, b) => b.started - a.started || (a.id < b.id ? 1 : -1));
    return {
        of,
        get: (id) => readJson<WorkflowRun>(fileOf(id)),
        open: () => all().filter(({ status }) => status === "RUNNING"),
        put: (run) => writeJson(fileOf(run.id), run),
        forget: (workflow) => {
            for (const { id } of of(workflow)) fs.rmSync(fileOf(id), { force: true });
        },
    };
}

import * as path from "node:path";
import type { Bindings, Resource } from "../resources";
import { createScheduler, parseCron, type Scheduled } from "../schedule";
import type { Operation, Services } from "../services";
import type { JobAccess } from "./access";
import { jobBindings } from "./bindings";
import { openBookmarks } from "./bookmarks";
import {
    JOB_TYPE,
    type JobInputs,
    TRIGGER_TYPE,
    type TriggerInputs,
    type TriggerResource,
    WORKFLOW_TYPE,
    type WorkflowInputs,
} from "./config";
import { createFlow, type FlowParts } from "./flow";
import { flowOperations } from "./flow-operations";
import { jobOperations } from "./job-operations";
import { createRunner, type RunnerServices } from "./runner";
import { openRuns } from "./runs";
import { openTriggerStates } from "./trigger-states";
import { openWorkflowRuns } from "./workflow-runs";

/** Glue's jobs, and the triggers and workflows that start them: the scripts' work is done by the runtime itself. */
export interface GlueJobs {
    /** Operations of Glue's API, for whoever serves it. */
    readonly operations: Readonly<Record<string, Operation>>;
    readonly bindings: Bindings;
    /** Ends what a former process has left, and begins to run by schedule. */
    start(): void;
    /** Stops; a job that runs is ended, and fails. */
    close(): Promise<void>;
    /** Resolves when no job runs. */
    idle(): Promise<void>;
}

/** What {@link createGlueJobs} needs. */
export type GlueJobsServices = RunnerServices & Pick<Services, "resources"> & Pick<FlowParts, "crawl">;

/** Makes the local {@link GlueJobs}. */
export function createGlueJobs(services: GlueJobsServices): GlueJobs {
    const { clock, place, resources } = services;
    const folder = path.join(place.data, "glue-jobs");
    const runs = openRuns(path.join(folder, "runs"));
    const bookmarks = openBookmarks(path.join(folder, "bookmarks"));
    const states = openTriggerStates(path.join(folder, "triggers.json"), () => scheduler.changed());
    const workflowRuns = openWorkflowRuns(path.join(folder, "workflow-runs"));
    const jobs = () => byName(resources.all<JobInputs>(JOB_TYPE));
    const triggers = () => byName(resources.all<TriggerInputs>(TRIGGER_TYPE));
    const workflows = () => byName(resources.all<WorkflowInputs>(WORKFLOW_TYPE));
    const job = (name: string) => jobs().find(({ inputs }) => inputs.name === name);

    const runner = createRunner(services, runs, bookmarks, (run) => flow.jobEnded(run));
    const flow = createFlow({ services, runner, workflowRuns, states, triggers, job, crawl: services.crawl });
    const access: JobAccess = {
        ...{ services, runs, bookmarks, states, workflowRuns, runner, flow },
        ...{ jobs, triggers, workflows },
    };
    const scheduler = createScheduler(clock, () => triggers().flatMap(scheduled));
    resources.onChange(TRIGGER_TYPE, scheduler.changed);

    /** A run that would begin while the former one is under way is left out, as on AWS. */
    function scheduled(trigger: TriggerResource): readonly Scheduled[] {
        const { type, name, schedule: expression = "", workflowName } = trigger.inputs;
        const schedule = type === "SCHEDULED" && states.of(name) === "ACTIVATED" ? parseCron(expression) : undefined;
        const workflow = workflows().find(({ inputs }) => inputs.name === workflowName);
        if (!schedule) return [];
        return [
            {
                schedule,
                run: () => (workflow ? unlessConcurrent(() => flow.startWorkflow(workflow)) : flow.fire(trigger)),
            },
        ];
    }

    return {
        operations: { ...jobOperations(access), ...flowOperations(access) },
        bindings: jobBindings(access),
        start() {
            runner.recover();
            flow.recover();
            scheduler.start();
        },
        async close() {
            await scheduler.close();
            await runner.close();
        },
        idle: runner.idle,
    };
}

function byName<I extends { readonly name: string }>(resources: readonly Resource<I>[]): readonly Resource<I>[] {
    return [...resources].sort((a, b) => (a.inputs.name < b.inputs.name ? -1 : 1));
}

function unlessConcurrent(start: () => unknown): void {
    try {
        start();
    } catch (error) {
        if ((error as { readonly code?: string }).code !== "ConcurrentRunsExceededException") throw error;
    }
}

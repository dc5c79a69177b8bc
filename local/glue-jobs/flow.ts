import { serviceError } from "../errors";
import type { Services } from "../services";
import type { ActionInputs, ConditionInputs, JobResource, TriggerResource, WorkflowResource } from "./config";
import type { Runner } from "./runner";
import { isOver, type JobRun, type RunState } from "./runs";
import type { TriggerStates } from "./trigger-states";
import type { StartedAction, WorkflowRun, WorkflowRuns } from "./workflow-runs";

/** What a {@link Flow} goes by. */
export interface FlowParts {
    readonly services: Pick<Services, "clock" | "randomHex">;
    readonly runner: Pick<Runner, "start">;
    readonly workflowRuns: WorkflowRuns;
    readonly states: TriggerStates;
    triggers(): readonly TriggerResource[];
    job(name: string): JobResource | undefined;
    /** Runs a crawler and says how it ended; throws AWS's errors when it may not begin. */
    crawl(name: string): Promise<"SUCCEEDED" | "FAILED">;
}

/** Fires triggers, within the runs of workflows and outside. */
export interface Flow {
    /** Does what a trigger says. */
    fire(trigger: TriggerResource): void;
    /** Begins a run of a workflow by firing the trigger that it starts with; throws AWS's errors when it may not begin. */
    startWorkflow(workflow: WorkflowResource): WorkflowRun;
    /** Takes note of what became of a job's run. */
    jobEnded(run: JobRun): void;
    /** Ends what a former process has left. */
    recover(): void;
}

/** An action that is over: which trigger started it, and in which run of a workflow, if in one. */
interface Ended {
    readonly kind: StartedAction["kind"];
    readonly name: string;
    readonly state: RunState;
    /** The run of a job, in its last attempt. */
    readonly runId?: string;
    readonly workflowRun?: string;
}

/** Makes a {@link Flow}. What nobody's trigger has started fires no trigger, as on AWS. https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html */
export function createFlow({ services, runner, workflowRuns, states, triggers, job, crawl }: FlowParts): Flow {
    const { clock, randomHex } = services;

    function fire(trigger: TriggerResource, workflowRun?: string): void {
        for (const action of trigger.inputs.actions) {
            const started = begin(trigger.inputs.name, action, workflowRun);
            if (workflowRun) change(workflowRun, (run) => ({ ...run, actions: [...run.actions, started] }));
        }
    }

    function begin(trigger: string, action: ActionInputs, workflowRun: string | undefined): StartedAction {
        const { jobName, crawlerName = "", arguments: given, timeout } = action;
        const kind = jobName === undefined ? "CRAWLER" : "JOB";
        const started = { trigger, kind, name: jobName ?? crawlerName } as const;
        const within = workflowRun === undefined ? {} : { workflowRun };
        try {
            if (jobName === undefined) {
                void crawl(crawlerName).then((state) => ended({ kind, name: crawlerName, state, ...within }));
                return { ...started, state: "RUNNING" };
            }
            const found = job(jobName);
            if (!found) throw serviceError("EntityNotFoundException", `Job ${jobName} not found.`);
            const limits = timeout === undefined ? {} : { timeout };
            const run = runner.start(found, { arguments: given ?? {}, ...limits, trigger, ...within });
            return { ...started, state: run.state, runId: run.id };
        } catch {
            return { ...started, state: "ERROR" };
        }
    }

    function change(id: string, to: (run: WorkflowRun) => WorkflowRun): void {
        const run = workflowRuns.get(id);
        if (run) workflowRuns.put(to(run));
    }

    function ended(action: Ended): void {
        if (action.workflowRun === undefined) endedOutside(action);
        else endedWithin(action.workflowRun, action);
    }

    function endedWithin(id: string, action: Ended): void {
        change(id, (run) => ({
            ...run,
            actions: run.actions.map((each) => (isSame(each, action) ? over(each, action) : each)),
        }));
        const run = workflowRuns.get(id);
        if (!run) return;
        const seen = run.actions.map(({ kind, name, state }) => `${kind} ${name} ${state}`);
        for (const trigger of conditional(run.workflow)) {
            const hasFired = run.actions.some((each) => each.trigger === trigger.inputs.name);
            if (!hasFired && isMet(trigger, seen)) fire(trigger, id);
        }
        change(id, completed);
    }

    function endedOutside({ kind, name, state }: Ended): void {
        for (const trigger of conditional(undefined)) {
            const seen = [...states.seen(trigger.inputs.name), `${kind} ${name} ${state}`];
            const isNow = isMet(trigger, seen);
            states.see(trigger.inputs.name, isNow ? [] : seen.slice(-MOST_SEEN));
            if (isNow) fire(trigger);
        }
    }

    function conditional(workflow: string | undefined): readonly TriggerResource[] {
        return triggers().filter(
            ({ inputs }) =>
                inputs.type === "CONDITIONAL" &&
                inputs.workflowName === workflow &&
                states.of(inputs.name) === "ACTIVATED",
        );
    }

    function completed(run: WorkflowRun): WorkflowRun {
        const goesOn = run.actions.some(({ state }) => state !== "ERROR" && !isOver(state));
        return goesOn ? run : { ...run, status: "COMPLETED", completed: clock.now() };
    }

    return {
        fire,
        startWorkflow({ inputs }) {
            const { name, maxConcurrentRuns, defaultRunProperties: properties = {} } = inputs;
            const [first] = triggers().filter(
                (each) => each.inputs.workflowName === name && each.inputs.type !== "CONDITIONAL",
            );
            if (!first)
                throw serviceError("InvalidInputException", `Workflow ${name} does not contain a starting trigger.`);
            const earlier = workflowRuns.of(name);
            const open = earlier.filter(({ status }) => status === "RUNNING").length;
            if (maxConcurrentRuns !== undefined && open >= maxConcurrentRuns)
                throw serviceError("ConcurrentRunsExceededException", `Concurrent runs exceeded for workflow ${name}`);
            const [last] = earlier;
            const id = `wr_${randomHex(64)}`;
            const before = last ? { previous: last.id } : {};
            const started = clock.now();
            workflowRuns.put({ id, workflow: name, status: "RUNNING", started, properties, ...before, actions: [] });
            fire(first, id);
            change(id, completed);
            return workflowRuns.get(id) as WorkflowRun;
        },
        jobEnded({ id: runId, job: name, state, workflowRun, trigger }) {
            if (trigger === undefined) return;
            ended({ kind: "JOB", name, state, runId, ...(workflowRun !== undefined && { workflowRun }) });
        },
        recover() {
            for (const { id, actions } of workflowRuns.open()) {
                for (const { kind, name, state } of actions)
                    if (kind === "CRAWLER" && state === "RUNNING")
                        ended({ kind, name, state: "FAILED", workflowRun: id });
                change(id, completed);
            }
        },
    };
}

/** Ends of runs that a trigger outside of workflows remembers until all of its conditions are met. */
const MOST_SEEN = 100;

function isSame(started: StartedAction, action: Ended): boolean {
    const isSameRun = started.runId === undefined || action.runId?.startsWith(started.runId) === true;
    return started.kind === action.kind && started.name === action.name && started.state !== "ERROR" && isSameRun;
}

function over(started: StartedAction, { state }: Ended): StartedAction {
    return { ...started, state };
}

function isMet({ inputs: { predicate } }: TriggerResource, seen: readonly string[]): boolean {
    const { logical = "AND", conditions = [] } = predicate ?? {};
    const holds = (condition: ConditionInputs) => seen.includes(textOf(condition));
    return logical === "ANY" ? conditions.some(holds) : conditions.every(holds);
}

function textOf({ jobName, state, crawlerName, crawlState }: ConditionInputs): string {
    return jobName === undefined ? `CRAWLER ${crawlerName} ${crawlState}` : `JOB ${jobName} ${state}`;
}

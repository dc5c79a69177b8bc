import type {
    JobRun as DescribedRun,
    WorkflowRun as DescribedWorkflowRun,
    Job,
    JobBookmarkEntry,
    Trigger,
    Workflow,
    WorkflowRunStatistics,
} from "@aws-sdk/client-glue";
import type { Bookmark } from "./bookmarks";
import type { ActionInputs, JobInputs, JobResource, TriggerResource, WorkflowResource } from "./config";
import type { JobRun } from "./runs";
import type { TriggerState } from "./trigger-states";
import type { WorkflowRun } from "./workflow-runs";

/** A job as Glue answers it. https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html */
export function describeJob({ inputs, outputs }: JobResource): Job {
    const { name, description, roleArn, command, defaultArguments, nonOverridableArguments } = inputs;
    const created = new Date(Number((outputs as { readonly createdOn?: number }).createdOn ?? 0));
    return {
        Name: name,
        ...(description && { Description: description }),
        Role: roleArn,
        CreatedOn: created,
        LastModifiedOn: created,
        ExecutionProperty: { MaxConcurrentRuns: inputs.executionProperty?.maxConcurrentRuns ?? 1 },
        Command: {
            Name: command.name ?? "glueetl",
            ScriptLocation: command.scriptLocation,
            ...(command.pythonVersion && { PythonVersion: command.pythonVersion }),
        },
        ...(defaultArguments && { DefaultArguments: defaultArguments }),
        ...(nonOverridableArguments && { NonOverridableArguments: nonOverridableArguments }),
        MaxRetries: inputs.maxRetries ?? 0,
        Timeout: inputs.timeout ?? 480,
        ...capacityOf(inputs),
    };
}

function capacityOf({ glueVersion, workerType, numberOfWorkers, maxCapacity }: JobInputs) {
    return {
        ...(maxCapacity !== undefined && { MaxCapacity: maxCapacity }),
        ...(workerType && { WorkerType: workerType as NonNullable<Job["WorkerType"]> }),
        ...(numberOfWorkers !== undefined && { NumberOfWorkers: numberOfWorkers }),
        ...(glueVersion && { GlueVersion: glueVersion }),
    };
}

/** A run as Glue answers it. https://docs.aws.amazon.com/glue/latest/webapi/API_JobRun.html */
export function describeRun({ inputs }: JobResource, run: JobRun): DescribedRun {
    const { completed, error, previous, trigger } = run;
    return {
        Id: run.id,
        Attempt: run.attempt,
        ...(previous !== undefined && { PreviousRunId: previous }),
        ...(trigger !== undefined && { TriggerName: trigger }),
        JobName: run.job,
        StartedOn: new Date(run.started),
        LastModifiedOn: new Date(run.modified),
        ...(completed !== undefined && { CompletedOn: new Date(completed) }),
        JobRunState: run.state,
        Arguments: { ...run.arguments },
        ...(error !== undefined && { ErrorMessage: error }),
        PredecessorRuns: [],
        ExecutionTime: completed === undefined ? 0 : Math.round((completed - run.started) / 1000),
        Timeout: run.timeout,
        LogGroupName: run.logGroup.replace(/\/output$/, ""),
        ...capacityOf(inputs),
    };
}

/** A bookmark as Glue answers it. https://docs.aws.amazon.com/glue/latest/webapi/API_JobBookmarkEntry.html */
export function describeBookmark(
    job: string,
    { version, run, runId, previousRunId, files }: Bookmark,
): JobBookmarkEntry {
    return {
        JobName: job,
        Version: version,
        Run: run,
        Attempt: 0,
        ...(previousRunId !== undefined && { PreviousRunId: previousRunId }),
        RunId: runId,
        JobBookmark: JSON.stringify({ raw: { files: Object.keys(files).length } }),
    };
}

/** A trigger as Glue answers it. https://docs.aws.amazon.com/glue/latest/webapi/API_Trigger.html */
export function describeTrigger({ inputs }: TriggerResource, state: TriggerState): Trigger {
    const { name, description, type, workflowName, schedule, actions, predicate } = inputs;
    return {
        Name: name,
        ...(workflowName && { WorkflowName: workflowName }),
        Type: type as NonNullable<Trigger["Type"]>,
        State: state,
        ...(description && { Description: description }),
        ...(schedule && { Schedule: schedule }),
        Actions: actions.map(describeAction),
        ...(predicate && {
            Predicate: {
                Logical: (predicate.logical ?? "AND") as "AND" | "ANY",
                Conditions: (predicate.conditions ?? []).map((condition) => ({
                    LogicalOperator: "EQUALS" as const,
                    ...(condition.jobName && { JobName: condition.jobName, State: condition.state as "SUCCEEDED" }),
                    ...(condition.crawlerName && {
                        CrawlerName: condition.crawlerName,
                        CrawlState: condition.crawlState as "SUCCEEDED",
                    }),
                })),
            },
        }),
    };
}

function describeAction({ jobName, crawlerName, arguments: given, timeout }: ActionInputs) {
    return {
        ...(jobName && { JobName: jobName }),
        ...(crawlerName && { CrawlerName: crawlerName }),
        ...(given && { Arguments: given }),
        ...(timeout !== undefined && { Timeout: timeout }),
    };
}

/** A workflow as Glue answers it, with its last run. https://docs.aws.amazon.com/glue/latest/webapi/API_Workflow.html */
export function describeWorkflow({ inputs }: WorkflowResource, last: WorkflowRun | undefined): Workflow {
    const { name, description, defaultRunProperties, maxConcurrentRuns } = inputs;
    return {
        Name: name,
        ...(description && { Description: description }),
        ...(defaultRunProperties && { DefaultRunProperties: defaultRunProperties }),
        ...(last && { LastRun: describeWorkflowRun(last) }),
        ...(maxConcurrentRuns !== undefined && { MaxConcurrentRuns: maxConcurrentRuns }),
    };
}

/** A run of a workflow as Glue answers it. https://docs.aws.amazon.com/glue/latest/webapi/API_WorkflowRun.html */
export function describeWorkflowRun(run: WorkflowRun): DescribedWorkflowRun {
    const { id, workflow, previous, properties, started, completed, status } = run;
    return {
        Name: workflow,
        WorkflowRunId: id,
        ...(previous !== undefined && { PreviousRunId: previous }),
        WorkflowRunProperties: { ...properties },
        StartedOn: new Date(started),
        ...(completed !== undefined && { CompletedOn: new Date(completed) }),
        Status: status,
        Statistics: statisticsOf(run),
    };
}

function statisticsOf({ actions }: WorkflowRun): WorkflowRunStatistics {
    const inState = (...states: readonly string[]) => actions.filter(({ state }) => states.includes(state)).length;
    return {
        TotalActions: actions.length,
        TimeoutActions: inState("TIMEOUT"),
        FailedActions: inState("FAILED"),
        StoppedActions: inState("STOPPED"),
        SucceededActions: inState("SUCCEEDED"),
        RunningActions: inState("STARTING", "RUNNING", "STOPPING"),
        ErroredActions: inState("ERROR"),
        WaitingActions: 0,
    };
}

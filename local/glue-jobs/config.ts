import type { Properties, Resource } from "../resources";
import type { Place } from "../services";

/** Pulumi's types of what runs by itself in Glue. */
export const JOB_TYPE = "aws:glue/job:Job";
export const TRIGGER_TYPE = "aws:glue/trigger:Trigger";
export const WORKFLOW_TYPE = "aws:glue/workflow:Workflow";

/** Arguments by their names, with the dashes in front. */
export type Arguments = Readonly<Record<string, string>>;

/** The inputs of a job, as far as the service reads them. */
export interface JobInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly roleArn: string;
    readonly command: {
        readonly name?: string;
        readonly scriptLocation: string;
        readonly pythonVersion?: string;
    };
    readonly defaultArguments?: Arguments;
    readonly nonOverridableArguments?: Arguments;
    readonly executionProperty?: { readonly maxConcurrentRuns?: number };
    readonly timeout?: number;
    readonly maxRetries?: number;
    readonly glueVersion?: string;
    readonly workerType?: string;
    readonly numberOfWorkers?: number;
    readonly maxCapacity?: number;
    readonly tags?: Readonly<Record<string, string>>;
}

/** What a trigger starts. */
export interface ActionInputs {
    readonly jobName?: string;
    readonly crawlerName?: string;
    readonly arguments?: Arguments;
    readonly timeout?: number;
}

/** What a conditional trigger waits for. */
export interface ConditionInputs {
    readonly jobName?: string;
    readonly state?: string;
    readonly crawlerName?: string;
    readonly crawlState?: string;
}

/** The inputs of a trigger, as far as the service reads them. */
export interface TriggerInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly type: string;
    readonly schedule?: string;
    readonly enabled?: boolean;
    readonly workflowName?: string;
    readonly actions: readonly ActionInputs[];
    readonly predicate?: { readonly logical?: string; readonly conditions?: readonly ConditionInputs[] };
}

/** The inputs of a workflow, as far as the service reads them. */
export interface WorkflowInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly defaultRunProperties?: Readonly<Record<string, string>>;
    readonly maxConcurrentRuns?: number;
}

/** A job, a trigger and a workflow in the table of resources. */
export type JobResource = Resource<JobInputs>;
export type TriggerResource = Resource<TriggerInputs>;
export type WorkflowResource = Resource<WorkflowInputs>;

/** ARN of a job, a trigger or a workflow. https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html */
export function glueArn(
    { region, account }: Pick<Place, "region" | "account">,
    kind: "job" | "trigger" | "workflow",
    name: string,
): string {
    return `arn:aws:glue:${region}:${account}:${kind}/${name}`;
}

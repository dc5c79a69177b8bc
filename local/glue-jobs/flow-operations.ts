import type {
    GetTriggerRequest,
    GetTriggerResponse,
    GetTriggersRequest,
    GetTriggersResponse,
    GetWorkflowRequest,
    GetWorkflowResponse,
    GetWorkflowRunRequest,
    GetWorkflowRunResponse,
    GetWorkflowRunsRequest,
    GetWorkflowRunsResponse,
    ListTriggersRequest,
    ListTriggersResponse,
    ListWorkflowsRequest,
    ListWorkflowsResponse,
    StartTriggerRequest,
    StartTriggerResponse,
    StartWorkflowRunRequest,
    StartWorkflowRunResponse,
    StopTriggerRequest,
    StopTriggerResponse,
} from "@aws-sdk/client-glue";
import { serviceError, unsupported } from "../errors";
import type { Caller, Operation } from "../services";
import { authorize, authorizeList, type JobAccess, named, paged } from "./access";
import type { TriggerResource, WorkflowResource } from "./config";
import { describeTrigger, describeWorkflow, describeWorkflowRun } from "./describe";

/** The operations of Glue that are about triggers and workflows, for whoever serves Glue. */
export function flowOperations(access: JobAccess): Readonly<Record<string, Operation>> {
    return {
        GetTrigger: getTrigger(access),
        GetTriggers: getTriggers(access),
        ListTriggers: listTriggers(access),
        StartTrigger: startTrigger(access),
        StopTrigger: stopTrigger(access),
        GetWorkflow: getWorkflow(access),
        ListWorkflows: listWorkflows(access),
        StartWorkflowRun: startWorkflowRun(access),
        GetWorkflowRun: getWorkflowRun(access),
        GetWorkflowRuns: getWorkflowRuns(access),
    };
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetTrigger.html */
const getTrigger =
    (access: JobAccess) =>
    ({ Name: name }: GetTriggerRequest, caller: Caller): GetTriggerResponse => {
        const trigger = enterTrigger(access, caller, "GetTrigger", name);
        return { Trigger: describeTrigger(trigger, access.states.of(trigger.inputs.name)) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetTriggers.html */
const getTriggers =
    (access: JobAccess) =>
    (request: GetTriggersRequest, caller: Caller): GetTriggersResponse => {
        authorizeList(access, caller, "GetTriggers");
        const { items, next } = paged(triggersOf(access, request.DependentJobName), request);
        const Triggers = items.map((trigger) => describeTrigger(trigger, access.states.of(trigger.inputs.name)));
        return { Triggers, ...next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_ListTriggers.html */
const listTriggers =
    (access: JobAccess) =>
    (request: ListTriggersRequest, caller: Caller): ListTriggersResponse => {
        authorizeList(access, caller, "ListTriggers");
        if (request.Tags) throw unsupported('"Tags" of ListTriggers');
        const { items, next } = paged(triggersOf(access, request.DependentJobName), request);
        return { TriggerNames: items.map(({ inputs }) => inputs.name), ...next };
    };

/** Every trigger, or those that start a job. */
function triggersOf(access: JobAccess, job: string | undefined): readonly TriggerResource[] {
    return access
        .triggers()
        .filter(({ inputs }) => job === undefined || inputs.actions.some(({ jobName }) => jobName === job));
}

/** A schedule or a condition is watched from now on; on demand, it happens. https://docs.aws.amazon.com/glue/latest/webapi/API_StartTrigger.html */
const startTrigger =
    (access: JobAccess) =>
    ({ Name: name }: StartTriggerRequest, caller: Caller): StartTriggerResponse => {
        const trigger = enterTrigger(access, caller, "StartTrigger", name);
        const { type, workflowName } = trigger.inputs;
        if (type !== "ON_DEMAND") access.states.set(trigger.inputs.name, "ACTIVATED");
        else if (workflowName === undefined) access.flow.fire(trigger);
        else access.flow.startWorkflow(workflowOf(access, workflowName));
        return { Name: trigger.inputs.name };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_StopTrigger.html */
const stopTrigger =
    (access: JobAccess) =>
    ({ Name: name }: StopTriggerRequest, caller: Caller): StopTriggerResponse => {
        const trigger = enterTrigger(access, caller, "StopTrigger", name);
        if (trigger.inputs.type === "ON_DEMAND")
            throw serviceError("InvalidInputException", `Trigger ${name} of type ON_DEMAND can't be stopped.`);
        access.states.set(trigger.inputs.name, "DEACTIVATED");
        return { Name: trigger.inputs.name };
    };

function enterTrigger(access: JobAccess, caller: Caller, action: string, name: string | undefined): TriggerResource {
    authorize(access, caller, action, "trigger", name);
    return named(access.triggers(), name, `Trigger with name ${name} not found.`);
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetWorkflow.html */
const getWorkflow =
    (access: JobAccess) =>
    ({ Name: name, IncludeGraph: hasGraph }: GetWorkflowRequest, caller: Caller): GetWorkflowResponse => {
        const workflow = enterWorkflow(access, caller, "GetWorkflow", name);
        if (hasGraph) throw unsupported('"IncludeGraph" of GetWorkflow');
        return { Workflow: describeWorkflow(workflow, access.workflowRuns.of(workflow.inputs.name)[0]) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_ListWorkflows.html */
const listWorkflows =
    (access: JobAccess) =>
    (request: ListWorkflowsRequest, caller: Caller): ListWorkflowsResponse => {
        authorizeList(access, caller, "ListWorkflows");
        const { items, next } = paged(access.workflows(), request);
        return { Workflows: items.map(({ inputs }) => inputs.name), ...next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_StartWorkflowRun.html */
const startWorkflowRun =
    (access: JobAccess) =>
    ({ Name: name, RunProperties: given }: StartWorkflowRunRequest, caller: Caller): StartWorkflowRunResponse => {
        const workflow = enterWorkflow(access, caller, "StartWorkflowRun", name);
        if (given) throw unsupported('"RunProperties" of StartWorkflowRun');
        return { RunId: access.flow.startWorkflow(workflow).id };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetWorkflowRun.html */
const getWorkflowRun =
    (access: JobAccess) =>
    (
        { Name: name, RunId: id, IncludeGraph: hasGraph }: GetWorkflowRunRequest,
        caller: Caller,
    ): GetWorkflowRunResponse => {
        const workflow = enterWorkflow(access, caller, "GetWorkflowRun", name);
        if (hasGraph) throw unsupported('"IncludeGraph" of GetWorkflowRun');
        const run = access.workflowRuns.of(workflow.inputs.name).find((each) => each.id === id);
        if (run) return { Run: describeWorkflowRun(run) };
        throw serviceError("EntityNotFoundException", `Entity not found: workflow run ${id} of workflow ${name}`);
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetWorkflowRuns.html */
const getWorkflowRuns =
    (access: JobAccess) =>
    (request: GetWorkflowRunsRequest, caller: Caller): GetWorkflowRunsResponse => {
        const workflow = enterWorkflow(access, caller, "GetWorkflowRuns", request.Name);
        if (request.IncludeGraph) throw unsupported('"IncludeGraph" of GetWorkflowRuns');
        const { items, next } = paged(access.workflowRuns.of(workflow.inputs.name), request);
        return { Runs: items.map(describeWorkflowRun), ...next };
    };

function enterWorkflow(access: JobAccess, caller: Caller, action: string, name: string | undefined): WorkflowResource {
    authorize(access, caller, action, "workflow", name);
    return workflowOf(access, name);
}

function workflowOf(access: JobAccess, name: string | undefined): WorkflowResource {
    return named(access.workflows(), name, `Entity not found: workflow ${name}`);
}

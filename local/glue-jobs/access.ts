import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import type { Bookmarks } from "./bookmarks";
import { glueArn, type JobResource, type TriggerResource, type WorkflowResource } from "./config";
import type { Flow } from "./flow";
import type { Runner } from "./runner";
import type { JobRuns } from "./runs";
import type { TriggerStates } from "./trigger-states";
import type { WorkflowRuns } from "./workflow-runs";

/** What the operations on jobs, triggers and workflows need. */
export interface JobAccess {
    readonly services: Pick<Services, "clock" | "iam" | "place">;
    readonly runs: JobRuns;
    readonly bookmarks: Bookmarks;
    readonly states: TriggerStates;
    readonly workflowRuns: WorkflowRuns;
    readonly runner: Runner;
    readonly flow: Flow;
    jobs(): readonly JobResource[];
    triggers(): readonly TriggerResource[];
    workflows(): readonly WorkflowResource[];
}

/** Throws unless a caller may do this to a job, a trigger or a workflow. */
export function authorize(
    { services: { iam, place } }: JobAccess,
    caller: Caller,
    action: string,
    kind: "job" | "trigger" | "workflow",
    name: string | undefined,
): void {
    iam.authorize(caller, `glue:${action}`, glueArn(place, kind, String(name)));
}

/** Throws unless a caller may list. */
export function authorizeList({ services: { iam } }: JobAccess, caller: Caller, action: string): void {
    iam.authorize(caller, `glue:${action}`, "*");
}

/** The resource of a name. Throws AWS's error with this sentence when there is none. */
export function named<R extends { readonly inputs: { readonly name: string } }>(
    resources: readonly R[],
    name: string | undefined,
    sentence: string,
): R {
    const found = resources.find(({ inputs }) => inputs.name === name);
    if (found) return found;
    throw serviceError("EntityNotFoundException", sentence);
}

/** One page of a list. */
export function paged<T>(
    all: readonly T[],
    { NextToken: token, MaxResults: limit = 100 }: { readonly NextToken?: string; readonly MaxResults?: number },
): { readonly items: readonly T[]; readonly next: { readonly NextToken?: string } } {
    const from = token ? Number(token) : 0;
    if (!Number.isSafeInteger(from) || from < 0) throw serviceError("InvalidInputException", "Invalid NextToken.");
    const to = from + limit;
    return { items: all.slice(from, to), next: to < all.length ? { NextToken: String(to) } : {} };
}

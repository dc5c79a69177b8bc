import type {
    BatchStopJobRunRequest,
    BatchStopJobRunResponse,
    GetJobBookmarkRequest,
    GetJobBookmarkResponse,
    GetJobRequest,
    GetJobResponse,
    GetJobRunRequest,
    GetJobRunResponse,
    GetJobRunsRequest,
    GetJobRunsResponse,
    GetJobsRequest,
    GetJobsResponse,
    ListJobsRequest,
    ListJobsResponse,
    ResetJobBookmarkRequest,
    ResetJobBookmarkResponse,
    StartJobRunRequest,
    StartJobRunResponse,
} from "@aws-sdk/client-glue";
import { serviceError, unsupported } from "../errors";
import type { Caller, Operation } from "../services";
import { authorize, authorizeList, type JobAccess, named, paged } from "./access";
import type { JobResource } from "./config";
import { describeBookmark, describeJob, describeRun } from "./describe";
import { isOver } from "./runs";

/** The operations of Glue that are about jobs, for whoever serves Glue. */
export function jobOperations(access: JobAccess): Readonly<Record<string, Operation>> {
    return {
        GetJob: getJob(access),
        GetJobs: getJobs(access),
        ListJobs: listJobs(access),
        StartJobRun: startJobRun(access),
        BatchStopJobRun: batchStopJobRun(access),
        GetJobRun: getJobRun(access),
        GetJobRuns: getJobRuns(access),
        GetJobBookmark: getJobBookmark(access),
        ResetJobBookmark: resetJobBookmark(access),
    };
}

function jobOf(access: JobAccess, name: string | undefined): JobResource {
    return named(access.jobs(), name, `Job ${name} not found.`);
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetJob.html */
const getJob =
    (access: JobAccess) =>
    ({ JobName: name }: GetJobRequest, caller: Caller): GetJobResponse => {
        authorize(access, caller, "GetJob", "job", name);
        return { Job: describeJob(jobOf(access, name)) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobs.html */
const getJobs =
    (access: JobAccess) =>
    (request: GetJobsRequest, caller: Caller): GetJobsResponse => {
        authorizeList(access, caller, "GetJobs");
        const { items, next } = paged(access.jobs(), request);
        return { Jobs: items.map(describeJob), ...next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_ListJobs.html */
const listJobs =
    (access: JobAccess) =>
    (request: ListJobsRequest, caller: Caller): ListJobsResponse => {
        authorizeList(access, caller, "ListJobs");
        const wanted = Object.entries(request.Tags ?? {});
        const tagged = access
            .jobs()
            .filter(({ inputs: { tags = {} } }) => wanted.every(([key, value]) => tags[key] === value));
        const { items, next } = paged(tagged, request);
        return { JobNames: items.map(({ inputs }) => inputs.name), ...next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html */
const startJobRun =
    (access: JobAccess) =>
    (request: StartJobRunRequest, caller: Caller): StartJobRunResponse => {
        const { JobName: name, Arguments: given = {}, Timeout: timeout } = request;
        authorize(access, caller, "StartJobRun", "job", name);
        if (request.JobRunId !== undefined) throw unsupported('"JobRunId" of StartJobRun');
        const job = named(access.jobs(), name, "Failed to start job run due to missing metadata");
        const limits = timeout === undefined ? {} : { timeout };
        return { JobRunId: access.runner.start(job, { arguments: given, ...limits }).id };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html */
const batchStopJobRun =
    (access: JobAccess) =>
    ({ JobName, JobRunIds = [] }: BatchStopJobRunRequest, caller: Caller): BatchStopJobRunResponse => {
        authorize(access, caller, "BatchStopJobRun", "job", JobName);
        const runs = access.runs.of(jobOf(access, JobName).inputs.name);
        const stopped = JobRunIds.filter((id) => runs.some((run) => run.id === id && !isOver(run.state)));
        for (const run of runs) if (stopped.includes(run.id)) access.runner.stop(run);
        const failed = JobRunIds.filter((id) => !stopped.includes(id)).map((JobRunId) => {
            const known = runs.find(({ id }) => id === JobRunId);
            const ErrorDetail = known
                ? {
                      ErrorCode: "InvalidInputException",
                      ErrorMessage: `Job run ${JobRunId} is in the state ${known.state}.`,
                  }
                : { ErrorCode: "EntityNotFoundException", ErrorMessage: `Job run ${JobRunId} not found.` };
            return { JobName, JobRunId, ErrorDetail };
        });
        return { SuccessfulSubmissions: stopped.map((JobRunId) => ({ JobName, JobRunId })), Errors: failed };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRun.html */
const getJobRun =
    (access: JobAccess) =>
    ({ JobName: name, RunId: id }: GetJobRunRequest, caller: Caller): GetJobRunResponse => {
        authorize(access, caller, "GetJobRun", "job", name);
        const job = jobOf(access, name);
        const run = access.runs.of(job.inputs.name).find((each) => each.id === id);
        if (run) return { JobRun: describeRun(job, run) };
        throw serviceError("EntityNotFoundException", `Job run ${id} not found.`);
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRuns.html */
const getJobRuns =
    (access: JobAccess) =>
    (request: GetJobRunsRequest, caller: Caller): GetJobRunsResponse => {
        authorize(access, caller, "GetJobRuns", "job", request.JobName);
        const job = jobOf(access, request.JobName);
        const { items, next } = paged(access.runs.of(job.inputs.name), request);
        return { JobRuns: items.map((run) => describeRun(job, run)), ...next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobBookmark.html */
const getJobBookmark =
    (access: JobAccess) =>
    ({ JobName: name, RunId: id }: GetJobBookmarkRequest, caller: Caller): GetJobBookmarkResponse => {
        authorize(access, caller, "GetJobBookmark", "job", name);
        const { inputs } = jobOf(access, name);
        const bookmark = access.bookmarks.of(inputs.name);
        if (!bookmark || (id !== undefined && id !== bookmark.runId))
            throw serviceError("EntityNotFoundException", `Continuation for job ${name} not found`);
        return { JobBookmarkEntry: describeBookmark(inputs.name, bookmark) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_ResetJobBookmark.html */
const resetJobBookmark =
    (access: JobAccess) =>
    ({ JobName: name, RunId: id }: ResetJobBookmarkRequest, caller: Caller): ResetJobBookmarkResponse => {
        authorize(access, caller, "ResetJobBookmark", "job", name);
        if (id !== undefined) throw unsupported('"RunId" of ResetJobBookmark');
        const { inputs } = jobOf(access, name);
        const bookmark = access.bookmarks.of(inputs.name);
        if (!bookmark) throw serviceError("EntityNotFoundException", `Continuation for job ${name} not found`);
        access.bookmarks.reset(inputs.name);
        return { JobBookmarkEntry: { JobName: inputs.name, Version: bookmark.version, Run: 0, Attempt: 0 } };
    };

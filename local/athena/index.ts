import type {
    BatchGetQueryExecutionInput,
    BatchGetQueryExecutionOutput,
    GetQueryExecutionInput,
    GetQueryExecutionOutput,
    GetQueryResultsInput,
    GetQueryResultsOutput,
    GetQueryRuntimeStatisticsInput,
    GetQueryRuntimeStatisticsOutput,
    GetWorkGroupInput,
    GetWorkGroupOutput,
    ListQueryExecutionsInput,
    ListQueryExecutionsOutput,
    ListWorkGroupsInput,
    ListWorkGroupsOutput,
    QueryExecution,
    StartQueryExecutionInput,
    StartQueryExecutionOutput,
    StopQueryExecutionInput,
    WorkGroup,
} from "@aws-sdk/client-athena";
import { serviceError, unsupported } from "../errors";
import { parseS3Url } from "../iceberg/table-files";
import type { Caller, JsonService, Operation } from "../services";
import { createExecutions, describeExecution, ENGINE, type ExecutionServices, type Executions } from "./executions";
import { batchGetNamedQuery, getNamedQuery, listNamedQueries } from "./named-queries";
import { offsetOf, paged, tokenOf } from "./paging";
import { readPage } from "./results";
import { enforces, findWorkgroup, type WorkgroupInputs, workgroupArn, workgroups } from "./workgroups";

/** Athena: SQL over the tables of the catalog, run by DuckDB. */
export interface Athena {
    readonly service: JsonService;
    /** Ends the queries that run. */
    close(): Promise<void>;
}

/** Makes the local {@link Athena}. */
export function createAthena(services: ExecutionServices): Athena {
    const executions = createExecutions(services);
    const on = [services, executions] as const;
    const operations: Record<string, Operation> = {
        StartQueryExecution: startQueryExecution(...on),
        StopQueryExecution: stopQueryExecution(...on),
        GetQueryExecution: getQueryExecution(...on),
        BatchGetQueryExecution: batchGetQueryExecution(...on),
        ListQueryExecutions: listQueryExecutions(...on),
        GetQueryResults: getQueryResults(...on),
        GetQueryRuntimeStatistics: getQueryRuntimeStatistics(...on),
        GetWorkGroup: getWorkGroup(services),
        ListWorkGroups: listWorkGroups(services),
        ListNamedQueries: listNamedQueries(services),
        GetNamedQuery: getNamedQuery(services),
        BatchGetNamedQuery: batchGetNamedQuery(services),
    };
    const service = { target: "AmazonAthena", name: "athena", client: "@aws-sdk/client-athena", operations };
    return { service, close: executions.close };
}

function authorize(services: ExecutionServices, caller: Caller, action: string, workgroup: string): void {
    services.iam.authorize(caller, `athena:${action}`, workgroupArn(services, workgroup));
}

function described(services: ExecutionServices, execution: ReturnType<Executions["get"]>): QueryExecution {
    const workgroup = workgroups(services).find(({ name }) => name === execution.workgroup);
    return describeExecution(execution, workgroup);
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html */
const startQueryExecution =
    (services: ExecutionServices, executions: Executions) =>
    async (request: StartQueryExecutionInput, caller: Caller): Promise<StartQueryExecutionOutput> => {
        authorize(services, caller, "StartQueryExecution", request.WorkGroup ?? "primary");
        if (request.ExecutionParameters?.length) throw unsupported("ExecutionParameters of a query");
        const { id } = await executions.start(request, caller);
        return { QueryExecutionId: id };
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_StopQueryExecution.html */
const stopQueryExecution =
    (services: ExecutionServices, executions: Executions) =>
    (request: StopQueryExecutionInput, caller: Caller): Record<string, never> => {
        const execution = executions.get(request.QueryExecutionId);
        authorize(services, caller, "StopQueryExecution", execution.workgroup);
        executions.stop(execution);
        return {};
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html */
const getQueryExecution =
    (services: ExecutionServices, executions: Executions) =>
    (request: GetQueryExecutionInput, caller: Caller): GetQueryExecutionOutput => {
        const execution = executions.get(request.QueryExecutionId);
        authorize(services, caller, "GetQueryExecution", execution.workgroup);
        return { QueryExecution: described(services, execution) };
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryRuntimeStatistics.html */
const getQueryRuntimeStatistics =
    (services: ExecutionServices, executions: Executions) =>
    (request: GetQueryRuntimeStatisticsInput, caller: Caller): GetQueryRuntimeStatisticsOutput => {
        const execution = executions.get(request.QueryExecutionId);
        authorize(services, caller, "GetQueryRuntimeStatistics", execution.workgroup);
        if (execution.state !== "SUCCEEDED") throw notReady(execution.state);
        const { Statistics } = described(services, execution);
        const { scanned, given } = execution;
        return {
            QueryRuntimeStatistics: {
                Timeline: {
                    QueryQueueTimeInMillis: Statistics?.QueryQueueTimeInMillis,
                    EngineExecutionTimeInMillis: Statistics?.EngineExecutionTimeInMillis,
                    ServiceProcessingTimeInMillis: Statistics?.ServiceProcessingTimeInMillis,
                    TotalExecutionTimeInMillis: Statistics?.TotalExecutionTimeInMillis,
                },
                Rows: {
                    InputRows: scanned?.rows ?? 0,
                    InputBytes: scanned?.bytes ?? 0,
                    OutputRows: given?.rows ?? 0,
                    OutputBytes: given?.bytes ?? 0,
                },
            },
        };
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetQueryExecution.html */
const batchGetQueryExecution =
    (services: ExecutionServices, executions: Executions) =>
    (request: BatchGetQueryExecutionInput, caller: Caller): BatchGetQueryExecutionOutput => {
        const output = { QueryExecutions: [] as QueryExecution[], UnprocessedQueryExecutionIds: [] as object[] };
        for (const id of request.QueryExecutionIds ?? []) {
            try {
                const execution = executions.get(id);
                authorize(services, caller, "BatchGetQueryExecution", execution.workgroup);
                output.QueryExecutions.push(described(services, execution));
            } catch (error) {
                const { code, message } = error as { code: string; message: string };
                const ErrorCode = code === "InvalidRequestException" ? "INVALID_INPUT" : code;
                output.UnprocessedQueryExecutionIds.push({ QueryExecutionId: id, ErrorCode, ErrorMessage: message });
            }
        }
        return output;
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_ListQueryExecutions.html */
const listQueryExecutions =
    (services: ExecutionServices, executions: Executions) =>
    (request: ListQueryExecutionsInput, caller: Caller): ListQueryExecutionsOutput => {
        const workgroup = request.WorkGroup ?? "primary";
        authorize(services, caller, "ListQueryExecutions", workgroup);
        findWorkgroup(services, workgroup);
        const { items, next } = paged(executions.all(workgroup), request, 50);
        return { QueryExecutionIds: items.map(({ id }) => id), ...next };
    };

/** Most rows of a page. https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html */
const PAGE = 1000;

/** Reads a page of the object that holds the result, as the caller: the token says from which byte on. */
const getQueryResults =
    (services: ExecutionServices, executions: Executions) =>
    async (request: GetQueryResultsInput, caller: Caller): Promise<GetQueryResultsOutput> => {
        const execution = executions.get(request.QueryExecutionId);
        authorize(services, caller, "GetQueryResults", execution.workgroup);
        const { columns, header = true } = execution;
        if (execution.state !== "SUCCEEDED" || !columns) throw notReady(execution.state);
        const info = { ResultSetMetadata: { ColumnInfo: [...columns] } };
        if (execution.manifest) return { UpdateCount: execution.given?.rows ?? 0, ResultSet: { Rows: [], ...info } };
        const { bucket, key } = parseS3Url(execution.output);
        const object = await services.s3.getObject(caller, bucket, key);
        const most = Math.min(request.MaxResults ?? PAGE, PAGE);
        const { rows, next } = readPage(object, offsetOf(request.NextToken) ?? 0, most, header);
        return {
            UpdateCount: 0,
            ResultSet: { Rows: rows, ...info },
            ...(next !== undefined && { NextToken: tokenOf(next) }),
        };
    };

function notReady(state: string): Error {
    return serviceError(
        "InvalidRequestException",
        state === "FAILED" || state === "CANCELLED"
            ? `Query did not finish successfully. Final query state: ${state}`
            : `Query has not yet finished. Current state: ${state}`,
    );
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_GetWorkGroup.html */
const getWorkGroup =
    (services: ExecutionServices) =>
    (request: GetWorkGroupInput, caller: Caller): GetWorkGroupOutput => {
        const name = request.WorkGroup ?? "";
        authorize(services, caller, "GetWorkGroup", name);
        return { WorkGroup: describeWorkgroup(findWorkgroup(services, name)) };
    };

function describeWorkgroup(workgroup: WorkgroupInputs): WorkGroup {
    const { name, description, state = "ENABLED", configuration = {} } = workgroup;
    const { outputLocation, encryptionConfiguration } = configuration.resultConfiguration ?? {};
    const encryption = encryptionConfiguration?.encryptionOption;
    return {
        Name: name,
        State: state,
        ...(description && { Description: description }),
        Configuration: {
            ResultConfiguration: {
                ...(outputLocation && { OutputLocation: outputLocation }),
                ...(encryption && { EncryptionConfiguration: { EncryptionOption: encryption as "SSE_S3" } }),
            },
            EnforceWorkGroupConfiguration: enforces(workgroup),
            PublishCloudWatchMetricsEnabled: configuration.publishCloudwatchMetricsEnabled ?? true,
            ...(configuration.bytesScannedCutoffPerQuery !== undefined && {
                BytesScannedCutoffPerQuery: configuration.bytesScannedCutoffPerQuery,
            }),
            RequesterPaysEnabled: configuration.requesterPaysEnabled ?? false,
            EngineVersion: ENGINE,
        },
    };
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_ListWorkGroups.html */
const listWorkGroups =
    (services: ExecutionServices) =>
    (request: ListWorkGroupsInput, caller: Caller): ListWorkGroupsOutput => {
        services.iam.authorize(caller, "athena:ListWorkGroups", "*");
        const { items, next } = paged(workgroups(services), request, 50);
        return {
            WorkGroups: items.map(({ name, description, state = "ENABLED" }) => ({
                Name: name,
                State: state,
                ...(description && { Description: description }),
                EngineVersion: ENGINE,
            })),
            ...next,
        };
    };

import type { QueryExecution, QueryExecutionState, StartQueryExecutionInput } from "@aws-sdk/client-athena";
import { serviceError } from "../errors";
import { uuid } from "../iceberg/snapshot";
import { parseS3Url } from "../iceberg/table-files";
import type { Caller, Services } from "../services";
import { isQueryError, queryError } from "./reasons";
import { type ResultSet, toObject } from "./results";
import { checkSyntax, prepare, type RunServices, run } from "./run";
import type { Scanned } from "./scanned";
import { bare, type WriteStatement, writeStatement } from "./statements";
import { enforces, findWorkgroup, type WorkgroupInputs } from "./workgroups";

/** What queries are started with. */
export type ExecutionServices = RunServices & Pick<Services, "clock" | "randomHex">;

/** One query, from its start on. */
export interface Execution {
    readonly id: string;
    readonly sql: string;
    readonly workgroup: string;
    readonly caller: Caller;
    readonly database?: string;
    readonly catalog?: string;
    /** `s3://` URL of the object with the result. */
    readonly output: string;
    readonly token?: string;
    readonly cutoff?: number;
    readonly submitted: number;
    readonly abort: AbortController;
    state: QueryExecutionState;
    reason?: string;
    started?: number;
    completed?: number;
    /** What it read, and what it gave. */
    scanned?: Scanned;
    given?: { readonly rows: number; readonly bytes: number };
    /** `s3://` URL of the list of the files that it wrote. */
    manifest?: string;
    columns?: ResultSet["columns"];
    header?: boolean;
}

/** Queries that were started, running one after another per slot. */
export interface Executions {
    start(request: StartQueryExecutionInput, caller: Caller): Promise<Execution>;
    /** Throws InvalidRequestException. */
    get(id: string | undefined): Execution;
    /** Newest first. */
    all(workgroup: string): readonly Execution[];
    stop(execution: Execution): void;
    /** Ends what runs. */
    close(): Promise<void>;
}

/** Queries that run at a time; more wait as QUEUED. One thread works on each. */
const SLOTS = 2;

/** Queries that are remembered. Athena itself keeps them for 45 days. */
const REMEMBERED = 1000;

/** Makes the keeper of started queries. */
export function createExecutions(services: ExecutionServices): Executions {
    const executions = new Map<string, Execution>();
    const waiting: Execution[] = [];
    const running = new Map<Execution, Promise<void>>();
    let prepared: Promise<void> | undefined;

    const pump = () => {
        while (running.size < SLOTS && waiting.length > 0) {
            const execution = waiting.shift() as Execution;
            if (execution.state !== "QUEUED") continue;
            const done = work(execution).finally(() => {
                running.delete(execution);
                pump();
            });
            running.set(execution, done);
        }
    };
    const work = async (execution: Execution) => {
        execution.state = "RUNNING";
        execution.started = services.clock.now();
        try {
            prepared ??= prepare(services.duck);
            await prepared;
            await finish(services, execution);
            if (execution.state === "RUNNING") execution.state = "SUCCEEDED";
        } catch (error) {
            if (execution.state === "RUNNING") fail(execution, error);
        }
        execution.completed = services.clock.now();
    };
    return {
        async start(request, caller) {
            const repeated = [...executions.values()].find(
                (each) => request.ClientRequestToken && each.token === request.ClientRequestToken,
            );
            if (repeated) return sameRequest(repeated, request);
            const execution = await begin(services, request, caller);
            executions.set(execution.id, execution);
            forget(executions);
            waiting.push(execution);
            pump();
            return execution;
        },
        get(id) {
            const found = executions.get(id ?? "");
            if (found) return found;
            throw serviceError("InvalidRequestException", `QueryExecution ${id} was not found`);
        },
        all: (workgroup) => [...executions.values()].filter((each) => each.workgroup === workgroup).reverse(),
        stop(execution) {
            if (execution.state !== "QUEUED" && execution.state !== "RUNNING") return;
            execution.state = "CANCELLED";
            execution.reason = "Query was cancelled by user";
            execution.completed = services.clock.now();
            execution.abort.abort();
        },
        async close() {
            waiting.length = 0;
            for (const execution of running.keys()) execution.abort.abort();
            await Promise.all(running.values());
        },
    };
}

/** Checks a request and makes its execution. Throws InvalidRequestException for what Athena refuses at once. */
async function begin(
    services: ExecutionServices,
    request: StartQueryExecutionInput,
    caller: Caller,
): Promise<Execution> {
    const workgroup = findWorkgroup(services, request.WorkGroup ?? "primary");
    if (workgroup.state === "DISABLED") {
        throw serviceError("InvalidRequestException", `WorkGroup ${workgroup.name} is disabled.`);
    }
    const sql = request.QueryString ?? "";
    const folder = outputFolder(workgroup, request);
    await checkSyntax(sql).catch((error: unknown) => {
        // What only the local runtime lacks is no fault of the caller's: it fails when it runs.
        if (isQueryError(error) && error.message.startsWith("NOT_SUPPORTED")) return;
        throw isQueryError(error) ? malformed(error.message.replace(/^SYNTAX_ERROR: /, "")) : error;
    });
    const id = uuid(services.randomHex(32));
    const write = writeStatement(sql);
    checkLocation(workgroup, write);
    const extension = isQueryText(sql) ? ".csv" : ".txt";
    return {
        id,
        sql,
        caller,
        workgroup: workgroup.name,
        database: request.QueryExecutionContext?.Database?.toLowerCase(),
        catalog: request.QueryExecutionContext?.Catalog,
        output: `${folder}${write?.kind === "create" ? "tables/" : ""}${id}${write ? "" : extension}`,
        token: request.ClientRequestToken,
        cutoff: workgroup.configuration?.bytesScannedCutoffPerQuery,
        submitted: services.clock.now(),
        abort: new AbortController(),
        state: "QUEUED",
    };
}

function isQueryText(sql: string): boolean {
    return /^\(?\s*(SELECT|WITH|VALUES|TABLE)\b|^\(/i.test(bare(sql));
}

/** https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html#ctas-table-properties */
function checkLocation(workgroup: WorkgroupInputs, write: WriteStatement | undefined): void {
    const isElsewhere = write?.kind === "create" && write.properties.has("external_location");
    if (!isElsewhere || !enforces(workgroup) || !workgroup.configuration?.resultConfiguration?.outputLocation) return;
    throw serviceError(
        "InvalidRequestException",
        "The Create Table As Select query failed because it was submitted with an 'external_location' property to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the 'external_location' property and resubmit the query.",
    );
}

function malformed(message: string): Error {
    return Object.assign(serviceError("InvalidRequestException", message), { AthenaErrorCode: "MALFORMED_QUERY" });
}

/** The workgroup's place for results wins where it enforces its settings. */
function outputFolder(workgroup: WorkgroupInputs, request: StartQueryExecutionInput): string {
    const own = workgroup.configuration?.resultConfiguration?.outputLocation;
    const asked = request.ResultConfiguration?.OutputLocation;
    const folder = enforces(workgroup) ? own : (asked ?? own);
    if (!folder) {
        throw serviceError(
            "InvalidRequestException",
            "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
        );
    }
    if (!/^s3:\/\/[^/]+/.test(folder)) {
        throw serviceError("InvalidRequestException", "outputLocation is not a valid S3 path.");
    }
    return folder.endsWith("/") ? folder : `${folder}/`;
}

function sameRequest(execution: Execution, request: StartQueryExecutionInput): Execution {
    const same = execution.sql === request.QueryString && execution.workgroup === (request.WorkGroup ?? "primary");
    if (same) return execution;
    throw serviceError(
        "InvalidRequestException",
        "Idempotent parameters do not match: the ClientRequestToken has been used with another query.",
    );
}

async function finish(services: ExecutionServices, execution: Execution): Promise<void> {
    const { sql, database, caller, cutoff, abort, output } = execution;
    const home = `${output}/`;
    const outcome = await run(services, { sql, database, caller, cutoff, home, signal: abort.signal });
    const { result, written, bytes, rows } = outcome;
    execution.scanned = { bytes, rows };
    if (execution.state !== "RUNNING") return;
    const object = result ? toObject(result) : Buffer.alloc(0);
    try {
        if (written) await putManifest(services, execution, written.files);
        else await putResult(services, execution, object, result?.columns ?? []);
    } catch (error) {
        const why = (error as Error).message;
        throw queryError("PERMISSION_DENIED", `Unable to write the result to ${output}. ${why}`);
    }
    execution.given = written ?? { rows: result?.rows.length ?? 0, bytes: object.length };
    execution.columns = result?.columns ?? [];
    execution.header = result?.header ?? false;
}

async function putResult(
    { s3 }: ExecutionServices,
    { caller, output }: Execution,
    object: Buffer,
    columns: ResultSet["columns"],
): Promise<void> {
    const { bucket, key } = parseS3Url(output);
    await s3.putObject(caller, bucket, key, object, { contentType: "application/octet-stream" });
    await s3.putObject(caller, bucket, `${key}.metadata`, JSON.stringify({ ColumnInfo: columns }));
}

/** https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html */
async function putManifest({ s3 }: ExecutionServices, execution: Execution, files: readonly string[]): Promise<void> {
    const { caller, output } = execution;
    execution.manifest = `${output}-manifest.csv`;
    const { bucket, key } = parseS3Url(execution.manifest);
    await s3.putObject(caller, bucket, key, files.map((file) => `${file}\n`).join(""));
}

function fail(execution: Execution, error: unknown): void {
    execution.state = "FAILED";
    execution.reason = error instanceof Error ? error.message : String(error);
    // AWS cancels a query that passes the workgroup's limit.
    if (/^EXCEEDED_BYTES_SCANNED_LIMIT/.test(execution.reason)) {
        execution.state = "CANCELLED";
        execution.reason = "Bytes scanned limit was exceeded";
    }
}

function forget(executions: Map<string, Execution>): void {
    for (const [id, { state }] of executions) {
        if (executions.size <= REMEMBERED) return;
        if (state !== "QUEUED" && state !== "RUNNING") executions.delete(id);
    }
}

/** What AWS calls a statement. */
function kindOf(sql: string): Pick<QueryExecution, "StatementType" | "SubstatementType"> {
    const write = writeStatement(sql);
    if (write?.kind === "create") return { StatementType: "DDL", SubstatementType: "CREATE_TABLE_AS_SELECT" };
    if (write) return { StatementType: "DML", SubstatementType: write.kind === "insert" ? "INSERT" : "UNLOAD" };
    if (isQueryText(sql)) return { StatementType: "DML" };
    return { StatementType: /^\s*(SHOW|DESC|EXPLAIN)/i.test(sql) ? "UTILITY" : "DDL" };
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html */
export function describeExecution(execution: Execution, workgroup: WorkgroupInputs | undefined): QueryExecution {
    const { id, sql, state, reason, submitted, started, completed, database, catalog } = execution;
    const encryption = workgroup?.configuration?.resultConfiguration?.encryptionConfiguration?.encryptionOption;
    const end = completed ?? started ?? submitted;
    return {
        QueryExecutionId: id,
        Query: sql,
        ...kindOf(sql),
        ResultConfiguration: {
            OutputLocation: execution.output,
            ...(encryption && { EncryptionConfiguration: { EncryptionOption: encryption as "SSE_S3" } }),
        },
        QueryExecutionContext: { ...(database && { Database: database }), ...(catalog && { Catalog: catalog }) },
        Status: {
            State: state,
            SubmissionDateTime: new Date(submitted),
            ...(completed !== undefined && { CompletionDateTime: new Date(completed) }),
            ...(reason && { StateChangeReason: reason }),
            ...(state === "FAILED" && {
                AthenaError: { ErrorCategory: 2, ErrorType: 1006, Retryable: false, ErrorMessage: reason },
            }),
        },
        Statistics: {
            EngineExecutionTimeInMillis: started === undefined ? 0 : Math.max(0, end - started),
            ...(execution.manifest && { DataManifestLocation: execution.manifest }),
            DataScannedInBytes: execution.scanned?.bytes ?? 0,
            TotalExecutionTimeInMillis: Math.max(0, end - submitted),
            QueryQueueTimeInMillis: Math.max(0, (started ?? end) - submitted),
            ServiceProcessingTimeInMillis: 0,
        },
        WorkGroup: execution.workgroup,
        EngineVersion: ENGINE,
    };
}

/** The engine whose dialect the local runtime reads. */
export const ENGINE = { SelectedEngineVersion: "AUTO", EffectiveEngineVersion: "Athena engine version 3" };

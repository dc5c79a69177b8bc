import { setTimeout as sleep } from "node:timers/promises";
import {
    type AthenaClient,
    BatchGetNamedQueryCommand,
    GetQueryExecutionCommand,
    paginateGetQueryResults,
    paginateListNamedQueries,
    StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import type { PipelineOutputs } from "./stack";

/** The rows of a query: every value as Athena's text, null as an empty one. */
export interface QueryResult {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
    /** Bytes that Athena read. */
    readonly scannedBytes: number;
}

/** Runs SQL in the pipeline's workgroup and waits for its end. Throws Athena's own reason when it fails. */
export async function runQuery(client: AthenaClient, outputs: PipelineOutputs, sql: string): Promise<QueryResult> {
    const { QueryExecutionId } = await client.send(
        new StartQueryExecutionCommand({
            QueryString: sql,
            WorkGroup: outputs.workgroup,
            QueryExecutionContext: { Database: outputs.database },
        }),
    );
    const scannedBytes = await finished(client, QueryExecutionId ?? "");
    const rows: string[][] = [];
    for await (const page of paginateGetQueryResults({ client }, { QueryExecutionId })) {
        for (const row of page.ResultSet?.Rows ?? [])
            rows.push((row.Data ?? []).map((field) => field.VarCharValue ?? ""));
    }
    const [columns = [], ...values] = rows;
    return { columns, rows: values, scannedBytes };
}

/** The SQL of a named query of the pipeline's workgroup. */
export async function namedQuery(client: AthenaClient, outputs: PipelineOutputs, name: string): Promise<string> {
    for await (const { NamedQueryIds } of paginateListNamedQueries({ client }, { WorkGroup: outputs.workgroup })) {
        if (!NamedQueryIds?.length) continue;
        const { NamedQueries = [] } = await client.send(new BatchGetNamedQueryCommand({ NamedQueryIds }));
        const found = NamedQueries.find((query) => query.Name === name && query.Database === outputs.database);
        if (found?.QueryString) return found.QueryString;
    }
    throw new Error(`The workgroup ${outputs.workgroup} has no named query "${name}".`);
}

async function finished(client: AthenaClient, id: string): Promise<number> {
    for (let pause = 20; ; pause = Math.min(pause * 2, 1000)) {
        const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
        const { State, StateChangeReason } = QueryExecution?.Status ?? {};
        if (State === "SUCCEEDED") return QueryExecution?.Statistics?.DataScannedInBytes ?? 0;
        if (State === "FAILED" || State === "CANCELLED")
            throw new Error(StateChangeReason ?? `The query was ${State.toLowerCase()}.`);
        await sleep(pause);
    }
}

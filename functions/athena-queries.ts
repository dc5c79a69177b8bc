import { setTimeout as sleep } from "node:timers/promises";
import type * as Athena from "@aws-sdk/client-athena";

/** Marks an error that means no more than that a call ended before its query did. */
export const TIME_IS_UP = "TimeIsUp";

/** Runs queries in a workgroup, each to its end. */
export interface AthenaQueries {
    /** Throws Athena's reason when the query fails. */
    run(sql: string): Promise<void>;
    /** The rows that it gives, every value as text, null as an empty one. */
    rows(sql: string): Promise<readonly (readonly string[])[]>;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;

/**
 * Makes the function that gives {@link AthenaQueries} that give up at a deadline (milliseconds since 1970): the query is stopped, and a
 * `TimeIsUp` thrown. The client repeats what Athena is too busy for, and gives each query a token, so that a repeated start is the same query.
 */
export function athenaQueries(workgroup: string): (deadline: number) => AthenaQueries {
    const sdk = require("@aws-sdk/client-athena") as typeof Athena;
    const client = new sdk.AthenaClient({ maxAttempts: 8 });

    async function finish(sql: string, deadline: number): Promise<string> {
        const start = new sdk.StartQueryExecutionCommand({ QueryString: sql, WorkGroup: workgroup });
        const { QueryExecutionId = "" } = await client.send(start);
        for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            const { QueryExecution } = await client.send(new sdk.GetQueryExecutionCommand({ QueryExecutionId }));
            const { State, StateChangeReason } = QueryExecution?.Status ?? {};
            if (State === "SUCCEEDED") return QueryExecutionId;
            if (State === "FAILED" || State === "CANCELLED")
                throw new Error(
                    `The query ${QueryExecutionId} ended as ${State}: ${StateChangeReason ?? "no reason given"}.`,
                );
            if (Date.now() + pause >= deadline) {
                await client.send(new sdk.StopQueryExecutionCommand({ QueryExecutionId }));
                throw Object.assign(new Error(`There was no time left for the query ${QueryExecutionId}.`), {
                    name: TIME_IS_UP,
                });
            }
            await sleep(pause);
        }
    }

    return (deadline) => ({
        run: async (sql) => void (await finish(sql, deadline)),
        async rows(sql) {
            const QueryExecutionId = await finish(sql, deadline);
            const rows: string[][] = [];
            for await (const page of sdk.paginateGetQueryResults({ client }, { QueryExecutionId })) {
                for (const { Data = [] } of page.ResultSet?.Rows ?? [])
                    rows.push(Data.map(({ VarCharValue = "" }) => VarCharValue));
            }
            // The first row has the names of the columns.
            return rows.slice(1);
        },
    });
}

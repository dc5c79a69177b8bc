import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { Entrance } from "../../components/blocks/entrance";
import { runQuery } from "./athena";
import type { PipelineOutputs, RunningStack } from "./stack";

/** How many events are found at the end of a pipeline. */
export async function countFound(stack: RunningStack, outputs: PipelineOutputs, entrance: Entrance): Promise<number> {
    const found = entrance.found(outputs);
    return "sql" in found ? countRows(stack, outputs, found.sql) : countItems(stack, found.items);
}

async function countRows(stack: RunningStack, outputs: PipelineOutputs, sql: string): Promise<number> {
    const client = new AthenaClient(stack.client);
    const { rows } = await runQuery(client, outputs, sql);
    client.destroy();
    return Number(rows[0]?.[0]);
}

async function countItems(stack: RunningStack, table: string): Promise<number> {
    const client = new DynamoDBClient(stack.client);
    let count = 0;
    for await (const page of paginateScan({ client }, { TableName: table, Select: "COUNT" })) count += page.Count ?? 0;
    client.destroy();
    return count;
}

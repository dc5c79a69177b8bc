import { setTimeout as sleep } from "node:timers/promises";
import { BatchGetItemCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { entranceOf } from "../cli/support/entrances";
import { eventsOf } from "../cli/support/events";
import { LOCAL_CREDENTIALS, type PipelineOutputs } from "../cli/support/stack";
import type { RuntimeStatus } from "../local/runtime";
import type { Figure } from "./figure";
import { apiRequests, BATCH, sendRequests } from "./load";
import { type MeasuredRuntime, startMeasured } from "./runtime";

const INSTANCE = "orders";

/** Orders that warm the runtime up. */
const WARM_UP = 40_000;

/** Orders that are measured: enough for the second that the last of them wait in their delivery streams' buffers to count little. */
const COUNT = 100_000;

/** Longest wait for the orders of a load to be written, in milliseconds. */
const DEADLINE_MS = 120_000;

/**
 * How many orders a second go all the way from the API's batch route into DynamoDB and all four tables of Parquet, this process being the only
 * client, on the same cores. After a first load, which warms up, a second one is measured; the most memory that is taken should not grow from one
 * to the other.
 */
export async function ordersFigures(): Promise<readonly Figure[]> {
    const runtime = await startMeasured();
    try {
        await load(runtime, 0, WARM_UP);
        const before = runtime.peakRssMib();
        const rate = await load(runtime, WARM_UP, COUNT);
        return [
            { name: "local.orders_per_second", value: rate, unit: "orders/s", target: 5_000 },
            {
                name: "local.orders_memory_growth",
                value: runtime.peakRssMib() / before,
                unit: "x",
                target: 1.2,
                higherIsBetter: false,
            },
        ];
    } finally {
        await runtime.stop();
    }
}

/**
 * Sends orders, none of them twice, to a runtime that has had so many before, and gives how many a second were written everywhere. All items
 * are counted when the time is taken: the scan is no part of what is measured.
 */
async function load(runtime: MeasuredRuntime, before: number, count: number): Promise<number> {
    const outputs = runtime.status.outputs.pipelines[INSTANCE] as PipelineOutputs;
    const texts = [...eventsOf(entranceOf(outputs.kind).dataset, { count, seed: before, now: Date.now() })];
    const requests = apiRequests(outputs, texts);
    const last = texts.slice(-4 * BATCH).filter((_text, index) => index % (BATCH / 25) === 0);
    const start = performance.now();
    await sendRequests(runtime, requests.length, requests);
    await reached(() => rows(runtime, outputs), before + count);
    await reached(() => itemsAmong(runtime, outputs, last), last.length);
    const seconds = (performance.now() - start) / 1000;
    await reached(() => items(runtime, outputs), before + count);
    return count / seconds;
}

/** Waits for a count. Asking takes time of the runtime's, so it is done rarely. */
async function reached(count: () => Promise<number>, wanted: number): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    for (let now = await count(); now < wanted; now = await count()) {
        if (performance.now() > deadline) throw new Error(`Only ${now} of ${wanted} orders were written in time.`);
        await sleep(200);
    }
}

/** Orders that all four delivery streams have done with. */
async function rows({ endpoint }: MeasuredRuntime, { deliveryStreams = {} }: PipelineOutputs): Promise<number> {
    const status = (await (await fetch(`${endpoint}/_tributary/status`)).json()) as RuntimeStatus;
    const done = Object.values(deliveryStreams).map((name) => status.delivery[name] ?? { delivered: 0, dropped: 0 });
    return Math.min(...done.map(({ delivered, dropped }) => delivered + dropped));
}

/** How many of these orders, at most 100, are items. */
async function itemsAmong(
    runtime: MeasuredRuntime,
    { itemTable = "", region }: PipelineOutputs,
    texts: readonly string[],
): Promise<number> {
    const client = clientOf(runtime, region);
    const Keys = texts.map((text) => {
        const { customer_id, order_id } = JSON.parse(text) as Readonly<Record<string, string>>;
        return { customer_id: { S: customer_id as string }, order_id: { S: order_id as string } };
    });
    const RequestItems = { [itemTable]: { Keys, ProjectionExpression: "order_id" } };
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems }));
    client.destroy();
    return Responses?.[itemTable]?.length ?? 0;
}

async function items(runtime: MeasuredRuntime, { itemTable, region }: PipelineOutputs): Promise<number> {
    const client = clientOf(runtime, region);
    let count = 0;
    for await (const page of paginateScan({ client }, { TableName: itemTable, Select: "COUNT" }))
        count += page.Count ?? 0;
    client.destroy();
    return count;
}

function clientOf({ endpoint }: MeasuredRuntime, region: string): DynamoDBClient {
    return new DynamoDBClient({ region, endpoint, credentials: LOCAL_CREDENTIALS });
}

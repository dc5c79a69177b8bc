import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { entranceOf } from "../cli/support/entrances";
import { eventsOf } from "../cli/support/events";
import { LOCAL_CREDENTIALS, type PipelineOutputs } from "../cli/support/stack";
import type { RuntimeStatus } from "../local/runtime";
import type { Figure } from "./figure";
import { apiRequests, sendRequests } from "./load";
import { type MeasuredRuntime, startMeasured } from "./runtime";

const INSTANCE = "orders";
const COUNT = 20_000;

/** Longest wait for the orders of a load to be written, in milliseconds. */
const DEADLINE_MS = 120_000;

/**
 * How many orders a second go all the way from the API's batch route into DynamoDB and all four tables of Parquet, this process being the only
 * client, on the same cores. After a first load, which warms up, a second one is measured; memory should not grow from one to the other.
 */
export async function ordersFigures(): Promise<readonly Figure[]> {
    const runtime = await startMeasured();
    try {
        await load(runtime, 1);
        const before = runtime.rssMib();
        const rate = await load(runtime, 2);
        return [
            { name: "local.orders_per_second", value: rate, unit: "orders/s", target: 5_000 },
            {
                name: "local.orders_memory_growth",
                value: runtime.rssMib() / before,
                unit: "x",
                target: 1.2,
                higherIsBetter: false,
            },
        ];
    } finally {
        await runtime.stop();
    }
}

/** Sends orders, none of them twice, and gives how many a second were written everywhere. */
async function load(runtime: MeasuredRuntime, round: number): Promise<number> {
    const outputs = runtime.status.outputs.pipelines[INSTANCE] as PipelineOutputs;
    const texts = [...eventsOf(entranceOf(outputs.kind).dataset, { count: COUNT, seed: round, now: Date.now() })];
    const requests = apiRequests(outputs, texts);
    const start = performance.now();
    await sendRequests(runtime, requests.length, requests);
    // To count items takes a scan, so it comes last.
    await reached(() => rows(runtime, outputs), round * COUNT);
    await reached(() => items(runtime, outputs), round * COUNT);
    return (COUNT * 1000) / (performance.now() - start);
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

async function items({ endpoint }: MeasuredRuntime, { itemTable, region }: PipelineOutputs): Promise<number> {
    const client = new DynamoDBClient({ region, endpoint, credentials: LOCAL_CREDENTIALS });
    let count = 0;
    for await (const page of paginateScan({ client }, { TableName: itemTable, Select: "COUNT" }))
        count += page.Count ?? 0;
    client.destroy();
    return count;
}

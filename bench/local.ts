import { setTimeout as sleep } from "node:timers/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { runQuery } from "../cli/support/athena";
import { entranceOf } from "../cli/support/entrances";
import { eventsOf } from "../cli/support/events";
import { LOCAL_CREDENTIALS, type PipelineOutputs } from "../cli/support/stack";
import type { Figure } from "./figure";
import { apiRequests, BATCH, inBatches, type Prepared, sendRequests } from "./load";
import { type MeasuredRuntime, startMeasured } from "./runtime";

const INSTANCE = "web-analytics";

/**
 * What the local runtime takes, in a process of its own, with this process as the only client, on the same cores. Each answer means that the
 * events are on disk. The events are generated and the requests made beforehand.
 */
export async function local(): Promise<readonly Figure[]> {
    const runtime = await startMeasured();
    try {
        const outputs = runtime.status.outputs.pipelines[INSTANCE] as PipelineOutputs;
        const texts = [...eventsOf(entranceOf(outputs.kind).dataset, { count: 20 * BATCH, seed: 1, now: Date.now() })];
        const api = await rate(runtime, 100_000, apiRequests(outputs, texts));
        const firehose = await rate(runtime, 200_000, await firehoseRequests(runtime, outputs, texts));
        await found(runtime, outputs, 300_000);
        const million = await secondsToFound(
            runtime,
            outputs,
            1_000_000,
            await firehoseRequests(runtime, outputs, texts),
        );
        return [
            { name: "local.api_events_per_second", value: api, unit: "events/s", target: 20_000 },
            { name: "local.firehose_records_per_second", value: firehose, unit: "records/s", target: 50_000 },
            { name: "local.million_events_seconds", value: million, unit: "s", target: 60 },
            { name: "local.peak_rss_mib", value: runtime.peakRssMib(), unit: "MiB", target: 400 },
        ];
    } finally {
        await runtime.stop();
    }
}

/** Documents per second that are accepted, four requests under way at once. */
async function rate(runtime: MeasuredRuntime, count: number, requests: readonly Prepared[]): Promise<number> {
    const start = performance.now();
    await sendRequests(runtime, count / BATCH, requests);
    return count / ((performance.now() - start) / 1000);
}

async function secondsToFound(
    runtime: MeasuredRuntime,
    outputs: PipelineOutputs,
    count: number,
    requests: readonly Prepared[],
): Promise<number> {
    const before = await rows(runtime, outputs);
    const start = performance.now();
    await sendRequests(runtime, count / BATCH, requests);
    await found(runtime, outputs, before + count);
    return (performance.now() - start) / 1000;
}

async function found(runtime: MeasuredRuntime, outputs: PipelineOutputs, count: number): Promise<void> {
    while ((await rows(runtime, outputs)) < count) await sleep(100);
}

async function rows(runtime: MeasuredRuntime, outputs: PipelineOutputs): Promise<number> {
    const client = new AthenaClient({
        region: outputs.region,
        endpoint: runtime.endpoint,
        credentials: LOCAL_CREDENTIALS,
    });
    const result = await runQuery(client, outputs, `SELECT COUNT(*) AS n FROM "${outputs.table}"`);
    client.destroy();
    return Number(result.rows[0]?.[0]);
}

/** PutRecordBatch requests, signed by the SDK's own client, which sends none of them itself. */
async function firehoseRequests(
    runtime: MeasuredRuntime,
    outputs: PipelineOutputs,
    texts: readonly string[],
): Promise<Prepared[]> {
    const { PutRecordBatchCommand } = await import("@aws-sdk/client-firehose");
    const prepared: Prepared[] = [];
    const client = new FirehoseClient({
        region: outputs.region,
        endpoint: runtime.endpoint,
        credentials: LOCAL_CREDENTIALS,
        requestHandler: {
            handle: async (request: Prepared) => {
                prepared.push(request);
                const body = '{"FailedPutCount":0,"RequestResponses":[]}';
                const { HttpResponse } = await import("@smithy/core/protocols");
                return {
                    response: new HttpResponse({ statusCode: 200, headers: {}, body: new TextEncoder().encode(body) }),
                };
            },
        },
    });
    for (const batch of inBatches(texts)) {
        const Records = batch.map((text) => ({ Data: Buffer.from(`${text}\n`) }));
        await client.send(new PutRecordBatchCommand({ DeliveryStreamName: outputs.stream, Records }));
    }
    return prepared;
}

import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AthenaClient } from "@aws-sdk/client-athena";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { runQuery } from "../cli/support/athena";
import { entranceOf } from "../cli/support/entrances";
import { eventsOf } from "../cli/support/events";
import { LOCAL_CREDENTIALS, type PipelineOutputs } from "../cli/support/stack";
import type { Figure } from "./figure";
import { type MeasuredRuntime, startMeasured } from "./runtime";

const BATCH = 500;
const INSTANCE = "web-analytics";

/** A request that is ready to be sent, any number of times. */
interface Prepared {
    readonly path: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

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

function apiRequests(outputs: PipelineOutputs, texts: readonly string[]): Prepared[] {
    const { door } = entranceOf(outputs.kind);
    if (typeof door === "string") throw new Error(`${outputs.kind} has no API.`);
    const base = new URL(outputs.url ?? "").pathname;
    return inBatches(texts).map((batch) => {
        const { method, path, body } = door.request(outputs, batch);
        return { method, path: base + path, body, headers: { "content-type": "application/json" } };
    });
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

function inBatches(texts: readonly string[]): string[][] {
    return Array.from({ length: texts.length / BATCH }, (_, i) => texts.slice(i * BATCH, (i + 1) * BATCH));
}

async function sendRequests(runtime: MeasuredRuntime, count: number, requests: readonly Prepared[]): Promise<void> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    let next = 0;
    const worker = async () => {
        for (let i = next++; i < count; i = next++) {
            const request = requests[i % requests.length] as Prepared;
            let status = await send(runtime.endpoint, agent, request);
            // A full disk buffer makes the service say so; what it refused is sent again, and the time counts.
            for (; status === 503 || status === 500; status = await send(runtime.endpoint, agent, request))
                await sleep(20);
            if (status !== 200) throw new Error(`${request.method} ${request.path} answered ${status}.`);
        }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    agent.destroy();
}

function send(endpoint: string, agent: http.Agent, { method, path, headers, body }: Prepared): Promise<number> {
    return new Promise((resolve, reject) => {
        const options = { agent, method, headers: { ...headers, "content-length": Buffer.byteLength(body) } };
        const request = http.request(new URL(path, endpoint), options);
        request.on("error", reject);
        request.on("response", (response) => {
            response.resume();
            response.on("end", () => resolve(response.statusCode ?? 0));
        });
        request.end(body);
    });
}

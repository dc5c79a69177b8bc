import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { entranceOf } from "../cli/support/entrances";
import type { PipelineOutputs } from "../cli/support/stack";
import type { MeasuredRuntime } from "./runtime";

/** Documents in a request. */
export const BATCH = 500;

/** Refusals of one request, one after the other, that are no full buffer any more. */
const MOST_REFUSALS = 1_000;

/** A request that is ready to be sent, any number of times. */
export interface Prepared {
    readonly path: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** Requests to the API of a pipeline, each with a batch. */
export function apiRequests(outputs: PipelineOutputs, texts: readonly string[]): Prepared[] {
    const { door } = entranceOf(outputs.kind);
    if (typeof door === "string") throw new Error(`${outputs.kind} has no API.`);
    const base = new URL(outputs.url ?? "").pathname;
    return inBatches(texts).map((batch) => {
        const { method, path, body } = door.request(outputs, batch);
        return { method, path: base + path, body, headers: { "content-type": "application/json" } };
    });
}

/** Documents in batches; what is too few for one is left out. */
export function inBatches(texts: readonly string[]): string[][] {
    return Array.from({ length: texts.length / BATCH }, (_, i) => texts.slice(i * BATCH, (i + 1) * BATCH));
}

/** Sends so many requests, four under way at once, beginning anew when there are fewer. */
export async function sendRequests(
    runtime: MeasuredRuntime,
    count: number,
    requests: readonly Prepared[],
): Promise<void> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    let next = 0;
    const worker = async () => {
        for (let i = next++; i < count; i = next++) {
            const request = requests[i % requests.length] as Prepared;
            let status = await send(runtime.endpoint, agent, request);
            // A full disk buffer makes the service say so; what it refused is sent again, and the time counts.
            for (let refused = 1; refused < MOST_REFUSALS && (status === 503 || status === 500); refused++) {
                await sleep(20);
                status = await send(runtime.endpoint, agent, request);
            }
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

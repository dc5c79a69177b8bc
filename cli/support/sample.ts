import { setTimeout as sleep } from "node:timers/promises";
import type { Processed } from "../../components/blocks/entrance";
import type { DeliveryStatus } from "../../local/firehose";
import type { Runtime } from "../../local/runtime";
import { doorOf } from "./doors";
import { entranceOf } from "./entrances";
import { eventsOf } from "./events";
import { countFound } from "./found";
import { runProcessing } from "./process";
import { progress } from "./progress";
import type { PipelineReport } from "./report";
import { countingDoor } from "./rule-filter";
import { sendAll } from "./send";
import { type PipelineOutputs, pipelineOf, type RunningStack } from "./stack";

/** How to sample a pipeline. */
export interface SampleOptions {
    /** Events to send. */
    readonly count: number;
    /** Gives up waiting when it aborts. */
    readonly signal: AbortSignal;
}

/** One sample event in so many is a bad one, so that people see where those end. */
const BAD_EVERY = 25;

/** How long the stack's own buffers may take. Then the sample is delivered anyway: nobody wants to wait for those of a real stack. */
const BUFFERS_SECONDS = 5;

/** Longest wait for the delivery. */
const PATIENCE_SECONDS = 120;

/** Sends sample events through a pipeline's own way in, waits until all are delivered, and counts what became of them. */
export async function sample(
    runtime: Runtime,
    stack: RunningStack,
    instance: string,
    { count, signal }: SampleOptions,
): Promise<PipelineReport> {
    const outputs = pipelineOf(stack, instance);
    const entrance = entranceOf(outputs.kind);
    const stream = entrance.delivery(outputs);
    const found = () => countFound(stack, outputs, entrance);
    const processed = async (since: Date) => {
        const processing = entrance.process?.(outputs);
        return processing ? runProcessing(stack, processing, since) : NONE;
    };
    // What an earlier run has left becomes rows now, and is not counted as this sample's.
    await processed(new Date());
    const [before, rowsBefore] = [deliveryOf(runtime, stream), await found()];
    const [start, since] = [performance.now(), new Date()];
    // Other events than those of the runs before: the same ones again would be the same rows where there is a key.
    const seed = 1 + before.accepted;
    const options = { count, seed, now: Date.now(), badEvery: BAD_EVERY, kinds: entrance.badKinds };
    const events = eventsOf(entrance.dataset, options);
    const door = await countingDoor(doorOf(stack, outputs, entrance, apiKeyOf(runtime, outputs)), stack, outputs);
    const { accepted, refused, unsent } = await sendAll(door, events);
    const shown = progress(`Delivering to ${instance}`, accepted);
    const arrived = () => {
        const { delivered, failed, dropped } = difference(deliveryOf(runtime, stream), before);
        return { delivered, failed, dropped: dropped + door.leftOut() };
    };
    await untilDelivered(runtime, signal, () => {
        const { delivered, failed, dropped } = arrived();
        shown.at(delivered + failed + dropped);
        return delivered + failed + dropped >= accepted;
    });
    const outcome = lessLost(arrived(), await processed(since));
    const rows = (await found()) - rowsBefore;
    const seconds = (performance.now() - start) / 1000;
    shown.end(`${instance}: ${count} events sent, ${rows} rows found ${seconds.toFixed(1)} s later.`);
    return { kind: outputs.kind, sent: count, accepted, rejected: refused + unsent, ...outcome, rows, seconds };
}

const NONE: Processed = { failed: 0, dropped: 0 };

type Outcome = Pick<DeliveryStatus, "delivered" | "failed" | "dropped">;

function difference(now: Outcome, before: Outcome): Outcome {
    return {
        delivered: now.delivered - before.delivered,
        failed: now.failed - before.failed,
        dropped: now.dropped - before.dropped,
    };
}

/** What became of the delivered events in the end. */
function lessLost({ delivered, failed, dropped }: Outcome, lost: Processed): Outcome {
    return {
        delivered: delivered - lost.failed - lost.dropped,
        failed: failed + lost.failed,
        dropped: dropped + lost.dropped,
    };
}

/** Waits, but neither for buffers that take long nor for ever. */
async function untilDelivered(runtime: Runtime, signal: AbortSignal, isDone: () => boolean): Promise<void> {
    const start = performance.now();
    const waited = () => (performance.now() - start) / 1000;
    let flushing: Promise<void> | undefined;
    while (!isDone() && !signal.aborted && waited() < PATIENCE_SECONDS) {
        if (waited() > BUFFERS_SECONDS) flushing ??= runtime.flush();
        await sleep(50);
    }
    await flushing;
}

function apiKeyOf(runtime: Runtime, { apiKeyId }: PipelineOutputs): string | undefined {
    const key = apiKeyId && runtime.resource("aws:apigateway/apiKey:ApiKey", apiKeyId);
    return key ? String(key.outputs.value) : undefined;
}

function deliveryOf(runtime: Runtime, stream: string): DeliveryStatus {
    const found = runtime.status().delivery[stream];
    if (!found) throw new Error(`The local runtime has no delivery stream "${stream}".`);
    return found;
}

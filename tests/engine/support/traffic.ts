import { setTimeout as sleep } from "node:timers/promises";
import type { Door } from "../../../cli/support/door";
import { doorOf } from "../../../cli/support/doors";
import { entranceOf } from "../../../cli/support/entrances";
import { eventsOf } from "../../../cli/support/events";
import { countFound } from "../../../cli/support/found";
import { LOCAL_CREDENTIALS, type PipelineOutputs, type RunningStack } from "../../../cli/support/stack";
import type { RuntimeStatus } from "../../../local/runtime";
import type { Engine } from "./engine";

/** What became of the events that were sent to one pipeline. */
export interface Sent {
    /** Answered as taken. */
    readonly acknowledged: number;
    readonly refused: number;
    /** Answered with a request to come again: 429 or 503. */
    readonly busy: number;
    /** Without an answer: they may have been taken or not. */
    readonly unanswered: number;
}

/** What a pipeline has taken, ever, and where it is now. Counts of events. */
export interface Arrived {
    readonly accepted: number;
    readonly delivered: number;
    readonly failed: number;
    /** What SQL, or a scan of the table, finds; undefined where a scheduled job comes in between. */
    readonly found?: number;
}

/** Steady traffic into every pipeline of a stack. */
export interface Traffic {
    /** Ends it, and tells what became of the events of each pipeline. */
    stop(): Promise<Readonly<Record<string, Sent>>>;
}

/** A stack that is up, as commands see it. */
export async function runningStack(local: Engine, name: string): Promise<RunningStack> {
    const { pipelines } = await local.json<{ pipelines: RunningStack["pipelines"] }>(
        "stack",
        "output",
        "--json",
        "-s",
        name,
    );
    const { region, endpoint } = await local.status();
    return { name, pipelines, client: { region, endpoint, credentials: LOCAL_CREDENTIALS } };
}

/** Documents of one request. */
const BATCH = 50;

/** Sends so many good events a second to the pipelines of a stack, in equal shares. */
export function startTraffic(stack: RunningStack, perSecond: number): Traffic {
    const instances = Object.entries(stack.pipelines);
    const stopping = new AbortController();
    const senders = instances.map(async ([instance, outputs]) => {
        const sent = await send(stack, outputs, perSecond / instances.length, stopping.signal);
        return [instance, sent] as const;
    });
    return {
        async stop() {
            stopping.abort();
            return Object.fromEntries(await Promise.all(senders));
        },
    };
}

let seed = 0;

async function send(
    stack: RunningStack,
    outputs: PipelineOutputs,
    perSecond: number,
    stop: AbortSignal,
): Promise<Sent> {
    const entrance = entranceOf(outputs.kind);
    const door = doorOf(stack, outputs, entrance);
    const batch = Math.min(BATCH, door.batch);
    const events = eventsOf(entrance.dataset, { count: Number.POSITIVE_INFINITY, seed: ++seed, now: Date.now() });
    const sent = { acknowledged: 0, refused: 0, busy: 0, unanswered: 0 };
    for (let due = Date.now(); !stop.aborted; due += (batch / perSecond) * 1000) {
        await sleep(Math.max(0, due - Date.now()));
        const documents = Array.from({ length: batch }, () => events.next().value as string);
        for (const outcome of await outcomesOf(door, documents)) sent[outcome]++;
    }
    return sent;
}

async function outcomesOf(door: Door, documents: readonly string[]): Promise<readonly (keyof Sent)[]> {
    const names = { accepted: "acknowledged", refused: "refused", again: "busy" } as const;
    try {
        return (await door.send(documents)).map((outcome) => names[outcome]);
    } catch {
        // The runtime is gone, and comes back.
        await sleep(50);
        return documents.map(() => "unanswered" as const);
    }
}

/** Waits until at least so many events have reached each pipeline's delivery and none is on its way, and counts them. */
export async function arrived(
    local: Engine,
    stack: RunningStack,
    sent: Readonly<Record<string, Sent>>,
): Promise<Readonly<Record<string, Arrived>>> {
    const counts = Object.entries(stack.pipelines).map(async ([instance, outputs]) => {
        const entrance = entranceOf(outputs.kind);
        const stream = entrance.delivery(outputs);
        const { accepted, delivered, failed, dropped } = await settled(
            local,
            stream,
            sent[instance]?.acknowledged ?? 0,
        );
        const found = entrance.process ? undefined : await countFound(stack, outputs, entrance);
        return [
            instance,
            { accepted, delivered: delivered + dropped, failed, ...(found !== undefined && { found }) },
        ] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
}

const PATIENCE_MS = 120_000;

async function settled(local: Engine, stream: string, least: number): Promise<RuntimeStatus["delivery"][string]> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
        const now = (await local.status()).delivery[stream];
        if (!now) throw new Error(`There is no delivery stream "${stream}".`);
        if (now.accepted >= least && now.pending === 0) return now;
        if (Date.now() > deadline)
            throw new Error(`After two minutes, "${stream}" is still at ${JSON.stringify(now)}.`);
        await sleep(100);
    }
}

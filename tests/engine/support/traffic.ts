import { setTimeout as sleep } from "node:timers/promises";
import type { Door } from "../../../cli/support/door";
import { doorOf } from "../../../cli/support/doors";
import { entranceOf } from "../../../cli/support/entrances";
import { eventsOf } from "../../../cli/support/events";
import { countFound } from "../../../cli/support/found";
import { LOCAL_CREDENTIALS, pipelineOf, type RunningStack } from "../../../cli/support/stack";
import type { RuntimeStatus } from "../../../local/runtime";
import type { Dataset } from "../../../schema/dataset";
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
    /** How many were sent a second, all in all. */
    readonly perSecond: number;
}

type Outcome = Exclude<keyof Sent, "perSecond">;

/** What a pipeline has taken, ever, and where it is now. Counts of events. */
export interface Arrived {
    readonly accepted: number;
    readonly delivered: number;
    readonly failed: number;
    /** What SQL, or a scan of the table, finds; undefined where a scheduled job comes in between. */
    readonly found?: number;
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

/** Requests to one pipeline at once: a single one would wait for each answer, however late the next one is. */
const SENDERS = 10;

/** Sends so many good events a second to each of some pipelines of a stack while something is done, and tells what became of them. */
export async function underTraffic(
    stack: RunningStack,
    instances: readonly string[],
    perSecond: number,
    work: () => Promise<unknown>,
): Promise<Readonly<Record<string, Sent>>> {
    const stopping = new AbortController();
    const senders = instances.map(async (instance) => {
        const outputs = pipelineOf(stack, instance);
        const entrance = entranceOf(outputs.kind);
        const door = doorOf(stack, outputs, entrance);
        const start = performance.now();
        const sending = Array.from({ length: SENDERS }, (_, i) =>
            send(door, entrance.dataset, perSecond / SENDERS, i / SENDERS, stopping.signal),
        );
        const counts = (await Promise.all(sending)).reduce(sum);
        const seconds = (performance.now() - start) / 1000;
        const all = Object.values(counts).reduce((a, b) => a + b);
        return [instance, { ...counts, perSecond: all / seconds }] as const;
    });
    try {
        await work();
    } finally {
        stopping.abort();
    }
    return Object.fromEntries(await Promise.all(senders));
}

let seed = 0;

async function send(
    door: Door,
    dataset: Dataset,
    perSecond: number,
    /** When it begins, as a part of the time from one request to the next. */
    phase: number,
    stop: AbortSignal,
): Promise<Record<Outcome, number>> {
    const batch = Math.min(BATCH, door.batch);
    const events = eventsOf(dataset, { count: Number.POSITIVE_INFINITY, seed: ++seed, now: Date.now() });
    const sent = { acknowledged: 0, refused: 0, busy: 0, unanswered: 0 };
    const every = (batch / perSecond) * 1000;
    for (let due = Date.now() + phase * every; !stop.aborted; due += every) {
        await sleep(Math.max(0, due - Date.now()));
        const documents = Array.from({ length: batch }, () => events.next().value as string);
        for (const outcome of await outcomesOf(door, documents)) sent[outcome]++;
    }
    return sent;
}

function sum(a: Record<Outcome, number>, b: Record<Outcome, number>): Record<Outcome, number> {
    return {
        acknowledged: a.acknowledged + b.acknowledged,
        refused: a.refused + b.refused,
        busy: a.busy + b.busy,
        unanswered: a.unanswered + b.unanswered,
    };
}

async function outcomesOf(door: Door, documents: readonly string[]): Promise<readonly Outcome[]> {
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

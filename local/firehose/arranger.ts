import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { handedOver, type Payload } from "../payload";
import { workerProgram } from "../worker-program";
import { type Arranged, arrange, type Batch } from "./arrange";
import { eventOf } from "./event";
import type { Records, Run } from "./runs";

/** Bytes of records from which on a thread of its own has the work. Below, sending it there takes longer than the work. */
const MUCH = 48 * 1024;

/** Most MB of the thread's young generation. A batch leaves some 10 MB of garbage; with 6, a third of the time goes into copying what is about to be some. */
const YOUNG_GENERATION_MB = 16;

/** Makes events for functions, and arranges what they answer: large batches beside what the other services do. */
export interface Arranger {
    /** Does what {@link eventOf} does. Rejects when the thread ends before it has. */
    event(head: object, records: Records): Promise<Payload>;
    /** Does what {@link arrange} does. Rejects when the thread ends before it has. */
    arrange(batch: Batch): Promise<Arranged>;
    /** Ends the thread, if there is one. */
    close(): Promise<void>;
}

/** What the thread is to do. */
export type Work =
    | { readonly task: "event"; readonly head: object; readonly records: Records }
    | { readonly task: "arrange"; readonly batch: Batch };

/** What the thread is sent. */
export interface Order {
    readonly id: number;
    readonly work: Work;
}

/** What the thread answers. */
export type Answer = { readonly id: number } & (
    | { readonly done: Payload | Arranged }
    | {
          readonly error: unknown;
      }
);

interface Waiting {
    resolve(done: unknown): void;
    reject(error: unknown): void;
}

/** Makes an {@link Arranger}. Its thread begins with the first large batch, and another one takes the place of one that ended. */
export function createArranger(): Arranger {
    const waiting = new Map<number, Waiting>();
    let worker: Worker | undefined;
    let last = 0;

    return {
        async event(head, records) {
            const { incarnation, runs } = records;
            if (!isMuch(runs)) return eventOf(head, records);
            return (await inThread({ task: "event", head, records: { incarnation, runs } })) as Payload;
        },
        async arrange(batch) {
            if (!isMuch(batch.runs)) return arrange(batch);
            return (await inThread({ task: "arrange", batch }, handedOver(batch.transformed.answer))) as Arranged;
        },
        async close() {
            await worker?.terminate();
        },
    };

    function inThread(work: Work, handed: ArrayBuffer[] = []): Promise<unknown> {
        const thread = worker ?? started();
        const order: Order = { id: ++last, work };
        return new Promise((resolve, reject) => {
            waiting.set(order.id, { resolve, reject });
            thread.ref();
            thread.postMessage(order, handed);
        });
    }

    function started(): Worker {
        const thread = new Worker(workerProgram(path.join(__dirname, "arrange-worker.ts")), {
            eval: true,
            name: "firehose",
            argv: [],
            execArgv: [],
            env: {},
            resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
        });
        thread.on("message", (answer: Answer) => {
            const { resolve, reject } = waiting.get(answer.id) as Waiting;
            waiting.delete(answer.id);
            // A thread that nobody waits for keeps no process alive.
            if (waiting.size === 0) thread.unref();
            if ("done" in answer) resolve(answer.done);
            else reject(answer.error);
        });
        // An error is followed by an exit, when another thread may be at work.
        const end = (error: unknown) => {
            if (worker === thread) abandon(error);
        };
        thread.on("error", end);
        thread.on("exit", () => end(new Error("The thread that arranges batches has ended.")));
        worker = thread;
        return thread;
    }

    function abandon(error: unknown): void {
        worker = undefined;
        for (const { reject } of waiting.values()) reject(error);
        waiting.clear();
    }
}

function isMuch(runs: readonly Run[]): boolean {
    return runs.reduce((sum, { body }) => sum + body.length, 0) >= MUCH;
}

import * as path from "node:path";
import { Worker } from "node:worker_threads";
import { handedOver } from "../payload";
import { workerProgram } from "../worker-program";
import { type Arranged, arrange, type Batch } from "./arrange";

/** Characters of lines from which on a batch is arranged in a thread of its own. Below, sending it there takes longer than the work. */
const MUCH = 64 * 1024;

/** Arranges batches, large ones beside what the other services do. */
export interface Arranger {
    /** Does what {@link arrange} does. Rejects when the thread ends before it has. */
    arrange(batch: Batch): Promise<Arranged>;
    /** Ends the thread, if there is one. */
    close(): Promise<void>;
}

/** What the thread is sent. */
export interface Order {
    readonly id: number;
    readonly batch: Batch;
}

/** What the thread answers. */
export type Answer = { readonly id: number } & ({ readonly arranged: Arranged } | { readonly error: unknown });

interface Waiting {
    resolve(arranged: Arranged): void;
    reject(error: unknown): void;
}

/** Makes an {@link Arranger}. Its thread begins with the first large batch, and another one takes the place of one that ended. */
export function createArranger(): Arranger {
    const waiting = new Map<number, Waiting>();
    let worker: Worker | undefined;
    let last = 0;

    return {
        async arrange(batch) {
            if (batch.lines.reduce((sum, line) => sum + line.length, 0) < MUCH) return arrange(batch);
            const thread = worker ?? started();
            const order: Order = { id: ++last, batch };
            return new Promise((resolve, reject) => {
                waiting.set(order.id, { resolve, reject });
                thread.ref();
                thread.postMessage(order, handedOver(batch.transformed.answer));
            });
        },
        async close() {
            await worker?.terminate();
        },
    };

    function started(): Worker {
        const thread = new Worker(workerProgram(path.join(__dirname, "arrange-worker.ts")), {
            eval: true,
            name: "firehose",
            argv: [],
            execArgv: [],
            env: {},
        });
        thread.on("message", (answer: Answer) => {
            const { resolve, reject } = waiting.get(answer.id) as Waiting;
            waiting.delete(answer.id);
            // A thread that nobody waits for keeps no process alive.
            if (waiting.size === 0) thread.unref();
            if ("arranged" in answer) resolve(answer.arranged);
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

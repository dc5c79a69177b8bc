import * as path from "node:path";
import { createWaker } from "../firehose/waker";
import { openJournal } from "../journal";
import type { Services } from "../services";
import type { BusEvent } from "./event";

/** A delivery that failed and is to be tried again. */
export interface Retry {
    readonly id: string;
    readonly event: BusEvent;
    readonly rule: string;
    readonly target: string;
    /** How often it has been tried again. */
    readonly retries: number;
    /** When it is tried again, in milliseconds since 1970. */
    readonly due: number;
}

/** Deliveries that wait for another attempt, on disk. */
export interface Retries {
    /** Keeps a delivery until it is due; what is added again takes the place of the former one. */
    add(retry: Retry): void;
    remove(id: string): void;
    /** Whether none waits. */
    isEmpty(): boolean;
    start(): void;
    close(): Promise<void>;
}

/** Seconds before the first other attempt, and most of them before any. The times are doubled from one to the next. */
const BACKOFF = { firstMs: 1000, mostMs: 600_000 } as const;

/** When a delivery is tried again that has been tried again so often: later each time, by a random part of the time. */
export function backoffMs({ randomHex }: Pick<Services, "randomHex">, retries: number): number {
    const most = Math.min(BACKOFF.firstMs * 2 ** Math.min(retries, 30), BACKOFF.mostMs);
    return Math.round(most / 2 + ((most / 2) * Number.parseInt(randomHex(4), 16)) / 0xffff);
}

/** Opens the {@link Retries} kept in a folder. `attempt` makes an attempt, and says what comes of it by adding or removing. */
export function openRetries(
    { clock }: Pick<Services, "clock">,
    folder: string,
    attempt: (retry: Retry) => Promise<void>,
): Retries {
    const journal = openJournal<Retry>(path.join(folder, "retries.jsonl"));
    const waker = createWaker(clock);
    let isStopped = true;
    let running: Promise<void> | undefined;

    async function run(): Promise<void> {
        while (!isStopped) {
            const now = clock.now();
            const due = [...journal.kept.values()].filter((retry) => retry.due <= now);
            await Promise.all(due.map(attempt));
            const next = [...journal.kept.values()].reduce((least, retry) => Math.min(least, retry.due), Infinity);
            if (!isStopped) await waker.sleep(Math.max(0, next - clock.now()));
        }
    }

    return {
        add(put) {
            journal.write([{ put }]);
            waker.wake();
        },
        remove: (id) => journal.write([{ remove: id }]),
        isEmpty: () => journal.kept.size === 0,
        start() {
            isStopped = false;
            running ??= run();
        },
        async close() {
            isStopped = true;
            waker.wake();
            await running;
            running = undefined;
            journal.close();
        },
    };
}

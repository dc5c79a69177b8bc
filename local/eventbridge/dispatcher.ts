import * as path from "node:path";
import { createWaker } from "../firehose/waker";
import type { Services } from "../services";
import { type Arrival, openEventLog } from "./log";

/** Takes events and has them dealt with, each at least once. */
export interface Dispatcher {
    /** Takes events; they are on disk when this resolves. */
    accept(arrivals: readonly Arrival[]): Promise<void>;
    start(): void;
    /** Resolves when everything that was accepted has been dealt with, and nothing of it is on disk any more. */
    idle(): Promise<void>;
    /** Stops; what has not been dealt with is dealt with after the next start. */
    close(): Promise<void>;
}

/** Milliseconds before it goes on after an error that nobody expected, and before it tidies up when there is nothing to do. */
const PAUSE_MS = 1000;

/** Makes the {@link Dispatcher} whose log is kept in a folder. `deal` deals with one event. */
export function createDispatcher(
    { clock }: Pick<Services, "clock">,
    folder: string,
    deal: (arrival: Arrival) => Promise<void>,
    onError: (error: unknown) => void,
): Dispatcher {
    const waker = createWaker(clock);
    const log = openEventLog(path.join(folder, "events"), waker.wake);
    const appending = new Set<Promise<void>>();
    const waiting: (() => void)[] = [];
    let isStopped = true;
    let running: Promise<void> | undefined;

    async function run(): Promise<void> {
        let isTrimmed = false;
        while (!isStopped) {
            try {
                const arrivals = await log.read();
                if (arrivals.length > 0) {
                    await Promise.all(arrivals.map(deal));
                    await log.advance(arrivals.length);
                    isTrimmed = false;
                    continue;
                }
                if (!isTrimmed && (waiting.length > 0 || !(await pause()))) {
                    await log.trim();
                    isTrimmed = true;
                }
                if (!isTrimmed) continue;
                for (const resolve of waiting.splice(0)) resolve();
                await waker.sleep(Number.POSITIVE_INFINITY);
            } catch (error) {
                onError(error);
                await log.rewind();
                await pause();
            }
        }
    }

    /** Waits a moment, or until something happens, and tells which. */
    async function pause(): Promise<boolean> {
        const end = clock.now() + PAUSE_MS;
        await waker.sleep(isStopped ? 0 : PAUSE_MS);
        return clock.now() < end;
    }

    return {
        accept(arrivals) {
            const appended = log.append(arrivals).finally(() => appending.delete(appended));
            appending.add(appended);
            return appended;
        },
        start() {
            isStopped = false;
            running ??= run();
        },
        async idle() {
            await Promise.allSettled(appending);
            await new Promise<void>((resolve) => {
                waiting.push(resolve);
                waker.wake();
            });
        },
        async close() {
            isStopped = true;
            waker.wake();
            await running;
            running = undefined;
            await log.close();
        },
    };
}

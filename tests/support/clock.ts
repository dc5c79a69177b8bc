import type { Clock } from "../../local/clock";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
    /** Moves the time forward, waking every sleep that ends by then, earliest first, and lets what they start run. */
    advance(ms: number): Promise<void>;
}

/** Makes a {@link FakeClock}. It starts on 2026-11-20 at noon, UTC, unless told otherwise. */
export function fakeClock(start = Date.UTC(2026, 10, 20, 12)): FakeClock {
    let now = start;
    let sleeping: { until: number; wake: () => void }[] = [];
    return {
        now: () => now,
        sleep: (ms, signal) =>
            new Promise<void>((resolve) => {
                if (signal?.aborted) return resolve();
                const sleeper = { until: now + ms, wake: resolve };
                sleeping.push(sleeper);
                signal?.addEventListener("abort", () => {
                    sleeping = sleeping.filter((other) => other !== sleeper);
                    resolve();
                });
            }),
        async advance(ms) {
            const end = now + ms;
            for (;;) {
                await settle();
                const next = sleeping.filter((s) => s.until <= end).sort((a, b) => a.until - b.until)[0];
                if (!next) break;
                now = Math.max(now, next.until);
                sleeping = sleeping.filter((s) => s !== next);
                next.wake();
            }
            now = end;
            await settle();
        },
    };
}

/** Lets everything run that waits for no time: promises, and file and socket work that is already under way. */
async function settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

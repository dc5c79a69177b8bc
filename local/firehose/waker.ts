import type { Clock } from "../clock";

/** Lets a loop sleep until something happens. */
export interface Waker {
    /** Ends the sleep that is under way, or the next one. */
    wake(): void;
    /** Resolves after `ms` milliseconds (which may be endless), or when something has happened. */
    sleep(ms: number): Promise<void>;
}

/** Makes a {@link Waker} on a clock. */
export function createWaker(clock: Clock): Waker {
    let woken = false;
    let end: (() => void) | undefined;
    return {
        wake() {
            woken = true;
            end?.();
        },
        async sleep(ms) {
            if (!woken) {
                const timer = new AbortController();
                const called = new Promise<void>((resolve) => {
                    end = resolve;
                });
                await Promise.race(Number.isFinite(ms) ? [called, clock.sleep(ms, timer.signal)] : [called]);
                timer.abort();
                end = undefined;
            }
            woken = false;
        },
    };
}

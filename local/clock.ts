/** Time, as the local services see it, so that tests decide when it passes. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Resolves after `ms` milliseconds, or at once when the signal aborts; it never rejects. */
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock on the wall. A pending sleep does not keep the process alive. */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** What `node:timers/promises` has for this rejects when the signal aborts, and to make that error takes ten times as long as all the rest. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(end, ms).unref();
        signal?.addEventListener("abort", end, { once: true });

        function end(): void {
            clearTimeout(timer);
            signal?.removeEventListener("abort", end);
            resolve();
        }
    });
}

import { setTimeout as timeout } from "node:timers/promises";

/** Time, as the local services see it, so that tests decide when it passes. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Resolves after `ms` milliseconds, or at once when the signal aborts; it never rejects. */
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock on the wall. A pending sleep does not keep the process alive. */
export const systemClock: Clock = {
    now: () => Date.now(),
    sleep: (ms, signal) => timeout(ms, undefined, { ref: false, ...(signal && { signal }) }).catch(() => undefined),
};

import { setTimeout as sleep } from "node:timers/promises";

const FIRST = 50;
const LONGEST = 5000;

/**
 * Waits before the attempt of that number, 0 being the first, which waits for nothing: a random time below a limit that doubles, 50 ms at
 * first, 5 s at last. False when the pause would end after the deadline (milliseconds since 1970): then it does not wait.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export async function pauseBefore(attempt: number, deadline: number): Promise<boolean> {
    if (attempt === 0) return true;
    const pause = Math.random() * Math.min(LONGEST, FIRST * 2 ** (attempt - 1));
    if (Date.now() + pause >= deadline) return false;
    await sleep(pause);
    return true;
}

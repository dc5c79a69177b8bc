import type { Clock } from "../clock";

/** Requests per second that go on for ever, and how many may come at once. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html */
export interface Rate {
    readonly rate: number;
    readonly burst: number;
}

/** What an account may do in a region unless AWS was asked for more. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const ACCOUNT_RATE: Rate = { rate: 10_000, burst: 5_000 };

/** Token buckets by name. */
export interface Throttle {
    /** Takes a token from every bucket, or from none when one is empty. A bucket is full when it is first seen. */
    take(buckets: ReadonlyMap<string, Rate>): boolean;
}

/** Makes a {@link Throttle}. */
export function createThrottle(clock: Pick<Clock, "now">): Throttle {
    const levels = new Map<string, { tokens: number; at: number }>();
    return {
        take(buckets) {
            const now = clock.now();
            const filled = [...buckets].map(([name, { rate, burst }]) => {
                const level = levels.get(name) ?? { tokens: burst, at: now };
                level.tokens = Math.min(burst, level.tokens + (Math.max(0, now - level.at) * rate) / 1000);
                level.at = now;
                levels.set(name, level);
                return level;
            });
            // A hair below one is one: a bucket of rate 10 is full after exactly 100 ms, whatever binary fractions say.
            if (filled.some((level) => level.tokens < 1 - 1e-9)) return false;
            for (const level of filled) level.tokens = Math.max(0, level.tokens - 1);
            return true;
        },
    };
}

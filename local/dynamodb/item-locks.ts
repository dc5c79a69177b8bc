import type { SubDb } from "dynalite/db";

/**
 * Locks of items by their keys, as dynalite's actions take them; a call may take several. Whoever comes first has a lock first, and since all of a
 * call's are asked for at once, no two calls wait for each other.
 */
export function itemLocks(): SubDb["lock"] {
    /** Those who wait for a lock that is held, by its key. */
    const queues = new Map<string, (() => void)[]>();

    function take(key: string, taken: () => void): void {
        const queue = queues.get(key);
        if (queue) queue.push(taken);
        else {
            queues.set(key, []);
            taken();
        }
    }

    function release(key: string): void {
        const next = queues.get(key)?.shift();
        if (next) setImmediate(next);
        else queues.delete(key);
    }

    return (key, held) => {
        const keys = typeof key === "string" ? [key] : key;
        let missing = keys.length;
        const taken = () => {
            missing--;
            if (missing > 0) return;
            held((done) => (error, value) => {
                keys.forEach(release);
                done(error, value);
            });
        };
        for (const each of keys) take(each, taken);
    };
}

import type { Clock } from "../clock";

/** What a pool holds: something that is used by one at a time, and may die of it. */
export interface Pooled {
    isAlive(): boolean;
    close(): void;
}

/** Execution environments of one version of a function. */
export interface Pool<T extends Pooled> {
    /** Runs `use` with one that is free, a new one, or, when there are as many as there may be, the next that is free. */
    with<R>(use: (pooled: T) => Promise<R>): Promise<R>;
    /** Lets none wait for more calls: idle ones are closed now, busy ones after the calls that are theirs. */
    retire(): void;
    /** Closes all of them; calls under way end. */
    close(): void;
}

/** What a pool is made with. */
export interface PoolOptions<T extends Pooled> {
    readonly clock: Pick<Clock, "now" | "sleep">;
    /** Most at a time. */
    readonly most: number;
    /** Milliseconds after which one that nobody uses is closed. */
    readonly idleMs: number;
    start(): T;
}

/** Makes an empty pool. */
export function createPool<T extends Pooled>({ clock, most, idleMs, start }: PoolOptions<T>): Pool<T> {
    /** Longest idle first. The last is taken first, so that what is too many falls idle. */
    let idle: { readonly pooled: T; readonly since: number }[] = [];
    const busy = new Set<T>();
    const waiting: (() => void)[] = [];
    let isRetired = false;
    let isSweeping = false;

    async function take(): Promise<T> {
        idle = idle.filter(({ pooled }) => pooled.isAlive());
        while (idle.length === 0 && busy.size >= most) await new Promise<void>((resolve) => waiting.push(resolve));
        const pooled = idle.pop()?.pooled ?? startOne();
        busy.add(pooled);
        return pooled;
    }

    function startOne(): T {
        try {
            return start();
        } catch (error) {
            // Whoever waits next learns for themselves that it does not start.
            waiting.shift()?.();
            throw error;
        }
    }

    function giveBack(pooled: T): void {
        busy.delete(pooled);
        if (pooled.isAlive()) idle.push({ pooled, since: clock.now() });
        const next = waiting.shift();
        if (next) next();
        else if (isRetired) closeIdle();
        else void sweep();
    }

    /** Closes what has been idle for long, as long as anything is idle. */
    async function sweep(): Promise<void> {
        if (isSweeping) return;
        isSweeping = true;
        for (let oldest = idle[0]; oldest; oldest = idle[0]) {
            await clock.sleep(oldest.since + idleMs - clock.now());
            const isOld = ({ since }: { readonly since: number }) => since + idleMs <= clock.now();
            const old = idle.filter(isOld);
            idle = idle.filter((each) => !isOld(each));
            for (const { pooled } of old) pooled.close();
        }
        isSweeping = false;
    }

    function closeIdle(): void {
        for (const { pooled } of idle.splice(0)) pooled.close();
    }

    return {
        async with(use) {
            const pooled = await take();
            try {
                return await use(pooled);
            } finally {
                giveBack(pooled);
            }
        },
        retire() {
            isRetired = true;
            if (waiting.length === 0) closeIdle();
        },
        close() {
            isRetired = true;
            closeIdle();
            for (const pooled of busy) pooled.close();
        },
    };
}

/** Whether tests run at full size: `npm run test:soak`. */
export const SOAK = process.env.SOAK === "1";

/** The full size under `npm run test:soak`, otherwise one that `npm test` has time for. */
export function sized(soak: number, otherwise: number): number {
    return SOAK ? soak : otherwise;
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

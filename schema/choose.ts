/** Chooses from lists, each time with the next number of a sequence. */
export type Choose = <T>(from: ArrayLike<T>) => T;

/** A {@link Choose} that a seed starts (mulberry32): the same seed chooses the same. */
export function chooser(seed: number): Choose {
    let state = seed;
    return (from) => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return from[((mixed ^ (mixed >>> 14)) >>> 0) % from.length] as (typeof from)[number];
    };
}

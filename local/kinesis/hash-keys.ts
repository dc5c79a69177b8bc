import { hash } from "node:crypto";

/** Number of hash keys: they go from 0 to this less one. */
export const HASH_KEYS = 2n ** 128n;

/** A range of hash keys, both ends within. */
export interface HashKeyRange {
    readonly start: bigint;
    readonly end: bigint;
}

/** The whole space of hash keys in equal parts, as CreateStream and UpdateShardCount cut it. */
export function evenRanges(count: number): readonly HashKeyRange[] {
    const edge = (index: number) => (HASH_KEYS * BigInt(index)) / BigInt(count);
    return Array.from({ length: count }, (_, index) => ({ start: edge(index), end: edge(index + 1) - 1n }));
}

/** The hash key of a partition key: its MD5. */
export function hashKeyOf(partitionKey: string): bigint {
    return BigInt(`0x${hash("md5", partitionKey, "hex")}`);
}

/** Whether two ranges share a key. */
export function overlap(one: HashKeyRange, other: HashKeyRange): boolean {
    return one.start <= other.end && other.start <= one.end;
}

import { MAX_KEY_BYTES, NAME_BYTES } from "./object-name";
import type { Failure, PartitionKeys } from "./outcome";

/** Partitions that a stream has in its buffers at once. https://docs.aws.amazon.com/firehose/latest/dev/buffering.html */
export const MAX_PARTITIONS = 500;

/** What a prefix makes of the keys of a record. */
export interface Partition {
    /** Tells it from others. */
    readonly id: string;
    /** The keys that the prefix names, and no other. */
    readonly keys: PartitionKeys;
}

const FROM_LAMBDA = /!\{partitionKeyFromLambda:([^}]+)\}/g;

/** The keys that a prefix names: `!{partitionKeyFromLambda:year}`. */
export function keysIn(prefix: string): readonly string[] {
    return [...new Set([...prefix.matchAll(FROM_LAMBDA)].map(([, name = ""]) => name))];
}

/** The partition of a record, or why it has none: a key that the prefix names is missing, or makes no key of an object. */
export function partitionOf(prefix: string, names: readonly string[], given: PartitionKeys = {}): Partition | Failure {
    const keys: Record<string, string> = {};
    let bytes = prefix.length + NAME_BYTES;
    for (const name of names) {
        const value = Object.hasOwn(given, name) ? given[name] : undefined;
        if (!value) return NO_VALUE;
        keys[name] = value;
        bytes += Buffer.byteLength(value);
    }
    if (bytes > MAX_KEY_BYTES) return TOO_LONG;
    return { id: names.map((name) => keys[name]).join("\0"), keys };
}

// The code and the first sentence are AWS's, from the objects below `metadata-extraction-failed/` that its users show.
const CODE = "DynamicPartitioning.MetadataExtractionFailed";
const NO_VALUE: Failure = { code: CODE, message: "partitionKeys values must not be null or empty" };
const TOO_LONG: Failure = { code: CODE, message: "The partitionKeys make a prefix that is longer than a key may be" };

/** The failure of a record whose partition is one too many. AWS documents where it goes and no code; the name is ours in its form. */
export const TOO_MANY: Failure = {
    code: "DynamicPartitioning.ActivePartitionExceeded",
    message: `The delivery stream has ${MAX_PARTITIONS} active partitions, and the record belongs to none of them`,
};

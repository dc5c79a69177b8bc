import { serviceError } from "../errors";

/** Codes that a caller is told to slow down with. */
export type Throttle = "ProvisionedThroughputExceededException" | "RequestLimitExceeded" | "ThrottlingException";

/** What goes wrong on purpose, for tests of what a client does then. */
export interface DynamoDBFaults {
    /** The code that a request is refused with, or undefined to let it pass. */
    readonly refuse?: (operation: string, tableName: string) => Throttle | undefined;
    /** Whether BatchWriteItem leaves an item unprocessed, by its place in the table's list. */
    readonly unprocessed?: (tableName: string, index: number) => boolean;
}

const MESSAGES: Readonly<Record<Throttle, string>> = {
    ProvisionedThroughputExceededException:
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
    RequestLimitExceeded:
        "Throughput exceeds the current throughput limit for your account. Please contact AWS Support at https://aws.amazon.com/support request a limit increase",
    ThrottlingException:
        "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html",
};

/** Makes AWS's error for a throttled request. */
export function throttled(code: Throttle): Error {
    return serviceError(code, MESSAGES[code]);
}

/**
 * Faults at random, the same ones for the same seed: a part of the requests is refused, with either code, and a part of the items of the
 * other batches is left unprocessed.
 */
export function seededFaults(
    seed: number,
    rate: { readonly refused: number; readonly unprocessed: number },
): DynamoDBFaults {
    const random = numbers(seed);
    return {
        refuse: () => {
            if (random() >= rate.refused) return undefined;
            return random() < 0.5 ? "ThrottlingException" : "ProvisionedThroughputExceededException";
        },
        unprocessed: () => random() < rate.unprocessed,
    };
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}

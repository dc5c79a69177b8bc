import type * as DynamoDB from "@aws-sdk/client-dynamodb";
import type { Item } from "./dynamodb-item";
import { type KeyAttribute, keyOf } from "./dynamodb-key";
import { inParallel } from "./in-parallel";
import { pauseBefore } from "./pause";
import type { Rejected } from "./record";

/** An item that is to be written. */
export interface Write {
    /** {@link keyOf} the item. */
    readonly key: string;
    readonly item: Item;
}

/** Why an item was not written: sentences that do not quote it. */
export interface Failure extends Rejected {
    /** Whether it never will be, so that there is no use in another try. */
    readonly isFinal: boolean;
}

/** Items in one call. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const BATCH = 25;

/** Calls under way at once. */
const CONCURRENCY = 8;

/**
 * Makes the function that writes items to a table, in calls of 25, and says of each why it was not written, if it was not; what was rejected
 * before is passed over. Of items with the same key the last is written, and what becomes of it becomes of the others, too. What DynamoDB is
 * too busy for is sent again, after pauses with jitter, until the deadline (milliseconds since 1970). The client is made when there is
 * something to write for the first time.
 */
export function dynamodbWriter(table: string, keys: readonly KeyAttribute[]) {
    let connection: Connection | undefined;

    return async (writes: readonly (Write | Rejected)[], deadline: number) => {
        const outcomes: (Failure | undefined)[] = [];
        let open: number[] = [];
        for (const write of writes) {
            if (!("problems" in write)) open.push(outcomes.length);
            outcomes.push("problems" in write ? { problems: write.problems, isFinal: true } : undefined);
        }
        const at = (index: number) => writes[index] as Write;
        while (open.length > 0) {
            const last = new Map<string, number>();
            for (const index of open) last.set(at(index).key, index);
            const failures = await writeAll([...last.values()].map(at), deadline);
            // Where DynamoDB refuses the last item of a key for good, the one before it takes its place.
            open = open.filter((index) => {
                const { key } = at(index);
                outcomes[index] = failures.get(key);
                return outcomes[index]?.isFinal && last.get(key) !== index;
            });
        }
        return outcomes;
    };

    /** Writes items whose keys all differ. Gives what was not written, by key. */
    async function writeAll(writes: readonly Write[], deadline: number): Promise<ReadonlyMap<string, Failure>> {
        const failures = new Map<string, Failure>();
        const abortSignal = AbortSignal.timeout(Math.max(0, deadline - Date.now()));
        let pending = writes;
        for (let attempt = 0; pending.length > 0 && (await pauseBefore(attempt, deadline)); attempt++) {
            const left = await inParallel(CONCURRENCY, chunks(pending), (chunk) => send(chunk, failures, abortSignal));
            pending = left.flat();
        }
        for (const { key } of pending) failures.set(key, BUSY);
        return failures;
    }

    /** Makes one call, and gives what is to be sent again. */
    async function send(
        chunk: readonly Write[],
        failures: Map<string, Failure>,
        abortSignal: AbortSignal,
    ): Promise<readonly Write[]> {
        connection ??= connect();
        const { client, sdk } = connection;
        const requests = chunk.map(({ item }) => ({ PutRequest: { Item: item } }));
        const command = new sdk.BatchWriteItemCommand({ RequestItems: { [table]: requests } });
        try {
            const { UnprocessedItems } = await client.send(command, { abortSignal });
            const left = UnprocessedItems?.[table] ?? [];
            if (left.length === 0) return [];
            const unprocessed = new Set(left.map(({ PutRequest }) => keyOf(PutRequest?.Item as Item, keys)));
            return chunk.filter(({ key }) => unprocessed.has(key));
        } catch (error) {
            return sendAgain(chunk, error as ServiceError, failures, abortSignal);
        }
    }

    /** DynamoDB refuses a call because of one item, so the halves of the call are tried, until that item is alone. */
    async function sendAgain(
        chunk: readonly Write[],
        error: ServiceError,
        failures: Map<string, Failure>,
        abortSignal: AbortSignal,
    ): Promise<readonly Write[]> {
        if (isTemporary(error)) return chunk;
        if (error.name === "ValidationException" && chunk.length > 1) {
            const middle = Math.ceil(chunk.length / 2);
            const halves = [chunk.slice(0, middle), chunk.slice(middle)];
            return (await Promise.all(halves.map((half) => send(half, failures, abortSignal)))).flat();
        }
        const failure = failureOf(error);
        for (const { key } of chunk) failures.set(key, failure);
        return [];
    }
}

/** The SDK is not in the bundle: Lambda has it, and to load it takes a third of a cold start. */
function connect() {
    const sdk = require("@aws-sdk/client-dynamodb") as typeof DynamoDB;
    // The writer repeats calls itself, so that they end in time.
    return { sdk, client: new sdk.DynamoDBClient({ maxAttempts: 1, logger: SILENT }) };
}

/** The SDK copies every item for a logger that takes `info`, as its own does that logs nothing: a fifth of the time of a call. */
const SILENT = { debug() {}, warn() {}, error() {}, info: undefined } as unknown as Logger;

type Logger = NonNullable<DynamoDB.DynamoDBClientConfig["logger"]>;

type Connection = ReturnType<typeof connect>;

const BUSY: Failure = { problems: ["DynamoDB did not take it in time"], isFinal: false };

interface ServiceError extends Error {
    readonly $metadata?: { readonly httpStatusCode?: number };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
function isTemporary({ name, $metadata }: ServiceError): boolean {
    const status = $metadata?.httpStatusCode;
    // Without a status there was no answer.
    return status === undefined || status >= 500 || /Throughput|Throttl|LimitExceeded/.test(name);
}

/** DynamoDB's own message may quote the item. */
function failureOf({ name, message }: ServiceError): Failure {
    if (name !== "ValidationException") return { problems: [`DynamoDB answers ${name}`], isFinal: false };
    if (/Item size/.test(message)) return { problems: ["larger than 400 KB as an item"], isFinal: true };
    return { problems: ["not an item that DynamoDB takes"], isFinal: true };
}

function chunks<T>(values: readonly T[]): readonly (readonly T[])[] {
    return Array.from({ length: Math.ceil(values.length / BATCH) }, (_, index) =>
        values.slice(index * BATCH, (index + 1) * BATCH),
    );
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Door, Outcome } from "./door";

/** How to send. */
export interface SendOptions {
    /** Documents per second; as fast as it goes when left out. */
    readonly rate?: number;
    /** Documents per call; the door's most when left out. */
    readonly batch?: number;
    /** Calls under way at once. @default 4 */
    readonly concurrency?: number;
    /** How often a document is sent again while the service is busy. @default 8 */
    readonly retries?: number;
    /** Called with the number of documents that have an outcome. */
    readonly onProgress?: (done: number) => void;
}

/** What became of all documents; the three add up to what was sent. */
export interface SendReport {
    readonly accepted: number;
    readonly refused: number;
    /** Still not taken after the last retry. */
    readonly unsent: number;
}

/** Sends documents through a door, in batches, at a steady rate, and again where the service was busy. */
export async function sendAll(door: Door, documents: Iterable<string>, options: SendOptions = {}): Promise<SendReport> {
    const { rate, concurrency = 4, retries = 8 } = options;
    const count = { accepted: 0, refused: 0, unsent: 0 };
    const batches = batchesOf(documents, Math.min(options.batch ?? door.batch, door.batch));
    const start = Date.now();
    let sent = 0;
    const worker = async () => {
        for (let next = batches.next(); !next.done; next = batches.next()) {
            const due = rate ? start + (sent / rate) * 1000 : 0;
            sent += next.value.length;
            if (due > Date.now()) await sleep(due - Date.now());
            const outcomes = await sendBatch(door, next.value, 0, retries);
            for (const outcome of outcomes) count[outcome === "again" ? "unsent" : outcome]++;
            options.onProgress?.(count.accepted + count.refused + count.unsent);
        }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return count;
}

async function sendBatch(
    door: Door,
    batch: readonly string[],
    attempt: number,
    retries: number,
): Promise<readonly Outcome[]> {
    const outcomes = await door.send(batch);
    const again = batch.filter((_, i) => outcomes[i] === "again");
    if (again.length === 0 || attempt === retries) return outcomes;
    // Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    await sleep(Math.random() * Math.min(5000, 50 * 2 ** attempt));
    const taken = outcomes.filter((outcome) => outcome !== "again");
    return [...taken, ...(await sendBatch(door, again, attempt + 1, retries))];
}

function* batchesOf(documents: Iterable<string>, size: number): Generator<string[], undefined> {
    let batch: string[] = [];
    for (const document of documents) {
        batch.push(document);
        if (batch.length < size) continue;
        yield batch;
        batch = [];
    }
    if (batch.length > 0) yield batch;
    return undefined;
}

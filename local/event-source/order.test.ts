import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { ROOT } from "../../tests/support/local";
import { isOfLane } from "./lane";
import { type Bench, bench, passingTime, QUEUE_ARN, STREAM_ARN, type StreamEvent, textsIn } from "./test-support";

/** A record of the stream: how its text reads, and whether the function can't stand it. */
interface Given {
    readonly key: string;
    readonly text: string;
    readonly isPoison: boolean;
}

const records = fc
    .array(fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), isPoison: fc.boolean(), rare: fc.nat(3) }), {
        minLength: 1,
        maxLength: 60,
    })
    .map((all) =>
        all.map(({ key, isPoison, rare }, i): Given => ({ key, text: `${key}${i}`, isPoison: isPoison && rare === 0 })),
    );

const settings = fc.record({
    shardCount: fc.integer({ min: 1, max: 3 }),
    parallelizationFactor: fc.integer({ min: 1, max: 4 }),
    batchSize: fc.integer({ min: 1, max: 12 }),
    maximumRetryAttempts: fc.integer({ min: 0, max: 2 }),
    bisectBatchOnFunctionError: fc.boolean(),
    reportsFailures: fc.boolean(),
    /** Steps after which the mapping is killed, over and over. */
    kills: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
});

/** What a function has done, in the order in which it did it. */
function consumer(given: readonly Given[], reportsFailures: boolean) {
    const poison = new Set(given.filter(({ isPoison }) => isPoison).map(({ text }) => text));
    const processed: string[] = [];
    const consume = (event: StreamEvent) => {
        const texts = textsIn(event);
        const first = texts.findIndex((text) => poison.has(text));
        const done = first < 0 ? texts : reportsFailures ? texts.slice(0, first) : [];
        processed.push(...done);
        if (first < 0) return { batchItemFailures: [] };
        if (!reportsFailures) throw new Error("poison");
        return { batchItemFailures: [{ itemIdentifier: event.Records[first]?.kinesis.sequenceNumber }] };
    };
    return { processed, consume, poison };
}

/** The texts that each message of the on-failure queue speaks of. */
async function givenUp(b: Bench, lanes: number): Promise<readonly (readonly string[])[]> {
    const messages = await b.failures();
    return Promise.all(
        messages.map(async ({ KinesisBatchInfo: info }) => {
            const { records: all, sequenceNumber } = await b.kinesis.read(ROOT, STREAM_ARN, info.shardId, 0);
            const within = all.filter(({ position }) => {
                const number = BigInt(sequenceNumber(position));
                return number >= BigInt(info.startSequenceNumber) && number <= BigInt(info.endSequenceNumber);
            });
            const lane = Array.from({ length: lanes }, (_, index) => ({
                shardId: info.shardId,
                index,
                of: lanes,
            })).find((each) => isOfLane(each, within[0]?.partitionKey ?? ""));
            const own = within.filter(({ partitionKey }) => lane && isOfLane(lane, partitionKey));
            assert.equal(own.length, info.batchSize);
            return own.map(({ data }) => data.toString());
        }),
    );
}

/** Runs the mapping, killed as often as it is said, until nothing is left to do. */
async function run(b: Bench, kills: readonly number[]): Promise<void> {
    for (const steps of kills) {
        let left = steps;
        const killed = b.open({
            step: () => {
                if (--left === 0) throw new Error("killed");
            },
        });
        killed.start();
        await passingTime(b.clock, killed.idle(), 1000);
        await killed.close();
    }
    b.sources.start();
    await passingTime(b.clock, b.sources.idle(), 1000);
}

/** Each text once, where it stood first. */
function firsts(texts: readonly string[]): readonly string[] {
    return [...new Set(texts)];
}

describe("event-source mappings, whatever fails", () => {
    it("process every good record in the order of its key, or say that they gave it up with the poison before it", async () => {
        await fc.assert(
            fc.asyncProperty(records, settings, async (given, { shardCount, kills, reportsFailures, ...mapping }) => {
                const { processed, consume, poison } = consumer(given, reportsFailures);
                const b = await bench({ consume, shardCount });
                try {
                    await b.put(...given);
                    await b.map({
                        ...mapping,
                        ...(reportsFailures && { functionResponseTypes: ["ReportBatchItemFailures"] }),
                        destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } },
                    });
                    await run(b, kills);
                    const lost = await givenUp(b, mapping.parallelizationFactor);
                    const all = given.map(({ text }) => text);
                    assert.deepStrictEqual(
                        firsts([...processed, ...lost.flat()].sort()),
                        [...all].sort(),
                        "nothing is lost",
                    );
                    for (const key of new Set(given.map(({ key: each }) => each)))
                        assert.deepStrictEqual(
                            firsts(processed).filter((text) => text[0] === key),
                            all.filter((text) => text[0] === key && processed.includes(text)),
                            "in order",
                        );
                    for (const text of poison) {
                        const messages = lost.filter((texts) => texts.includes(text)).length;
                        if (kills.length === 0) assert.equal(messages, 1, "one message for each poison");
                        else assert.ok(messages >= 1);
                    }
                    if (mapping.bisectBatchOnFunctionError)
                        assert.deepStrictEqual(
                            firsts(lost.flat()).every((text) => poison.has(text)),
                            true,
                        );
                    assert.deepStrictEqual(b.problems, []);
                } finally {
                    await b.close();
                }
            }),
            { seed: 17, numRuns: 40 },
        );
    });
});

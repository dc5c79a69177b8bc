import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Outcome, workOff } from "./batch";
import type { RetryRules } from "./config";
import type { Entry } from "./source";

const RULES: RetryRules = {
    reportsFailures: true,
    bisects: false,
    maxRetries: 2,
    maxAgeMs: Number.POSITIVE_INFINITY,
};

function entriesOf(count: number): readonly Entry[] {
    return Array.from({ length: count }, (_, position) => ({
        position,
        sequenceNumber: `s${position}`,
        partitionKey: "k",
        arrival: position,
        json: () => "{}",
        bytes: 2,
    }));
}

/** Works a batch off, and tells what was called, given up and kept. */
async function worked(
    entries: readonly Entry[],
    rules: RetryRules,
    answer: (positions: readonly number[], call: number) => Outcome,
    now = 0,
) {
    const calls: number[][] = [];
    const givenUp: [string, number[], number][] = [];
    const kept: (number | undefined)[] = [];
    const pauses: number[] = [];
    const positions = (some: readonly Entry[]) => some.map(({ position }) => position);
    const outcome = await workOff(entries, rules, {
        now: () => now,
        async invoke(some) {
            calls.push(positions(some));
            return answer(positions(some), calls.length);
        },
        giveUp: async (some, condition, { invokes }) => void givenUp.push([condition, positions(some), invokes]),
        checkpoint: (next) => void kept.push(next?.position),
        pause: async (failures) => void pauses.push(failures),
    });
    return { outcome, calls, givenUp, kept, pauses };
}

const done = (count: number): Outcome => ({ done: count, called: { requestId: "r", functionError: undefined } });

/** Fails at the first of the bad positions, as a function that reports its first failure. */
const failingAt =
    (...bad: readonly number[]) =>
    (positions: readonly number[]): Outcome => {
        const first = positions.findIndex((position) => bad.includes(position));
        return done(first < 0 ? positions.length : first);
    };

/** Fails as a whole when one is bad, as a function that throws. */
const throwingAt =
    (...bad: readonly number[]) =>
    (positions: readonly number[]): Outcome =>
        done(positions.some((position) => bad.includes(position)) ? 0 : positions.length);

describe("a batch of a stream", () => {
    it("is kept as done when all of it succeeded", async () => {
        assert.deepStrictEqual(await worked(entriesOf(3), RULES, failingAt()), {
            outcome: "done",
            calls: [[0, 1, 2]],
            givenUp: [],
            kept: [undefined],
            pauses: [],
        });
    });

    it("goes on from the first failed record, and is given up from there when the retries are used up", async () => {
        assert.deepStrictEqual(await worked(entriesOf(4), RULES, failingAt(1)), {
            outcome: "done",
            calls: [
                [0, 1, 2, 3],
                [1, 2, 3],
                [1, 2, 3],
            ],
            givenUp: [["RetryAttemptsExhausted", [1, 2, 3], 3]],
            kept: [1, undefined],
            pauses: [1, 2],
        });
    });

    it("is split in two where that is asked for, so that only the poison is given up", async () => {
        const bisecting = { ...RULES, bisects: true, maxRetries: 1 };
        assert.deepStrictEqual(await worked(entriesOf(4), bisecting, throwingAt(1)), {
            outcome: "done",
            calls: [[0, 1, 2, 3], [0, 1], [0], [1], [1], [2, 3]],
            givenUp: [["RetryAttemptsExhausted", [1], 2]],
            kept: [1, 2, undefined],
            pauses: [1],
        });
    });

    it("is split where the function says, and splitting uses up no retry", async () => {
        const bisecting = { ...RULES, bisects: true, maxRetries: 0 };
        const { calls, givenUp } = await worked(entriesOf(5), bisecting, failingAt(2));
        assert.deepStrictEqual(calls, [[0, 1, 2, 3, 4], [2, 3, 4], [2, 3], [2], [3], [4]]);
        assert.deepStrictEqual(givenUp, [["RetryAttemptsExhausted", [2], 1]]);
    });

    it("counts its retries also when each try comes further", async () => {
        let bad = 0;
        const { calls, givenUp } = await worked(entriesOf(9), RULES, (positions) => done(positions.indexOf(++bad)));
        assert.deepStrictEqual(
            calls.map(([first]) => first),
            [0, 1, 2],
        );
        assert.deepStrictEqual(givenUp, [["RetryAttemptsExhausted", [3, 4, 5, 6, 7, 8], 3]]);
    });

    it("is not called with records that are too old", async () => {
        const { calls, givenUp, kept } = await worked(
            entriesOf(4),
            { ...RULES, maxAgeMs: 60_000 },
            failingAt(),
            60_002,
        );
        assert.deepStrictEqual(calls, [[2, 3]]);
        assert.deepStrictEqual(givenUp, [["RecordAgeExceeded", [0, 1], 0]]);
        assert.deepStrictEqual(kept, [2, undefined]);
    });

    it("waits while the function is throttled, which uses up no retry", async () => {
        const { calls, givenUp, pauses } = await worked(entriesOf(1), { ...RULES, maxRetries: 0 }, (_, call) =>
            call < 4 ? "throttled" : done(1),
        );
        assert.equal(calls.length, 4);
        assert.deepStrictEqual([givenUp, pauses], [[], [1, 2, 3]]);
    });

    it("is left as it is when the mapping stops", async () => {
        assert.deepStrictEqual(await worked(entriesOf(2), RULES, () => "stopped"), {
            outcome: "stopped",
            calls: [[0, 1]],
            givenUp: [],
            kept: [],
            pauses: [],
        });
    });

    it("loses nothing and keeps its order, whatever fails and whatever the rules", async () => {
        const rules = fc.record({
            reportsFailures: fc.boolean(),
            bisects: fc.boolean(),
            maxRetries: fc.integer({ min: 0, max: 3 }),
        });
        await fc.assert(
            fc.asyncProperty(
                fc.integer({ min: 1, max: 40 }),
                fc.uniqueArray(fc.nat(39)),
                rules,
                async (count, bad, given) => {
                    const entries = entriesOf(count);
                    const poison = bad.filter((position) => position < count);
                    const answer = given.reportsFailures ? failingAt(...poison) : throwingAt(...poison);
                    const { calls, givenUp, kept } = await worked(entries, { ...RULES, ...given }, answer);
                    const succeeded = calls.flatMap((call) => call.slice(0, (answer(call) as { done: number }).done));
                    const lost = givenUp.flatMap(([, positions]) => positions);
                    const all = entries.map(({ position }) => position);
                    assert.deepStrictEqual(
                        [...succeeded, ...lost].sort((a, b) => a - b),
                        all,
                        "each exactly once",
                    );
                    assert.deepStrictEqual(
                        succeeded,
                        [...succeeded].sort((a, b) => a - b),
                        "in order",
                    );
                    assert.deepStrictEqual(kept.at(-1), undefined);
                    if (given.bisects)
                        assert.deepStrictEqual(
                            givenUp.map(([, positions]) => positions),
                            poison.sort((a, b) => a - b).map((p) => [p]),
                        );
                    assert.ok(givenUp.every(([, , invokes]) => invokes === given.maxRetries + 1));
                },
            ),
            { seed: 5, numRuns: 300 },
        );
    });
});

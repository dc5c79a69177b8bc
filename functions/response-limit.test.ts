import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { TransformOutcome } from "./firehose-events";
import { withinLimit } from "./response-limit";

const text = fc.string({ unit: "binary", maxLength: 30 });
const base64 = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const outcomes: fc.Arbitrary<TransformOutcome[]> = fc.array(
    fc.oneof(
        fc.record({
            recordId: text,
            result: fc.constant("Ok" as const),
            data: base64,
            metadata: fc.record({
                otfMetadata: fc.record({
                    destinationDatabaseName: text,
                    destinationTableName: text,
                    operation: fc.constantFrom("insert" as const, "update" as const, "delete" as const),
                }),
            }),
        }),
        fc.record({ recordId: text, result: fc.constant("ProcessingFailed" as const), data: text }),
    ),
    { maxLength: 30 },
);

function sizeOf(records: readonly TransformOutcome[]): number {
    return Buffer.byteLength(JSON.stringify({ records }));
}

/** The least that says something of every record. */
function shortest(all: readonly TransformOutcome[]): TransformOutcome[] {
    return all.map(({ recordId }) => ({ recordId, result: "ProcessingFailed" }));
}

describe("withinLimit", () => {
    it("passes on an answer that fits, and only such a one", () => {
        fc.assert(
            fc.property(outcomes, fc.nat(30_000), (all, limit) => {
                fc.pre(sizeOf(shortest(all)) <= limit);
                const failed: string[] = [];
                const fitted = withinLimit(all, (id) => failed.push(id), limit);
                assert.ok(sizeOf(fitted) <= limit);
                if (sizeOf(all) < limit) assert.deepStrictEqual(fitted, all);
                if (sizeOf(all) > limit) assert.notDeepStrictEqual(fitted, all);
                // Each record either keeps its outcome or has the shortest.
                assert.equal(fitted.length, all.length);
                fitted.forEach((outcome, index) => {
                    if (outcome !== all[index]) assert.deepStrictEqual(outcome, shortest(all)[index]);
                });
                const lost = all.filter(({ result }, index) => result === "Ok" && fitted[index]?.result !== "Ok");
                assert.deepStrictEqual(
                    failed,
                    lost.map(({ recordId }) => recordId),
                );
            }),
            { seed: 5, numRuns: 500 },
        );
    });

    it("gives room to short records behind a long one", () => {
        const ok = (recordId: string, length: number): TransformOutcome => ({
            recordId,
            result: "Ok",
            data: "A".repeat(length),
        });
        const fitted = withinLimit([ok("a", 100), ok("b", 1000), ok("c", 100)], () => undefined, 600);
        assert.deepStrictEqual(
            fitted.map(({ result }) => result),
            ["Ok", "ProcessingFailed", "Ok"],
        );
    });
});

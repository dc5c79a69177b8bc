import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { textOf } from "../payload";
import { bodyOf, type NewRecord } from "../records/frame";
import { eventOf } from "./event";
import { recordIds } from "./record";
import { countIn, cut, dataBytesIn, type Run, recordsOf, sequenceNumberOf } from "./runs";

const INCARNATION = "00ff";
const IDS = recordIds(INCARNATION);
const FIRST = 4_966_0012_0000_000n;

/** A run of records at a position, from a Kinesis stream or not. */
function runOf(records: readonly NewRecord[], first: number, isFromKinesis: boolean): Run {
    const run = { body: bodyOf(records), count: records.length, first, arrival: 1_760_000_000_000 + first };
    const origin = { shardId: "shardId-000000000000", sequenceNumber: String(FIRST + BigInt(first)) };
    return isFromKinesis ? { ...run, origin } : run;
}

const record = fc.record({
    partitionKey: fc.string({ unit: "binary", maxLength: 8 }).map((text) => text.toWellFormed()),
    data: fc.uint8Array({ maxLength: 3_000 }),
});
const given = fc.tuple(fc.array(fc.array(record, { minLength: 1, maxLength: 8 }), { maxLength: 8 }), fc.boolean());

describe("The event of a batch", () => {
    it("has every record of every run, with its id, its data and where it came from, however long it is", () => {
        fc.assert(
            fc.property(given, ([groups, isFromKinesis]) => {
                let next = 7;
                const runs = groups.map((records) => {
                    next += records.length;
                    return runOf(records, next - records.length, isFromKinesis);
                });
                const event = JSON.parse(textOf(eventOf({ region: "é" }, { incarnation: INCARNATION, runs })));
                const records = runs.flatMap((run, group) =>
                    (groups[group] ?? []).map(({ partitionKey, data }, index) => ({
                        recordId: IDS.transform(run.first + index),
                        approximateArrivalTimestamp: run.arrival,
                        data: Buffer.from(data).toString("base64"),
                        ...(isFromKinesis && {
                            kinesisRecordMetadata: {
                                sequenceNumber: String(FIRST + BigInt(run.first + index)),
                                subsequenceNumber: 0,
                                partitionKey,
                                shardId: "shardId-000000000000",
                                approximateArrivalTimestamp: run.arrival,
                            },
                        }),
                    })),
                );
                deepStrictEqual(event, { region: "é", records });
            }),
            { numRuns: 100, seed: 5 },
        );
    });
});

describe("A run", () => {
    it("is cut into two that are of the same records", () => {
        fc.assert(
            fc.property(fc.array(record, { minLength: 2, maxLength: 8 }), fc.nat(), fc.boolean(), (records, at, is) => {
                const run = runOf(records, 3, is);
                const taken = 1 + (at % (records.length - 1));
                const parts = cut(run, taken, bodyOf(records.slice(0, taken)).length);
                const shown = (runs: readonly Run[]) =>
                    recordsOf(runs).map(({ position, data, run: from }) => [
                        position,
                        data.toString("hex"),
                        from.arrival,
                        sequenceNumberOf(from, position, IDS),
                    ]);
                deepStrictEqual(shown(parts), shown([run]));
                deepStrictEqual([countIn(parts), dataBytesIn(parts)], [records.length, dataBytesIn([run])]);
            }),
            { numRuns: 100, seed: 6 },
        );
    });

    it("has sequence numbers that follow one by one, whatever their last digits are", () => {
        fc.assert(
            fc.property(
                fc.bigInt({ min: 0n, max: 10n ** 56n }),
                fc.constantFrom(0n, 15n, 16n, 17n),
                fc.nat(9),
                (n, zeros, more) => {
                    const first = (n / 10n ** zeros) * 10n ** zeros + (zeros > 0n ? 10n ** zeros - 3n : 0n);
                    const run = { ...runOf([], 2, true), origin: { shardId: "s", sequenceNumber: String(first) } };
                    deepStrictEqual(sequenceNumberOf(run, 2 + more, IDS), String(first + BigInt(more)));
                },
            ),
            { seed: 7 },
        );
    });

    it("that was put has sequence numbers of its own, which are its ids without what ends them", () => {
        const run = runOf([{ partitionKey: "", data: Buffer.from("a") }], 9, false);
        deepStrictEqual(sequenceNumberOf(run, 9, IDS), IDS.transform(9).slice(0, 56));
    });
});

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { arrivalOf, dataOf, idOf, recordIds, recordLine, sequenceNumberOf, sizeOf } from "./record";

describe("The line of a record", () => {
    it("is the JSON that the function gets, and gives its parts back", () => {
        const ids = recordIds("00ff");
        fc.assert(
            fc.property(
                fc.nat(Number.MAX_SAFE_INTEGER),
                fc.nat(9_999_999_999_999),
                fc.uint8Array({ maxLength: 20 }),
                (position, arrival, bytes) => {
                    const data = Buffer.from(bytes).toString("base64");
                    const line = recordLine(ids.transform(position), arrival, data);
                    deepStrictEqual(JSON.parse(line), {
                        recordId: ids.transform(position),
                        approximateArrivalTimestamp: arrival,
                        data,
                    });
                    deepStrictEqual(
                        [idOf(line), arrivalOf(line), dataOf(line), sizeOf(line)],
                        [ids.transform(position), arrival, data, bytes.length],
                    );
                },
            ),
            { seed: 3 },
        );
    });

    it("says where a record from a Kinesis stream came from, in ASCII", () => {
        const ids = recordIds("00ff");
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 20 }), (partitionKey, bytes) => {
                const data = Buffer.from(bytes).toString("base64");
                const origin = { shardId: "shardId-000000000003", sequenceNumber: "49660012", partitionKey };
                const line = recordLine(ids.transform(1), 1_760_000_000_000, data, origin);
                match(line, /^[ -~]+$/);
                deepStrictEqual(JSON.parse(line), {
                    recordId: ids.transform(1),
                    approximateArrivalTimestamp: 1_760_000_000_000,
                    data,
                    kinesisRecordMetadata: {
                        sequenceNumber: "49660012",
                        subsequenceNumber: 0,
                        partitionKey,
                        shardId: "shardId-000000000003",
                        approximateArrivalTimestamp: 1_760_000_000_000,
                    },
                });
                deepStrictEqual(
                    [idOf(line), arrivalOf(line), dataOf(line), sizeOf(line), sequenceNumberOf(line)],
                    [ids.transform(1), 1_760_000_000_000, data, bytes.length, "49660012"],
                );
            }),
            { seed: 4 },
        );
        strictEqual(
            sequenceNumberOf(recordLine(ids.transform(1), 1_760_000_000_000, "")),
            ids.transform(1).slice(0, 56),
        );
    });

    it("has ids in AWS's look, that differ by position and by stream", () => {
        const [one, other] = [recordIds("01"), recordIds("02")];
        match(one.transform(7), /^4966\d{58}$/);
        match(one.put(7), /^[A-Za-z0-9+/]{224}$/);
        strictEqual(
            new Set([one, other].flatMap(({ put, transform }) => [put(7), put(8), transform(7), transform(8)])).size,
            8,
        );
    });
});

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { longestJson, recordIds, recordJson } from "./record";

const ARRIVAL = 1_760_000_000_000;

describe("A record in an event", () => {
    it("is JSON in ASCII that says where it came from, and is no longer than foreseen", () => {
        const id = recordIds("00ff").transform(1);
        fc.assert(
            fc.property(
                fc.string({ unit: "binary" }),
                fc.uint8Array({ maxLength: 20 }),
                fc.boolean(),
                (partitionKey, bytes, hasOrigin) => {
                    const data = Buffer.from(bytes).toString("base64");
                    const origin = { shardId: "shardId-000000000003", sequenceNumber: "4966".repeat(14), partitionKey };
                    const json = recordJson(id, ARRIVAL, data, hasOrigin ? origin : undefined);
                    match(json, /^[ -~]+$/);
                    ok(json.length < longestJson(hasOrigin ? Buffer.byteLength(partitionKey) : 0, bytes.length));
                    deepStrictEqual(JSON.parse(json), {
                        recordId: id,
                        approximateArrivalTimestamp: ARRIVAL,
                        data,
                        ...(hasOrigin && {
                            kinesisRecordMetadata: {
                                sequenceNumber: origin.sequenceNumber,
                                subsequenceNumber: 0,
                                partitionKey,
                                shardId: "shardId-000000000003",
                                approximateArrivalTimestamp: ARRIVAL,
                            },
                        }),
                    });
                },
            ),
            { seed: 4 },
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

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { arrivalOf, dataOf, idOf, recordIds, recordLine, sizeOf } from "./record";

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

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { asciiPayload, handedOver, lengthOf, payloadOf, textOf } from "./payload";

describe("A payload", () => {
    it("is a text while it is short, and bytes of its own memory when it is long", () => {
        strictEqual(payloadOf('{"a":1}'), '{"a":1}');
        const long = payloadOf("é".repeat(70_000)) as Uint8Array<ArrayBuffer>;
        deepStrictEqual([long.length, long.byteOffset, long.buffer.byteLength], [140_000, 0, 140_000]);
        deepStrictEqual(handedOver(long), [long.buffer]);
        deepStrictEqual([handedOver("short"), handedOver(undefined)], [[], []]);
    });

    it("is what it was made of, however long", () => {
        const text = fc.tuple(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40_000 }));
        fc.assert(
            fc.property(text, ([part, times]) => {
                const whole = part.repeat(Math.min(times, 200_000 / (part.length + 1))).toWellFormed();
                const payload = payloadOf(whole);
                deepStrictEqual([textOf(payload), lengthOf(payload)], [whole, Buffer.byteLength(whole)]);
            }),
            { numRuns: 50, seed: 3 },
        );
    });

    it("has its values between commas, however many and however long", () => {
        const values = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 80 });
        fc.assert(
            fc.property(values, (lengths) => {
                const parts = Object.freeze(lengths.map((length) => JSON.stringify("a".repeat(length))));
                const payload = asciiPayload('{"records":[', parts, "]}");
                const text = `{"records":[${parts.join(",")}]}`;
                deepStrictEqual([textOf(payload), lengthOf(payload)], [text, text.length]);
            }),
            { numRuns: 100, seed: 3 },
        );
    });
});

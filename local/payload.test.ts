import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { handedOver, lengthOf, payloadOf, payloadWriter, textOf } from "./payload";

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

    it("is what was written, however much that is and however much could have been", () => {
        const texts = fc.array(fc.tuple(fc.constantFrom("a", "é", "😀"), fc.nat(3_000)), { maxLength: 40 });
        fc.assert(
            fc.property(texts, fc.nat(1_000), (parts, more) => {
                const text = parts.map(([part, times]) => part.repeat(times)).join("");
                const writer = payloadWriter(Buffer.byteLength(text) + more);
                for (const [part, times] of parts) writer.write(part.repeat(times));
                const payload = writer.end();
                deepStrictEqual([textOf(payload), lengthOf(payload)], [text, Buffer.byteLength(text)]);
                strictEqual(typeof payload, lengthOf(payload) < 65_536 ? "string" : "object");
                // Of its own: shared memory would be the pool's, of which there is more.
                for (const memory of handedOver(payload))
                    strictEqual(memory.byteLength, Buffer.byteLength(text) + more);
            }),
            { numRuns: 100, seed: 3 },
        );
    });
});

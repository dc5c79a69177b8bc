import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Door, Outcome } from "./door";
import { sendAll } from "./send";

/** A door that answers as it is told, and notes what it was given. */
function door(
    batch: number,
    answer: (document: string, time: number) => Outcome,
): Door & { readonly calls: string[][] } {
    const calls: string[][] = [];
    const times = new Map<string, number>();
    return {
        batch,
        calls,
        async send(documents) {
            calls.push([...documents]);
            return documents.map((document) => {
                const time = (times.get(document) ?? 0) + 1;
                times.set(document, time);
                return answer(document, time);
            });
        },
    };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `d${i}`);

describe("sendAll", () => {
    it("sends every document once, in batches of the door's size", async () => {
        const to = door(3, () => "accepted");
        const report = await sendAll(to, numbered(7), { concurrency: 1 });
        assert.deepEqual(report, { accepted: 7, refused: 0, unsent: 0 });
        assert.deepEqual(to.calls, [["d0", "d1", "d2"], ["d3", "d4", "d5"], ["d6"]]);
    });

    it("never sends more than the door takes, whatever is asked for", async () => {
        const to = door(2, () => "accepted");
        await sendAll(to, numbered(4), { batch: 100 });
        assert.deepEqual(
            to.calls.map((call) => call.length),
            [2, 2],
        );
    });

    it("sends again only what the service was too busy for", async () => {
        const to = door(3, (document, time) => (document === "d1" && time < 3 ? "again" : "accepted"));
        const report = await sendAll(to, numbered(3));
        assert.deepEqual(report, { accepted: 3, refused: 0, unsent: 0 });
        assert.deepEqual(to.calls, [["d0", "d1", "d2"], ["d1"], ["d1"]]);
    });

    it("gives up after the last retry, and says so", async () => {
        const to = door(1, () => "again");
        assert.deepEqual(await sendAll(to, ["d0"], { retries: 2 }), { accepted: 0, refused: 0, unsent: 1 });
        assert.equal(to.calls.length, 3);
    });

    it("passes on what makes sending impossible", async () => {
        const to: Door = { batch: 1, send: () => Promise.reject(new Error("403")) };
        await assert.rejects(sendAll(to, ["d0"]), { message: "403" });
    });

    it("accounts for every document, whatever the service answers", async () => {
        const outcomes = fc.array(fc.constantFrom<Outcome>("accepted", "refused", "again"), { maxLength: 40 });
        await fc.assert(
            fc.asyncProperty(outcomes, fc.integer({ min: 1, max: 9 }), async (answers, batch) => {
                const to = door(batch, (document) => answers[Number(document.slice(1))] as Outcome);
                const { accepted, refused, unsent } = await sendAll(to, numbered(answers.length), { retries: 0 });
                const count = (outcome: Outcome) => answers.filter((answer) => answer === outcome).length;
                assert.deepEqual([accepted, refused, unsent], [count("accepted"), count("refused"), count("again")]);
            }),
            { numRuns: 50, seed: 1 },
        );
    });
});

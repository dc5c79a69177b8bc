import * as assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { ownTurn } from "./turns";

describe("a turn of the event loop", () => {
    it("is had by one at a time, in the order in which they asked", async () => {
        // Whoever had one before.
        await ownTurn();
        await turn();
        const had: string[] = [];
        const ask = (name: string) => ownTurn().then(() => had.push(name));
        const all = [ask("a"), ask("b"), ask("c")];
        await Promise.resolve().then(() => undefined);
        assert.deepStrictEqual(had, ["a"]);
        const seen: string[][] = [];
        while (had.length < 3) {
            await turn();
            seen.push([...had]);
        }
        await Promise.all(all);
        for (const [index, now] of seen.entries())
            assert.ok(now.length - (seen[index - 1]?.length ?? 1) <= 1, JSON.stringify(seen));
        assert.deepStrictEqual(had, ["a", "b", "c"]);
    });
});

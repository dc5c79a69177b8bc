import * as assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { itemLocks } from "./item-locks";

describe("locks of items", () => {
    /** Takes locks, and notes when it has them; gives what releases them. */
    function taker() {
        const lock = itemLocks();
        const log: string[] = [];
        const take = (name: string, ...keys: string[]) => {
            let release: (() => void) | undefined;
            lock(keys.length === 1 ? (keys[0] as string) : keys, (releasing) => {
                log.push(name);
                release = () => releasing(() => log.push(`${name} done`))(null);
            });
            return () => release?.();
        };
        return { log, take };
    }

    it("are had by one after the other, in the order in which they came", async () => {
        const { log, take } = taker();
        const [first, second, third] = [take("first", "a"), take("second", "a"), take("third", "a")];
        assert.deepStrictEqual(log, ["first"]);
        first();
        assert.deepStrictEqual(log, ["first", "first done"]);
        await turn();
        assert.deepStrictEqual(log, ["first", "first done", "second"]);
        second();
        await turn();
        third();
        take("fourth", "a");
        assert.deepStrictEqual(log.slice(3), ["second done", "third", "third done", "fourth"]);
    });

    it("of other items are had at the same time", () => {
        const { log, take } = taker();
        take("a", "a");
        take("b", "b");
        assert.deepStrictEqual(log, ["a", "b"]);
    });

    it("of several items are had when all are free", async () => {
        const { log, take } = taker();
        const [a, b] = [take("a", "a"), take("b", "b")];
        const both = take("both", "a", "b", "c");
        take("later", "c");
        a();
        await turn();
        assert.deepStrictEqual(log, ["a", "b", "a done"]);
        b();
        await turn();
        assert.deepStrictEqual(log.at(-1), "both");
        both();
        await turn();
        assert.deepStrictEqual(log.slice(-2), ["both done", "later"]);
    });

    it("that two ask for in different orders come to both", async () => {
        const { log, take } = taker();
        const one = take("one", "a", "b");
        const other = take("other", "b", "a");
        assert.deepStrictEqual(log, ["one"]);
        one();
        await turn();
        other();
        assert.deepStrictEqual(log, ["one", "one done", "other", "other done"]);
    });
});

import * as assert from "node:assert/strict";
import { mock } from "node:test";
import { tidyWhenIdle } from "./idle";

describe("a worker", () => {
    beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
    afterEach(() => mock.timers.reset());

    it("has its garbage collected once, two seconds after its last call", async () => {
        const { collected, run } = setUp();
        await run(async () => undefined);
        mock.timers.tick(1_999);
        await run(async () => undefined);
        mock.timers.tick(1_999);
        assert.equal(collected(), 0);
        mock.timers.tick(1);
        assert.equal(collected(), 1);
        mock.timers.tick(60_000);
        assert.equal(collected(), 1);
    });

    it("is not idle during a call", async () => {
        const { collected, run } = setUp();
        await run(async () => undefined);
        const { promise, resolve } = Promise.withResolvers<void>();
        const running = run(() => promise);
        mock.timers.tick(60_000);
        assert.equal(collected(), 0);
        resolve();
        await running;
        mock.timers.tick(2_000);
        assert.equal(collected(), 1);
    });
});

function setUp() {
    let collections = 0;
    const run = tidyWhenIdle(() => collections++);
    return { run, collected: () => collections };
}

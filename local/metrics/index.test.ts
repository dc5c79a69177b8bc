import * as assert from "node:assert/strict";
import { fakeClock } from "../../tests/support/clock";
import { createMetrics } from ".";

describe("metrics", () => {
    it("are counted minute by minute for each set of dimensions", async () => {
        const clock = fakeClock(Date.UTC(2026, 10, 20, 12, 0, 30));
        const metrics = createMetrics({ clock });
        const noon = Date.UTC(2026, 10, 20, 12);
        metrics.put("AWS/Firehose", "IncomingRecords", { DeliveryStreamName: "a", Zone: "x" }, 500);
        metrics.put("AWS/Firehose", "IncomingRecords", { Zone: "x", DeliveryStreamName: "a" }, 7);
        metrics.put("AWS/Firehose", "IncomingRecords", { DeliveryStreamName: "b" }, 1);
        await clock.advance(30_000);
        metrics.put("AWS/Firehose", "IncomingRecords", { DeliveryStreamName: "a", Zone: "x" }, 3);
        const a = {
            namespace: "AWS/Firehose",
            name: "IncomingRecords",
            dimensions: { DeliveryStreamName: "a", Zone: "x" },
        };
        assert.deepStrictEqual(metrics.snapshot(), [
            { ...a, minute: noon, count: 2, sum: 507, min: 7, max: 500 },
            { ...a, minute: noon + 60_000, count: 1, sum: 3, min: 3, max: 3 },
            { ...a, dimensions: { DeliveryStreamName: "b" }, minute: noon, count: 1, sum: 1, min: 1, max: 1 },
        ]);
        assert.equal(metrics.sum("AWS/Firehose", "IncomingRecords"), 511);
        assert.equal(metrics.sum("AWS/Firehose", "IncomingRecords", { DeliveryStreamName: "a" }), 510);
        assert.equal(metrics.sum("AWS/Lambda", "IncomingRecords"), 0);
    });

    it("keep three hours", async () => {
        const clock = fakeClock();
        const metrics = createMetrics({ clock });
        for (let minute = 0; minute < 200; minute++) {
            metrics.put("n", "m", {}, 1);
            await clock.advance(60_000);
        }
        assert.equal(metrics.snapshot().length, 180);
        assert.equal(metrics.snapshot()[0]?.minute, Date.UTC(2026, 10, 20, 12, 20));
    });
});

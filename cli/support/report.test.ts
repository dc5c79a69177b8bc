import * as assert from "node:assert/strict";
import { type PipelineReport, problemsInReport } from "./report";

const good: PipelineReport = {
    kind: "web-analytics",
    sent: 10,
    accepted: 9,
    rejected: 1,
    delivered: 6,
    failed: 2,
    dropped: 1,
    rows: 6,
    seconds: 1,
};
const problems = (change: Partial<PipelineReport>) =>
    problemsInReport({ readySeconds: 1, pipelines: { web: { ...good, ...change } } });

describe("problemsInReport", () => {
    it("finds none where every event is accounted for", () => assert.deepEqual(problems({}), []));

    it("misses events that were neither accepted nor rejected", () =>
        assert.deepEqual(problems({ sent: 11 }), ["web: 11 events were sent, but 9 accepted and 1 rejected."]));

    it("misses accepted events that went nowhere", () =>
        assert.deepEqual(problems({ failed: 1 }), [
            "web: 9 events were accepted, but 6 delivered, 1 failed and 1 dropped.",
        ]));

    it("misses delivered events that SQL does not find, and sees those it finds twice", () => {
        assert.deepEqual(problems({ rows: 5 }), ["web: 6 events were delivered, but SQL found 5 rows."]);
        assert.deepEqual(problems({ rows: 7 }), ["web: 6 events were delivered, but SQL found 7 rows."]);
    });

    it("does not take a run without events, or without pipelines, for a good one", () => {
        const nothing = { sent: 0, accepted: 0, rejected: 0, delivered: 0, failed: 0, dropped: 0, rows: 0 };
        assert.deepEqual(problems(nothing), ["web: no event was sent."]);
        assert.deepEqual(problemsInReport({ readySeconds: 1, pipelines: {} }), ["No pipeline ran."]);
    });
});

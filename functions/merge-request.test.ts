import * as assert from "node:assert/strict";
import { readMergeRequest } from "./merge-request";
import { hourAt } from "./utc-hours";

const hour = (text: string) => hourAt(Date.parse(text));

describe("readMergeRequest", () => {
    for (const [what, event] of [
        ["nothing", undefined],
        ["null", null],
        ["{}", {}],
        [
            "a schedule's event",
            { "detail-type": "Scheduled Event", source: "aws.events", time: "2026-01-31T12:10:00Z" },
        ],
    ] as const) {
        it(`takes ${what} for all that has changed`, () => assert.equal(readMergeRequest(event), undefined));
    }

    it("takes one hour", () => {
        const from = hour("2026-01-31T12:00:00Z");
        assert.deepEqual(readMergeRequest({ hour: "2026-01-31T12:00:00Z" }), { from, to: from + 1 });
        assert.deepEqual(readMergeRequest({ hour: "2026-01-31T12:00Z" }), { from, to: from + 1 });
    });

    it("takes a range over the end of a year", () => {
        assert.deepEqual(readMergeRequest({ from: "2026-12-31T23:00:00Z", to: "2027-01-01T01:00:00Z" }), {
            from: hour("2026-12-31T23:00:00Z"),
            to: hour("2027-01-01T01:00:00Z"),
        });
    });

    const RULE = 'It must be a full hour in UTC, such as "2026-01-31T12:00:00Z".';
    for (const [event, sentence] of [
        [{ hour: "2026-01-31T12:10:00Z" }, `"hour" is "2026-01-31T12:10:00Z". ${RULE}`],
        [{ hour: "2026-02-30T12:00:00Z" }, `"hour" is "2026-02-30T12:00:00Z". ${RULE}`],
        [{ hour: "yesterday" }, `"hour" is "yesterday". ${RULE}`],
        [{ hour: 12 }, `"hour" is 12. ${RULE}`],
        [{ from: "2026-01-31T12:00:00Z" }, `"to" is undefined. ${RULE}`],
        [{ to: "2026-01-31T12:00:00Z" }, `"from" is undefined. ${RULE}`],
        [
            { from: "2026-01-31T12:00:00Z", to: "2026-01-31T12:00:00Z" },
            '"to" is 2026-01-31T12, which is not after "from", 2026-01-31T12.',
        ],
        [
            { from: "2026-01-01T00:00:00Z", to: "2026-03-01T00:00:00Z" },
            'From "from" to "to" are 1416 hours. One call merges at most 744: call again with the rest.',
        ],
        [
            { hour: "2026-01-31T12:00:00Z", to: "2026-01-31T13:00:00Z" },
            'There is "hour" beside "from" and "to". Give either one hour, or a range.',
        ],
        [
            { hours: "2026-01-31T12:00:00Z" },
            'There is no option "hours". Give "hour", or "from" and "to", or {} for all that has changed.',
        ],
    ] as const) {
        it(`refuses ${JSON.stringify(event)}`, () => {
            assert.throws(() => readMergeRequest(event), { message: sentence });
        });
    }
});

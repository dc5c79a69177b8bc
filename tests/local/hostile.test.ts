import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { PipelineOutputs } from "../../cli/support/stack";
import { pageEvents } from "../../components/web-analytics/dataset";
import type { RecordOf } from "../../schema/dataset";
import { generator } from "../../schema/generate";
import { runtimeProcess } from "../support/runtime-process";
import { sized } from "../support/soak";

type Event = RecordOf<typeof pageEvents>;

const OPEN = { auth: { mode: "none", throttle: { rate: 10_000, burst: 5_000 } } };
const PIPELINES = {
    first: {
        kind: "web-analytics",
        ...OPEN,
        buffer: { intervalSeconds: 1, sizeMiB: 64 },
        check: { intervalSeconds: 0 },
    },
    second: {
        kind: "web-analytics",
        ...OPEN,
        buffer: { intervalSeconds: 1, sizeMiB: 64 },
        check: { intervalSeconds: 0 },
    },
};

/** What breaks out of a template, a JSON string, a SQL statement or a line. */
const PARTS = [
    '"',
    "\\",
    "'",
    "$",
    "#",
    "${",
    "}",
    "#set($x = 1)",
    "$input.path('$')",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u2028",
    "\u2029",
    "\u{1F600}",
    "é",
    "\uFEFF",
    "#end",
    '","Data":"',
    '"}]}',
    "/*",
    "--",
    ";",
    "%s",
    "{{",
    "\u0001",
    "\u007f",
    " ",
];
const hostile = fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
);
const hostileFields = fc.record({
    user_id: hostile,
    ip: hostile,
    hostname: hostile,
    uri: hostile,
    referrer: hostile,
    os: hostile,
});

describe("Hostile strings through the HTTP API", function () {
    this.timeout(10 * 60_000);
    const runtime = runtimeProcess(PIPELINES);
    const events = generator(pageEvents, { seed: 3, now: Date.UTC(2026, 10, 20) });
    const sent = new Map<string, Event>();
    const statuses = new Set<number>();
    let outputs: PipelineOutputs;

    function made(fields: Partial<Event>): Event {
        const event = { ...events.next(), ...fields, session_id: `h${sent.size}` };
        sent.set(event.session_id, event);
        return event;
    }

    async function put(path: string, body: string): Promise<void> {
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${outputs.url}/streams/${outputs.stream}${path}`, {
            method: "PUT",
            headers,
            body,
        });
        statuses.add(response.status);
        await response.arrayBuffer();
    }

    before(async () => {
        await runtime.start();
        outputs = await runtime.outputs("first");
        const samples = fc.sample(hostileFields, { numRuns: sized(5000, 400), seed: 11 });
        // One by one and in batches, as objects and as texts: each takes another way through the templates.
        for (const [i, fields] of samples.entries()) {
            const event = made(fields);
            if (i % 4 === 0) await put("/record", JSON.stringify({ Data: event }));
            else if (i % 4 === 1)
                await put("/records", JSON.stringify({ records: [{ data: event }, { Data: made(fields) }] }));
            else if (i % 4 === 2) await put("/records", JSON.stringify({ records: [{ data: JSON.stringify(event) }] }));
            else await put("/record", JSON.stringify({ data: JSON.stringify(event) }));
        }
        const long = `"\\$#${"x".repeat(900_000)}`;
        await put("/record", JSON.stringify({ Data: made({ uri: long }) }));
        await put(
            "/record",
            JSON.stringify({ Data: { ...events.next(), session_id: "too long", uri: `$\n${"é".repeat(2 ** 19)}` } }),
        );
        await runtime.delivered();
    });
    after(() => runtime.remove());

    it("answers each with 200, or 413 when it is longer than Firehose takes", () => {
        assert.deepEqual([...statuses].sort(), [200, 413]);
    });

    it("stores every value as it was sent, and nothing else", async () => {
        const columns = pageEvents.columns.map(({ name }) => name).filter((name) => name !== "timestamp");
        const select = columns.map((name) => `"${name}"`).join(", ");
        const rows = await runtime.rows("first", `SELECT ${select} FROM page_events`);
        const stored = new Map(rows.map((row) => [row[columns.indexOf("session_id")], row]));
        const expected = (event: Event) => columns.map((name) => event[name as keyof Event] ?? "");
        for (const [id, event] of sent) assert.deepEqual(stored.get(id), expected(event));
        assert.equal(rows.length, sent.size);
    });

    it("never reaches another stream", async () => {
        assert.deepEqual(await runtime.rows("second", "SELECT * FROM page_events"), []);
    });
});

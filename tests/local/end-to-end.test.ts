import * as assert from "node:assert/strict";
import { entranceOf } from "../../cli/support/entrances";
import type { ApiEntrance } from "../../components/blocks/entrance";
import { pageEvents } from "../../components/web-analytics/dataset";
import { documents } from "../../schema/corrupt";
import { runtimeProcess } from "../support/runtime-process";

const PIPELINES = {
    "web-analytics": {
        auth: { mode: "none", throttle: { rate: 2000, burst: 2000 } },
        buffer: { intervalSeconds: 1, sizeMiB: 64 },
        check: { intervalSeconds: 0 },
    },
};
const COUNT = 400;
const columns = pageEvents.columns.map(({ name }) => name);

describe("web-analytics, end to end", function () {
    this.timeout(120_000);
    const runtime = runtimeProcess(PIPELINES);
    const made = documents(pageEvents, { seed: 5, now: Date.UTC(2026, 10, 20), badEvery: 10 });
    const sent = Array.from({ length: COUNT }, () => made.next());

    before(async () => {
        await runtime.start();
        const { url } = await runtime.outputs("web-analytics");
        const api = entranceOf("web-analytics").door as ApiEntrance;
        const { path, body } = api.request(
            await runtime.outputs("web-analytics"),
            sent.map(({ text }) => text),
        );
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${url}${path}`, { method: "PUT", headers, body });
        assert.equal(response.status, 200, await response.text());
        await runtime.delivered();
    });
    after(() => runtime.remove());

    const rows = () => runtime.rows("web-analytics", `SELECT ${columns.join(", ")} FROM page_events`);

    /** A good event as Athena gives its row: null as an empty text, a timestamp in UTC with microseconds. */
    const rowOf = (text: string) => {
        const event = JSON.parse(text) as Record<string, string | null | undefined>;
        return columns.map((name) => (name === "timestamp" ? timestampOf(event[name] ?? "") : (event[name] ?? "")));
    };

    it("gives every good event as it was sent, once, and nothing else", async () => {
        const expected = sent.filter(({ valid }) => valid).map(({ text }) => rowOf(text));
        assert.deepEqual(sorted(await rows()), sorted(expected));
    });

    it("counts every bad one as failed", async () => {
        const { delivery } = await runtime.status();
        const bad = sent.filter(({ valid }) => !valid).length;
        const expected = { accepted: COUNT, delivered: COUNT - bad, failed: bad, dropped: 0, pending: 0 };
        assert.deepEqual(Object.values(delivery), [expected]);
    });

    it("answers every named query", async () => {
        const { queries = [] } = await runtime.outputs("web-analytics");
        const answers = await Promise.all(queries.map((name) => runtime.named("web-analytics", name)));
        const total = sent.filter(({ valid }) => valid).length;
        const byType = answers[queries.indexOf("events-by-type")] ?? [];
        assert.equal(
            byType.reduce((sum, [, events]) => sum + Number(events), 0),
            total,
        );
        for (const [i, answer] of answers.entries()) assert.ok(answer.length > 0, `${queries[i]} found nothing`);
    });

    it("has the same rows, at another address, after it was stopped and started", async () => {
        const before = await rows();
        const { endpoint } = await runtime.status();
        await runtime.kill();
        await runtime.start();
        assert.deepEqual(sorted(await rows()), sorted(before));
        const { url = "" } = await runtime.outputs("web-analytics");
        assert.equal(url.startsWith((await runtime.status()).endpoint), true);
        assert.notEqual((await runtime.status()).endpoint, endpoint);
        assert.equal((await fetch(`${url}/streams`)).status, 200);
    });
});

function sorted(rows: readonly (readonly string[])[]): readonly string[] {
    return rows.map((row) => JSON.stringify(row)).sort();
}

/** `2026-11-20T10:00:00.5Z` as Athena writes it: `2026-11-20 10:00:00.500000`. */
function timestampOf(text: string): string {
    const [, day, time, fraction = ""] = /^(.{10})T(.{8})(?:\.(\d+))?Z$/.exec(text) ?? [];
    return `${day} ${time}.${fraction.padEnd(6, "0")}`;
}

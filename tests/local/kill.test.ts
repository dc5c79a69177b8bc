import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiEntrance } from "../../components/blocks/entrance";
import { pageEvents } from "../../components/web-analytics/dataset";
import { entrance } from "../../components/web-analytics/entrance";
import { generator } from "../../schema/generate";
import { runtimeProcess } from "../support/runtime-process";
import { seeded, sized } from "../support/soak";

const OPEN = { auth: { mode: "none", throttle: { rate: 2000, burst: 2000 } } };
const QUICK = { buffer: { intervalSeconds: 1, sizeMiB: 1 }, check: { intervalSeconds: 0 } };
const PIPELINES = {
    appended: { kind: "web-analytics", ...OPEN, ...QUICK },
    keyed: { kind: "web-analytics", ...OPEN, ...QUICK, uniqueKeys: ["session_id"] },
};
const INSTANCES = Object.keys(PIPELINES);
const KILLS = sized(20, 6);

const api = entrance.door as ApiEntrance;

describe(`A runtime that is killed ${KILLS} times under load`, function () {
    this.timeout(20 * 60_000);
    const runtime = runtimeProcess(PIPELINES);
    const random = seeded(7);
    const events = generator(pageEvents, { seed: 7, now: Date.UTC(2026, 10, 20) });
    /** Session ids of the events that were answered 200, by instance. */
    const acknowledged: Record<string, Set<string>> = { appended: new Set(), keyed: new Set() };
    let number = 0;
    let failures = 0;

    /** Sends batches until the process is gone, or `enough` says so. A batch without an answer may or may not have been taken. */
    async function load(instance: string, enough: () => boolean): Promise<void> {
        const outputs = await runtime.outputs(instance);
        while (!enough()) {
            const batch = Array.from({ length: 20 }, () => ({ ...events.next(), session_id: `s${number++}` }));
            const { path, body } = api.request(
                outputs,
                batch.map((event) => JSON.stringify(event)),
            );
            try {
                const headers = { "content-type": "application/json" };
                const response = await fetch(`${outputs.url}${path}`, { method: "PUT", headers, body });
                if (response.status !== 200) failures++;
                else for (const { session_id } of batch) acknowledged[instance]?.add(session_id);
            } catch {
                return;
            }
        }
    }

    before(async () => {
        await runtime.start();
        for (let kill = 0; kill < KILLS; kill++) {
            const loads = INSTANCES.map((instance) => load(instance, () => false));
            await sleep(200 + random() * 1500);
            await runtime.kill();
            await Promise.all(loads);
            await runtime.start();
        }
        const end = number + 200;
        await Promise.all(INSTANCES.map((instance) => load(instance, () => number >= end)));
        await runtime.delivered();
    });
    after(() => runtime.remove());

    for (const instance of INSTANCES) {
        it(`has every acknowledged event of "${instance}" in the table, once`, async () => {
            const rows = await runtime.rows(
                instance,
                "SELECT session_id, COUNT(*) FROM page_events GROUP BY session_id",
            );
            const counts = new Map(rows.map(([id = "", count]) => [id, Number(count)]));
            const sent = [...(acknowledged[instance] ?? [])];
            assert.ok(sent.length > KILLS * 20, `only ${sent.length} events were acknowledged`);
            assert.deepEqual(
                sent.filter((id) => !counts.has(id)),
                [],
                "lost",
            );
            assert.deepEqual(
                [...counts].filter(([, count]) => count > 1),
                [],
                "doubled",
            );
        });
    }

    it("refused nothing while it was up", () => assert.equal(failures, 0));
});

import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, engine, essence } from "./support/engine";

const PIPELINES = { "web-analytics": { buffer: { intervalSeconds: 1, sizeMiB: 1 }, check: { intervalSeconds: 0 } } };

interface Exported {
    readonly deployment: {
        readonly resources: readonly { readonly urn: string; readonly id?: string }[];
        readonly pending_operations?: readonly unknown[];
    };
}

describe("An update that is cut short", () => {
    let local: Engine;
    beforeEach(async () => {
        local = engine();
        local.configure("cut", PIPELINES);
        await local.start();
    });
    afterEach(() => local.remove());

    /** Nothing that lives is unknown to the engine, and nothing that it knows is gone. */
    const assertConverges = async () => {
        const { code, text } = await local.pulumi("up", "-s", "cut", "--yes", "--skip-preview");
        assert.equal(code, 0, essence(text));
        const { deployment } = await local.json<Exported>("stack", "export", "-s", "cut");
        const known = deployment.resources.filter(({ id, urn }) => id && !urn.includes("pulumi:providers:"));
        const [have, expected] = [await local.resources(), known].map((all) =>
            all.map(({ urn, id }) => `${urn} ${id}`),
        );
        assert.deepEqual(have?.sort(), expected?.sort());
        assert.deepEqual(deployment.pending_operations ?? [], []);
        assert.equal(
            (await local.pulumi("refresh", "-s", "cut", "--yes", "--skip-preview", "--expect-no-changes")).code,
            0,
        );
        assert.equal((await local.pulumi("up", "-s", "cut", "--yes", "--skip-preview", "--expect-no-changes")).code, 0);
    };
    const alive = async (count: number) => {
        while ((await local.resources()).length < count) await sleep(5);
    };

    for (const count of [1, 12, 30]) {
        it(`goes on after the runtime was killed at resource ${count}`, async () => {
            const { ended } = local.begin("up", "-s", "cut", "--yes", "--skip-preview");
            await alive(count);
            await local.stop("SIGKILL");
            assert.notEqual((await ended).code, 0);
            await local.start();
            await assertConverges();
        });

        it(`goes on after Pulumi was killed at resource ${count}`, async () => {
            const { child, ended } = local.begin("up", "-s", "cut", "--yes", "--skip-preview");
            await alive(count);
            // The whole group: `npm run local`, the CLI, and the program.
            process.kill(-(child.pid as number), "SIGKILL");
            await ended;
            await assertConverges();
        });

        it(`goes on after Ctrl-C twice at resource ${count}`, async () => {
            const { child, ended } = local.begin("up", "-s", "cut", "--yes", "--skip-preview");
            await alive(count);
            process.kill(-(child.pid as number), "SIGINT");
            await sleep(20);
            process.kill(-(child.pid as number), "SIGINT");
            assert.notEqual((await ended).code, 0);
            await assertConverges();
        });
    }
});

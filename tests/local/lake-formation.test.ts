import * as assert from "node:assert/strict";
import { LakeFormationClient, RevokePermissionsCommand } from "@aws-sdk/client-lakeformation";
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
const COUNT = 20;

describe("a stack with Lake Formation's grants", function () {
    this.timeout(120_000);
    const runtime = runtimeProcess(PIPELINES, { seed: 0 }, { "tributary:lakeFormation": "grant" });
    const made = documents(pageEvents, { seed: 5, now: Date.UTC(2026, 10, 20), badEvery: 0 });
    let lake: LakeFormationClient;

    before(async () => {
        await runtime.start();
        lake = new LakeFormationClient(runtime.client());
    });
    after(async () => {
        lake.destroy();
        await runtime.remove();
    });

    async function send(): Promise<void> {
        const outputs = await runtime.outputs("web-analytics");
        const api = entranceOf("web-analytics").door as ApiEntrance;
        const { path, body } = api.request(
            outputs,
            Array.from({ length: COUNT }, () => made.next().text),
        );
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${outputs.url}${path}`, { method: "PUT", headers, body });
        assert.equal(response.status, 200, await response.text());
        await runtime.delivered();
    }
    const counts = async () => {
        const [delivery] = Object.values((await runtime.status()).delivery);
        return [delivery?.delivered, delivery?.failed];
    };
    const table = async () => {
        const { database = "" } = await runtime.outputs("web-analytics");
        return { Table: { DatabaseName: database, Name: pageEvents.name } };
    };

    it("delivers where IAM alone decides, and where nobody but those with grants may", async () => {
        await send();
        assert.deepEqual(await counts(), [COUNT, 0]);
        const Principal = { DataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" };
        await lake.send(new RevokePermissionsCommand({ Principal, Resource: await table(), Permissions: ["ALL"] }));
        await send();
        assert.deepEqual(await counts(), [2 * COUNT, 0]);
    });
});

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { systemClock } from "../../local/clock";
import { compose } from "../../local/compose";
import { readSettings } from "../../stacks/settings";
import { createStack } from "../../stacks/stack";
import { ACCOUNT, REGION } from "../support/computed-outputs";
import { examplesByKind } from "../support/examples";
import { record } from "../support/mocks";

describe("The local runtime", () => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    const status = () => Promise.resolve({ status: 404 });
    const runtime = compose({ data, account: ACCOUNT, region: REGION, clock: systemClock, status });
    after(async () => {
        await runtime.close();
        fs.rmSync(data, { recursive: true });
    });

    for (const [kind, examples] of Object.entries(examplesByKind)) {
        for (const [what, options] of Object.entries(examples)) {
            it(`takes every resource of ${kind} with options for ${what}`, async () => {
                const config = { "tributary:pipelines": { [kind]: options } };
                const { resources } = await record(() => createStack(readSettings(pulumi.runtime.allConfig())), {
                    config,
                });
                const provided = resources.filter(({ type }) => type.startsWith("aws:"));
                for (const { type, name, inputs } of provided) {
                    const { problems } = runtime.provider.check(type, name, asReceived(inputs), "1a2b3c4");
                    assert.deepEqual(problems, [], `${type} ${name}`);
                }
            });
        }
    }
});

/** Inputs as the runtime gets them from the program: archives are marked as such. */
function asReceived({ code, ...inputs }: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return { ...inputs, ...(code !== undefined && { code: { archive: code } }) };
}

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { examplesByKind } from "../support/examples";
import { type Engine, engine, essence } from "./support/engine";

/** What the engine puts in the place of a string that is known only after an update. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface Step {
    readonly op: string;
    readonly urn: string;
    readonly newState?: { readonly custom?: boolean; readonly inputs?: unknown };
}

for (const [kind, examples] of Object.entries(examplesByKind)) {
    describe(`Pulumi's engine and ${kind}, in every mode beside each other`, () => {
        let local: Engine;
        let previewed: readonly Step[];
        before(async () => {
            local = engine();
            // Every example is an instance of its own in one stack.
            const pipelines = Object.values(examples).map((options, i) => [`mode-${i}`, { ...options, kind }]);
            local.configure("all", Object.fromEntries(pipelines));
            await local.start();
        });
        after(() => local.remove());

        it("previews everything from nothing, and makes nothing", async () => {
            const { steps } = await local.json<{ steps: Step[] }>("preview", "-s", "all", "--json");
            previewed = steps.filter(({ newState }) => newState?.custom);
            assert.deepEqual(new Set(steps.map(({ op }) => op)), new Set(["create"]));
            assert.deepEqual(await local.resources(), []);
        });

        it("bakes nothing unknown into a text of the preview", () => {
            const baked = previewed.flatMap(({ urn, newState }) =>
                textsOf(newState?.inputs)
                    .filter((text) => text !== UNKNOWN)
                    .filter((text) => text.includes(UNKNOWN) || /\[unknown\]|\[object |\[toString\]/.test(text))
                    .map((text) => `${urn}: ${text}`),
            );
            assert.deepEqual(baked, []);
        });

        it("makes exactly what the preview said", async () => {
            await local.up("all");
            const made = (await local.resources("all")).map(({ urn }) => urn);
            const said = previewed.map(({ urn }) => urn).filter((urn) => !urn.includes("pulumi:providers:"));
            assert.deepEqual(made.sort(), said.sort());
        });

        it("changes nothing the second time", async () => {
            const { code, text } = await local.pulumi(
                "up",
                "-s",
                "all",
                "--yes",
                "--skip-preview",
                "--expect-no-changes",
            );
            assert.equal(code, 0, essence(text));
        });

        it("finds everything as it was when it refreshes", async () => {
            const { code, text } = await local.pulumi(
                "refresh",
                "-s",
                "all",
                "--yes",
                "--skip-preview",
                "--expect-no-changes",
            );
            assert.equal(code, 0, essence(text));
        });

        it("keeps everything over a restart of the runtime", async () => {
            await local.stop("SIGTERM");
            await local.start();
            const { code, text } = await local.pulumi(
                "up",
                "-s",
                "all",
                "--yes",
                "--refresh",
                "--skip-preview",
                "--expect-no-changes",
            );
            assert.equal(code, 0, essence(text));
        });

        it("leaves nothing behind when it destroys", async () => {
            const { code, text } = await local.pulumi("destroy", "-s", "all", "--yes", "--skip-preview");
            assert.equal(code, 0, essence(text));
            assert.deepEqual(await local.resources(), []);
            assert.deepEqual(filesOf(local.data), ["lock", "resources.jsonl", "stack.json"]);
        });
    });
}

function textsOf(value: unknown): string[] {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The files of the runtime, without those of Pulumi's backend. */
function filesOf(data: string): string[] {
    const all = fs.readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = all.map((entry) => path.relative(data, path.join(entry.parentPath, entry.name)));
    return names.filter((name) => !name.startsWith("pulumi")).sort();
}

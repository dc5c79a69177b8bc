import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { entranceOf } from "../../cli/support/entrances";
import { type PipelineReport, problemsInReport } from "../../cli/support/report";
import { sample } from "../../cli/support/sample";
import { LOCAL_CREDENTIALS, type PipelineOutputs, type RunningStack } from "../../cli/support/stack";
import { readProgram } from "../../local/program/stack-config";
import { type Runtime, startRuntime } from "../../local/runtime";
import { type Document, documents } from "../../schema/corrupt";
import { registry } from "../../stacks/registry";

const ROOT = path.join(__dirname, "../..");
const COUNT = 100;

/** A rule that asks for something in the detail, of which the others of the bus have something else. */
const CHOOSY = {
    kind: "event-lake",
    buffer: { intervalSeconds: 1 },
    pattern: { source: ["transactions"], detail: { location: { country: [{ "anything-but": ["IN"] }] } } },
};

describe("Every pipeline of the stack local, end to end", function () {
    this.timeout(120_000);
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    const program = readProgram(ROOT, "local");
    const own = JSON.parse(program.config["tributary:pipelines"] ?? "{}") as Record<string, object>;
    const pipelines: Readonly<Record<string, object>> = { ...own, "choosy-lake": CHOOSY };
    let runtime: Runtime;
    let reports: Readonly<Record<string, PipelineReport>>;

    before(async () => {
        const config = { ...program.config, "tributary:pipelines": JSON.stringify(pipelines) };
        runtime = await startRuntime({ program: { ...program, config }, data, port: 0 });
        const { endpoint, region, outputs } = runtime.status();
        const stack: RunningStack = {
            name: "local",
            pipelines: (outputs as { pipelines: Record<string, PipelineOutputs> }).pipelines,
            client: { endpoint, region, credentials: LOCAL_CREDENTIALS },
        };
        const { signal } = new AbortController();
        reports = Object.fromEntries(
            await Promise.all(
                Object.keys(pipelines).map(
                    async (instance) =>
                        [instance, await sample(runtime, stack, instance, { count: COUNT, signal })] as const,
                ),
            ),
        );
    });
    after(async () => {
        await runtime?.close();
        fs.rmSync(data, { recursive: true, force: true });
    });

    it("is there for every kind that the registry has", () => {
        assert.deepEqual(Object.keys(own), Object.keys(registry));
    });

    it("accounts for every event", () => {
        assert.deepEqual(problemsInReport({ readySeconds: 0, pipelines: reports }), []);
    });

    for (const instance of Object.keys(pipelines)) {
        it(`takes every event of ${instance}, and finds those that are good for it`, () => {
            const { accepted, rejected, rows } = reports[instance] as PipelineReport;
            const good = sent(instance).filter(GOOD[instance] ?? (({ valid }) => valid)).length;
            assert.deepEqual({ accepted, rejected, rows }, { accepted: COUNT, rejected: 0, rows: good });
        });
    }

    it("does not wait for what the rule of a bus leaves out, and counts it as dropped", () => {
        const others = sent("choosy-lake").filter((document) => !isAskedFor(document));
        assert.ok(others.length > 0);
        assert.equal(reports["choosy-lake"]?.dropped, others.length);
    });

    /** The events of a sample. */
    function sent(instance: string): readonly Document[] {
        const { kind } = reports[instance] as PipelineReport;
        const { dataset, badKinds: kinds } = entranceOf(kind);
        const made = documents(dataset, { seed: 1, now: Date.now(), badEvery: 25, kinds });
        return Array.from({ length: COUNT }, () => made.next());
    }
});

/** What gets to the end, where that is not what conforms to the dataset. */
const GOOD: Readonly<Record<string, (document: Document) => boolean>> = {
    // Whatever has the table's key is an item.
    likes: ({ text }) => typeof fieldsOf(text).element_class === "string",
    // A request counts whatever it asks for.
    "saas-metering": () => true,
    "choosy-lake": (document) => document.valid && isAskedFor(document),
};

function isAskedFor({ text }: Document): boolean {
    const { location } = fieldsOf(text) as { location?: { country?: unknown } };
    return typeof location?.country === "string" && location.country !== "IN";
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
    try {
        return Object(JSON.parse(text)) as Record<string, unknown>;
    } catch {
        return {};
    }
}

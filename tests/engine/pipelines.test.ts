import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { LOCAL_CREDENTIALS } from "../../cli/support/stack";
import { registry } from "../../stacks/registry";
import { SOAK, sized } from "../support/soak";
import { type Engine, engine, essence } from "./support/engine";
import { filesOf, listeningPorts } from "./support/left";
import { killAll, processTree } from "./support/process-tree";
import { changed, localPipelines, modesOf, pathsThatDiffer } from "./support/stacks";
import { arrived, runningStack, underTraffic } from "./support/traffic";

/** What the engine puts in the place of a string that is known only after an update. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What shows that a text was made of something that is not known yet. */
const BAKED = /04da6b54|\[unknown\]|\[object |Output<|\[toString\]/;

/** Resources that hold data: what is in them is lost with them. */
const HOLDS_DATA = [
    "aws:s3/bucket:Bucket",
    "aws:dynamodb/table:Table",
    "aws:kinesis/stream:Stream",
    "aws:glue/catalogTable:CatalogTable",
    "aws:cognito/userPool:UserPool",
    "aws:secretsmanager/secret:Secret",
];

const EVENTS_PER_SECOND = 500;
const kinds = Object.keys(registry);
const instances = Object.keys(localPipelines);

interface Step {
    readonly op: string;
    readonly urn: string;
    readonly newState?: { readonly custom?: boolean; readonly inputs?: Readonly<Record<string, unknown>> };
}

interface Exported {
    readonly deployment: {
        readonly resources: readonly {
            readonly urn: string;
            readonly type: string;
            readonly id?: string;
            readonly protect?: boolean;
            readonly outputs?: unknown;
        }[];
        readonly pending_operations?: readonly unknown[];
    };
}

describe("Pulumi's engine and every pipeline", () => {
    const local: Engine = engine();
    before(async () => {
        local.configure("modes", { pipelines: Object.assign({}, ...kinds.map(modesOf)), disposable: true });
        local.configure("kept", { pipelines: localPipelines });
        local.configure("local", { pipelines: localPipelines, disposable: true });
        await local.start();
    });
    after(() => local.remove());

    /** What the engine said of the stacks from nothing. */
    const previewed = new Map<string, readonly Step[]>();
    const saidOf = (steps: readonly Step[] = []) => {
        const custom = steps.filter(({ newState, urn }) => newState?.custom && !urn.includes("pulumi:providers:"));
        return custom.map(({ urn }) => urn).sort();
    };
    const preview = async (stack: string, ...args: readonly string[]) => {
        const { steps } = await local.json<{ steps: Step[] }>("preview", "-s", stack, "--json", ...args);
        return steps;
    };
    const exported = async (stack: string) => (await local.json<Exported>("stack", "export", "-s", stack)).deployment;
    const urnsOf = async (stack?: string) => (await local.resources(stack)).map(({ urn }) => urn).sort();
    const assertUnchanged = (stack: string) =>
        local.ok("up", "-s", stack, "--yes", "--refresh", "--skip-preview", "--expect-no-changes");
    /** Nothing that lives is unknown to the engine, and nothing that it knows is gone. */
    const assertInStep = async (stack: string) => {
        const { resources, pending_operations: pending = [] } = await exported(stack);
        const known = resources.filter(({ id, type }) => id && !type.startsWith("pulumi:"));
        const keys = (all: readonly { urn: string; id?: string }[]) => all.map(({ urn, id }) => `${urn} ${id}`).sort();
        assert.deepEqual(keys(await local.resources(stack)), keys(known));
        assert.deepEqual(pending, []);
    };

    describe("before there is anything", () => {
        for (const [stack, what] of [
            ["modes", "every mode"],
            ["kept", "protected data"],
        ] as const) {
            it(`previews ${what}, and makes nothing`, async () => {
                const steps = await preview(stack);
                previewed.set(stack, steps);
                assert.deepEqual(new Set(steps.map(({ op }) => op)), new Set(["create"]));
                assert.deepEqual(await local.resources(), []);
            });

            it(`bakes nothing unknown into a text of the preview of ${what}`, () => {
                const steps = previewed.get(stack) ?? [];
                const baked = steps.flatMap(({ urn, newState }) => {
                    // A function's text may have such words of its own.
                    const { code, ...inputs } = newState?.inputs ?? {};
                    return [
                        ...textsOf(inputs).filter((text) => text !== UNKNOWN && BAKED.test(text)),
                        ...textsOf(code).filter((text) => text !== UNKNOWN && text.includes(UNKNOWN)),
                    ].map((text) => `${urn}: ${text}`);
                });
                assert.deepEqual(baked, []);
                assert.ok(steps.length > 30 * kinds.length);
            });
        }
    });

    describe("when an update is cut short", () => {
        const begun = async (count: number, stack = "local") => {
            const update = local.begin("up", "-s", stack, "--yes", "--skip-preview");
            let over: string | undefined;
            void update.ended.then(({ text }) => {
                over = essence(text);
            });
            while (over === undefined && (await local.resources(stack)).length < count) await sleep(5);
            assert.equal(over, undefined, `the update ended before it could be cut short: ${over}`);
            return update;
        };
        const faults = {
            "the runtime was killed": async (count: number) => {
                const { ended } = await begun(count);
                await local.stop("SIGKILL");
                assert.notEqual((await ended).code, 0);
                await local.start();
            },
            "Pulumi was killed": async (count: number, stack?: string) => {
                const { child, ended } = await begun(count, stack);
                // All of it: `npm run local`, the CLI, and the program.
                killAll(processTree(child.pid as number));
                await ended;
            },
            "Ctrl-C was pressed twice": async (count: number) => {
                const { child, ended } = await begun(count);
                const started = processTree(child.pid as number);
                process.kill(-(child.pid as number), "SIGINT");
                await sleep(20);
                process.kill(-(child.pid as number), "SIGINT");
                assert.notEqual((await ended).code, 0);
                killAll(started);
            },
        };

        it("says which resource could not be made", async () => {
            const buckets = path.join(local.data, "s3");
            fs.rmSync(buckets, { recursive: true, force: true });
            fs.writeFileSync(buckets, "Where buckets would be.");
            const { code, text } = await local.pulumi("up", "-s", "local", "--yes", "--skip-preview");
            fs.rmSync(buckets);
            assert.notEqual(code, 0);
            assert.match(text, /aws:s3:Bucket \(.*\):\n\s+error: .*(?:ENOTDIR|EEXIST)/);
        });

        // Each update goes on with what the one before it has left.
        let count = 0;
        for (const round of Array.from({ length: sized(5, 1) }, (_, i) => i + 1)) {
            for (const [what, fault] of Object.entries(faults)) {
                it(`is cut short: ${what}, round ${round}`, async () => {
                    count = (await local.resources("local")).length;
                    await fault(count + 1 + 4 * (round - 1));
                });
            }
        }

        it("goes on to the end, without an orphan", async () => {
            await local.up("local");
            await assertInStep("local");
        });

        it("changes nothing the second time, and finds everything as it was", async () => {
            await local.ok("up", "-s", "local", "--yes", "--skip-preview", "--expect-no-changes");
            await local.ok("refresh", "-s", "local", "--yes", "--skip-preview", "--expect-no-changes");
        });

        it("begins anew when a first update was killed near its end, with data in what keeps data", async () => {
            const { likes, "saas-metering": metering } = localPipelines;
            const first = { pipelines: { likes, "saas-metering": metering } };
            local.configure("first", first);
            const wanted = saidOf(await preview("first"));
            await faults["Pulumi was killed"](wanted.length - 3, "first");
            const left = await local.resources("first");
            const bucket = left.find(({ type }) => type === "aws:s3/bucket:Bucket")?.id;
            const { region } = await local.status();
            const s3 = new S3Client({ region, endpoint: local.endpoint, credentials: LOCAL_CREDENTIALS });
            await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "event", Body: "{}" }));
            s3.destroy();
            await local.up("first");
            assert.deepEqual(await urnsOf("first"), wanted);
            await assertInStep("first");
            assert.ok(!(await local.resources("first")).some(({ id }) => id === bucket));
            const others = await local.resources("local");
            local.configure("first", { ...first, disposable: true });
            await local.up("first");
            await local.ok("destroy", "-s", "first", "--yes", "--skip-preview");
            assert.deepEqual(await local.resources("first"), []);
            assert.deepEqual(await local.resources("local"), others);
            await assertUnchanged("local");
        });
    });

    describe("when it is changed under traffic", () => {
        const after = Object.fromEntries(instances.map((name) => [name, changed(name, localPipelines[name] ?? {})]));

        it("has something to change in every pipeline", () => {
            for (const name of instances)
                assert.ok(pathsThatDiffer(localPipelines[name] ?? {}, after[name] ?? {}).length > 0, name);
        });

        instances.forEach((name, i) => {
            it(`changes ${name} in place, and loses, doubles and refuses nothing`, async () => {
                const stack = await runningStack(local, "local");
                const ids = await local.resources("local");
                const pipelines = Object.fromEntries(
                    instances.map((other, at) => [other, at <= i ? after[other] : localPipelines[other]]),
                );
                local.configure("local", { pipelines, disposable: true, logRetentionDays: 3 });
                const sent = await underTraffic(stack, [name], EVENTS_PER_SECOND, async () => {
                    assert.match(await local.up("local"), /\n {4}~ \d+ updated\n {4}\d+ unchanged\n/);
                });
                assert.deepEqual(await local.resources("local"), ids);
                const { acknowledged = 0, perSecond = 0, ...others } = sent[name] ?? {};
                assert.deepEqual(others, { refused: 0, busy: 0, unanswered: 0 });
                assert.ok(perSecond > EVENTS_PER_SECOND / 2, `only ${perSecond} events a second`);
                const { found = acknowledged, ...delivery } = (await arrived(local, stack, sent))[name] ?? {};
                assert.deepEqual(delivery, { accepted: acknowledged, delivered: acknowledged, failed: 0 });
                assert.equal(found, acknowledged);
            });
        });

        it("loses nothing that was acknowledged when the runtime is killed half way", async () => {
            const stack = await runningStack(local, "local");
            const before = await arrived(local, stack, {});
            local.configure("local", { pipelines: localPipelines, disposable: true });
            const each = sized(EVENTS_PER_SECOND, EVENTS_PER_SECOND / instances.length);
            const sent = await underTraffic(stack, instances, each, async () => {
                const { ended } = local.begin("up", "-s", "local", "--yes", "--skip-preview");
                await local.changed();
                await local.stop("SIGKILL");
                assert.notEqual((await ended).code, 0);
                await local.start();
                await local.up("local");
            });
            const counts = await arrived(local, stack, sent);
            for (const name of instances) {
                const { acknowledged = 0, refused, unanswered = 0 } = sent[name] ?? {};
                assert.equal(refused, 0, name);
                assert.ok(unanswered > 0, name);
                const [was, is] = [before[name], counts[name]];
                const landed = (is?.found ?? is?.delivered ?? 0) - (was?.found ?? was?.delivered ?? 0);
                assert.ok(landed >= acknowledged, `${name}: ${acknowledged} acknowledged, ${landed} landed`);
            }
            await assertInStep("local");
            await assertUnchanged("local");
        });
    });

    describe("beside another stack that keeps its data", () => {
        it("makes exactly what the preview said", async () => {
            const others = await local.resources("local");
            await local.up("kept");
            assert.deepEqual(await urnsOf("kept"), saidOf(previewed.get("kept")));
            assert.deepEqual(await local.resources("local"), others);
        });

        it("protects all that holds data in one, and nothing in the other", async () => {
            const urns = async (stack: string, which: (r: Exported["deployment"]["resources"][number]) => boolean) =>
                (await exported(stack)).resources.filter(which).map(({ urn }) => urn);
            const isProtected = ({ protect }: { protect?: boolean }) => protect === true;
            const holding = await urns("kept", ({ type }) => HOLDS_DATA.includes(type));
            const kept = await urns("kept", isProtected);
            assert.ok(holding.length >= instances.length);
            assert.deepEqual(
                holding.filter((urn) => !kept.includes(urn)),
                [],
            );
            assert.deepEqual(await urns("local", isProtected), []);
        });

        it("stops the replacement of what holds data, of every type", async () => {
            const { resources } = await exported("kept");
            for (const type of SOAK ? HOLDS_DATA : HOLDS_DATA.slice(0, 1)) {
                const urn = resources.find((resource) => resource.type === type)?.urn ?? "";
                const { code, text } = await local.pulumi("preview", "-s", "kept", "--replace", urn);
                assert.notEqual(code, 0);
                assert.match(text, /unable to replace resource ".*"\s+as it is currently marked for protection/);
            }
        });

        it("says what a replacement deletes where data may go", async () => {
            const { resources } = await exported("local");
            const urns = resources.filter(({ type }) => HOLDS_DATA.includes(type)).map(({ urn }) => urn);
            const text = await local.ok("preview", "-s", "local", ...urns.flatMap((urn) => ["--replace", urn]));
            const deleted = [...text.matchAll(/^ -- (\S+) (\S+) delete original/gm)].map(
                ([, type, name]) => `${type} ${name}`,
            );
            const asShown = (urn: string) => {
                const [type = "", name] = urn.split("::").slice(2);
                return `${type
                    .split("$")
                    .pop()
                    ?.replace(/\/[^:]+/, "")} ${name}`;
            };
            assert.deepEqual(
                urns.map(asShown).filter((resource) => !deleted.includes(resource)),
                [],
            );
        });

        it("shows with a refresh that the data folder was emptied, and mends it", async () => {
            const urns = await urnsOf();
            await local.stop("SIGTERM");
            for (const name of fs.readdirSync(local.data))
                if (name !== "pulumi") fs.rmSync(path.join(local.data, name), { recursive: true });
            await local.start();
            const { resources } = await exported("local");
            const count = resources.filter(({ type }) => !type.startsWith("pulumi:") && type.startsWith("aws:")).length;
            const text = await local.ok("refresh", "-s", "local", "--yes", "--skip-preview");
            assert.match(text, new RegExp(`\n {4}- ${count} deleted\n`), essence(text));
            await local.up("local");
            assert.deepEqual(
                await urnsOf("local"),
                urns.filter((urn) => urn.startsWith("urn:pulumi:local:")),
            );
            await assertInStep("local");
            await assertUnchanged("local");
        });
    });

    // The preview above has every mode; making them all takes minutes.
    for (const kind of SOAK ? kinds : []) {
        it(`makes, keeps and destroys ${kind} in every mode`, async () => {
            local.configure(kind, { pipelines: modesOf(kind), disposable: true });
            const said = saidOf(await preview(kind));
            await local.up(kind);
            assert.deepEqual(await urnsOf(kind), said);
            await assertInStep(kind);
            await assertUnchanged(kind);
            await local.ok("destroy", "-s", kind, "--yes", "--skip-preview");
            assert.deepEqual(await local.resources(kind), []);
        });
    }

    describe("at the end", () => {
        it("leaves nothing behind when all is destroyed", async () => {
            await local.ok("destroy", "-s", "local", "--yes", "--skip-preview");
            assert.deepEqual(await local.resources("local"), []);
            // Nothing of it is there any more: its data folder was emptied.
            await local.ok("refresh", "-s", "kept", "--yes", "--skip-preview");
            assert.deepEqual(await local.resources(), []);
            const { endpoint, providerPort, pid } = await local.status();
            assert.deepEqual(listeningPorts(pid), [Number(new URL(endpoint).port), providerPort].sort());
            await local.stop("SIGTERM");
            assert.deepEqual(
                filesOf(local.data).filter((file) => !OF_THE_RUNTIME.includes(file)),
                [],
            );
        });
    });
});

/** What the runtime keeps of itself: where its log goes on, and the sessions of roles, which go on after their roles. */
const OF_THE_RUNTIME = [
    "eventbridge/events/cursor.json",
    "iam/secret",
    "iam/sessions.jsonl",
    "resources.jsonl",
    "format",
    "stack.json",
];

function textsOf(value: unknown): string[] {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

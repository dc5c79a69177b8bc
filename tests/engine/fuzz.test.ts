import * as assert from "node:assert/strict";
import * as path from "node:path";
import { deleteResources } from "../../local/engine/client";
import { UNKNOWN } from "../../local/engine/values";
import { createEvaluator, type Evaluator } from "../../local/program";
import { readProgram } from "../../local/program/stack-config";
import { invoke } from "../../local/provider/invoke";
import type { Properties } from "../../local/resources";
import { providerClient } from "../support/provider-client";
import { seeded, sized } from "../support/soak";
import { engine } from "./support/engine";
import { wireOf } from "./support/wire";

const CALLS = sized(20_000, 1_200);
const KILLS = sized(20, 3);
const AT_ONCE = 8;

/** Values that no program means to give. */
const ODD: readonly unknown[] = [
    null,
    true,
    -1,
    1e308,
    "",
    "x".repeat(5000),
    "../../etc/passwd",
    "\u0000\ud800",
    "arn:aws:s3:::",
    "{",
    UNKNOWN,
    [],
    [[null]],
    {},
    { __proto__: null, a: { b: [1, { c: "" }] } },
];

/** What a call may be refused with: a sentence of the provider's, or that it lacks something. */
const REFUSALS = [9, 12];

/** A call that a kill has cut short. */
const CUT_SHORT = [1, 14];

describe(`A provider that gets ${CALLS} calls at random and is killed ${KILLS} times`, () => {
    const local = engine();
    const random = seeded(11);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    let evaluator: Evaluator;
    const program = { ...readProgram(path.join(__dirname, "../.."), "local"), stack: "fuzz" };
    const place = { account: "000000000000", region: "us-east-1", data: "", endpoint: () => local.endpoint };
    /** What the engine would know. */
    const state = new Map<string, { id: string; inputs: Properties }>();
    /** Inputs of every resource of the program. */
    const wanted = new Map<string, Properties>();
    const seeds = () => Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)));
    let client: ReturnType<typeof providerClient>;
    const start = async () => {
        await local.start();
        client = providerClient((await local.status()).providerPort as number, seeds);
    };

    before(async () => {
        evaluator = createEvaluator(program.folder);
        await start();
    });
    after(async () => {
        evaluator.close();
        client.close();
        await local.remove();
    });

    /** Brings everything in step with the program as the engine does, and gives how many changes that took. */
    async function up(): Promise<number> {
        let changes = 0;
        const seen = new Set<string>();
        const replaced: { readonly urn: string; readonly id: string }[] = [];
        const create = async (urn: string, inputs: Properties) => {
            changes++;
            const made = await client.create(urn, inputs);
            state.set(urn, { id: made.id, inputs });
            return made;
        };
        const register = async (urn: string, given: Properties) => {
            const old = state.get(urn);
            const found = old && (await client.read(urn, old.id, old.inputs));
            const { inputs, failures } = await client.check(urn, given, found && old.inputs);
            assert.deepEqual(failures, [], urn);
            if (!found) return create(urn, inputs);
            const { changes: some, replaces, deleteBeforeReplace } = await client.diff(urn, old.id, old.inputs, inputs);
            if (some === "none") return found;
            if (replaces.length > 0) {
                if (deleteBeforeReplace) await client.delete(urn, old.id);
                else replaced.push({ urn, id: old.id });
                return create(urn, (await client.check(urn, given)).inputs);
            }
            changes++;
            const outputs = await client.update(urn, old.id, old.inputs, inputs);
            state.set(urn, { id: old.id, inputs });
            return { id: old.id, outputs };
        };
        let last: Promise<unknown> = Promise.resolve();
        await evaluator.evaluate(program, {
            register: (type, name, inputs) => {
                const urn = `urn:pulumi:fuzz::tributary::${type}::${name}`;
                seen.add(urn);
                wanted.set(urn, wireOf(inputs));
                const registered = last.then(() => register(urn, wireOf(inputs)));
                last = registered.catch(() => undefined);
                return registered.then(({ id, outputs }) => ({ id, outputs }));
            },
            invoke: (token, args) => invoke(place, token, args),
        });
        for (const { urn, id } of replaced.reverse()) await client.delete(urn, id);
        for (const [urn, { id }] of [...state].reverse()) {
            if (seen.has(urn)) continue;
            changes++;
            await client.delete(urn, id);
            state.delete(urn);
        }
        return changes;
    }

    function mutated(inputs: Properties): Properties {
        const copy = structuredClone(inputs);
        let holder: Properties = copy;
        for (let name = pick(Object.keys(holder)); name !== undefined; name = pick(Object.keys(holder))) {
            const below = holder[name];
            if (typeof below === "object" && below !== null && random() < 0.7) {
                holder = below as Properties;
                continue;
            }
            if (random() < 0.2) delete holder[name];
            else if (random() < 0.1) holder[`${name}s`] = pick(ODD);
            else holder[name] = pick(ODD);
            break;
        }
        return copy;
    }

    let fresh = 0;
    const calls: Readonly<Record<string, (urn: string, inputs: Properties) => Promise<unknown>>> = {
        check: (urn, inputs) => client.check(urn, inputs, random() < 0.5 ? state.get(urn)?.inputs : undefined),
        diff: (urn, inputs) => client.diff(urn, state.get(urn)?.id ?? "x", state.get(urn)?.inputs ?? {}, inputs),
        read: (urn, inputs) => client.read(urn, pick([state.get(urn)?.id ?? "", "x", "../x"]), inputs),
        preview: (urn, inputs) => client.create(urn, inputs, true),
        strange: (urn) => client.read(pick(["", "x", "urn:pulumi:a::b::c", `${urn}::`]), "x"),
        invoke: (_, inputs) => client.invoke(pick(["aws:index/getRegion:getRegion", "", "aws:x/y:z"]), inputs),
        async create(urn, inputs) {
            const other = `${urn}-${++fresh}`;
            const checked = await client.check(other, inputs);
            // Half of them come unchecked, as no engine sends them.
            if (checked.failures.length > 0 && random() < 0.5) return;
            const made = await client.create(other, checked.inputs);
            state.set(other, { id: made.id, inputs: checked.inputs });
        },
        async update(urn, inputs) {
            const old = state.get(urn);
            if (!old) return;
            const checked = await client.check(urn, inputs, old.inputs);
            if (checked.failures.length > 0 && random() < 0.5) return;
            // No engine updates what must be replaced.
            if ((await client.diff(urn, old.id, old.inputs, checked.inputs)).replaces.length > 0) return;
            await client.update(urn, old.id, old.inputs, checked.inputs);
            state.set(urn, { id: old.id, inputs: checked.inputs });
        },
        async delete(urn) {
            const old = state.get(urn);
            if (!old) return;
            await client.delete(urn, old.id);
            state.delete(urn);
        },
    };

    it("makes the program at first", async () => {
        assert.ok((await up()) > 50);
        assert.equal(await up(), 0);
    });

    it("answers each call, or refuses it with a sentence", async () => {
        const wrong: string[] = [];
        const rounds = Math.ceil(CALLS / AT_ONCE);
        for (let round = 1; round <= rounds; round++) {
            const isKilled = round % Math.ceil(rounds / (KILLS + 1)) === 0;
            const attempts = Array.from({ length: AT_ONCE }, async () => {
                const [name, call] = pick(Object.entries(calls));
                const urn = pick([...wanted.keys()]);
                const inputs = mutated(wanted.get(urn) as Properties);
                await call(urn, inputs).catch((error: { code?: number; details?: string }) => {
                    const { code = -1, details = String(error) } = error;
                    const isExpected = REFUSALS.includes(code) || (isKilled && CUT_SHORT.includes(code));
                    if (!isExpected || details === "") wrong.push(`${name} ${urn}: ${code} ${details}`);
                });
            });
            if (isKilled) {
                await new Promise((resolve) => setTimeout(resolve, random() * 20));
                await local.stop("SIGKILL");
            }
            await Promise.all(attempts);
            if (!isKilled) continue;
            client.close();
            await start();
        }
        assert.deepEqual(wrong, []);
    });

    it("leaves nothing that the next update cannot mend", async () => {
        // What a killed call has made, and the engine never heard of: `npm run local` deletes it, however it is protected. And what no
        // program has: the engine would delete it last, and until then it may stand in the way.
        for (const urn of [...state.keys()]) if (!wanted.has(urn)) state.delete(urn);
        const all = await local.resources("fuzz");
        const { providerPort = 0 } = await local.status();
        await deleteResources(
            providerPort,
            all.filter(({ urn, id }) => state.get(urn)?.id !== id),
        );
        // What a killed call was changing: `npm run local` lets the engine look at it.
        for (const [urn, { id, inputs }] of state) {
            const found = await client.read(urn, id, inputs);
            if (found) state.set(urn, { id, inputs: found.inputs });
        }
        assert.ok((await up()) > 0);
        assert.equal(await up(), 0);
        const live = (await local.resources("fuzz")).map(({ urn, id }) => `${urn} ${id}`).sort();
        assert.deepEqual(live, [...state].map(([urn, { id }]) => `${urn} ${id}`).sort());
        assert.deepEqual([...state.keys()].sort(), [...wanted.keys()].sort());
    });
});

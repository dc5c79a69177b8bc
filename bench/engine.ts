import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { usageError } from "../cli/support/fail";
import { pulumiOnPath } from "../cli/support/pulumi";
import { LOCAL_CREDENTIALS } from "../cli/support/stack";
import { watchProgram } from "../cli/support/watch";
import { createEvaluator } from "../local/program";
import { readProgram } from "../local/program/stack-config";
import { startRuntime } from "../local/runtime";
import { type Engine, engine } from "../tests/engine/support/engine";
import { localPipelines } from "../tests/engine/support/stacks";
import { programCopy } from "../tests/support/program-copy";
import type { Figure } from "./figure";

/** What Pulumi's own engine takes against the local runtime for every pipeline, and how long a saved handler takes to run. */
export async function engineFigures(): Promise<readonly Figure[]> {
    if (!pulumiOnPath()) throw usageError("This part needs `pulumi` on PATH: https://www.pulumi.com/docs/install/.");
    const empty = await measured(engine(path.join(__dirname, "empty")), {});
    const full = await measured(engine(), { pipelines: localPipelines, disposable: true });
    const at = (target: number) => ({ unit: "s", target, higherIsBetter: false });
    return [
        { name: "engine.up_seconds", value: full.up - empty.up, ...at(10) },
        { name: "engine.noop_seconds", value: full.again - empty.again, ...at(3) },
        {
            name: "engine.ms_per_resource",
            value: full.providerMs / full.resources,
            unit: "ms",
            target: 10,
            higherIsBetter: false,
        },
        { name: "engine.watch_seconds", value: await secondsToNewText(), ...at(2) },
    ];
}

/** How often is measured what takes a few seconds. */
const ROUNDS = 3;

interface Measured {
    /** Seconds of an `up` from nothing. */
    readonly up: number;
    /** Seconds of one that has nothing to do: the median of some, since what else runs on the machine weighs on so short a time. */
    readonly again: number;
    readonly resources: number;
    /** What the first one took of the processor in the runtime's process, which does nothing else. */
    readonly providerMs: number;
}

async function measured(local: Engine, settings: Readonly<Record<string, unknown>>): Promise<Measured> {
    try {
        local.configure("bench", settings);
        await local.start();
        const { pid } = await local.status();
        const before = cpuMs(pid);
        const up = await seconds(() => local.up("bench"));
        const providerMs = cpuMs(pid) - before;
        const rounds: number[] = [];
        for (let round = 0; round < ROUNDS; round++) rounds.push(await seconds(() => local.up("bench")));
        return { up, again: median(rounds), resources: (await local.resources()).length, providerMs };
    } finally {
        await local.remove();
    }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
    return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Time of a process on the processor: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, in ticks of 10 ms. */
function cpuMs(pid: number): number {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const [user = 0, system = 0] = text
        .slice(text.lastIndexOf(")") + 2)
        .split(" ")
        .slice(11, 13)
        .map(Number);
    return (user + system) * 10;
}

const HANDLER = "functions/firehose-transform.ts";

/** From saving a handler to the first record through its new text: the median of some rounds, one pipeline of every kind running. */
async function secondsToNewText(): Promise<number> {
    const program = programCopy(localPipelines);
    const [stop, data] = [new AbortController(), path.join(program.folder, "data")];
    const evaluator = createEvaluator(program.folder);
    const runtime = await startRuntime({ program: readProgram(program.folder, "local"), data, port: 0, evaluator });
    try {
        watchProgram(program.folder, "local", runtime, () => undefined, stop.signal);
        const { region, endpoint, outputs } = runtime.status();
        const { pipelines } = outputs as { pipelines: Record<string, { functions: Record<string, string> }> };
        const name = pipelines["web-analytics"]?.functions.check;
        const client = new LambdaClient({ region, endpoint, credentials: LOCAL_CREDENTIALS });
        const records = [{ recordId: "1", data: Buffer.from("no event").toString("base64") }];
        const answer = async () => {
            const Payload = JSON.stringify({ records });
            const { Payload: payload } = await client.send(new InvokeCommand({ FunctionName: name, Payload }));
            return Buffer.from(payload ?? []).toString("utf8");
        };
        const rounds: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
            const before = await answer();
            const [from, to] = round % 2 === 0 ? ["ProcessingFailed", "Dropped"] : ["Dropped", "ProcessingFailed"];
            rounds.push(
                await seconds(async () => {
                    program.save(HANDLER, (text) => text.replaceAll(`result: "${from}"`, `result: "${to}"`));
                    while ((await answer()) === before) await sleep(10);
                }),
            );
        }
        return median(rounds);
    } finally {
        stop.abort();
        evaluator.close();
        await runtime.close();
        program.remove();
    }
}

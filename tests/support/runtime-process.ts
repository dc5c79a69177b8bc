import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { namedQuery, runQuery } from "../../cli/support/athena";
import { LOCAL_CREDENTIALS, type PipelineOutputs } from "../../cli/support/stack";
import type { RuntimeStatus } from "../../local/runtime";
import type { FaultPlan } from "./faults";

/** A local runtime in a process of its own, which a test may kill and start again over the same data. */
export interface RuntimeProcess {
    /** Starts it and waits until it takes requests. The program is evaluated the first time only. */
    start(): Promise<void>;
    /** Kills it with SIGKILL, as a power cut would, and waits until it is gone. */
    kill(): Promise<void>;
    /** Ends it in peace and removes its data. */
    remove(): Promise<void>;
    status(): Promise<RuntimeStatus>;
    outputs(instance: string): Promise<PipelineOutputs>;
    /** The rows of a query in a pipeline's database. */
    rows(instance: string, sql: string): Promise<readonly (readonly string[])[]>;
    /** The rows of a named query of a pipeline. */
    named(instance: string, query: string): Promise<readonly (readonly string[])[]>;
    /** Resolves when nothing that was accepted is still on its way. */
    delivered(): Promise<void>;
    /** What clients of the SDK reach it with. */
    client(): { readonly endpoint: string; readonly region: string; readonly credentials: typeof LOCAL_CREDENTIALS };
    /** Resident memory in MiB. */
    rssMib(): number;
}

/** Makes a {@link RuntimeProcess} for the stack `local` with these pipelines in the place of its own, and other keys of its config where given. Nothing goes wrong in it unless planned. */
export function runtimeProcess(
    pipelines: Readonly<Record<string, object>>,
    faults: FaultPlan = { seed: 0 },
    config: Readonly<Record<string, string>> = {},
): RuntimeProcess {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    const settings = { "tributary:pipelines": JSON.stringify(pipelines), ...config };
    let child: ChildProcess | undefined;
    let endpoint = "";

    const athena = ({ region }: PipelineOutputs) =>
        new AthenaClient({ region, endpoint, credentials: LOCAL_CREDENTIALS });
    const self: RuntimeProcess = {
        async start() {
            const script = path.join(__dirname, "runtime-child.ts");
            child = fork(script, [data, JSON.stringify(settings), JSON.stringify(faults)], {
                execArgv: ["--require", require.resolve("tsx/cjs")],
            });
            endpoint = await ready(child);
        },
        async kill() {
            if (child?.exitCode !== null) throw new Error(`The runtime ended by itself, with ${child?.exitCode}.`);
            await ended(child, "SIGKILL");
        },
        async remove() {
            if (child?.exitCode === null && child.signalCode === null) await ended(child, "SIGTERM");
            fs.rmSync(data, { recursive: true, force: true });
        },
        status: async () => (await (await fetch(`${endpoint}/_tributary/status`)).json()) as RuntimeStatus,
        async outputs(instance) {
            const { pipelines: outputs } = (await self.status()).outputs as {
                pipelines: Record<string, PipelineOutputs>;
            };
            return outputs[instance] as PipelineOutputs;
        },
        async rows(instance, sql) {
            const outputs = await self.outputs(instance);
            return (await runQuery(athena(outputs), outputs, sql)).rows;
        },
        async named(instance, query) {
            const outputs = await self.outputs(instance);
            return self.rows(instance, await namedQuery(athena(outputs), outputs, query));
        },
        async delivered() {
            const pending = async () => {
                const { delivery } = await self.status();
                return Object.values(delivery).reduce((sum, stream) => sum + stream.pending, 0);
            };
            const deadline = Date.now() + 120_000;
            for (let left = await pending(); left > 0; left = await pending()) {
                if (Date.now() > deadline) throw new Error(`${left} records are still on their way after two minutes.`);
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        },
        client: () => ({ endpoint, region: "us-east-1", credentials: LOCAL_CREDENTIALS }),
        rssMib: () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child?.pid}/status`, "utf8"))?.[1]) / 1024,
    };
    return self;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return exited;
}

function ready(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
        child.once("message", (endpoint) => resolve(String(endpoint)));
        child.once("exit", (code) => reject(new Error(`The runtime ended with ${code} before it was ready.`)));
    });
}

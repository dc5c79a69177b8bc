import * as path from "node:path";
import { readProgram, stacksIn } from "../../local/program/stack-config";
import type { Runtime, RuntimeOptions, RuntimeStatus } from "../../local/runtime";
import { usageError } from "./fail";
import { assertLocal, readState } from "./local-state";
import { localTools } from "./local-tools";
import { mender, removeDeadLocks } from "./mend";
import type { LocalPulumi } from "./pulumi";
import { readPulumiCommand } from "./pulumi-command";
import { type LocalStatus, localStatus } from "./stack";

/** Where a command of Pulumi's CLI works. */
export interface LocalEngineOptions {
    /** Folder of the user's Pulumi.yaml. */
    readonly root: string;
    /** Folder of the local runtime, when none serves yet. */
    readonly data: string;
    /** Port of the local runtime. */
    readonly port: number;
}

type Attached = Required<Pick<RuntimeStatus, "endpoint" | "providerPort">>;

/**
 * Runs a command of Pulumi's CLI against the local runtime that serves on the port, or one that is started for the time of the command, and gives
 * the CLI's exit code.
 */
export async function runPulumi(args: readonly string[], options: LocalEngineOptions): Promise<number> {
    const command = readPulumiCommand(args);
    if (["login", "logout"].includes(command.word) || command.elsewhere) {
        throw usageError(
            "Commands of Pulumi run here in a backend of their own: there is no login, and no other folder.",
        );
    }
    const serving = await servingOn(options.port);
    const data = path.resolve(serving?.data ?? options.data);
    const { pulumi, project, backend } = localTools(options.root, data, serving);
    if (!command.deploys) {
        const code = await pulumi.run(args);
        project.save();
        return code;
    }
    const stack = command.stack ?? (await selectedStack(pulumi));
    removeDeadLocks(backend, project.name, stack);
    const { region, isEmpty } = await prepareStack(pulumi, options.root, stack);
    return attached({ ...options, data }, region, serving, async ({ endpoint, providerPort }) => {
        const tools = localTools(options.root, data, { endpoint, providerPort, isEmpty });
        const folder = path.join(data, "pulumi", "under-way", project.name);
        const { begin, end, forget } = mender({
            ...tools,
            project: project.name,
            stack,
            folder,
            endpoint,
            providerPort,
        });
        if (command.deploys === "looks") return tools.pulumi.run(args);
        await end();
        await begin();
        const code = await tools.pulumi.run(args);
        // A command that went well has seen all that it did. When the runtime is gone, the next command does it.
        if (code === 0) forget();
        else
            await end().catch((error: Error) => process.stderr.write(`The next command tidies up: ${error.message}\n`));
        project.save();
        return code;
    });
}

/** Starts a local runtime for Pulumi's engine. Its services are loaded only here, because that takes as long as a short command of the CLI. */
export function startLocal(options: Omit<RuntimeOptions, "engine">): Promise<Runtime> {
    const { startRuntime } = require("../../local/runtime") as typeof import("../../local/runtime");
    return startRuntime({ ...options, engine: true });
}

async function servingOn(port: number): Promise<(LocalStatus & { providerPort: number }) | undefined> {
    const status = port === 0 ? undefined : await localStatus(`http://127.0.0.1:${port}`);
    if (!status) return undefined;
    const { providerPort, stack } = status;
    if (providerPort !== undefined) return { ...status, providerPort };
    throw usageError(
        `On port ${port} runs the stack "${stack}" as \`npm start\` made it, which Pulumi's engine knows nothing of. ` +
            "Stop it, or take another port: npm run local -- --port 4567 pulumi …",
    );
}

async function attached(
    { data, port }: LocalEngineOptions,
    region: string | undefined,
    serving: Attached | undefined,
    work: (runtime: Attached) => Promise<number>,
): Promise<number> {
    if (serving) return work(serving);
    const runtime = await startLocal({ data, port, region });
    try {
        return await work(runtime.status() as RuntimeStatus & Attached);
    } finally {
        await runtime.close();
    }
}

/** The stack that an earlier command has selected, otherwise `local`. */
async function selectedStack(pulumi: LocalPulumi): Promise<string> {
    try {
        return (await pulumi.read(["stack", "--show-name", "--non-interactive"])).trim();
    } catch {
        const exists = await readState(pulumi, "local");
        await pulumi.read(["stack", exists ? "select" : "init", "local"]);
        return "local";
    }
}

/** Makes a stack that has a config file but no state yet, and gives its region. Refuses one that is not for this machine. */
async function prepareStack(
    pulumi: LocalPulumi,
    root: string,
    stack: string,
): Promise<{ readonly region?: string; readonly isEmpty: boolean }> {
    const state = await readState(pulumi, stack);
    const isEmpty = state === undefined || state.resources.length === 0;
    if (state) assertLocal(stack, state);
    if (state && !stacksIn(root).includes(stack)) return { isEmpty };
    // Names the stacks there are when there is no such one, and the value that only another backend could open.
    const { config } = readProgram(root, stack);
    if (!state) await pulumi.read(["stack", "init", stack, "--no-select"]);
    return { region: config["aws:region"], isEmpty };
}

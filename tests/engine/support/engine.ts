import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as yaml from "js-yaml";
import type { ListedResource, RuntimeStatus } from "../../../local/runtime";

const ROOT = path.join(__dirname, "../../..");

/** How a command of Pulumi's CLI ended. */
export interface Ended {
    readonly code: number;
    /** What it printed, on both channels. */
    readonly text: string;
}

/** `npm run local` in a process of its own with a folder of its own, and Pulumi's CLI against it, for a project with the stacks of a test. */
export interface Engine {
    readonly data: string;
    /** Folder of the project's config files. */
    readonly project: string;
    readonly endpoint: string;
    /** Starts the runtime; the second time on the port of the first. */
    start(): Promise<void>;
    /** Ends the runtime: in peace, or as a power cut would. */
    stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
    /** Writes the config of a stack, by the keys of the project. */
    configure(stack: string, settings: Readonly<Record<string, unknown>>): void;
    /** Runs `npm run local -- pulumi <args>` to its end. */
    pulumi(...args: readonly string[]): Promise<Ended>;
    /** The same, without waiting. */
    begin(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
    /** Runs a command to its end, gives what it printed, and throws that when it fails. */
    ok(...args: readonly string[]): Promise<string>;
    /** Runs `pulumi up`. */
    up(stack: string, ...args: readonly string[]): Promise<string>;
    /** A command of Pulumi's with JSON as its output. */
    json<T>(...args: readonly string[]): Promise<T>;
    /** What is alive, of one stack or of all. */
    resources(stack?: string): Promise<readonly ListedResource[]>;
    /** Waits until a resource is made, changed or deleted. */
    changed(): Promise<void>;
    status(): Promise<RuntimeStatus>;
    /** Ends everything and removes the folders. */
    remove(): Promise<void>;
}

/** Makes an {@link Engine} for the program of this project, or another one. */
export function engine(program = ROOT): Engine {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-engine-"));
    const [data, project] = [path.join(folder, "data"), path.join(folder, "project")];
    fs.mkdirSync(project);
    const own = yaml.load(fs.readFileSync(path.join(program, "Pulumi.yaml"), "utf8")) as { readonly name: string };
    const runtime = {
        name: "nodejs",
        options: { packagemanager: "npm", tsconfig: path.join(ROOT, "tsconfig.pulumi.json") },
    };
    const main = path.join(program, "index.ts");
    fs.writeFileSync(path.join(project, "Pulumi.yaml"), yaml.dump({ ...own, main, runtime }));
    let serving: ChildProcess | undefined;
    let [endpoint, port, output] = ["", "0", ""];

    const local = (...args: readonly string[]) =>
        spawn(
            process.execPath,
            ["--require", "tsx/cjs", "cli/local.ts", "--port", port, "--data", data, "--project", project, ...args],
            { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], detached: true },
        );
    const isAlive = () => serving?.exitCode === null && serving.signalCode === null;
    const self: Engine = {
        data,
        project,
        get endpoint() {
            return endpoint;
        },
        async start() {
            serving = local();
            output = "";
            serving.stderr?.on("data", (chunk: Buffer) => {
                output += chunk;
            });
            endpoint = await announced(serving);
            port = new URL(endpoint).port;
        },
        async stop(signal) {
            if (!isAlive()) throw new Error(`The local runtime ended by itself: ${output}`);
            const exited = new Promise((resolve) => serving?.once("exit", resolve));
            serving?.kill(signal);
            await exited;
            serving = undefined;
        },
        configure(stack, settings) {
            const named = Object.entries(settings).map(([key, value]) => [`${own.name}:${key}`, value] as const);
            const config = { "aws:region": "us-east-1", ...Object.fromEntries(named) };
            fs.writeFileSync(path.join(project, `Pulumi.${stack}.yaml`), yaml.dump({ config }));
        },
        begin(...args) {
            const child = local("pulumi", ...args);
            return { child, ended: ended(child) };
        },
        pulumi: (...args) => self.begin(...args).ended,
        async ok(...args) {
            const { code, text } = await self.pulumi(...args);
            if (code !== 0) throw new Error(`pulumi ${args.join(" ")}:\n${essence(text)}`);
            return text;
        },
        up: (stack, ...args) => self.ok("up", "-s", stack, "--yes", "--skip-preview", ...args),
        async json(...args) {
            const { code, text } = await self.pulumi(...args);
            if (code !== 0) throw new Error(text.slice(Math.max(0, text.indexOf('"diagnostics"'))));
            return JSON.parse(text);
        },
        async changed() {
            const size = () => fs.statSync(path.join(data, "resources.jsonl")).size;
            const before = size();
            while (size() === before) await sleep(5);
        },
        async resources(stack) {
            const response = await fetch(`${endpoint}/_tributary/resources`);
            const all = (await response.json()) as readonly ListedResource[];
            return all.filter(({ urn }) => !stack || urn.startsWith(`urn:pulumi:${stack}::`));
        },
        status: async () => (await (await fetch(`${endpoint}/_tributary/status`)).json()) as RuntimeStatus,
        async remove() {
            if (isAlive()) await self.stop("SIGTERM");
            fs.rmSync(folder, { recursive: true, force: true });
        },
    };
    return self;
}

/** What a command has to say beyond the resources that stay and the outputs. */
export function essence(text: string): string {
    const lines = text.split("\n");
    return lines.filter((line) => /^ ?[-+~]|error|warning|^ {6}\S|Resources:/i.test(line)).join("\n");
}

function announced(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
        let text = "";
        const read = (chunk: Buffer) => {
            text += chunk;
            const found = /serves at (http:\S+)/.exec(text);
            if (found?.[1]) resolve(found[1]);
        };
        child.stdout?.on("data", read);
        child.stderr?.on("data", read);
        child.on("exit", () => reject(new Error(`The local runtime ended before it was ready: ${text}`)));
    });
}

function ended(child: ChildProcess): Promise<Ended> {
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    return new Promise((resolve) => {
        child.on("close", (code, signal) =>
            resolve({ code: code ?? (signal ? 128 : 0), text: Buffer.concat(chunks).toString("utf8") }),
        );
    });
}

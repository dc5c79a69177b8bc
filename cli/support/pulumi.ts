import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { PRELOAD } from "../../local/program";
import { usageError } from "./fail";
import type { LocalProject } from "./local-project";
import { readPulumiCommand } from "./pulumi-command";
import { pulumiHome } from "./pulumi-home";

/** The user's own Pulumi CLI, with a backend on this machine. */
export interface LocalPulumi {
    /** Runs a command with the terminal's own input and output, and gives its exit code. */
    run(args: readonly string[]): Promise<number>;
    /** Runs a command and gives what it prints. Rejects with what it says on standard error. */
    read(args: readonly string[], input?: string): Promise<string>;
}

/** Where a {@link LocalPulumi} works. */
export interface LocalPulumiOptions {
    readonly project: LocalProject;
    /** Folder of the backend. */
    readonly backend: string;
    /** Port of the provider protocol. Without it, commands that need the provider fail. */
    readonly providerPort?: number;
    /** Where the local AWS serves, for what asks it past the provider: `pulumi logs`, and a program with an SDK client of its own. */
    readonly endpoint?: string;
    /** Whether the stack has no resources yet. */
    readonly isEmpty?: boolean;
}

const GET_PULUMI =
    "There is no Pulumi CLI. Get it with `npx pulumi version`, which downloads it once, or from https://www.pulumi.com/docs/install/.";

/**
 * Makes a {@link LocalPulumi}: what points it at the local runtime is set for each command alone, so a user's own shell, login and backend are
 * never touched. https://www.pulumi.com/docs/iac/cli/environment-variables/
 */
export function localPulumi({ project, backend, providerPort, endpoint, isEmpty }: LocalPulumiOptions): LocalPulumi {
    fs.mkdirSync(backend, { recursive: true });
    const own = pulumiOnPath();
    const env = {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_CONFIG_PASSPHRASE_FILE: "",
        PULUMI_STACK: "",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        // Language hosts that pass no options of Pulumi.yaml to the program would check all of @pulumi/aws in each run.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        // What follows makes the same happen in a third of the time: docs/local-engine.md.
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require ${JSON.stringify(PRELOAD)}`.trim(),
        NODE_COMPILE_CACHE: path.join(path.dirname(backend), "node-compile"),
        TRIBUTARY_TEXTS: path.join(path.dirname(backend), "texts.json"),
        // Nobody is asked whether inputs differ that are equal: the local provider looks at nothing else.
        PULUMI_ENABLE_LEGACY_DIFF: "true",
        // The whole state is written after each step.
        PULUMI_DIY_BACKEND_ZSTD: "true",
        // Unless there was nothing before: what a killed command has made is then removed, so its steps need no state.
        PULUMI_SKIP_CHECKPOINTS: isEmpty ? "true" : undefined,
        // Fewer collections, in a process that ends soon.
        GOGC: process.env.GOGC ?? "400",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // The npm package keeps what it downloads in the user's.
        ...(own && { PULUMI_HOME: pulumiHome(path.dirname(backend)) }),
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_SESSION_TOKEN: undefined,
        AWS_PROFILE: undefined,
        AWS_ENDPOINT_URL: endpoint,
        ...(providerPort && { PULUMI_DEBUG_PROVIDERS: `aws:${providerPort}` }),
    };
    // Without a CLI of the user's own the npm package, which downloads one on first use.
    const cli = own ?? path.join(__dirname, "../..", PACKAGES, "pulumi");
    return {
        run: (args) =>
            new Promise((resolve, reject) => {
                const TRIBUTARY_DEBUG = wantsDebug(args) ? "true" : undefined;
                const options = { cwd: project.folder, env: { ...env, TRIBUTARY_DEBUG } };
                const child = spawn(cli, args, { ...options, stdio: "inherit" });
                // Ctrl-C reaches the CLI by itself, which knows what to do about it; a request to end is handed on.
                const stay = () => undefined;
                const end = () => void child.kill("SIGTERM");
                process.on("SIGINT", stay).on("SIGTERM", end);
                child.on("error", (error) => reject(missing(error)));
                child.on("exit", (code, signal) => {
                    process.off("SIGINT", stay).off("SIGTERM", end);
                    resolve(code ?? (signal === "SIGINT" ? 130 : 1));
                });
            }),
        read: (args, input = "") =>
            new Promise((resolve, reject) => {
                const child = spawn(cli, args, { cwd: project.folder, env, stdio: "pipe" });
                const [out, err]: [Buffer[], Buffer[]] = [[], []];
                child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
                child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
                child.on("error", (error) => reject(missing(error)));
                child.on("close", (code) =>
                    code === 0
                        ? resolve(Buffer.concat(out).toString("utf8"))
                        : reject(new Error(Buffer.concat(err).toString("utf8").trim())),
                );
                child.stdin.on("error", () => undefined).end(input);
            }),
    };
}

/** Whether somebody sees the debug messages of the program, which otherwise are not sent: local/program/preload.cjs. */
function wantsDebug(args: readonly string[]): boolean {
    const { PULUMI_OPTION_DEBUG, PULUMI_OPTION_VERBOSE } = process.env;
    return readPulumiCommand(args).debugs || Boolean(PULUMI_OPTION_DEBUG ?? PULUMI_OPTION_VERBOSE);
}

const PACKAGES = path.join("node_modules", ".bin");

/** The Pulumi CLI that the user has on PATH. npm puts its packages in front of everything else; they do not count. */
export function pulumiOnPath(): string | undefined {
    const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.endsWith(PACKAGES));
    return folders.map((folder) => path.join(folder, "pulumi")).find((file) => fs.existsSync(file));
}

function missing(error: Error): Error {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? usageError(GET_PULUMI) : error;
}

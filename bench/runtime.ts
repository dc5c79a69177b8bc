import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalStatus } from "../cli/support/stack";

/** A local runtime in a process of its own, as a user would start it, and what it costs. */
export interface MeasuredRuntime {
    readonly endpoint: string;
    readonly status: LocalStatus;
    /** From the start of the process until it took requests. */
    readonly readySeconds: number;
    /** Highest resident memory of the process so far. */
    peakRssMib(): number;
    /** Ends it and removes its data. */
    stop(): Promise<void>;
}

/** Starts `npm start -- --no-sample` on a free port over an empty folder, and waits until it takes requests. */
export async function startMeasured(): Promise<MeasuredRuntime> {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-bench-"));
    const started = performance.now();
    // Through npm, so that what is measured is what a user starts, with the same flags of Node.
    const child = spawn("npm", ["start", "--silent", "--", "--no-sample", "--port", "0", "--data", data], {
        cwd: path.join(__dirname, ".."),
        stdio: ["ignore", "pipe", "inherit"],
    });
    const endpoint = await announced(child);
    const readySeconds = (performance.now() - started) / 1000;
    const status = (await (await fetch(`${endpoint}/_tributary/status`)).json()) as LocalStatus;
    return {
        endpoint,
        status,
        readySeconds,
        peakRssMib: () => peakMib(status.pid),
        async stop() {
            process.kill(status.pid, "SIGTERM");
            while (child.exitCode === null && child.signalCode === null) await sleep(20);
            fs.rmSync(data, { recursive: true, force: true });
        },
    };
}

/** The line in which `npm start` says that it is ready names the endpoint. */
function announced(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
        let text = "";
        // It goes on reading after that, or the process would stop at a full pipe.
        child.stdout?.on("data", (chunk: Buffer) => {
            text += chunk;
            const found = /^Ready .* at (http:\S+)/m.exec(text);
            if (found?.[1]) resolve(found[1]);
        });
        child.on("exit", () => reject(new Error(`The local runtime ended before it was ready: ${text}`)));
    });
}

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html: VmHWM is the peak of the resident set size. */
function peakMib(pid: number): number {
    const found = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1]) / 1024;
}

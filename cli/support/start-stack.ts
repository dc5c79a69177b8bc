import * as fs from "node:fs";
import * as path from "node:path";
import type { Evaluator } from "../../local/program";
import { readProgram } from "../../local/program/stack-config";
import { type RuntimeStatus, startRuntime } from "../../local/runtime";
import { commandsFor } from "./commands";
import { grouped } from "./numbers";
import { type PipelineReport, problemsInReport, type Report } from "./report";
import { LOCAL_CREDENTIALS, type LocalStatus, pipelineOf, type RunningStack } from "./stack";
import { table } from "./table";
import { watchProgram } from "./watch";

/** How `npm start` runs a stack. */
export interface StartOptions {
    readonly stack: string;
    readonly port: number;
    /** Folder that everything is kept in. */
    readonly data: string;
    /** Sample events per pipeline. */
    readonly count: number;
    /** Whether sample events are sent. */
    readonly sample: boolean;
    /** Whether it ends after the sample. */
    readonly once?: boolean;
    /** File for what became of the sample, as JSON. */
    readonly report?: string;
    /** Whether saved changes to the program are applied. */
    readonly watch?: boolean;
}

/**
 * Runs the program in a folder, sends sample events through every pipeline, and shows what arrived; then serves until Ctrl-C, unless told
 * otherwise. Gives the exit code.
 */
export async function startStack(root: string, evaluator: Evaluator, options: StartOptions): Promise<number> {
    const { data, port } = options;
    const stop = interrupted();
    const runtime = await startRuntime({ program: readProgram(root, options.stack), data, port, evaluator });
    // It holds a good part of the memory.
    if (!options.watch) evaluator.close();
    const readySeconds = process.uptime();
    const stack = asStack(runtime.status());
    say(`Ready in ${readySeconds.toFixed(1)} s: ${runtime.resources} resources at ${stack.client.endpoint}`);
    try {
        const pipelines: Record<string, PipelineReport> = {};
        for (const instance of options.sample ? Object.keys(stack.pipelines) : []) {
            pipelines[instance] = await sampling().sample(runtime, stack, instance, {
                count: options.count,
                signal: stop,
            });
        }
        const report: Report = { readySeconds, pipelines };
        if (options.report) fs.writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
        if (options.sample) say(`\n${reportTable(report)}`);
        for (const instance of Object.keys(pipelines)) {
            const seen = await sampling().seenByRoles(stack, pipelineOf(stack, instance));
            if (seen) say(`\n${seen}`);
        }
        const problems = options.sample ? problemsInReport(report) : [];
        for (const problem of problems) say(problem);
        if (options.once) return problems.length > 0 ? 1 : 0;
        say(
            `\n${commandsFor(stack)}\n\nServing until Ctrl-C. What was taken is kept in ${path.relative(process.cwd(), data) || "."}.`,
        );
        if (options.watch) watchProgram(root, options.stack, runtime, say, stop);
        await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
        say("\nStopping …");
        return 0;
    } finally {
        await runtime.close();
    }
}

/** Loaded once the runtime is ready: it takes some time, and 17 MiB that a runtime without a sample has no use for. */
function sampling() {
    const { sample } = require("./sample") as typeof import("./sample");
    const { seenByRoles } = require("./seen-by-roles") as typeof import("./seen-by-roles");
    return { sample, seenByRoles };
}

function asStack({ stack, region, endpoint, outputs }: RuntimeStatus): RunningStack {
    const { pipelines } = outputs as LocalStatus["outputs"];
    return { name: stack, pipelines, client: { region, endpoint, credentials: LOCAL_CREDENTIALS } };
}

function reportTable({ pipelines }: Report): string {
    const header = ["pipeline", "sent", "accepted", "rejected", "delivered", "failed", "dropped", "found", "seconds"];
    const rows = Object.entries(pipelines).map(([instance, counts]) => [
        instance,
        ...[
            counts.sent,
            counts.accepted,
            counts.rejected,
            counts.delivered,
            counts.failed,
            counts.dropped,
            counts.rows,
        ].map(grouped),
        counts.seconds.toFixed(1),
    ]);
    return table(header, rows);
}

/** Aborts on the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function interrupted(): AbortSignal {
    const controller = new AbortController();
    const stop = () => {
        if (controller.signal.aborted) process.exit(130);
        controller.abort();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    return controller.signal;
}

function say(text: string): void {
    process.stdout.write(`${text}\n`);
}

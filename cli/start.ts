import * as fs from "node:fs";
import * as path from "node:path";
import { program } from "commander";
import { readProgram } from "../local/program/stack-config";
import { type RuntimeStatus, startRuntime } from "../local/runtime";
import { commandsFor } from "./support/commands";
import { exitCodes, run } from "./support/fail";
import { grouped, wholeNumber } from "./support/numbers";
import { type PipelineReport, problemsInReport, type Report } from "./support/report";
import { sample } from "./support/sample";
import { seenByRoles } from "./support/seen-by-roles";
import type { LocalStatus, RunningStack } from "./support/stack";
import { LOCAL_CREDENTIALS, pipelineOf } from "./support/stack";
import { table } from "./support/table";
import { watchProgram } from "./support/watch";

interface Options {
    readonly stack: string;
    readonly port: number;
    readonly count: number;
    readonly data?: string;
    readonly reset?: boolean;
    readonly once?: boolean;
    readonly sample: boolean;
    readonly report?: string;
    readonly watch?: boolean;
}

const ROOT = path.join(__dirname, "..");

const options = exitCodes(program)
    .name("npm start --")
    .description(
        "Runs the program of a stack on this machine, sends sample events through every pipeline, and shows what arrived.",
    )
    .option("--stack <name>", "which stack's config to run", "local")
    .option("--port <number>", "where to listen, on loopback; 0 takes a free port", wholeNumber(0, 65535), 4566)
    .option("--count <number>", "sample events per pipeline", wholeNumber(1), 1000)
    .option("--data <folder>", "where everything is kept (default: .tributary/<stack>)")
    .option("--reset", "forget what an earlier run has kept")
    .option("--once", "end after the sample; the exit code is 1 when an event is unaccounted for")
    .option("--no-sample", "send no sample events")
    .option("--report <file>", "write what became of the sample as JSON")
    .option("--watch", "apply every change to the program or its config as it is saved")
    .parse()
    .opts<Options>();

run(async () => {
    // Lambda's time zone. Workers share the process's, whatever their own environment says.
    process.env.TZ = "UTC";
    const stop = interrupted();
    const data = path.resolve(options.data ?? path.join(ROOT, ".tributary", options.stack));
    if (options.reset) fs.rmSync(data, { recursive: true, force: true });
    say(`Evaluating the stack "${options.stack}" …`);
    const runtime = await startRuntime({
        program: readProgram(ROOT, options.stack),
        data,
        port: options.port,
        watches: options.watch,
    });
    const readySeconds = process.uptime();
    const stack = asStack(runtime.status());
    say(`Ready in ${readySeconds.toFixed(1)} s: ${runtime.resources} resources at ${stack.client.endpoint}`);
    try {
        const pipelines: Record<string, PipelineReport> = {};
        for (const instance of options.sample ? Object.keys(stack.pipelines) : []) {
            pipelines[instance] = await sample(runtime, stack, instance, {
                count: options.count,
                signal: stop,
            });
        }
        const report: Report = { readySeconds, pipelines };
        if (options.report) fs.writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
        if (options.sample) say(`\n${reportTable(report)}`);
        for (const instance of Object.keys(pipelines)) {
            const seen = await seenByRoles(stack, pipelineOf(stack, instance));
            if (seen) say(`\n${seen}`);
        }
        const problems = options.sample ? problemsInReport(report) : [];
        for (const problem of problems) say(problem);
        if (options.once) return problems.length > 0 ? 1 : 0;
        say(
            `\n${commandsFor(stack)}\n\nServing until Ctrl-C. What was taken is kept in ${path.relative(process.cwd(), data) || "."}.`,
        );
        if (options.watch) watchProgram(ROOT, options.stack, runtime, say, stop);
        await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
        say("\nStopping …");
        return 0;
    } finally {
        await runtime.close();
    }
});

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

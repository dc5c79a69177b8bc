import * as fs from "node:fs";
import * as path from "node:path";
import { program } from "commander";
import { createEvaluator } from "../local/program";
import { exitCodes, run } from "./support/fail";
import { becomeHost } from "./support/host";
import { wholeNumber } from "./support/numbers";
import type { StartOptions } from "./support/start-stack";

interface Options extends Omit<StartOptions, "data"> {
    readonly data?: string;
    readonly reset?: boolean;
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
    becomeHost();
    const data = path.resolve(options.data ?? path.join(ROOT, ".tributary", options.stack));
    if (options.reset) fs.rmSync(data, { recursive: true, force: true });
    process.stdout.write(`Evaluating the stack "${options.stack}" …\n`);
    const evaluator = createEvaluator(ROOT);
    try {
        // Loaded only now, while the other process loads the program's packages.
        const { startStack } = require("./support/start-stack") as typeof import("./support/start-stack");
        return await startStack(ROOT, evaluator, { ...options, data });
    } finally {
        evaluator.close();
    }
});

// The process behind support/runtime-process.ts: a runtime over a data folder. The program is evaluated only when the folder is new.
import * as fs from "node:fs";
import * as path from "node:path";
import { readProgram } from "../../local/program/stack-config";
import { startRuntime } from "../../local/runtime";
import { type FaultPlan, faultsOf } from "./faults";

async function main(data: string, pipelines: string, faults: string): Promise<void> {
    const program = readProgram(path.join(__dirname, "../.."), "local");
    const isNew = !fs.existsSync(path.join(data, "stack.json"));
    const runtime = await startRuntime({
        data,
        port: 0,
        faults: faultsOf(JSON.parse(faults) as FaultPlan),
        ...(isNew && { program: { ...program, config: { ...program.config, "tributary:pipelines": pipelines } } }),
    });
    process.on("SIGTERM", () => void runtime.close().then(() => process.exit(0)));
    process.on("disconnect", () => process.exit(0));
    process.send?.(runtime.status().endpoint);
}

const [data = "", pipelines = "", faults = ""] = process.argv.slice(2);
main(data, pipelines, faults).catch((error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
});

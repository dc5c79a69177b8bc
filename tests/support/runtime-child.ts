// The process behind support/runtime-process.ts: a runtime over a data folder. The program is evaluated only when the folder is new.
import * as fs from "node:fs";
import * as path from "node:path";
import { readProgram } from "../../local/program/stack-config";
import { startRuntime } from "../../local/runtime";
import { type FaultPlan, faultsOf } from "./faults";

/** Keys of the stack's config with texts for values. */
type Settings = Readonly<Record<string, string>>;

async function main(data: string, settings: string, faults: string): Promise<void> {
    const program = readProgram(path.join(__dirname, "../.."), "local");
    const isNew = !fs.existsSync(path.join(data, "stack.json"));
    const runtime = await startRuntime({
        data,
        port: 0,
        faults: faultsOf(JSON.parse(faults) as FaultPlan),
        ...(isNew && { program: { ...program, config: { ...program.config, ...(JSON.parse(settings) as Settings) } } }),
    });
    process.on("SIGTERM", () => void runtime.close().then(() => process.exit(0)));
    process.on("disconnect", () => process.exit(0));
    process.send?.(runtime.status().endpoint);
}

const [data = "", settings = "", faults = ""] = process.argv.slice(2);
main(data, settings, faults).catch((error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
});

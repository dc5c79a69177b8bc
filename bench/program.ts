import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import type { Figure } from "./figure";
import type { Evaluated } from "./program-child";

const INSTANCES = [1, 26, 51] as const;

/** Measures how long the program takes to evaluate, in fresh processes, and how large the functions are that it uploads. */
export async function programFigures(): Promise<readonly Figure[]> {
    const runs: Evaluated[] = [];
    for (const count of INSTANCES) runs.push(await best(3, count));
    const [one, half, all] = runs;
    const perInstance = (few: number, many: number) =>
        (runs[many].milliseconds - runs[few].milliseconds) / (INSTANCES[many] - INSTANCES[few]);
    return [
        { name: "program.seconds", value: one.milliseconds / 1000, unit: "s", target: 2, higherIsBetter: false },
        { name: "program.ms_per_instance", value: perInstance(0, 2), unit: "ms", target: 100, higherIsBetter: false },
        // 1 is a straight line: the second 25 instances cost as much as the first 25.
        {
            name: "program.linearity",
            value: perInstance(1, 2) / perInstance(0, 1),
            unit: "x",
            target: 1.5,
            higherIsBetter: false,
        },
        { name: "program.resources_per_instance", value: (half.resources - one.resources) / 25, unit: "resources" },
        {
            name: "zip.max_kib",
            value: Math.max(...all.texts.map(zippedKib)),
            unit: "KiB",
            target: 32,
            higherIsBetter: false,
        },
    ];
}

/** The fastest of some evaluations: what else the machine does only ever adds to it. */
async function best(times: number, instances: number): Promise<Evaluated> {
    const runs: Evaluated[] = [];
    for (let i = 0; i < times; i++) runs.push(await evaluate(instances));
    return runs.reduce((a, b) => (a.milliseconds < b.milliseconds ? a : b));
}

/** Evaluates the program in a process of its own; the time is from the start of that process. */
async function evaluate(instances: number): Promise<Evaluated> {
    const args = ["--require", "ts-node/register", path.join(__dirname, "program-child.ts"), String(instances)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
    return JSON.parse(stdout) as Evaluated;
}

/** A zip of one short name has its headers in 150 bytes. */
function zippedKib(text: string): number {
    return (zlib.deflateRawSync(text).length + 150) / 1024;
}

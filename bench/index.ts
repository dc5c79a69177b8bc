import * as fs from "node:fs";
import { program } from "commander";
import { exitCodes, run, usageError } from "../cli/support/fail";
import { grouped } from "../cli/support/numbers";
import { table } from "../cli/support/table";
import type { Figure } from "./figure";

/** The parts of the benchmark, by the first word of their figures' names. Loaded when asked for: one part's memory is not another's. */
const PARTS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
    handlers: async () => (require("./handlers") as typeof import("./handlers")).handlers(),
    program: async () => (require("./program") as typeof import("./program")).programFigures(),
    apigateway: async () => (require("./apigateway") as typeof import("./apigateway")).apigateway(),
    start: async () => (require("./start") as typeof import("./start")).start(),
    engine: async () => (require("./engine") as typeof import("./engine")).engineFigures(),
    local: async () => [
        ...(await (require("./local") as typeof import("./local")).local()),
        ...(await (require("./orders") as typeof import("./orders")).ordersFigures()),
    ],
    metering: async () => (require("./metering") as typeof import("./metering")).metering(),
};

const options = exitCodes(program)
    .name("npm run bench --")
    .description("Measures the figures that the README tells of, and prints each beside its target.")
    .option("--only <name>", `a part (${Object.keys(PARTS).join(", ")}) or the name of a figure, or how it starts`)
    .option("--json <file>", "write the figures to a file, too")
    .parse()
    .opts<{ only?: string; json?: string }>();

run(async () => {
    const only = options.only ?? "";
    const parts = Object.keys(PARTS).filter((part) => part.startsWith(only) || only.startsWith(part));
    if (parts.length === 0)
        throw usageError(`There is no part "${only}". The parts are: ${Object.keys(PARTS).join(", ")}.`);
    const figures: Figure[] = [];
    for (const part of parts) {
        process.stderr.write(`Measuring ${part} …\n`);
        figures.push(...((await PARTS[part]?.()) ?? []));
    }
    const chosen = figures.filter(({ name }) => name.startsWith(only) || parts.length === 1);
    process.stdout.write(`${table(["figure", "value", "unit", "target", "value / target"], chosen.map(row))}\n`);
    if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(byName(chosen), null, 2)}\n`);
    return 0;
});

function row({ name, value, unit, target }: Figure): string[] {
    const ratio = target === undefined ? "" : (value / target).toFixed(2);
    return [name, rounded(value), unit, target === undefined ? "" : rounded(target), ratio];
}

function rounded(value: number): string {
    return value >= 100 ? grouped(Math.round(value)) : value.toPrecision(3);
}

function byName(figures: readonly Figure[]): Record<string, Omit<Figure, "name">> {
    return Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest]));
}

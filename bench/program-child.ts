// Evaluates the program with some web-analytics pipelines under mocks, and prints how that went as JSON.
import type { StackOutputs } from "../stacks/stack";
import { record } from "../tests/support/mocks";

/** How an evaluation went. */
export interface Evaluated {
    /** From the start of the process, loading included. */
    readonly milliseconds: number;
    readonly resources: number;
    /** What each kind of function would be uploaded as. */
    readonly texts: readonly string[];
}

async function main(instances: number): Promise<Evaluated> {
    const names = Array.from({ length: instances }, (_, i) => `web-${i}`);
    const pipelines = Object.fromEntries(names.map((name) => [name, { kind: "web-analytics" }]));
    const { resources, all } = await record(() => require("../index") as StackOutputs, {
        config: { "tributary:pipelines": pipelines },
    });
    const milliseconds = performance.now();
    const functions = all("aws:lambda/function:Function").map(({ inputs }) => inputs.code as Record<string, string>);
    const texts = new Set(functions.map((files) => files["__index.js"]));
    return { milliseconds, resources: resources.length, texts: [...texts] };
}

void main(Number(process.argv[2])).then((evaluated) => process.stdout.write(JSON.stringify(evaluated)));

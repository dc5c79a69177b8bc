import { fork } from "node:child_process";
import * as path from "node:path";
import { handlerSource } from "../components/blocks/handler-source";
import { deployedFiles } from "../tests/support/deployed";
import type { Figure } from "./figure";
import type { Order } from "./handler-child";
import { type Measured, measuredHandlers } from "./measured-handlers";

/**
 * Measures each handler in a process of its own, as in a container of its own: what V8 has learnt of another one's objects would slow it down.
 * One after the other, so that they do not share the processor's caches.
 */
export async function handlers(): Promise<readonly Figure[]> {
    const figures: Figure[] = [];
    for (const [name, handler] of Object.entries(measuredHandlers)) {
        figures.push(...(await measured({ name, text: await deployedText(handler) })));
    }
    return figures;
}

/** The text that Pulumi would upload. */
async function deployedText({ factory, options }: Measured): Promise<string> {
    return (await deployedFiles(handlerSource(factory, options)))["__index.js"] ?? "";
}

function measured(order: Order): Promise<readonly Figure[]> {
    return new Promise((resolve, reject) => {
        const child = fork(path.join(__dirname, "handler-child.ts"), {
            execArgv: ["--require", require.resolve("tsx/cjs")],
        });
        child.once("message", (figures) => resolve(figures as readonly Figure[]));
        child.once("exit", (code) => reject(new Error(`The benchmark of ${order.name} ended with ${code}.`)));
        child.send(order);
    });
}

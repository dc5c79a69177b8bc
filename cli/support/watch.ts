import * as fs from "node:fs";
import * as path from "node:path";
import type { Change } from "../../local/deployment";
import { readProgram } from "../../local/program/stack-config";
import type { Runtime } from "../../local/runtime";

/** Folders that a program is made of, beside its packages, and the files beside them. */
const FOLDERS = ["schema", "functions", "components", "stacks"];
const FILES = /^(?:index\.ts|Pulumi(?:\.[^/]+)?\.yaml)$/;

/** An editor saves a file in several steps, and several files at once. */
const SETTLE_MS = 50;

/**
 * Applies every saved change of a stack's program to a runtime, one after the other, and says what came of it. A program that fails changes
 * nothing.
 */
export function watchProgram(
    root: string,
    stack: string,
    runtime: Pick<Runtime, "deploy">,
    say: (text: string) => void,
    signal: AbortSignal,
): void {
    let [timer, isAtWork, isDue]: [NodeJS.Timeout | undefined, boolean, boolean] = [undefined, false, false];
    const apply = async () => {
        isDue = true;
        if (isAtWork) return;
        isAtWork = true;
        while (isDue && !signal.aborted) {
            isDue = false;
            say(await applied(root, stack, runtime));
        }
        isAtWork = false;
    };
    const watch = (folder: string, isSource: (file: string) => boolean, recursive: boolean) => {
        const watcher = fs.watch(folder, { recursive, signal }, (_, file) => {
            if (!file || !isSource(file)) return;
            clearTimeout(timer);
            timer = setTimeout(apply, SETTLE_MS);
        });
        watcher.on("error", (error) => say(`Changes of ${folder} are no longer watched: ${error.message}`));
    };
    watch(root, (file) => FILES.test(file), false);
    for (const folder of FOLDERS)
        watch(path.join(root, folder), (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"), true);
}

async function applied(root: string, stack: string, runtime: Pick<Runtime, "deploy">): Promise<string> {
    const start = performance.now();
    try {
        const { changes } = await runtime.deploy(readProgram(root, stack));
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        return changes.length === 0
            ? `Nothing changed (${seconds} s).`
            : [...changes.map(line), `Applied in ${seconds} s.`].join("\n");
    } catch (error) {
        return `The program fails, and what runs is as it was:\n${(error as Error).message}`;
    }
}

function line({ kind, urn, because = [] }: Change): string {
    const [type, name] = urn.split("::").slice(2);
    return `  ${kind} ${type} ${name}${because.length > 0 ? ` because of ${because.join(", ")}` : ""}`;
}

import * as path from "node:path";
import * as esbuild from "esbuild";

let built: string | undefined;

/**
 * The program that runs in a worker, as JavaScript. It is bundled once, at the first cold start: a worker that loaded TypeScript itself would
 * take the compiler's memory and half a second each time.
 */
export function workerProgram(): string {
    built ??= build();
    return built;
}

function build(): string {
    const { outputFiles } = esbuild.buildSync({
        entryPoints: [path.join(__dirname, "worker/index.ts")],
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node22",
        write: false,
    });
    return outputFiles[0]?.text ?? "";
}

import * as esbuild from "esbuild";

const built = new Map<string, string>();

/**
 * The program of a worker thread, as JavaScript, from the TypeScript file that it begins with. It is bundled once, when it is first needed: a
 * worker that loaded TypeScript itself would take the compiler's memory and half a second each time. Packages are not bundled.
 */
export function workerProgram(entry: string): string {
    const program = built.get(entry) ?? build(entry);
    built.set(entry, program);
    return program;
}

function build(entry: string): string {
    const { outputFiles } = esbuild.buildSync({
        entryPoints: [entry],
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node22",
        packages: "external",
        write: false,
    });
    return outputFiles[0]?.text ?? "";
}

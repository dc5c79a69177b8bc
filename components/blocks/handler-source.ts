import { join } from "node:path";
import { buildSync } from "esbuild";

/** A handler as it is deployed: the bundled text of its factory, and the plain data that the factory is called with. */
export interface HandlerSource {
    /** Name of the factory, such as `firehoseTransform`. */
    readonly factory: string;
    /** CommonJS text that exports the factory: its file and all that it imports, but for the AWS SDK, which Lambda has. */
    readonly text: string;
    /** What the factory is called with when a container starts. */
    readonly options: unknown;
}

/** Makes a handler from plain data. Handlers are async: callbacks are gone from Lambda's Node 24. */
export type HandlerFactory<Options> = (options: Options) => (event: never) => Promise<unknown>;

/** Root of the program. Paths in a bundle start here, so that its text is the same wherever the program runs. */
const ROOT = join(__dirname, "../..");

/** Texts by factory: several functions of one program share them. */
const bundles = new Map<string, string>();

/**
 * Gives a handler's source. The factory `likeThis` is the export of that name of `functions/like-this.ts`; it throws when there is none.
 */
export function handlerSource<Options>(factory: HandlerFactory<Options>, options: Options): HandlerSource {
    const text = bundles.get(factory.name) ?? bundle(factory.name);
    bundles.set(factory.name, text);
    return { factory: factory.name, text, options };
}

function bundle(factory: string): string {
    const file = `functions/${kebabCase(factory)}.ts`;
    try {
        // The last line names the text in stack traces.
        return `${build(`export { ${factory} } from "./${file}";`)}//# sourceURL=${file}\n`;
    } catch (error) {
        throw new Error(
            `The handler factory "${factory}" must be an export of ${file}, and that file must bundle. ${reason(error)}`,
        );
    }
}

/** Names and lines stay as written, so that a stack trace and the text in Lambda's console can be read. */
function build(contents: string): string {
    const { outputFiles } = buildSync({
        stdin: { contents, resolveDir: ROOT, loader: "js" },
        absWorkingDir: ROOT,
        bundle: true,
        write: false,
        platform: "node",
        format: "cjs",
        // The oldest Node that runs the text: the laptop's, not Lambda's.
        target: "node22",
        external: ["@aws-sdk/*", "@smithy/*"],
        legalComments: "none",
        logLevel: "silent",
    });
    return outputFiles.map((file) => file.text).join("");
}

/** esbuild's own sentences, each with its place. */
function reason(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

function kebabCase(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

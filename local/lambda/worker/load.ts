import { createRequire, isBuiltin } from "node:module";
import * as path from "node:path";
import * as vm from "node:vm";
import { runtimeError } from "./errors";
import type { WorkerSettings } from "./messages";

/** A handler of either kind: one that gives a promise, and one that calls back. */
export type Handler = (
    event: unknown,
    context: object,
    callback?: (error: unknown, result?: unknown) => void,
) => unknown;

/** Where Lambda unpacks the archive. */
const TASK_ROOT = "/var/task";

/** What Lambda's runtime has of packages. */
const PROVIDED = /^@(aws-sdk|smithy|aws-crypto)\//;

/** Loads the handler out of the archive, with Lambda's own errors when it cannot. */
export function loadHandler({ files, handler, runtime, packagesBeside }: WorkerSettings): Handler {
    const dot = handler.lastIndexOf(".");
    const [file, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
    const found = load(archiveLoader(files, packagesBeside), file)[name];
    if (found === undefined) throw runtimeError("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
    if (typeof found !== "function") throw runtimeError("Runtime.HandlerNotFound", `${handler} is not a function`);
    if (found.length >= 3 && Number.parseInt(runtime.slice("nodejs".length), 10) >= 24) {
        const message =
            "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.";
        throw runtimeError("Runtime.CallbackHandlerDeprecated", `ERROR: ${message}`);
    }
    return found as Handler;
}

type Exports = Record<string, unknown>;

function load(require: (id: string) => unknown, file: string): Exports {
    try {
        return require(`./${file}`) as Exports;
    } catch (error) {
        if (error instanceof SyntaxError) throw runtimeError("Runtime.UserCodeSyntaxError", String(error), error.stack);
        if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
        throw runtimeError("Runtime.ImportModuleError", String(error));
    }
}

/** A `require` that knows the files of the archive, Node's own modules, and what Lambda's runtime has: nothing else that is installed here. */
function archiveLoader(files: Readonly<Record<string, string>>, packagesBeside: string): (id: string) => unknown {
    const provided = createRequire(packagesBeside);
    const loaded = new Map<string, { exports: Exports }>();

    function requireFrom(folder: string, id: string): unknown {
        if (isBuiltin(id)) return provided(id);
        if (PROVIDED.test(id)) return requireProvided(id);
        const base = path.posix.join(folder, id);
        const candidates = [base, `${base}.js`, `${base}.cjs`, `${base}.json`, `${base}/index.js`];
        const file = id.startsWith(".") ? candidates.find((candidate) => candidate in files) : undefined;
        if (file === undefined) throw notFound(id, folder);
        return run(file);
    }

    function requireProvided(id: string): unknown {
        try {
            return provided(id);
        } catch (error) {
            if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
            throw runtimeError("LocalUnsupported", `${id} is part of Lambda's runtime, but it is not installed here.`);
        }
    }

    function run(file: string): unknown {
        const known = loaded.get(file);
        if (known) return known.exports;
        const text = files[file] ?? "";
        if (file.endsWith(".json")) return JSON.parse(text);
        const module = { exports: {} as Exports };
        loaded.set(file, module);
        const folder = path.posix.dirname(file);
        const require = Object.assign((id: string) => requireFrom(folder, id), { resolve: (id: string) => id });
        const parameters = ["exports", "require", "module", "__filename", "__dirname"];
        const filename = path.posix.join(TASK_ROOT, file);
        const compiled = vm.compileFunction(text, parameters, { filename });
        compiled.call(module.exports, module.exports, require, module, filename, path.posix.dirname(filename));
        return module.exports;
    }

    return (id) => requireFrom(".", id);
}

function notFound(id: string, folder: string): Error {
    const message = `Cannot find module '${id}'\nRequire stack:\n- ${path.posix.join(TASK_ROOT, folder)}`;
    return Object.assign(new Error(message), { code: "MODULE_NOT_FOUND" });
}

"use strict";
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { isMainThread } = require("node:worker_threads");

// Loaded before a Pulumi program. Pulumi's SDK does much for those who look for faults in it, and loads what few programs use: together that takes
// longer than all the rest. Here it is left undone, and nothing changes that a program can see. What a later SDK has elsewhere is done as ever.

/** What is done to modules of the SDK once they are loaded, by the end of their file's name. */
const changes = {
    // Where each promise was made, by the stack of an error that is never thrown. It is of use to those who search for promises that never settle:
    // https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/debuggable.ts
    "@pulumi/pulumi/runtime/debuggable.js": (debuggable) => {
        const { debuggablePromise } = debuggable;
        debuggable.debuggablePromise = (promise, context) => {
            const { stackTraceLimit } = Error;
            Error.stackTraceLimit = 0;
            try {
                return debuggablePromise(promise, context);
            } finally {
                Error.stackTraceLimit = stackTraceLimit;
            }
        };
    },
    // Where in the program each resource was made. It is a third of a stack's state.
    "@pulumi/pulumi/resource.js": ({ Resource }) => {
        Resource.callsites = () => [];
    },
    // Some five messages for each resource, sent to the engine one after the other, which shows them to nobody unless it is asked to.
    "@pulumi/pulumi/log/index.js": (log) => {
        if (!process.env.TRIBUTARY_DEBUG) log.debug = () => Promise.resolve();
    },
};

/** Packages that are loaded when they are first used, by the end of their main file's name, and what stands for exports of theirs. */
const later = {
    // The half of npm that reads node_modules, for functions that need packages: `computeCodePaths`.
    "@npmcli/arborist/lib/index.js": () => ({}),
    // A worker of esbuild's is started with the same file.
    ...(process.env.TRIBUTARY_TEXTS && isMainThread && require("./texts.cjs")),
};

const load = require.extensions[".js"];
require.extensions[".js"] = (module, file) => {
    const name = file.replaceAll("\\", "/");
    for (const [end, standIns] of Object.entries(later))
        if (name.endsWith(end)) return postpone(module, file, standIns);
    load(module, file);
    for (const [end, change] of Object.entries(changes)) if (name.endsWith(end)) change(module.exports);
};

/** Puts in the place of a CommonJS module what loads it when it is used, for code that TypeScript has compiled. */
function postpone(module, file, standIns) {
    const { exports } = module;
    let real;
    const loaded = () => {
        if (real) return real;
        module.exports = exports;
        load(module, file);
        [real, module.exports] = [module.exports, instead];
        return real;
    };
    const own = standIns(loaded, versionOf(module));
    const instead = new Proxy(own, {
        get(_, name) {
            // What is said to be an ES module is imported as it is, where otherwise every property would be copied.
            if (name === "__esModule") return true;
            return own[name] ?? (name === "default" ? loaded() : loaded()[name]);
        },
    });
    module.exports = instead;
}

/** Version of the package that a module belongs to. */
function versionOf({ path: folder }) {
    const manifest = [folder, dirname(folder)].map((place) => join(place, "package.json")).find(existsSync);
    return manifest && require(manifest).version;
}

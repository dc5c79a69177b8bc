"use strict";
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

/** Packages that are loaded when they are first used, by the end of their file's name. */
const later = [
    // The half of npm that reads node_modules, for functions that need packages: `computeCodePaths`.
    "@npmcli/arborist/lib/index.js",
];

const load = require.extensions[".js"];
require.extensions[".js"] = (module, file) => {
    const name = file.replaceAll("\\", "/");
    if (later.some((end) => name.endsWith(end))) {
        const { exports } = module;
        module.exports = whenUsed(() => {
            module.exports = exports;
            load(module, file);
            return module.exports;
        });
        return;
    }
    load(module, file);
    for (const [end, change] of Object.entries(changes)) if (name.endsWith(end)) change(module.exports);
};

/** Stands for the exports of a CommonJS module, for code that TypeScript has compiled. */
function whenUsed(loaded) {
    let exports;
    const get = (_, name) => {
        // What is said to be an ES module is imported as it is, where otherwise every property would be copied.
        if (name === "__esModule") return true;
        exports ??= loaded();
        return name === "default" ? exports : exports[name];
    };
    return new Proxy({}, { get });
}

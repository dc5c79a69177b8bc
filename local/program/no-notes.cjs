"use strict";
// Loaded before a Pulumi program. Pulumi's SDK notes where each promise and each resource was made, by the stack of an error that it never throws:
// that takes longer than all the rest of a program, and is a third of a stack's state. Here these notes stay empty. They are of use to those who
// search for promises that never settle: https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/debuggable.ts

/** What is done to modules of the SDK once they are loaded, by the end of their file's name. */
const changes = {
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
    "@pulumi/pulumi/resource.js": ({ Resource }) => {
        Resource.callsites = () => [];
    },
};

const load = require.extensions[".js"];
require.extensions[".js"] = (module, file) => {
    load(module, file);
    const name = file.replaceAll("\\", "/");
    for (const [end, change] of Object.entries(changes)) if (name.endsWith(end)) change(module.exports);
};

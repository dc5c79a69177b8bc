"use strict";
// Loaded before a Pulumi program. Pulumi's SDK notes where each promise and each resource was made, by the stack of an error that it never throws:
// mapping those back to TypeScript takes longer than all the rest of a program, and they are a third of a stack's state. Here they stay empty.
// Errors of the program itself, which have messages, keep their stacks.
// https://v8.dev/docs/stack-trace-api#customizing-stack-traces

const PULUMI_SDK = /[\\/]@pulumi[\\/]pulumi[\\/]/;

/** What maps stacks back to TypeScript, once it is loaded. */
let prepare;

Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    get: () => prepare && prepared,
    set: (value) => {
        prepare = value;
    },
});

function prepared(error, sites) {
    const isNote = error.message === "" && PULUMI_SDK.test(sites[0]?.getFileName() ?? "");
    return isNote ? "" : prepare(error, sites);
}

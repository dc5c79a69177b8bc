import * as pulumi from "@pulumi/pulumi";

/** What goes into a function's archive beside its text. */
type CodePathOptions = pulumi.runtime.CodePathOptions;

const selfContained = new WeakSet<CodePathOptions>();

/**
 * Gives the `codePathOptions` of a function whose text needs no package: its archive holds that text alone.
 * Pulumi has no option to say so: it reads the whole of node_modules for every function, 0.1 s each, to find what
 * `dependencies` asks for. So its search is skipped for these options, and for no others.
 */
export function noPackages(): CodePathOptions {
    const options: CodePathOptions = {};
    selfContained.add(options);
    return options;
}

const search = pulumi.runtime.computeCodePaths as (
    options?: CodePathOptions,
) => Promise<Map<string, pulumi.asset.Asset>>;

Object.assign(pulumi.runtime, {
    computeCodePaths: async (options: CodePathOptions) => (selfContained.has(options) ? new Map() : search(options)),
});

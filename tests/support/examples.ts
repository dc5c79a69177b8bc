import * as path from "node:path";
import { registry } from "../../stacks/registry";

/** Options of a pipeline, by what they are for. */
export type Examples = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The examples of every kind of pipeline, from its folder: a pipeline without any is not tried. */
export const examplesByKind: Readonly<Record<string, Examples>> = Object.fromEntries(
    Object.keys(registry).map((kind) => [kind, examplesOf(kind)]),
);

function examplesOf(kind: string): Examples {
    return (require(path.join(__dirname, "../../components", kind, "examples")) as { examples: Examples }).examples;
}

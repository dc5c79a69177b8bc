import * as path from "node:path";
import { readProgram } from "../../../local/program/stack-config";
import { registry } from "../../../stacks/registry";
import { examplesByKind } from "../../support/examples";

type Options = Readonly<Record<string, unknown>>;

/** What a stack's config says of its pipelines: options by instance. */
export type Pipelines = Readonly<Record<string, Options>>;

const { config } = readProgram(path.join(__dirname, "../../.."), "local");

/** The pipelines of the stack `local`: one of every kind, quick, open to all. */
export const localPipelines = JSON.parse(config["tributary:pipelines"] ?? "{}") as Pipelines;

/** Every example of a kind of pipeline, each an instance of its own. */
export function modesOf(kind: string): Pipelines {
    const modes = Object.values(examplesByKind[kind] ?? {});
    return Object.fromEntries(modes.map((options, i) => [`${kind}-${i}`, { ...options, kind }]));
}

/** Options that a running pipeline takes without being made anew. */
const CHANGEABLE = /buffer|throttle|retention|schedule|alarm/i;

/** Paths of all {@link CHANGEABLE} options of a pipeline, as one change of its config. */
export function changed(instance: string, options: Options): Options {
    const kind = registry[String(options.kind ?? instance)];
    const { kind: _, ...own } = options;
    const isTaken = (next: unknown) => {
        const parsed = kind?.options.safeParse(next);
        return parsed?.success === true && kind?.problems(parsed.data).length === 0;
    };
    const leaves = leavesOf(kind?.options.parse(own)).filter(([at]) => CHANGEABLE.test(at.join(".")));
    const next = leaves.reduce<Options>((before, [at, value]) => {
        const after = othersFor(value).map((other) => withValue(before, at, other));
        return after.find(isTaken) ?? before;
    }, own);
    return { ...options, ...next };
}

/** How a pipeline's options differ from others, by path. */
export function pathsThatDiffer(before: Options, after: Options): readonly string[] {
    const known = new Map(leavesOf(before).map(([at, value]) => [at.join("."), value]));
    return leavesOf(after).flatMap(([at, value]) => (known.get(at.join(".")) === value ? [] : [at.join(".")]));
}

type Leaf = readonly [at: readonly string[], value: unknown];

function leavesOf(value: unknown, at: readonly string[] = []): readonly Leaf[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [[at, value]];
    return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...at, name]));
}

/** Values near another one. */
function othersFor(value: unknown): readonly unknown[] {
    if (typeof value === "number") return [value + 1, value - 1];
    return typeof value === "string" && value.startsWith("cron(") ? [value.replace(/cron\(\S+/, "cron(41")] : [];
}

function withValue(options: Options, [name = "", ...below]: readonly string[], value: unknown): Options {
    return {
        ...options,
        [name]: below.length === 0 ? value : withValue((options[name] ?? {}) as Options, below, value),
    };
}

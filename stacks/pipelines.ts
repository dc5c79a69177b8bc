import { nearest } from "./nearest";
import { type Parsed, parse, type Refusal } from "./parse";
import { registry } from "./registry";

/** One pipeline of a stack. */
export interface PipelineSettings {
    /** Name of the instance, which its resources are named after. */
    readonly name: string;
    /** Its line in the registry. */
    readonly kind: string;
    /** Options of that kind, defaults filled in. */
    readonly options: unknown;
}

/** AWS allows the shortest of the names made from it 64 characters: those of roles and functions, with what is put behind it. */
const NAME = /^[a-z](-?[a-z0-9]){0,29}$/;

const kinds = Object.keys(registry);

/** Reads `pipelines` of a stack's config: a map from names to options. */
export function readPipelines(given: unknown): {
    pipelines: readonly PipelineSettings[];
    refusals: readonly Refusal[];
} {
    if (given !== undefined && !isMap(given))
        return nothing(` is ${JSON.stringify(given)}. It must be a map from names to options.`);
    const entries = Object.entries(given ?? {});
    if (entries.length === 0) {
        return nothing(
            ` is missing. It says which pipelines run: pulumi config set --path 'tributary:pipelines.${kinds[0]}.kind' ${kinds[0]}`,
        );
    }
    const read = entries.map(([name, options]) => readPipeline(name, options));
    return {
        pipelines: read.flatMap(({ value }) => value ?? []),
        refusals: read.flatMap(({ refusals }, i) =>
            refusals.map(({ path, sentence }) => at([entries[i][0], ...path], sentence)),
        ),
    };

    function nothing(sentence: string) {
        return { pipelines: [], refusals: [{ path: ["pipelines"], sentence }] };
    }
}

function readPipeline(name: string, given: unknown): Parsed<PipelineSettings> {
    const wrongName = NAME.test(name) ? [] : [{ path: [], sentence: NAME_RULE }];
    const options = optionsOf(given);
    if (!isMap(options))
        return refuse(` is ${JSON.stringify(given)}. It must be a map of options, which may be empty: {}.`);
    const { kind = name, ...own } = options;
    const pipeline = typeof kind === "string" && kinds.includes(kind) ? registry[kind] : undefined;
    if (!pipeline) return refuse(wrongKind(name, options.kind));
    const { value, refusals } = parse(pipeline.options, own);
    const problems = value === undefined ? [] : pipeline.problems(value);
    return {
        value: { name, kind: kind as string, options: value },
        refusals: [
            ...wrongName,
            ...refusals,
            ...problems.map(({ path, message }) => ({ path, sentence: `: ${message}` })),
        ],
    };

    function refuse(sentence: string): Parsed<PipelineSettings> {
        return { value: undefined, refusals: [...wrongName, { path: [], sentence }] };
    }
}

const NAME_RULE =
    " has a name that not all of AWS takes. It must be lower-case letters, digits and single hyphens, begin with a letter, and have at most 30.";

function wrongKind(name: string, kind: unknown): string {
    const known = `one of ${kinds.join(", ")}`;
    if (kind === undefined)
        return ` has no kind, and "${name}" is not the name of one.${hint(name)} Set its kind to ${known}.`;
    return `.kind is ${JSON.stringify(kind)}.${hint(kind)} It must be ${known}.`;
}

function hint(word: unknown): string {
    const meant = typeof word === "string" ? nearest(word, kinds) : undefined;
    return meant ? ` Did you mean "${meant}"?` : "";
}

/** No options are written as nothing, `{}`, or by `pulumi config set --path` as the text `{}`. */
function optionsOf(given: unknown): unknown {
    if (given === null || given === "") return {};
    if (typeof given !== "string") return given;
    try {
        return JSON.parse(given);
    } catch {
        return given;
    }
}

function isMap(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(path: readonly PropertyKey[], sentence: string): Refusal {
    return { path: ["pipelines", ...path], sentence };
}

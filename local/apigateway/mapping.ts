import { queryJson } from "./json-path";
import type { Parameters, Payload } from "./variables";
import { text } from "./velocity/values";

/** Where the value of a mapping comes from. */
export type Source =
    | { readonly from: "static"; readonly value: string }
    | { readonly from: "parameter"; readonly location: keyof Parameters; readonly name: string }
    | { readonly from: "body"; readonly path: string }
    | { readonly from: "header"; readonly name: string }
    | { readonly from: "context" | "stageVariables"; readonly path: readonly string[] };

/** One line of `requestParameters` or `responseParameters`: a header of the target side, and its value. */
export interface Mapping {
    readonly target: { readonly location: string; readonly name: string };
    readonly source: Source;
}

/** What the sources of a mapping are read from. */
export interface MappingInput {
    readonly parameters: Parameters;
    readonly context: object;
    readonly stageVariables: Readonly<Record<string, string>>;
    /** The body that the mapping may look into. */
    readonly body: Payload;
    /** Headers of the backend's answer, in lower case. */
    readonly headers: Readonly<Record<string, string>>;
}

/** Parses the right side of a mapping, or gives undefined when AWS would call it invalid. https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html */
export function parseSource(expression: string): Source | undefined {
    const fixed = /^'(.*)'$/s.exec(expression);
    if (fixed) return { from: "static", value: fixed[1] as string };
    const parameter = /^method\.request\.(?:multivalue)?(path|querystring|header)\.(.+)$/.exec(expression);
    if (parameter)
        return { from: "parameter", location: parameter[1] as keyof Parameters, name: parameter[2] as string };
    const body = /^(?:method\.request|integration\.response)\.body(.*)$/s.exec(expression);
    if (body) return { from: "body", path: bodyPath(body[1] as string) };
    const header = /^integration\.response\.(?:multivalue)?header\.(.+)$/.exec(expression);
    if (header) return { from: "header", name: (header[1] as string).toLowerCase() };
    const variable = /^(context|stageVariables)\.(.+)$/.exec(expression);
    if (!variable) return undefined;
    return { from: variable[1] as "context" | "stageVariables", path: (variable[2] as string).split(".") };
}

/** `method.request.body` is the whole body, `method.request.body.JSONPath` a place in it. */
function bodyPath(rest: string): string {
    if (rest === "") return "$";
    return rest.startsWith(".$") ? rest.slice(1) : `$${rest}`;
}

/** The value of a mapping, or undefined when there is nothing to map. */
export function readSource(source: Source, input: MappingInput): string | undefined {
    switch (source.from) {
        case "static":
            return source.value;
        case "parameter": {
            const map = input.parameters[source.location];
            const name = source.location === "header" ? source.name.toLowerCase() : source.name;
            return Object.hasOwn(map, name) ? map[name] : undefined;
        }
        case "header":
            return Object.hasOwn(input.headers, source.name) ? input.headers[source.name] : undefined;
        case "body":
            return printed(source.path === "$" ? input.body.text : queryJson(input.body.json(), source.path));
        default:
            return printed(along(source.from === "context" ? input.context : input.stageVariables, source.path));
    }
}

/** The value that a path of names leads to, or undefined. */
export function along(root: unknown, path: readonly string[]): unknown {
    let value = root;
    for (const name of path) {
        if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
        value = (value as Record<string, unknown>)[name];
    }
    return value;
}

function printed(value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined;
    return typeof value === "object" ? JSON.stringify(value) : text(value);
}

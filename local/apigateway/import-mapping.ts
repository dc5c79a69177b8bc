import { isServiceError, LOCAL_UNSUPPORTED } from "../errors";
import { stringEntries } from "./import-document";
import { type Mapping, parseSource, type Source } from "./mapping";
import type { Location, Segment } from "./model";
import { compileTemplate, type Template } from "./velocity/compile";

/** Takes a sentence about what AWS would refuse. */
export type Report = (problem: string) => void;

/** What a method declares: mappings may use nothing else. */
export interface Declared {
    readonly segments: readonly Segment[];
    readonly parameters: readonly { readonly location: Location; readonly name: string }[];
    /** Names of the headers of each response, in lower case. */
    readonly responses: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Compiles the mapping templates of a map by content type. */
export function importTemplates(value: unknown, report: Report): ReadonlyMap<string, Template> {
    const templates = new Map<string, Template>();
    for (const [type, source] of stringEntries(value)) {
        try {
            templates.set(type.toLowerCase(), compileTemplate(source));
        } catch (error) {
            if (isServiceError(error) && error.code === LOCAL_UNSUPPORTED) throw error;
            report(`Invalid mapping template for ${type}: ${error instanceof Error ? error.message : String(error)}`);
        }
    }
    return templates;
}

/** Imports parameter mappings. A target or a source that the method does not declare is what AWS refuses. */
export function importMappings(
    value: unknown,
    side: "integration.request" | "method.response",
    method: Declared,
    report: Report,
    statusCode?: string,
): readonly Mapping[] {
    return stringEntries(value).flatMap(([key, expression]) => {
        const target = parseTarget(key, side);
        const headers = statusCode === undefined ? undefined : method.responses.get(statusCode);
        if (!target || (statusCode !== undefined && !headers?.has(target.name.toLowerCase()))) {
            report(invalid(`Invalid mapping expression parameter specified: ${key}`));
            return [];
        }
        const source = parseSource(expression);
        if (source && isDeclared(source, method)) return [{ target, source }];
        report(invalid(`Invalid mapping expression specified: ${expression}`));
        return [];
    });
}

/** AWS's sentence about a mapping. */
export function invalid(error: string): string {
    return `Invalid mapping expression specified: Validation Result: warnings : [], errors : [${error}]`;
}

function parseTarget(key: string, side: "integration.request" | "method.response"): Mapping["target"] | undefined {
    const pattern =
        side === "method.response"
            ? /^method\.response\.(header)\.(.+)$/
            : /^integration\.request\.(header|querystring|path)\.(.+)$/;
    const [, location, name] = pattern.exec(key) ?? [];
    return location === undefined || name === undefined ? undefined : { location, name };
}

function isDeclared(source: Source, { segments, parameters }: Declared): boolean {
    if (source.from !== "parameter") return true;
    const { location, name } = source;
    if (location === "path") return segments.some((segment) => "parameter" in segment && segment.parameter === name);
    const same = (other: string) =>
        location === "header" ? other.toLowerCase() === name.toLowerCase() : other === name;
    return parameters.some((parameter) => parameter.location === location && same(parameter.name));
}

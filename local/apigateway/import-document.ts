import { isServiceError, LOCAL_UNSUPPORTED, unsupported } from "../errors";

/** A JSON object of the document. */
export type Json = Readonly<Record<string, unknown>>;

/** The whole OpenAPI document. */
export type Document = Json;

/** What AWS would refuse, a sentence each. */
export type Problems = string[];

/** A JSON object, or an empty one where the document has none. */
export function object(value: unknown): Json {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A property as text; empty when it is missing. */
export function strings(from: Json, name: string): string {
    return from[name] === undefined ? "" : String(from[name]);
}

/** The string entries of a map such as `requestTemplates`. */
export function stringEntries(value: unknown): readonly (readonly [string, string])[] {
    return Object.entries(object(value)).map(([key, text]) => [key, String(text)] as const);
}

/** Throws `LocalUnsupported` for a property that is not among those known (given in one string); plain `x-` extensions of others are let through. */
export function refuseUnknown(where: string, value: Json, known: string): void {
    const names = new Set(known.split(" "));
    const unknown = Object.keys(value).find(
        (name) => !names.has(name) && (!name.startsWith("x-") || name.startsWith("x-amazon-")),
    );
    if (unknown !== undefined) throw unsupported(`${unknown} in the ${where} of an OpenAPI document`);
}

/** Runs a part of the import; an error becomes a problem with that heading, unless it says that the local runtime lacks something. */
export function attempt(heading: string, problems: Problems, part: () => void): void {
    try {
        part();
    } catch (error) {
        if (isServiceError(error) && error.code === LOCAL_UNSUPPORTED) throw error;
        problems.push(`${heading}: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`);
    }
}

import { isServiceError, LOCAL_UNSUPPORTED, unsupported } from "../errors";
import type { Segment } from "./model";

/** A JSON object of the document. */
export type Json = Readonly<Record<string, unknown>>;

/** What AWS would refuse, a sentence each. */
export type Problems = string[];

/** The method that is being imported, and what the import of it needs to know. */
export interface At {
    /** The whole OpenAPI document. */
    readonly document: Json;
    readonly region: string;
    readonly problems: Problems;
    readonly path: string;
    readonly httpMethod: string;
    readonly segments: readonly Segment[];
}

/** A JSON object, or an empty one where the document has none. */
export function object(value: unknown): Json {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A list of JSON objects, or an empty one where the document has none. */
export function list(value: unknown): readonly Json[] {
    return Array.isArray(value) ? value.map(object) : [];
}

/** A property as text; empty when it is missing. */
export function stringOf(from: Json, name: string): string {
    return from[name] === undefined ? "" : String(from[name]);
}

/** The string entries of a map such as `requestTemplates`. */
export function stringEntries(value: unknown): readonly (readonly [string, string])[] {
    return Object.entries(object(value)).map(([key, text]) => [key, String(text)] as const);
}

/** Throws `LocalUnsupported` for a property that is not among those known (given in one string). Extensions of others than AWS are let through. */
export function refuseUnknown(where: string, value: Json, known: string): void {
    const names = new Set(known.split(" "));
    const isUnknown = (name: string) => !names.has(name) && (!name.startsWith("x-") || name.startsWith("x-amazon-"));
    const unknown = Object.keys(value).find(isUnknown);
    if (unknown !== undefined) throw unsupported(`${unknown} in the ${where} of an OpenAPI document`);
}

/** Runs a part of the import; an error becomes a problem with that heading, unless it says that the local runtime lacks something. */
export function attempt(heading: string, problems: Problems, part: () => void): void {
    try {
        part();
    } catch (error) {
        if (isServiceError(error) && error.code === LOCAL_UNSUPPORTED) throw error;
        problems.push(`${heading}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
}

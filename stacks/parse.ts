import * as z from "zod";
import { nearest } from "./nearest";

/** Something wrong with a value: where, and what comes after the path in a sentence. */
export interface Refusal {
    readonly path: readonly PropertyKey[];
    /** ` is 1000. It must be a whole number from 0 to 900 seconds.` */
    readonly sentence: string;
}

/** What {@link parse} gives. */
export interface Parsed<T> {
    /** The value, defaults filled in. Where something was refused it is left out, and if nothing can stand for it there is no value. */
    readonly value: T | undefined;
    readonly refusals: readonly Refusal[];
}

/** Parses config with a schema, finding everything that is wrong with it at once. */
export function parse<Schema extends z.ZodType>(schema: Schema, given: unknown): Parsed<z.output<Schema>> {
    const { data, error } = schema.safeParse(given, { error: knownKeys });
    if (!error) return { value: data, refusals: [] };
    const refusals = error.issues.flatMap((issue) => refusalsOf(issue, given));
    const rest = refusals.reduce((value, { path }) => without(value, path), given);
    return { value: schema.safeParse(rest).data, refusals };
}

/** The message of an issue says what is allowed; for an unknown key that is the keys. */
function knownKeys({ code, inst }: z.core.$ZodRawIssue): string | undefined {
    if (code !== "unrecognized_keys" || !(inst instanceof z.ZodObject)) return undefined;
    return Object.keys(inst.shape).sort().join(", ");
}

function refusalsOf(issue: z.core.$ZodIssue, given: unknown): readonly Refusal[] {
    const { path, message } = issue;
    if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => ({ path: [...path, key], sentence: unknownKey(key, message) }));
    }
    const value = path.reduce<unknown>(
        (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
        given,
    );
    const found = value === undefined ? "missing" : JSON.stringify(value);
    return [{ path, sentence: ` is ${found}. It must be ${message}.` }];
}

function unknownKey(key: string, known: string): string {
    const meant = nearest(key, known.split(", "));
    return ` is not known.${meant ? ` Did you mean "${meant}"?` : ""} Known here: ${known}.`;
}

/** A value without what is at a path; an item of a list goes with its list. */
function without(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
    if (typeof value !== "object" || value === null || key === undefined) return value;
    const { [key]: inner, ...others } = value as Record<PropertyKey, unknown>;
    const removed = rest.length === 0 || Array.isArray(inner);
    return removed ? others : { ...others, [key]: without(inner, rest) };
}

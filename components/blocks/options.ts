import * as z from "zod";

// The vocabulary in which pipelines declare their options. The message of each schema completes the sentence "It must be …", so that every
// refusal says what is allowed. Numbers and booleans are taken as text too: `pulumi config set --path` writes `0.5` as a string.

/** A whole number within bounds, both included. */
export function integer(min: number, max: number, unit?: string) {
    const error = `a whole number from ${bounds(min, max, unit)}`;
    return z.preprocess(numberOf, z.int(error).min(min, error).max(max, error));
}

/** A number within bounds, both included. */
export function decimal(min: number, max: number, unit?: string) {
    const error = `a number from ${bounds(min, max, unit)}`;
    return z.preprocess(numberOf, z.number(error).min(min, error).max(max, error));
}

/** `true` or `false`. */
export function flag() {
    return z.preprocess(
        (value) => (value === "true" ? true : value === "false" ? false : value),
        z.boolean("true or false"),
    );
}

/** One of a few words. */
export function choice<const Words extends readonly string[]>(...words: Words) {
    return z.enum(words as unknown as [Words[number], ...Words[number][]], `one of ${words.join(", ")}`);
}

/** Text that a regular expression matches; `what` says in words what that is. */
export function text(pattern: RegExp, what: string) {
    return z.string(what).regex(pattern, what);
}

/** A list whose items differ from each other. */
export function list<Item extends z.ZodType>(item: Item) {
    return z
        .array(item, "a list")
        .refine((items) => new Set(items).size === items.length, "a list without an item that comes twice");
}

/** A map with these keys and no others. */
export function group<Shape extends z.ZodRawShape>(shape: Shape) {
    return z.strictObject(shape, { error: (issue) => (issue.code === "invalid_type" ? "a map" : undefined) });
}

function bounds(min: number, max: number, unit: string | undefined): string {
    return `${number(min)} to ${number(max)}${unit ? ` ${unit}` : ""}`;
}

function number(value: number): string {
    return value.toLocaleString("en-US");
}

function numberOf(value: unknown): unknown {
    return typeof value === "string" && value.trim() !== "" ? Number(value) : value;
}

import { exactText } from "../../firehose/json-documents";

/** Why a document becomes no row: a sentence that names columns and never quotes a value. */
export interface Misfit extends Error {
    readonly isMisfit: true;
}

/** Makes a {@link Misfit}. */
export function misfit(sentence: string): Misfit {
    return Object.assign(new Error(sentence), { isMisfit: true as const });
}

/** Whether something thrown is a {@link Misfit}. */
export function isMisfit(error: unknown): error is Misfit {
    return error instanceof Error && "isMisfit" in error;
}

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 100;

/** The JSON object that a text is, read with `parse`. Throws a {@link Misfit}. */
export function documentIn(text: string, parse: (text: string) => unknown): Fields {
    if (isDeep(text)) throw misfit(`The document has more than ${MAX_DEPTH} levels.`);
    let document: unknown;
    try {
        document = parse(text);
    } catch {
        throw misfit("The document is not JSON.");
    }
    if (!isObject(document)) throw misfit("The document is not an object.");
    return document;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) && exactText(value) === undefined;
}

/** The value at a path, dots between its keys; undefined or null where there is none. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
    let value = document;
    for (const key of path) {
        if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
        value = value[key];
    }
    return value;
}

function isDeep(text: string): boolean {
    // Counting is faster than looking, and few documents have so many brackets.
    let brackets = 0;
    for (let at = 0; at < text.length && brackets <= MAX_DEPTH; at++) {
        const code = text.charCodeAt(at);
        if (code === 0x5b || code === 0x7b) brackets++;
    }
    if (brackets <= MAX_DEPTH) return false;
    let depth = 0;
    for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/gs)) {
        if (token === "{" || token === "[") depth++;
        if (token === "}" || token === "]") depth--;
        if (depth > MAX_DEPTH) return true;
    }
    return false;
}

/** Whether JavaScript's numbers are those that a text spells: none has more than fifteen digits, or an exponent. */
export function hasPlainNumbers(text: string): boolean {
    for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|\d[\d.eE+-]*/gs))
        if (token[0] !== '"' && !/^(?:\d{1,15}|\d{1,9}\.\d{1,6})$/.test(token)) return false;
    return true;
}

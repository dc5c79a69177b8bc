/** A number as its document spells it, which may be more than JavaScript's numbers hold. */
export interface ExactNumber {
    readonly [TEXT]: string;
}

const TEXT: unique symbol = Symbol("text of a number");

/** The text of an {@link ExactNumber}, or undefined for any other value. */
export function exactText(value: unknown): string | undefined {
    return typeof value === "object" && value !== null && TEXT in value ? (value as ExactNumber)[TEXT] : undefined;
}

/** Reads a JSON document; every number in it becomes an {@link ExactNumber}. Much slower than JSON.parse. */
export function parseExact(text: string): unknown {
    const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
        typeof value === "number" && context?.source !== undefined ? { [TEXT]: context.source } : value;
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
}

/**
 * The JSON documents of a record: one, or several behind each other with or without white space between them. Throws a SyntaxError for
 * anything else. https://docs.aws.amazon.com/firehose/latest/dev/data-format-conversion-concepts.html
 */
export function documentsIn(text: string, parse: (text: string) => unknown = JSON.parse): readonly unknown[] {
    const lines = linesOf(text);
    if (lines.length === 1) return single(text, parse);
    try {
        return lines.map((line) => parse(line));
    } catch {
        return single(text, parse);
    }
}

function linesOf(text: string): readonly string[] {
    const trimmed = text.trimEnd();
    return trimmed.includes("\n") ? trimmed.split("\n").filter((line) => line.trim() !== "") : [trimmed];
}

function single(text: string, parse: (text: string) => unknown): readonly unknown[] {
    try {
        return [parse(text)];
    } catch (error) {
        const parts = objectsIn(text);
        if (parts.length < 2) throw error;
        return parts.map((part) => parse(part));
    }
}

/** Splits a text behind each brace that closes an object of the outermost level. What is left over is a part, too. */
function objectsIn(text: string): readonly string[] {
    const parts: string[] = [];
    let depth = 0;
    let start = 0;
    for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
        if (token === "{") depth++;
        if (token !== "}" || --depth > 0) continue;
        parts.push(text.slice(start, index + 1));
        start = index + 1;
    }
    const rest = text.slice(start);
    return rest.trim() === "" ? parts : [...parts, rest];
}

/** A number that JavaScript would change (too long, `1.0`, `1e5`), kept as its own text. `JSON.stringify` writes it as it came. */
export interface ExactNumber {
    readonly rawJSON: string;
}

// TypeScript 5.9 does not know these yet; every Node from 22 has them (https://github.com/tc39/proposal-json-parse-with-source).
const { rawJSON, isRawJSON, parse } = JSON as unknown as {
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
};

/** Whether a value is an {@link ExactNumber}. */
export const isExactNumber = isRawJSON;

/** Finds a number that may not survive `Number()`: after `:`, `,` or `[`, with 16 digits, a trailing zero, an exponent, a minus zero or many zeros. */
const INEXACT = /[[:,]\s*-?(?:[\d.]{16,}|\d+\.\d*0|0\.0{5}\d*|\d+(?:\.\d+)?[eE][-+]?\d+|(?<=-)0)\s*[,\]}]/;
const LONE_NUMBER = /^\s*-?\d/;

/** Whether {@link parseJson} may give an {@link ExactNumber} for this text. */
export function hasExactNumbers(text: string): boolean {
    return LONE_NUMBER.test(text) || INEXACT.test(text);
}

/**
 * Parses JSON without changing a number: `12345678901234567890` and `1.0` come out as {@link ExactNumber}. Throws `SyntaxError`.
 * That costs about five times what `JSON.parse` does, so it is done only when the text has such a number.
 */
export function parseJson(text: string): unknown {
    return hasExactNumbers(text) ? parseExactly(text) : (JSON.parse(text) as unknown);
}

/** Parses JSON, keeping as {@link ExactNumber} what JavaScript would print otherwise than it came. Throws `SyntaxError`. */
export function parseExactly(text: string): unknown {
    return parse(text, (_key, value, { source }) =>
        typeof value === "number" && source !== undefined && source !== String(value) ? rawJSON(source) : value,
    );
}

/** Whether a value is a JSON object (or a map made by a template), as opposed to an array, a scalar or an {@link ExactNumber}. */
export function isMap(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

// JSON.rawJSON and the reviver's context are in Node 22, but not yet in the library that TypeScript 5.9 knows.
// https://github.com/tc39/proposal-json-parse-with-source
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
    parse(text: string, reviver: Reviver): unknown;
    rawJSON(text: string): unknown;
};

/** A number in JSON follows a key, or something in an array. What looks like one in a string only costs time. */
const NUMBER = /(?:"\s*:|[[,])\s*[-\d]/;

/**
 * Gives a value that JSON.stringify writes with every number as it was in the text: `1.0` and 18446744073709551616 as well as 0.1. Numbers
 * in it are not JavaScript's. `value` is the text parsed, which is all that is needed of a text without numbers.
 */
export function exactly(text: string, value: unknown): unknown {
    if (!NUMBER.test(text)) return value;
    return parse(text, (_, inner, { source }) =>
        typeof inner === "number" && source !== undefined ? rawJSON(source) : inner,
    );
}

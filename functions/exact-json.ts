// JSON.rawJSON and the reviver's context are in Node 22 and 24, but not yet in the library that TypeScript 5.9 knows.
// https://github.com/tc39/proposal-json-parse-with-source
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
    parse(text: string, reviver: Reviver): unknown;
    rawJSON(text: string): unknown;
};

/**
 * Parses JSON so that JSON.stringify writes every number as it was: `1.0` and 18446744073709551616 as well as 0.1. The numbers in the
 * result are not JavaScript's.
 */
export function parseExactly(text: string): unknown {
    return parse(text, (_, value, { source }) =>
        typeof value === "number" && source !== undefined ? rawJSON(source) : value,
    );
}

import { unsupported } from "../errors";

/**
 * The test of an unstructured filter pattern: words that must all be there, `"a phrase"`, `-word` that must not, and `?word ?word` of which
 * one must be. Case counts. Patterns for JSON, for fields between blanks, and regular expressions are not supported.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(pattern = ""): (message: string) => boolean {
    const text = pattern.trim();
    if (/^[{[]|%/.test(text)) throw unsupported(`The filter pattern ${text}`);
    const terms = [...text.matchAll(/([-?]?)(?:"((?:\\.|[^"\\])*)"|(\S+))/g)].map(([, sign, phrase, word]) => ({
        sign,
        text: phrase === undefined ? (word as string) : phrase.replace(/\\(.)/g, "$1"),
    }));
    const of = (wanted: string) => terms.filter(({ sign }) => sign === wanted).map((term) => term.text);
    const [all, none, any] = [of(""), of("-"), of("?")];
    return (message) =>
        all.every((term) => message.includes(term)) &&
        !none.some((term) => message.includes(term)) &&
        // AWS ignores the words with a question mark when there are others.
        (any.length === 0 || all.length + none.length > 0 || any.some((term) => message.includes(term)));
}

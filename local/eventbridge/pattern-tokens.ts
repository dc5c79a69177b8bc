import { type ServiceError, serviceError } from "../errors";

/** A token of a JSON document. */
export interface Token {
    readonly kind: "{" | "}" | "[" | "]" | "field" | "string" | "number" | "literal";
    /** The value of a string or a field's name, else the text itself. */
    readonly text: string;
    /** How much of the document has been read when this token is looked at. */
    readonly at: number;
    /** Where the token ends. */
    readonly end: number;
}

/** The tokens of an event pattern, one after the other, with AWS's refusal for where the reader stands. */
export interface Tokens {
    next(): Token;
    /** Makes AWS's error; `isRead` tells that the text of the last token has been looked at, too. */
    refusal(reason: string, isRead?: boolean): ServiceError;
}

/** Longest excerpt of a pattern in an error. */
const MAX_SHOWN = 500;

/** Makes the error with which AWS refuses an event pattern. */
export function invalidPattern(reason: string): ServiceError {
    return serviceError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}

/**
 * Reads a pattern, which must be a JSON document. Places are those that AWS's parser gives in its errors: behind the opening quote of a string,
 * and, for a field's name, behind the beginning of its value. https://github.com/aws/event-ruler
 */
export function tokensOf(pattern: string): Tokens {
    try {
        JSON.parse(pattern);
    } catch {
        throw invalidPattern("Invalid JSON");
    }
    const tokens: Token[] = [];
    for (const match of pattern.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,:[\]{}"]+/g)) {
        const [text] = match;
        const end = match.index + text.length;
        const isString = text.startsWith('"');
        const value = isString ? (JSON.parse(text) as string) : text;
        const isField = isString && /^\s*:/.test(pattern.slice(end));
        tokens.push({ kind: kindOf(text, isField), text: value, at: isString ? match.index + 1 : end, end });
    }
    let index = -1;
    const place = ({ kind, at, end }: Token, isRead: boolean): number => {
        if (kind === "field") return (tokens[index + 1] as Token).at;
        return isRead ? end : at;
    };
    return {
        next() {
            index += 1;
            return tokens[index] as Token;
        },
        refusal(reason, isRead = false) {
            const before = pattern.slice(0, place(tokens[index] as Token, isRead));
            const line = before.split("\n").length;
            const column = before.length - before.lastIndexOf("\n");
            return invalidPattern(
                `${reason}\n at [Source: (String)${excerpt(pattern)}; line: ${line}, column: ${column}]`,
            );
        },
    };
}

function excerpt(pattern: string): string {
    const left = pattern.length - MAX_SHOWN;
    return `"${pattern.slice(0, MAX_SHOWN)}"${left > 0 ? `[truncated ${left} chars]` : ""}`;
}

function kindOf(text: string, isField: boolean): Token["kind"] {
    if (isField) return "field";
    if (text.startsWith('"')) return "string";
    if (/^[[\]{}]$/.test(text)) return text as Token["kind"];
    return /^[-\d]/.test(text) ? "number" : "literal";
}

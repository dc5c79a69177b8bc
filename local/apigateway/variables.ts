import { hasExactNumbers, parseExactly, parseJson } from "./json";
import { queryJson } from "./json-path";
import { refusal, wellFormed } from "./refusal";
import { type Facade, METHODS, text } from "./velocity/values";

/** The parameters of a request, decoded. Header names are in lower case, as the server gives them. */
export interface Parameters {
    readonly path: Readonly<Record<string, string>>;
    readonly querystring: Readonly<Record<string, string>>;
    readonly header: Readonly<Record<string, string>>;
}

/** A body that templates and mappings read, parsed when one of them asks for it first. */
export interface Payload {
    /** The body as it came. */
    readonly text: string;
    /** The parsed body: `{}` when it is empty, and the text itself when it is not JSON, as AWS's lenient parser takes it. */
    json(): unknown;
    /** The body as `JSON.parse` gives it, for validators, or undefined when it is not JSON. */
    plain(): unknown;
    /** Forgets the text and what was parsed, which is many times as large. Whoever asks again has it read again. */
    release(): void;
}

/** Makes a {@link Payload}. Bytes must be UTF-8. */
export function payload(body: string | Buffer): Payload {
    let text: string | undefined;
    let parsed: Parsed | undefined;
    const read = () => {
        text ??= body.toString();
        return text;
    };
    const once = () => {
        parsed ??= parse(read());
        return parsed;
    };
    return {
        get text() {
            return read();
        },
        json: () => once().value,
        plain: () => once().plain(),
        release() {
            text = undefined;
            parsed = undefined;
        },
    };
}

interface Parsed {
    readonly value: unknown;
    readonly plain: () => unknown;
}

function parse(body: string): Parsed {
    const nothing = () => undefined;
    if (body.trim() === "") return { value: {}, plain: nothing };
    try {
        const exact = hasExactNumbers(body);
        const value = exact ? parseExactly(body) : (JSON.parse(body) as unknown);
        return { value, plain: () => (exact ? (JSON.parse(body) as unknown) : value) };
    } catch {
        return { value: body, plain: nothing };
    }
}

/**
 * `$input`. A path that leads nowhere is empty text, in quotes for `$input.json`; an empty body is `{}`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#input-variable-reference
 */
export function inputVariable(body: Payload, parameters: Parameters): Facade {
    const found = (path: unknown) => queryJson(body.json(), text(path));
    const methods = {
        json(path: unknown) {
            const value = found(path);
            return JSON.stringify(value === undefined ? "" : value);
        },
        path: found,
        params: (name?: unknown) => (name === undefined ? parameters : parameter(parameters, text(name))),
    };
    return Object.assign(Object.create(null), { [METHODS]: methods, body: body.text || "{}" }) as Facade;
}

/** A parameter by name, looked for in path, query string and headers in that order; empty when there is none. */
function parameter({ path, querystring, header }: Parameters, name: string): string {
    for (const map of [path, querystring]) if (Object.hasOwn(map, name)) return map[name] as string;
    const lower = name.toLowerCase();
    return Object.hasOwn(header, lower) ? (header[lower] as string) : "";
}

/** `$util`. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference */
export const utilVariable: Facade = Object.assign(Object.create(null), {
    [METHODS]: {
        escapeJavaScript: (value: unknown) => escapeJavaScript(text(value)),
        parseJson: (value: unknown) => parsed(text(value)),
        urlEncode: (value: unknown) => urlEncode(text(value)),
        urlDecode: (value: unknown) => urlDecode(text(value)),
        base64Encode: (value: unknown) => Buffer.from(wellFormed(text(value))).toString("base64"),
        base64Decode: (value: unknown) => Buffer.from(text(value), "base64").toString(),
    },
}) as Facade;

const ESCAPES: Readonly<Record<string, string>> = { "\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r" };

/** `StringEscapeUtils.escapeJavaScript` of Apache Commons Lang: quotes of both kinds, backslash, slash, control characters, all that is not ASCII. */
function escapeJavaScript(value: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
    return value.replace(/['"\\/\0-\x1f\x80-\uffff]/g, (character) => {
        if (/['"\\/]/.test(character)) return `\\${character}`;
        const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
        return ESCAPES[character] ?? `\\u${code}`;
    });
}

function parsed(value: string): unknown {
    try {
        return parseJson(value);
    } catch {
        throw refusal("A value that is not JSON was given to $util.parseJson");
    }
}

/** `java.net.URLEncoder`: as encodeURIComponent, with `+` for a space and fewer characters left alone. */
function urlEncode(value: string): string {
    const encoded = encodeURIComponent(wellFormed(value));
    return encoded.replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll("%20", "+");
}

/** `java.net.URLDecoder`. Throws a refusal for a wrong percent sign. */
export function urlDecode(value: string): string {
    try {
        return decodeURIComponent(value.replaceAll("+", " "));
    } catch {
        throw refusal("Invalid percent-encoding");
    }
}

import { randomInt } from "node:crypto";

/** What API Gateway hands to {@link randomStrings}. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
export interface ApiRequest {
    readonly headers?: Readonly<Record<string, string | undefined>> | null;
    readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
}

/** What it answers. */
export interface ApiResponse {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** Settings of {@link randomStrings}. Plain data. */
export interface RandomStringsOptions {
    /** Origins whose web pages may read the answer; `*` for all. */
    readonly origins: readonly string[];
}

const LOWERCASE = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE = LOWERCASE.toUpperCase();

/** What `chars` may ask for. */
const ALPHABETS: ReadonlyMap<string, string> = new Map([
    ["letters", LOWERCASE + UPPERCASE],
    ["lowercase", LOWERCASE],
    ["uppercase", UPPERCASE],
    ["digits", "0123456789"],
]);

/** Makes the handler that answers with random strings: how many, how long and of which characters, the request says. */
export function randomStrings({ origins }: RandomStringsOptions) {
    return async ({ headers, queryStringParameters }: ApiRequest): Promise<ApiResponse> => {
        const { read, problems } = parameters(queryStringParameters ?? {});
        const { chars, num, len } = {
            chars: read(
                "chars",
                "letters",
                (text) => ALPHABETS.get(text),
                `one of ${[...ALPHABETS.keys()].join(", ")}`,
            ),
            num: read("num", "1", wholeNumber(1, 100), "a whole number from 1 to 100"),
            len: read("len", "1", wholeNumber(1, 20), "a whole number from 1 to 20"),
        };
        if (chars === undefined || num === undefined || len === undefined)
            return respond(400, { message: "The request has parameters that cannot be used.", problems });
        return respond(
            200,
            Array.from({ length: num }, () => randomString(chars, len)),
        );

        function respond(statusCode: number, body: unknown): ApiResponse {
            return {
                statusCode,
                headers: { "content-type": "application/json", ...cors(headers ?? {}) },
                body: JSON.stringify(body),
            };
        }
    };

    function cors(headers: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
        if (origins.length === 0) return {};
        const origin = origins.includes("*")
            ? "*"
            : origins.find((each) => each === (headers.origin ?? headers.Origin));
        return { vary: "Origin", ...(origin && { "access-control-allow-origin": origin }) };
    }
}

/** Reads parameters one by one, and collects what is wrong with them. */
function parameters(given: Readonly<Record<string, string | undefined>>) {
    const problems: string[] = [];
    const read = <T>(name: string, byDefault: string, parse: (text: string) => T | undefined, allowed: string) => {
        const value = parse(given[name] ?? byDefault);
        if (value === undefined) problems.push(`${name} must be ${allowed}.`);
        return value;
    };
    return { read, problems };
}

function wholeNumber(min: number, max: number) {
    return (text: string): number | undefined => {
        const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
        return value >= min && value <= max ? value : undefined;
    };
}

/** `randomInt` has no bias: every character is as likely as any other. */
function randomString(chars: string, length: number): string {
    return Array.from({ length }, () => chars[randomInt(chars.length)]).join("");
}

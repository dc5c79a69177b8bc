import type { Answer } from "./exchange";
import { gatewayFailure, headerValue } from "./gateway-responses";
import type { BackendAnswer } from "./integrations";

/**
 * The answer that a function gave in the proxy format; 502 when it failed, or is not in that format. What says that it is base64 is sent as it
 * is: only an API with binary media types decodes it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function proxyAnswer(answer: BackendAnswer): Answer {
    if (answer.selector !== undefined) throw malformed(`Lambda execution failed: ${answer.selector}`);
    const result = parseResult(answer.body);
    const status = Number(result?.statusCode);
    const body = result?.body ?? "";
    const headers = result && proxyHeaders(result);
    if (!headers || !Number.isInteger(status) || status < 200 || status > 599 || typeof body !== "string")
        throw malformed("Malformed Lambda proxy response");
    return { status, headers, body };
}

function malformed(reason: string): Error {
    return gatewayFailure("INTEGRATION_FAILURE", { message: "Internal server error", status: 502, reason });
}

function parseResult(body: string): Record<string, unknown> | undefined {
    try {
        return objectOf(JSON.parse(body));
    } catch {
        return undefined;
    }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : undefined;
}

/** Headers that are API Gateway's own to send. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis */
const REMAPPED =
    /^(authorization|connection|content-length|content-md5|date|expect|host|keep-alive|max-forwards|proxy-authenticate|server|te|trailer|transfer-encoding|upgrade|user-agent|via|www-authenticate)$/i;

/** The headers of an answer, those with several values over those with one; undefined when they are not in the format. */
function proxyHeaders(result: Record<string, unknown>): Record<string, string | readonly string[]> | undefined {
    const [one, several] = [objectOf(result.headers ?? {}), objectOf(result.multiValueHeaders ?? {})];
    const lists = Object.values(several ?? {});
    const values = [...Object.values(one ?? {}), ...lists.flat()];
    const names = [...Object.keys(one ?? {}), ...Object.keys(several ?? {})];
    if (!one || !several || !lists.every(Array.isArray) || !values.every(isPlain) || !names.every(isName))
        return undefined;
    const headers: Record<string, string | readonly string[]> = { "Content-Type": "application/json" };
    const set = (name: string, value: string | readonly string[]) => {
        const sent = REMAPPED.test(name) ? `x-amzn-Remapped-${name}` : name;
        const known = Object.keys(headers).find((other) => other.toLowerCase() === sent.toLowerCase());
        if (known) delete headers[known];
        headers[sent] = value;
    };
    for (const [name, value] of Object.entries(one)) set(name, headerValue(String(value)));
    for (const [name, list] of Object.entries(several as Record<string, unknown[]>)) {
        const texts = list.map((value) => headerValue(String(value)));
        set(name, texts.length === 1 ? (texts[0] as string) : texts);
    }
    return headers;
}

function isPlain(value: unknown): boolean {
    return typeof value !== "object";
}

function isName(name: string): boolean {
    return /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

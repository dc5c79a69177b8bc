import type { Caller, HttpRequest, HttpResponse } from "../services";
import type { Context } from "./context";
import type { MappingInput } from "./mapping";
import type { Method, Route } from "./model";

import { urlDecode } from "./variables";

/** A request on its way through a method. */
export interface Exchange extends MappingInput {
    readonly request: HttpRequest;
    readonly route: Route;
    readonly method: Method;
    readonly context: Context;
    /** Path below the stage, as it came, without the query. */
    readonly path: string;
    readonly query: readonly (readonly [string, string])[];
    /** Content type without parameters; JSON when the request names none. */
    readonly contentType: string;
    /** ARN that policies and permissions name: `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`. */
    readonly methodArn: string;
}

/** An answer of a backend, or of the method. */
export interface Answer {
    readonly status: number;
    readonly headers: NonNullable<HttpResponse["headers"]>;
    readonly body: string | Buffer;
}

/** Who calls, as far as templates see it. */
export function identify(context: Context, caller: Caller): void {
    const id = caller.roleArn ? `${caller.roleArn}:${caller.arn.split("/").at(-1)}` : caller.arn;
    Object.assign(context.identity, { accountId: caller.arn.split(":")[4], caller: id, user: id, userArn: caller.arn });
}

/** Where a URL of the data plane leads: `/_aws/execute-api/<api>/<stage>/<path>?<query>`. */
export interface Target {
    readonly apiId: string;
    readonly stage: string;
    /** With the slash at its start. */
    readonly path: string;
    /** Without the question mark. */
    readonly query: string;
}

/** Where a request leads by its path, or by its host as on AWS (`<api>.execute-api.…`); undefined when it is not for an API. */
export function parseTarget(url: string, host = ""): Target | undefined {
    const [, named] = /^([a-z0-9]+)\.execute-api\./i.exec(host) ?? [];
    const full = url.startsWith("/_aws/execute-api/") || !named ? url : `/_aws/execute-api/${named}${url}`;
    const [, apiId, stage, path, query] =
        /^\/_aws\/execute-api\/([^/?#]+)\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/.exec(full) ?? [];
    if (apiId === undefined || stage === undefined) return undefined;
    return { apiId, stage, path: path || "/", query: query ?? "" };
}

/** The parts of a path, decoded. A slash at the end makes no difference. Throws a refusal for a wrong percent sign. */
export function pathParts(path: string): readonly string[] {
    const parts = path.split("/").slice(1);
    if (parts.at(-1) === "") parts.pop();
    // In a path a plus is a plus.
    return parts.map((part) => urlDecode(part.replaceAll("+", "%2B")));
}

/** The parameters of a query, decoded, in order. Throws a refusal for a wrong percent sign. */
export function queryEntries(query: string): readonly (readonly [string, string])[] {
    if (query === "") return [];
    const pairs = query.split("&").filter((pair) => pair !== "");
    return pairs.map((pair) => {
        const at = pair.indexOf("=");
        const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
        return [urlDecode(name), urlDecode(value)] as const;
    });
}

/** The headers that a request has, with names in lower case. */
export function definedHeaders(headers: HttpRequest["headers"]): Record<string, string> {
    const entries = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** Content type without parameters, in lower case; `application/json` when there is none. */
export function mediaType(header: string | undefined): string {
    return header?.split(";")[0]?.trim().toLowerCase() || "application/json";
}

/** The entry of a map by content type, with its parameters or without. */
export function byContentType<T>(map: ReadonlyMap<string, T>, header: string | undefined): T | undefined {
    return map.get(header?.trim().toLowerCase() ?? "") ?? map.get(mediaType(header));
}

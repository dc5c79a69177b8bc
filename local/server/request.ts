import type { Socket } from "node:net";
import type { ServiceError } from "../errors";
import type { Caller, HttpRequest } from "../services";
import { type Body, bodyOf, headerLinesOf, headersOf, headerValues, type Incoming, urlOf } from "./exchange";
import { type Route, routeOf } from "./routes";
import { type Claim, claimOf, isRefused, type Refused, type SignedRequest } from "./sigv4";

/** A request of which the head has been read: where it goes, and who it claims to be from. */
export interface Arrival {
    readonly method: string;
    /** Path and query as they came, except that S3's have the bucket in the path. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    headerLines(): readonly (readonly [name: string, value: string])[];
    readonly signed: SignedRequest;
    readonly claim: Claim | Refused | undefined;
    /** The service in the scope of the signature; empty without one. */
    readonly service: string;
    readonly route: Route;
    readonly body: Body;
    readonly sourceIp: string;
}

/** Reads the head of a request. */
export function arrivalOf(incoming: Incoming): Arrival {
    const method = incoming.method ?? "GET";
    const headers = headersOf(incoming);
    const url = urlOf(incoming);
    const signed = { method, url, header: (name: string) => headerValues(incoming, name) };
    const claim = claimOf(signed);
    const service = claim && !isRefused(claim) ? claim.service : "";
    const route = routeOf({ method, url, headers, service });
    const socket = incoming.socket as Socket | undefined;
    const sourceIp = (socket?.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
    const path = route === "s3" ? pathStyle(url, headers.host) : url;
    const body = bodyOf(incoming);
    const headerLines = () => headerLinesOf(incoming);
    return { method, url: path, headers, headerLines, signed, claim, service, route, body, sourceIp };
}

/** S3's URL with the bucket in the path, also when the client put it before the host: `http://bucket.localhost:4566/key`. */
function pathStyle(url: string, host = ""): string {
    const bucket = /^([^:]+?)(?:\.s3)?\.localhost(?::\d+)?$/i.exec(host)?.[1];
    return bucket && bucket !== "s3" ? `/${bucket}${url}` : url;
}

/** The request as a handler sees it. */
export function handled(
    { method, url, headers, headerLines, body, sourceIp }: Arrival,
    caller: Caller | undefined,
    refused?: ServiceError,
): HttpRequest {
    return {
        method,
        url,
        headers,
        headerLines,
        caller,
        ...(refused && { refused }),
        body: (limit) => body.whole(limit),
        get stream() {
            return body.stream();
        },
        sourceIp,
    };
}

import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { type Clock, systemClock } from "../clock";
import { isServiceError, serviceError, unsupported } from "../errors";
import type { Caller, HttpRequest, HttpResponse, Iam } from "../services";
import type { Wire } from "../wire";
import { callQuery, type QueryService } from "../wire/query";
import { queryError, s3Error } from "../wire/xml";
import { type Body, bodyOf, headersOf, headerValues, type Incoming, send, urlOf } from "./exchange";
import { createPort } from "./port";
import { type Dialect, oldSignature, refusalOf, unsigned } from "./refusals";
import { type Route, routeOf } from "./routes";
import { type Claim, claimOf, createVerifier, isRefused, isVersion2, type Refused, sha256 } from "./sigv4";

/** Answers the requests of one kind. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse> | HttpResponse;

/** What the server needs. Each handler may be left out; its requests are answered 404 then. */
export interface ServerOptions {
    readonly iam: Pick<Iam, "identify">;
    /** The JSON services. */
    readonly wire: Wire;
    readonly queryServices?: readonly QueryService[];
    readonly http?: {
        /** Deployed APIs: `/_aws/execute-api/<apiId>/<stage>/<path>`, or the host `<apiId>.execute-api.*`. */
        readonly apigateway?: HttpHandler;
        readonly s3?: HttpHandler;
        /** Lambda's REST API. */
        readonly lambda?: HttpHandler;
        /** What the runtime tells about itself, at `/_tributary/`. */
        readonly status?: HttpHandler;
    };
    /** The clock that signatures are compared with: the one on the wall by default, as clients have no other. */
    readonly clock?: Pick<Clock, "now">;
    /** Told of every defect of ours, which the client sees as InternalFailure. Standard error by default. */
    readonly report?: (defect: unknown) => void;
}

/** The local runtime's one door. */
export interface LocalServer {
    /** Listens (on loopback and a free port unless told otherwise) and gives the endpoint: `http://127.0.0.1:<port>`. */
    listen(options?: { readonly port?: number; readonly host?: string }): Promise<string>;
    /** Stops: requests under way get `graceMs` milliseconds (2,000 by default) to end. */
    close(graceMs?: number): Promise<void>;
}

/** Which dialect the errors of a route are in. */
const DIALECTS: Record<Route, Dialect> = {
    apigateway: "rest",
    status: "rest",
    lambda: "rest",
    json: "json",
    query: "query",
    s3: "s3",
    unclaimed: "rest",
};

/** Makes the server: signatures are checked, then each request goes to the service it is for. */
export function createServer(options: ServerOptions): LocalServer {
    const { wire, http = {}, queryServices = [], clock = systemClock, report = console.error } = options;
    const verify = createVerifier(options.iam, clock.now);
    const port = createPort((request, response) => {
        request.on("error", () => undefined);
        response.on("error", () => undefined);
        answer(request)
            .then((given) => send(request, response, given))
            .catch((defect) => {
                report(defect);
                response.destroy();
            });
    });

    async function answer(incoming: Incoming): Promise<HttpResponse> {
        const requestId = randomUUID();
        const exchange = read(incoming);
        const { route } = exchange;
        const dialect = DIALECTS[route];
        try {
            const caller = await authenticate(exchange, dialect);
            if (route === "json") return await json(exchange, caller, requestId);
            if (route === "query") return await query(exchange, caller, requestId);
            if (route === "unclaimed" && !isServed(exchange)) throw unsupported(`The service "${nameOf(exchange)}"`);
            const handler = route === "unclaimed" ? undefined : http[route];
            if (!handler) return notFound(exchange);
            return withRequestId(await handler(httpRequest(exchange, caller)), requestId);
        } catch (error) {
            return errorAnswer(error, dialect, requestId);
        }
    }

    /** The caller behind the signature, or undefined when there is none; throws when the signature is wrong. */
    async function authenticate(exchange: Exchange, dialect: Dialect): Promise<Caller | undefined> {
        const { claim, signed, body } = exchange;
        if (dialect === "s3" && isVersion2(signed)) throw oldSignature();
        if (claim === undefined) return undefined;
        if (isRefused(claim)) throw refusalOf(claim, dialect);
        const caller = await verify(signed, claim, async () => sha256(await body.whole()));
        if (isRefused(caller)) throw refusalOf(caller, dialect);
        if (claim.payload && /^[0-9a-f]{64}$/.test(claim.payload))
            body.expect(claim.payload, refusalOf({ problem: "payload", detail: "" }, dialect));
        return caller;
    }

    async function json(exchange: Exchange, caller: Caller | undefined, requestId: string) {
        const { headers, body } = exchange;
        const [target = "", operation = ""] = (headers["x-amz-target"] ?? "").split(".", 2);
        const service = wire.byTarget(target);
        if (!service) throw serviceError("UnknownOperationException", `No local service has the target "${target}".`);
        if (!caller) throw unsigned("json");
        if (nameOf(exchange) !== service.name) throw refusalOf(wrongService(service.name), "json");
        const text = (await body.whole()).toString("utf8");
        const { status, body: given, errorType } = await wire.call(caller, service, operation, text);
        const version = headers["content-type"] === "application/x-amz-json-1.0" ? "1.0" : "1.1";
        return {
            status,
            headers: {
                "content-type": `application/x-amz-json-${version}`,
                "x-amzn-requestid": requestId,
                ...(errorType && { "x-amzn-errortype": errorType }),
            },
            body: given,
        };
    }

    async function query(exchange: Exchange, caller: Caller | undefined, requestId: string) {
        const { method, url, body } = exchange;
        const name = nameOf(exchange);
        if (!caller) throw unsigned("query");
        const service = queryServices.find((each) => each.name === name);
        if (!service) throw unsupported(`The service "${name}"`);
        const text = method === "POST" ? (await body.whole()).toString("utf8") : url.slice(url.indexOf("?") + 1);
        const document = callQuery(service, new URLSearchParams(text), caller, requestId);
        return { status: 200, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body: document };
    }

    function isServed(exchange: Exchange): boolean {
        const name = nameOf(exchange);
        const others = [...queryServices.map((service) => service.name), "execute-api", "lambda", "s3"];
        return wire.byName(name) !== undefined || others.includes(name);
    }

    function errorAnswer(error: unknown, dialect: Dialect, requestId: string): HttpResponse {
        if (dialect === "json" || dialect === "rest") return restError(wire, error, dialect, requestId);
        if (!isServiceError(error)) report(error);
        const { code, message, status } = isServiceError(error) ? error : INTERNAL;
        const document =
            dialect === "s3"
                ? s3Error(code, message, requestId)
                : queryError(queryServices[0]?.namespace ?? "", code, message, requestId);
        const type = dialect === "s3" ? "application/xml" : "text/xml";
        return { status, headers: { "content-type": type, "x-amz-request-id": requestId }, body: document };
    }

    return {
        listen: async ({ port: wanted = 0, host = "127.0.0.1" } = {}) =>
            `http://${host.includes(":") ? `[${host}]` : host}:${await port.listen(wanted, host)}`,
        close: (graceMs) => port.close(graceMs),
    };
}

const INTERNAL = serviceError("InternalError", "We encountered an internal error. Please try again.", 500);

/** A request, read as far as its head goes. */
interface Exchange {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly signed: { method: string; url: string; header: (name: string) => readonly string[] };
    readonly claim: Claim | Refused | undefined;
    readonly route: Route;
    readonly body: Body;
    readonly sourceIp: string;
}

function read(incoming: Incoming): Exchange {
    const method = incoming.method ?? "GET";
    const headers = headersOf(incoming);
    const url = urlOf(incoming);
    const signed = { method, url, header: (name: string) => headerValues(incoming, name) };
    const claim = claimOf(signed);
    const route = routeOf({ method, url, headers, signedFor: nameOf({ claim }) || undefined });
    const socket = incoming.socket as Socket | undefined;
    const sourceIp = (socket?.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
    return {
        method,
        url: route === "s3" ? pathStyle(url, headers.host) : url,
        headers,
        signed,
        claim,
        route,
        body: bodyOf(incoming),
        sourceIp,
    };
}

/** S3's URL with the bucket in the path, also when the client put it before the host: `http://bucket.localhost:4566/key`. */
function pathStyle(url: string, host = ""): string {
    const bucket = /^([^:]+?)(?:\.s3)?\.localhost(?::\d+)?$/i.exec(host)?.[1];
    return bucket && bucket !== "s3" ? `/${bucket}${url}` : url;
}

function httpRequest({ method, url, headers, body, sourceIp }: Exchange, caller: Caller | undefined): HttpRequest {
    return {
        method,
        url,
        headers,
        caller,
        body: (limit) => body.whole(limit),
        get stream() {
            return body.stream();
        },
        sourceIp,
    };
}

function withRequestId(response: HttpResponse, requestId: string): HttpResponse {
    return { ...response, headers: { "x-amzn-requestid": requestId, ...response.headers } };
}

/** The service in the scope of a signature, or nothing. */
function nameOf({ claim }: Pick<Exchange, "claim">): string {
    return claim && !isRefused(claim) ? claim.service : "";
}

function wrongService(name: string): Refused {
    return { problem: "scope", detail: `Credential should be scoped to correct service: '${name}'. ` };
}

function restError(wire: Wire, error: unknown, dialect: Dialect, requestId: string): HttpResponse {
    const { status, body, errorType = "" } = wire.refusal(error);
    const { __type: _type, ...rest } = JSON.parse(body) as Record<string, unknown>;
    const headers = { "x-amzn-requestid": requestId, "x-amzn-errortype": errorType };
    return dialect === "json"
        ? { status, headers: { ...headers, "content-type": "application/x-amz-json-1.1" }, body }
        : { status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(rest) };
}

function notFound({ method, url }: Exchange): HttpResponse {
    const message = `Nothing is served at ${method} ${url.replace(/\?.*$/s, "")}.`;
    const headers = { "content-type": "application/json" };
    return { status: 404, headers, body: JSON.stringify({ message }) };
}

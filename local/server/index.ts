import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../clock";
import { isServiceError, type ServiceError, serviceError, unsupported } from "../errors";
import type { Caller, HttpRequest, HttpResponse, Iam } from "../services";
import type { Wire } from "../wire";
import { callQuery, type QueryService } from "../wire/query";
import { createErrorAnswers, jsonAnswer } from "./answers";
import { type Incoming, send } from "./exchange";
import { createPort } from "./port";
import { type Dialect, oldSignature, refusalOf, unsigned } from "./refusals";
import { type Arrival, arrivalOf, handled } from "./request";
import { type Route, targetOfPath } from "./routes";
import { createVerifier, isRefused, isVersion2, sha256 } from "./sigv4";

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
        /** API Gateway's own API. */
        readonly apigatewayControl?: HttpHandler;
        /** The public documents of user pools: `/<pool>/.well-known/`. */
        readonly cognito?: HttpHandler;
        /** Lambda's REST API. */
        readonly lambda?: HttpHandler;
        readonly s3?: HttpHandler;
        /** What the runtime tells about itself, at `/_tributary/`. */
        readonly status?: HttpHandler;
    };
    /** The clock that signatures are compared with: the one on the wall by default, as clients have no other. */
    readonly clock?: Pick<Clock, "now">;
    /** Told of every defect of ours, which the client sees as InternalFailure. Standard error by default. */
    readonly report?: (defect: unknown) => void;
}

/** Who calls, or why his signature is refused. */
interface Identity {
    readonly caller: Caller | undefined;
    readonly refused?: ServiceError;
}

/** The local runtime's one door. */
export interface LocalServer {
    /** Listens (on loopback and a free port unless told otherwise) and gives the endpoint: `http://127.0.0.1:<port>`. */
    listen(options?: { readonly port?: number; readonly host?: string }): Promise<string>;
    /** Stops: requests under way get `graceMs` milliseconds (2,000 by default) to end. */
    close(graceMs?: number): Promise<void>;
}

/** The dialect of each route's errors, and the service for which its requests must be signed where only one will do. */
const ROUTES: Record<Route, { readonly dialect: Dialect; readonly scope?: string }> = {
    apigateway: { dialect: "rest", scope: "execute-api" },
    apigatewayControl: { dialect: "rest", scope: "apigateway" },
    cognito: { dialect: "rest" },
    lambda: { dialect: "rest", scope: "lambda" },
    s3: { dialect: "s3", scope: "s3" },
    json: { dialect: "json" },
    query: { dialect: "query" },
    status: { dialect: "rest" },
    unclaimed: { dialect: "rest" },
};

/** Who calls without a signature: nobody whom a policy knows. */
const ANONYMOUS: Caller = { arn: "anonymous" };

/** Makes the server: signatures are checked, then each request goes to the service it is for. */
export function createServer(options: ServerOptions): LocalServer {
    const { wire, http = {}, queryServices = [], clock = systemClock, report = console.error } = options;
    const verify = createVerifier(options.iam, clock.now);
    const errorAnswers = createErrorAnswers(wire, report);
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
        const arrival = arrivalOf(incoming);
        try {
            const { status, headers, body } = await dispatch(arrival, await identity(arrival), requestId);
            return { status, headers: { "x-amzn-requestid": requestId, ...headers }, body };
        } catch (error) {
            return errorAnswers[ROUTES[arrival.route].dialect](error, requestId);
        }
    }

    /** Who calls. What a deployed API is sent with a wrong signature is the API's to refuse, since its access log has a line for it. */
    async function identity(arrival: Arrival): Promise<Identity> {
        try {
            return { caller: await authenticate(arrival) };
        } catch (error) {
            if (arrival.route !== "apigateway" || !isServiceError(error)) throw error;
            return { caller: undefined, refused: error };
        }
    }

    /** The caller behind the signature, or undefined when there is none; throws when the signature is wrong. */
    async function authenticate({ route, signed, claim, service, body }: Arrival): Promise<Caller | undefined> {
        const { dialect, scope } = ROUTES[route];
        if (route === "s3" && isVersion2(signed)) throw oldSignature();
        if (claim === undefined) return undefined;
        if (isRefused(claim)) throw refusalOf(claim, dialect);
        if (scope) mustBeSignedFor(scope, service, dialect);
        const caller = await verify(signed, claim, async () => sha256(await body.whole()));
        if (isRefused(caller)) throw refusalOf(caller, dialect);
        if (claim.payload && /^[0-9a-f]{64}$/.test(claim.payload))
            body.expect(claim.payload, () => refusalOf({ problem: "payload", detail: "" }, dialect));
        return caller;
    }

    function dispatch(arrival: Arrival, { caller, refused }: Identity, requestId: string) {
        const { route, service } = arrival;
        if (route === "json") return json(arrival, caller, requestId);
        if (route === "query") return query(arrival, caller, requestId);
        if (route === "unclaimed" && !isServed(service)) throw unsupported(`The service "${service}"`);
        const handler = route === "unclaimed" ? undefined : http[route];
        return handler ? handler(handled(arrival, caller, refused)) : notFound(arrival);
    }

    async function json({ url, headers, body, service: name }: Arrival, caller: Caller | undefined, requestId: string) {
        const [target = "", operation = ""] = (headers["x-amz-target"] ?? targetOfPath(name, url) ?? "").split(".", 2);
        const service = wire.byTarget(target);
        if (!service) throw serviceError("UnknownOperationException", `No local service has the target "${target}".`);
        if (caller) mustBeSignedFor(service.name, name, "json");
        else if (!service.unsigned?.has(operation)) throw unsigned("json");
        const text = (await body.whole()).toString("utf8");
        const version = headers["content-type"] === "application/x-amz-json-1.0" ? "1.0" : "1.1";
        return jsonAnswer(await wire.call(caller ?? ANONYMOUS, service, operation, text), requestId, version);
    }

    async function query({ method, url, body, service: name }: Arrival, caller: Caller | undefined, requestId: string) {
        if (!caller) throw unsigned("query");
        const service = queryServices.find((each) => each.name === name);
        if (!service) throw unsupported(`The service "${name}"`);
        const text = method === "POST" ? (await body.whole()).toString("utf8") : url.slice(url.indexOf("?") + 1);
        const document = callQuery(service, new URLSearchParams(text), caller, requestId);
        return { status: 200, headers: { "content-type": "text/xml" }, body: document };
    }

    /** Whether a service is here at all, so that a request for it that nothing claims is a wrong one. */
    function isServed(name: string): boolean {
        const others = ["execute-api", "lambda", ...queryServices.map((service) => service.name)];
        return wire.byName(name) !== undefined || others.includes(name);
    }

    return {
        listen: async ({ port: wanted = 0, host = "127.0.0.1" } = {}) =>
            `http://${host.includes(":") ? `[${host}]` : host}:${await port.listen(wanted, host)}`,
        close: (graceMs) => port.close(graceMs),
    };
}

function mustBeSignedFor(wanted: string, given: string, dialect: Dialect): void {
    const detail = `Credential should be scoped to correct service: '${wanted}'. `;
    if (given !== wanted) throw refusalOf({ problem: "scope", detail }, dialect);
}

function notFound({ method, url }: Arrival): HttpResponse {
    const message = `Nothing is served at ${method} ${url.replace(/\?.*$/s, "")}.`;
    return { status: 404, headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) };
}

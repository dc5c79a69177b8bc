import { isUtf8 } from "node:buffer";
import { isServiceError } from "../errors";
import type { HttpRequest, Services } from "../services";
import { authorize, unsigned } from "./authorization";
import { type Context, setRoute } from "./context";
import {
    type Answer,
    byContentType,
    definedHeaders,
    type Exchange,
    mediaType,
    pathParts,
    queryEntries,
    type Target,
} from "./exchange";
import { gatewayFailure, isGatewayFailure } from "./gateway-responses";
import { methodAnswer } from "./integration-response";
import { blamingClient, callBackend, isProxy } from "./integrations";
import type { MappingInput } from "./mapping";
import { isRefusal } from "./refusal";
import type { Match } from "./router";
import { rateOf, type Stage, settingsOf } from "./stages";
import { ACCOUNT_RATE, type Throttle } from "./throttle";
import type { Usage, UsagePlans } from "./usage";
import { payload } from "./variables";

/** Longest body that API Gateway takes. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const MAX_BODY_BYTES = 10_485_760;

/** What the processing of requests needs. */
export type ExecuteServices = Pick<
    Services,
    "iam" | "gateway" | "lambda" | "resources" | "clock" | "place" | "userPools"
> & {
    readonly throttle: Throttle;
    readonly usage: UsagePlans;
};

/** A request whose stage is known. `input` is filled in as more becomes known, for the gateway response in case of a failure. */
export interface Arrival {
    readonly request: HttpRequest;
    readonly target: Target;
    readonly stage: Stage;
    readonly context: Context;
    input: MappingInput & { readonly context: Context };
}

/**
 * Takes a request through a method, in AWS's order: route, authorization, API key, throttle, validation, integration. Throws a gateway
 * failure where it ends before.
 */
export async function execute(services: ExecuteServices, arrival: Arrival): Promise<Answer> {
    const { request, target, stage, context } = arrival;
    const match = findRoute(stage, target);
    const method = match?.route.methods.get(request.method) ?? match?.route.methods.get("ANY");
    if (!match || !method) throw unsigned(request);
    setRoute(context, match.route);
    const exchange: Exchange = { ...enter(services, arrival, match), method };
    arrival.input = exchange;
    authorize(services, exchange);
    const usage = method.apiKeyRequired ? useKey(services, arrival) : undefined;
    limit(services, arrival, `${match.route.path}/${request.method}`, usage);
    const complete = { ...exchange, body: payload(await readBody(request)) };
    arrival.input = complete;
    validate(complete);
    return answer(services, complete);
}

function findRoute(stage: Stage, target: Target): Match | undefined {
    return decoding(() => stage.deployed.router(pathParts(target.path)));
}

/** A wrong percent sign in path or query is a bad request. */
function decoding<T>(part: () => T): T {
    try {
        return part();
    } catch (error) {
        if (!isRefusal(error)) throw error;
        throw gatewayFailure("BAD_REQUEST_PARAMETERS", { message: "Bad Request", validation: `[${error.message}]` });
    }
}

function enter({ place }: ExecuteServices, arrival: Arrival, match: Match): Omit<Exchange, "method"> {
    const { request, target, stage, context } = arrival;
    const header = definedHeaders(request.headers);
    const query = decoding(() => queryEntries(target.query));
    const apiArn = `arn:aws:execute-api:${place.region}:${place.account}:${target.apiId}`;
    return {
        request,
        context,
        query,
        route: match.route,
        path: target.path,
        parameters: { path: match.parameters, querystring: Object.fromEntries(query), header },
        stageVariables: stage.resource.inputs.variables ?? {},
        contentType: mediaType(header["content-type"]),
        methodArn: `${apiArn}/${target.stage}/${request.method}${target.path}`,
        body: payload(""),
        headers: {},
    };
}

function useKey({ usage }: ExecuteServices, { request, target, context }: Arrival): Usage {
    const found = usage.find(request.headers["x-api-key"], target.apiId, target.stage);
    if (!found) throw gatewayFailure("INVALID_API_KEY");
    Object.assign(context.identity, { apiKey: found.value, apiKeyId: found.keyId });
    return found;
}

function limit(services: ExecuteServices, { target, stage }: Arrival, method: string, usage: Usage | undefined): void {
    const { resources, throttle, usage: plans } = services;
    const buckets = new Map(usage ? plans.buckets(usage, target.apiId, target.stage, method) : []);
    buckets.set(
        `${target.apiId}/${target.stage}${method}`,
        rateOf(settingsOf(resources, stage.resource.inputs, method)),
    );
    buckets.set("account", ACCOUNT_RATE);
    if (!throttle.take(buckets)) throw gatewayFailure("THROTTLED");
    if (usage && !plans.count(usage)) throw gatewayFailure("QUOTA_EXCEEDED");
}

async function readBody(request: HttpRequest): Promise<Buffer> {
    let bytes: Buffer;
    try {
        bytes = await request.body(MAX_BODY_BYTES);
    } catch (error) {
        if (isServiceError(error) && error.status === 413) throw gatewayFailure("REQUEST_TOO_LARGE");
        if (isServiceError(error) && error.code === "InvalidSignatureException")
            throw gatewayFailure("INVALID_SIGNATURE", { message: error.message });
        throw gatewayFailure("BAD_REQUEST_BODY", { validation: "[Unable to read the request body]" });
    }
    // AWS would put U+FFFD in place of what is not UTF-8; here nothing is stored that was not sent.
    if (!isUtf8(bytes)) throw gatewayFailure("BAD_REQUEST_BODY", { validation: "[The request body is not UTF-8]" });
    return bytes;
}

function validate({ method, parameters, body }: Exchange): void {
    const missing = method.required.filter(({ location, name }) => {
        const value = parameters[location][location === "header" ? name.toLowerCase() : name];
        return value === undefined || value === "";
    });
    if (missing.length > 0) {
        const message = `Missing required request parameters: [${missing.map(({ name }) => name).join(", ")}]`;
        throw gatewayFailure("BAD_REQUEST_PARAMETERS", { message, validation: message });
    }
    const model = byContentType(method.models, parameters.header["content-type"]);
    if (!model) return;
    const value = body.plain();
    if (value === undefined)
        throw gatewayFailure("BAD_REQUEST_BODY", { validation: "[Unknown error parsing request body]" });
    const problems = blamingClient(() => model(value));
    if (problems.length > 0) throw gatewayFailure("BAD_REQUEST_BODY", { validation: `[${problems.join(", ")}]` });
}

async function answer(services: ExecuteServices, exchange: Exchange): Promise<Answer> {
    const started = services.clock.now();
    const backend = await callBackend(services, exchange);
    const { status, error, requestId } = backend;
    const latency = services.clock.now() - started;
    const integration = { error, integrationStatus: status, latency, requestId, status };
    Object.assign(exchange.context, {
        integration,
        integrationErrorMessage: error,
        integrationLatency: latency,
        integrationStatus: status,
    });
    try {
        const made = methodAnswer(exchange, backend);
        if (isProxy(exchange.method.integration)) integration.status = made.status;
        return made;
    } catch (error) {
        if (isGatewayFailure(error) || isServiceError(error)) throw error;
        throw gatewayFailure("API_CONFIGURATION_ERROR", { reason: `Unable to transform response: ${String(error)}` });
    }
}

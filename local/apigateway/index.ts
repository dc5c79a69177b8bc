import { createHash } from "node:crypto";
import { isServiceError, LOCAL_UNSUPPORTED } from "../errors";
import type { HttpRequest, HttpResponse, Services } from "../services";
import { createContext } from "./context";
import { createDeployments } from "./deployments";
import { type Answer, definedHeaders, parseTarget, type Target } from "./exchange";
import { type Arrival, execute } from "./execute";
import { type GatewayFailure, gatewayFailure, gatewayResponse, isGatewayFailure } from "./gateway-responses";
import { createJournal } from "./journal";
import { findStage, type Stage } from "./stages";
import { createThrottle } from "./throttle";
import { createUsagePlans } from "./usage";
import { payload } from "./variables";

/** What API Gateway needs of the others. */
export type ApiGatewayServices = Pick<
    Services,
    "clock" | "place" | "resources" | "iam" | "lambda" | "logs" | "metrics" | "gateway" | "userPools" | "randomHex"
>;

/** Settings of {@link createApiGateway}. */
export interface ApiGatewayOptions {
    /** Takes a line for each request that fails because of how the API is set up, so that an "Internal server error" can be explained. @default nothing */
    readonly log?: (line: string) => void;
}

/** The data plane of API Gateway's REST APIs. */
export interface ApiGateway {
    /** Answers a request to `/_aws/execute-api/<api>/<stage>/<path>`. It never throws: what fails is answered as AWS does. */
    handle(request: HttpRequest): Promise<HttpResponse>;
}

/** Makes an {@link ApiGateway} over the resources of `aws:apigateway`. */
export function createApiGateway(services: ApiGatewayServices, options: ApiGatewayOptions = {}): ApiGateway {
    const { clock, resources } = services;
    const deployments = createDeployments(services);
    const journal = createJournal(services, options.log ?? (() => undefined));
    const executing = { ...services, throttle: createThrottle(clock), usage: createUsagePlans(services) };

    return { handle };

    async function handle(request: HttpRequest): Promise<HttpResponse> {
        const target = parseTarget(request.url, request.headers.host);
        const stage = target && findStage(resources, deployments, target.apiId, target.stage);
        if (!target || !stage || stage.api.inputs.disableExecuteApiEndpoint === true) return forbidden(services);
        const started = clock.now();
        const arrival = arrive(services, request, target, stage);
        const answer = await answered(arrival);
        await journal.record(arrival, answer, clock.now() - started);
        const { requestId, extendedRequestId } = arrival.context;
        return {
            ...answer,
            headers: { "x-amzn-requestid": requestId, "x-amz-apigw-id": String(extendedRequestId), ...answer.headers },
        };
    }

    async function answered(arrival: Arrival): Promise<Answer> {
        try {
            return await execute(executing, arrival);
        } catch (error) {
            if (isServiceError(error) && error.code === LOCAL_UNSUPPORTED) return unsupportedAnswer(error.message);
            const failure = asFailure(error);
            if (failure.reason !== undefined) journal.explain(arrival, failure.reason);
            const {
                status,
                headers = {},
                body,
            } = gatewayResponse(failure, arrival.stage.deployed.api.gatewayResponses, arrival.input);
            return { status, headers, body: String(body) };
        }
    }
}

/** Anything else that is thrown is a template that failed, or a fault of ours: AWS says "Internal server error" to the client. */
function asFailure(error: unknown): GatewayFailure {
    if (isGatewayFailure(error)) return error;
    return gatewayFailure("API_CONFIGURATION_ERROR", { reason: `Unable to transform request: ${String(error)}` });
}

function unsupportedAnswer(message: string): Answer {
    const body = JSON.stringify({ __type: LOCAL_UNSUPPORTED, message });
    return {
        status: 501,
        headers: { "Content-Type": "application/json", "x-amzn-ErrorType": LOCAL_UNSUPPORTED },
        body,
    };
}

/** An API, a stage or a deployment that does not exist. */
function forbidden({ randomHex }: ApiGatewayServices): HttpResponse {
    const headers = {
        "Content-Type": "application/json",
        "x-amzn-requestid": uuid(randomHex(32)),
        "x-amzn-ErrorType": "ForbiddenException",
    };
    return { status: 403, headers, body: '{"message":"Forbidden"}' };
}

function arrive(services: ApiGatewayServices, request: HttpRequest, target: Target, stage: Stage): Arrival {
    const { clock, place, randomHex } = services;
    const headers = definedHeaders(request.headers);
    const requestId = uuid(randomHex(32));
    const context = createContext({
        place,
        requestId,
        extendedRequestId: createHash("sha256")
            .update(requestId)
            .digest("base64")
            .slice(0, 15)
            .replace(/[+/]/g, "-")
            .concat("="),
        now: clock.now(),
        apiId: target.apiId,
        stage: target.stage,
        deploymentId: stage.deployed.id,
        method: request.method,
        path: target.path,
        sourceIp: request.sourceIp,
        headers,
    });
    const parameters = { path: {}, querystring: {}, header: headers };
    const stageVariables = stage.resource.inputs.variables ?? {};
    return {
        request,
        target,
        stage,
        context,
        input: { parameters, context, stageVariables, body: payload(""), headers: {} },
    };
}

function uuid(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

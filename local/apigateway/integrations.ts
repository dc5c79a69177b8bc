import { LOCAL_UNSUPPORTED, unsupported } from "../errors";
import type { Caller, Gateway, Services } from "../services";
import type { Exchange } from "./exchange";
import { byContentType } from "./exchange";
import { gatewayFailure } from "./gateway-responses";
import { invokeFunction } from "./integration-lambda";
import type { Backend, Integration } from "./model";
import { isRefusal, wellFormed } from "./refusal";
import { inputVariable, utilVariable } from "./variables";

/** What integrations need. */
export type IntegrationServices = Pick<Services, "iam" | "gateway" | "lambda" | "resources" | "clock" | "place">;

/** What a backend answered. `selector` is what the selection patterns are matched with; undefined means the default one. */
export interface BackendAnswer {
    readonly status: number;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly selector: string | undefined;
    /** What a function says went wrong. */
    readonly error?: string | undefined;
    /** Id that the backend gave the request. */
    readonly requestId?: string;
}

/** Whether a function answers for the whole method. */
export function isProxy({ backend }: Integration): boolean {
    return backend.type === "lambda" && backend.proxy;
}

/** Runs a part of the processing whose failure can be the client's doing: a refusal is answered with 400. */
export function blamingClient<T>(part: () => T): T {
    try {
        return part();
    } catch (error) {
        if (!isRefusal(error)) throw error;
        const reason = error instanceof RangeError ? "The request body is nested too deeply" : error.message;
        throw gatewayFailure("BAD_REQUEST_BODY", { validation: `[${reason}]` });
    }
}

/** The body that the integration sends: the template of the content type, or the request's own body as far as passthrough lets it through. */
export function integrationBody(exchange: Exchange): string {
    const { integration } = exchange.method;
    const template = byContentType(integration.requestTemplates, exchange.parameters.header["content-type"]);
    if (!template) {
        if (!passes(integration)) throw gatewayFailure("UNSUPPORTED_MEDIA_TYPE");
        return exchange.body.text;
    }
    const { context, stageVariables, body, parameters } = exchange;
    const made = blamingClient(() =>
        wellFormed(template({ input: inputVariable(body, parameters), util: utilVariable, context, stageVariables })),
    );
    // The request is over only when the backend has answered, and few look at its body again.
    body.release();
    return made;
}

function passes({ passthrough, requestTemplates }: Integration): boolean {
    return passthrough === "WHEN_NO_MATCH" || (passthrough === "WHEN_NO_TEMPLATES" && requestTemplates.size === 0);
}

/** Calls the backend of a method, within the time that the integration allows. */
export async function callBackend(services: IntegrationServices, exchange: Exchange): Promise<BackendAnswer> {
    const { backend } = exchange.method.integration;
    if (backend.type === "mock") return mock(integrationBody(exchange));
    if (backend.type === "action") {
        const body = integrationBody(exchange);
        return inTime(services, exchange, callAction(services, backend, body, exchange));
    }
    const caller = backend.credentials ? assume(services, backend.credentials, exchange) : undefined;
    const body = backend.proxy ? "" : integrationBody(exchange);
    return inTime(services, exchange, invokeFunction(services, backend, caller, body, exchange));
}

/** A mock answers with the status that its template names. */
function mock(body: string): BackendAnswer {
    let status: unknown;
    try {
        status = (JSON.parse(body) as { statusCode?: unknown }).statusCode;
    } catch {
        status = undefined;
    }
    if (!Number.isInteger(Number(status ?? Number.NaN))) {
        const reason = 'statusCode should be an integer which defined in request template: {"statusCode": 200}';
        throw gatewayFailure("API_CONFIGURATION_ERROR", { reason });
    }
    return { status: Number(status), body: "", headers: {}, selector: String(status) };
}

async function callAction(
    services: IntegrationServices,
    backend: Extract<Backend, { type: "action" }>,
    body: string,
    exchange: Exchange,
): Promise<BackendAnswer> {
    const { credentials, service, action } = backend;
    const caller = assume(services, credentials, exchange);
    return actionAnswer(`${service}:${action}`, services.gateway.call(caller, service, action, body));
}

/** What waits for an action does not hold the body that was sent, which may be large. */
async function actionAnswer(action: string, call: ReturnType<Gateway["call"]>): Promise<BackendAnswer> {
    const answer = await call;
    if (answer.status === 501 && answer.body.includes(LOCAL_UNSUPPORTED)) throw unsupported(action);
    return { ...answer, headers: { "content-type": "application/x-amz-json-1.1" }, selector: String(answer.status) };
}

function assume({ iam }: IntegrationServices, role: string, exchange: Exchange): Caller {
    try {
        return iam.assume(role, "apigateway.amazonaws.com", exchange.methodArn, "BackplaneAssumeRoleSession");
    } catch {
        const reason = `API Gateway does not have permission to assume the provided role ${role}`;
        throw gatewayFailure("API_CONFIGURATION_ERROR", { reason });
    }
}

async function inTime<T>({ clock }: IntegrationServices, exchange: Exchange, call: Promise<T>): Promise<T> {
    const done = new AbortController();
    const late = clock.sleep(exchange.method.integration.timeoutMillis, done.signal).then(() => {
        if (!done.signal.aborted) throw gatewayFailure("INTEGRATION_TIMEOUT");
        return call;
    });
    try {
        return await Promise.race([call, late]);
    } finally {
        done.abort();
    }
}

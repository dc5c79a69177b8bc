import { isServiceError, type ServiceError } from "../errors";
import { textOf } from "../payload";
import type { Caller } from "../services";
import { matchesArn } from "./arn";
import type { Exchange } from "./exchange";
import { type GatewayFailure, gatewayFailure } from "./gateway-responses";
import type { BackendAnswer, IntegrationServices } from "./integrations";
import type { Backend } from "./model";
import { proxyEvent } from "./proxy-event";

type Function = Extract<Backend, { type: "lambda" }>;

/**
 * Invokes a function: with the event of the proxy format 1.0, or with the body that the template made. Without credentials, a permission of
 * the function has to let API Gateway in. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export async function invokeFunction(
    services: IntegrationServices,
    backend: Function,
    caller: Caller | undefined,
    body: string,
    exchange: Exchange,
): Promise<BackendAnswer> {
    if (!caller && !permitted(services, backend.functionArn, exchange)) {
        throw gatewayFailure("API_CONFIGURATION_ERROR", { reason: "Invalid permissions on Lambda function" });
    }
    const payload = backend.proxy ? JSON.stringify(proxyEvent(exchange)) : body;
    const call = services.lambda.invoke(caller ?? services.iam.root, backend.functionArn, payload);
    const answer = await call.catch((refusal: unknown) => {
        throw isServiceError(refusal) ? refusedCall(refusal) : refusal;
    });
    const text = textOf(answer.payload);
    const error = answer.functionError ? errorMessage(text) : undefined;
    return { status: 200, body: text, headers: {}, selector: error, error, requestId: answer.requestId };
}

/** What Lambda itself refuses, a throttled call too, is an internal error. https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html */
function refusedCall({ code, message, status }: ServiceError): GatewayFailure {
    if (status === 413) return gatewayFailure("REQUEST_TOO_LARGE");
    return gatewayFailure("API_CONFIGURATION_ERROR", { reason: `Lambda refused the call: ${code}: ${message}` });
}

function errorMessage(payload: string): string {
    return String((JSON.parse(payload) as { errorMessage?: unknown } | null)?.errorMessage ?? "");
}

interface PermissionInputs {
    readonly function: string;
    readonly action: string;
    readonly principal: string;
    readonly sourceArn?: string;
    readonly sourceAccount?: string;
}

/** Whether a permission on the function lets API Gateway invoke it for this method. */
function permitted({ resources, place }: IntegrationServices, functionArn: string, exchange: Exchange): boolean {
    const name = functionArn.replace(/^arn:aws:lambda:[^:]*:[^:]*:function:/, "").split(":")[0];
    return resources.all<PermissionInputs>("aws:lambda/permission:Permission").some(({ inputs }) => {
        const of = inputs.function.replace(/^arn:aws:lambda:[^:]*:[^:]*:function:/, "").split(":")[0];
        if (of !== name || inputs.principal !== "apigateway.amazonaws.com") return false;
        if (inputs.action !== "lambda:InvokeFunction" && inputs.action !== "lambda:*") return false;
        if (inputs.sourceAccount !== undefined && inputs.sourceAccount !== place.account) return false;
        return inputs.sourceArn === undefined || matchesArn(inputs.sourceArn, resourceArn(exchange));
    });
}

/** The ARN that API Gateway shows to Lambda: with the resource's path, its parameters as `*`. */
function resourceArn({ methodArn, route, request }: Exchange): string {
    const [arn, stage] = methodArn.split("/");
    return `${arn}/${stage}/${request.method}${route.path.replace(/\{[^}]*\}/g, "*")}`;
}

import { isServiceError } from "../errors";
import type { HttpRequest, Services } from "../services";
import { checkToken } from "./authorizer";
import { type Exchange, identify } from "./exchange";
import { type GatewayFailure, gatewayFailure } from "./gateway-responses";

/** Lets a request in as its method says, or throws a gateway failure; who calls is in the context from then on. */
export function authorize(services: Pick<Services, "iam" | "place" | "userPools" | "clock">, exchange: Exchange): void {
    const { authorization } = exchange.method;
    if (authorization === "AWS_IAM") checkPolicies(services, exchange);
    else if (authorization !== "NONE") checkToken(services, authorization, exchange);
}

/** What becomes of a request whose signature is wrong, or missing, where one is needed. */
export function unsigned({ refused }: HttpRequest): GatewayFailure {
    if (!refused) return gatewayFailure("MISSING_AUTHENTICATION_TOKEN");
    if (refused.status === 413) return gatewayFailure("REQUEST_TOO_LARGE");
    return gatewayFailure("INVALID_SIGNATURE", { message: refused.message, errorType: refused.code });
}

function checkPolicies({ iam, place }: Pick<Services, "iam" | "place">, exchange: Exchange): void {
    const { request, methodArn, context } = exchange;
    if (!request.caller) throw unsigned(request);
    try {
        iam.authorize(request.caller, "execute-api:Invoke", methodArn);
    } catch (error) {
        if (!isServiceError(error)) throw error;
        // AWS hides all but the last four digits of the account.
        const masked = methodArn.replace(place.account, `********${place.account.slice(-4)}`);
        const message = error.message.replaceAll(methodArn, masked);
        throw gatewayFailure("ACCESS_DENIED", { message, template: '{"Message":$context.error.messageString}' });
    }
    identify(context, request.caller);
}

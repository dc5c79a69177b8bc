import { isServiceError, serviceError, unsupported } from "../errors";
import type { Caller, HttpRequest, HttpResponse, Services } from "../services";

/** The part of API Gateway's own API that users of a deployed API need: the value of a key. */
export interface ApiGatewayControl {
    /** Answers a request that is signed for `apigateway`. */
    handle(request: HttpRequest): HttpResponse;
}

/** Makes the {@link ApiGatewayControl}. https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKey.html */
export function createApiGatewayControl(services: Pick<Services, "iam" | "place" | "resources">): ApiGatewayControl {
    return {
        handle(request) {
            try {
                return { status: 200, headers: JSON_TYPE, body: JSON.stringify(getApiKey(services, request)) };
            } catch (error) {
                if (!isServiceError(error)) throw error;
                const headers = { ...JSON_TYPE, "x-amzn-errortype": error.code };
                return { status: error.status, headers, body: JSON.stringify({ message: error.message }) };
            }
        },
    };
}

const JSON_TYPE = { "content-type": "application/json" };

function getApiKey(
    { iam, place, resources }: Pick<Services, "iam" | "place" | "resources">,
    { method, url, caller }: HttpRequest,
): object {
    const { pathname, searchParams } = new URL(url, "http://local");
    const id = /^\/apikeys\/([^/]+)$/.exec(pathname)?.[1];
    if (method !== "GET" || id === undefined) throw unsupported(`API Gateway's ${method} ${pathname}`);
    iam.authorize(caller as Caller, "apigateway:GET", `arn:aws:apigateway:${place.region}::/apikeys/${id}`);
    const key = resources.get("aws:apigateway/apiKey:ApiKey", id);
    if (!key) throw serviceError("NotFoundException", "Invalid API Key identifier specified", 404);
    const { name, value, enabled = true } = key.outputs;
    return { id, name, enabled, ...(searchParams.get("includeValue") === "true" && { value }) };
}

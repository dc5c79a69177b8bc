import type { HttpResponse } from "../services";
import type { Context } from "./context";
import { type MappingInput, parseSource, readSource } from "./mapping";
import type { GatewayResponse } from "./model";

/**
 * The answers that API Gateway gives by itself: status, message and error type.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export const GATEWAY_RESPONSES = {
    ACCESS_DENIED: [403, "User is not authorized to access this resource", "AccessDeniedException"],
    API_CONFIGURATION_ERROR: [500, "Internal server error", "InternalServerErrorException"],
    AUTHORIZER_CONFIGURATION_ERROR: [500, "Internal server error", "AuthorizerConfigurationException"],
    AUTHORIZER_FAILURE: [500, "Internal server error", "AuthorizerConfigurationException"],
    BAD_REQUEST_BODY: [400, "Invalid request body", "BadRequestException"],
    BAD_REQUEST_PARAMETERS: [400, "Missing required request parameters", "BadRequestException"],
    EXPIRED_TOKEN: [403, "The security token included in the request is expired", "ExpiredTokenException"],
    INTEGRATION_FAILURE: [504, "Network error communicating with endpoint", "InternalServerErrorException"],
    INTEGRATION_TIMEOUT: [504, "Endpoint request timed out", "InternalServerErrorException"],
    INVALID_API_KEY: [403, "Forbidden", "ForbiddenException"],
    INVALID_SIGNATURE: [
        403,
        "The request signature we calculated does not match the signature you provided.",
        "InvalidSignatureException",
    ],
    MISSING_AUTHENTICATION_TOKEN: [403, "Missing Authentication Token", "MissingAuthenticationTokenException"],
    QUOTA_EXCEEDED: [429, "Limit Exceeded", "LimitExceededException"],
    REQUEST_TOO_LARGE: [413, "Request Too Long", "RequestTooLargeException"],
    RESOURCE_NOT_FOUND: [404, "Not Found", "NotFoundException"],
    THROTTLED: [429, "Too Many Requests", "TooManyRequestsException"],
    UNAUTHORIZED: [401, "Unauthorized", "UnauthorizedException"],
    UNSUPPORTED_MEDIA_TYPE: [415, "Unsupported Media Type", "UnsupportedMediaTypeException"],
    WAF_FILTERED: [403, "Forbidden", "ForbiddenException"],
} as const satisfies Record<string, readonly [number, string, string]>;

/** A type of gateway response. */
export type GatewayResponseType = keyof typeof GATEWAY_RESPONSES;

/** An answer of API Gateway itself, on its way out of the request's processing. */
export interface GatewayFailure extends Error {
    readonly failure: GatewayResponseType;
    /** Details of a failed validation. */
    readonly validation: string | undefined;
    /** Why it failed, for the execution log; the client does not see it. */
    readonly reason: string | undefined;
    /** Status instead of the type's own. */
    readonly status: number | undefined;
    /** Error type instead of the type's own. */
    readonly errorType: string | undefined;
    /** Body instead of AWS's usual one, where the API has no template of its own. */
    readonly template: string | undefined;
}

/** Makes the error that ends a request with a gateway response. The message is the type's own unless given. */
export function gatewayFailure(
    failure: GatewayResponseType,
    details: {
        message?: string;
        validation?: string;
        reason?: string;
        status?: number;
        errorType?: string;
        template?: string;
    } = {},
): GatewayFailure {
    const { message = GATEWAY_RESPONSES[failure][1], ...given } = details;
    const none = {
        validation: undefined,
        reason: undefined,
        status: undefined,
        errorType: undefined,
        template: undefined,
    };
    return Object.assign(new Error(message), { name: "GatewayFailure", failure, ...none, ...given });
}

/** Whether an error is a {@link GatewayFailure}. */
export function isGatewayFailure(error: unknown): error is GatewayFailure {
    return error instanceof Error && "failure" in error;
}

/** Makes the answer of a failure, customized as the API says; puts the details into `$context.error`. */
export function gatewayResponse(
    failure: GatewayFailure,
    custom: ReadonlyMap<string, GatewayResponse>,
    input: MappingInput & { readonly context: Context },
): HttpResponse {
    const [usual, , usualType] = GATEWAY_RESPONSES[failure.failure];
    const status = failure.status ?? usual;
    Object.assign(input.context.error, {
        message: failure.message,
        messageString: JSON.stringify(failure.message),
        responseType: failure.failure,
        ...(failure.validation !== undefined && { validationErrorString: failure.validation }),
    });
    const own = custom.get(failure.failure);
    const general = custom.get(status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
    const spec = own ?? general;
    const headers: Record<string, string> = { "x-amzn-ErrorType": failure.errorType ?? usualType };
    for (const { target, source } of spec?.headers ?? []) {
        const value = readSource(source, input);
        if (value !== undefined) headers[target.name] = headerValue(value);
    }
    const [contentType, template] = chosen(
        spec?.templates ?? new Map(),
        input.parameters.header.accept,
        failure.template,
    );
    const body = substitute(template, contentType.includes("json"), input);
    return { status: spec?.statusCode ?? status, headers: { "Content-Type": contentType, ...headers }, body };
}

/** A value that may stand in a header: no line break, and nothing outside Latin-1. */
export function headerValue(value: string): string {
    return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");
}

const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';

/** The template of the accepted content type, else that of JSON, else the first, else AWS's own. */
function chosen(
    templates: ReadonlyMap<string, string>,
    accept: string | undefined,
    usual = DEFAULT_TEMPLATE,
): readonly [string, string] {
    const wanted = accept?.split(/[,;]/)[0]?.trim();
    for (const type of [wanted, "application/json"]) {
        const template = type === undefined ? undefined : templates.get(type);
        if (type !== undefined && template !== undefined) return [type, template];
    }
    return [...templates][0] ?? ["application/json", usual];
}

/**
 * Puts values in place of `$context.…`, `$stageVariables.…` and `$method.request.…`: there is no VTL here. In a JSON template values are
 * escaped so that they stay inside their quotes; a missing value is empty.
 */
function substitute(template: string, json: boolean, input: MappingInput): string {
    return template.replace(
        /\$(?:\{([\w.-]+)\}|((?:context|stageVariables|method\.request)(?:\.[\w-]+)+))/g,
        (all, braced?: string, bare = "") => {
            const source = parseSource(braced ?? bare);
            if (!source) return all;
            const value = readSource(source, input) ?? "";
            return json && (braced ?? bare) !== "context.error.messageString"
                ? JSON.stringify(value).slice(1, -1)
                : value;
        },
    );
}

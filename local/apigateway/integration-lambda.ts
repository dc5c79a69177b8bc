import type { Caller } from "../services";
import { matchesArn } from "./arn";
import type { Answer, Exchange } from "./exchange";
import { gatewayFailure, headerValue } from "./gateway-responses";
import type { BackendAnswer, IntegrationServices } from "./integrations";
import type { Backend } from "./model";

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
    const answer = await services.lambda.invoke(caller ?? services.iam.root, backend.functionArn, payload);
    const error = answer.functionError ? errorMessage(answer.payload) : undefined;
    return { status: 200, body: answer.payload, headers: {}, selector: error };
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

function proxyEvent(exchange: Exchange) {
    const { request, route, parameters, context, stageVariables, query, path, body } = exchange;
    const { requestOverride: _r, responseOverride: _s, error: _e, authorizer, identity, ...rest } = context;
    const lists = (entries: readonly (readonly [string, string])[]) => {
        const all: Record<string, string[]> = {};
        for (const [name, value] of entries) all[name] = [...(all[name] ?? []), value];
        return all;
    };
    const orNull = <T extends object>(map: T) => (Object.keys(map).length > 0 ? map : null);
    return {
        resource: route.path,
        path,
        httpMethod: request.method,
        headers: orNull(parameters.header),
        multiValueHeaders: orNull(lists(Object.entries(parameters.header))),
        queryStringParameters: orNull(parameters.querystring),
        multiValueQueryStringParameters: orNull(lists(query)),
        pathParameters: orNull(parameters.path),
        stageVariables: orNull(stageVariables),
        requestContext: {
            ...rest,
            ...(Object.keys(authorizer).length > 0 && { authorizer }),
            identity: { ...NOBODY, ...identity },
        },
        body: body.text === "" ? null : body.text,
        isBase64Encoded: false,
    };
}

const NOBODY = {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    user: null,
};

/** The answer that a function gave in the proxy format; 502 when it is not in that format, as on AWS. */
export function proxyAnswer(answer: BackendAnswer): Answer {
    const malformed = (reason: string) =>
        gatewayFailure("INTEGRATION_FAILURE", { message: "Internal server error", status: 502, reason });
    if (answer.selector !== undefined) throw malformed(`Lambda execution failed: ${answer.selector}`);
    const result = parseResult(answer.body);
    const status = Number(result?.statusCode);
    const body = result?.body ?? "";
    if (!result || !Number.isInteger(status) || status < 200 || status > 599 || typeof body !== "string") {
        throw malformed("Malformed Lambda proxy response");
    }
    return {
        status,
        headers: proxyHeaders(result),
        body: result.isBase64Encoded === true ? Buffer.from(body, "base64") : body,
    };
}

function parseResult(body: string): Record<string, unknown> | undefined {
    try {
        const parsed = JSON.parse(body) as unknown;
        return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
            ? (parsed as Record<string, unknown>)
            : undefined;
    } catch {
        return undefined;
    }
}

function proxyHeaders({ headers, multiValueHeaders }: Record<string, unknown>): Record<string, string> {
    const out: Record<string, string> = { "Content-Type": "application/json" };
    const set = (name: string, value: string) => {
        const known = Object.keys(out).find((other) => other.toLowerCase() === name.toLowerCase());
        if (known) delete out[known];
        out[name] = headerValue(value);
    };
    for (const [name, value] of Object.entries((headers ?? {}) as object)) set(name, String(value));
    for (const [name, values] of Object.entries((multiValueHeaders ?? {}) as object))
        set(name, (values as unknown[]).join(", "));
    return out;
}

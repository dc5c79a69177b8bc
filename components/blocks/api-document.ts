import type { JsonSchema } from "../../schema/json-schema";
import { corsHeaders, corsParameters, gatewayResponses, preflight, withOrigin } from "./cors";

/** What every API is made from. */
export interface ApiInputs {
    /** Shown as the API's name. */
    readonly title: string;
    readonly region: string;
    readonly partition: string;
    readonly auth: "iam" | "api-key" | "cognito" | "none";
    /** ARN of the user pool whose users `cognito` lets in. */
    readonly userPoolArn?: string;
    /** Origins whose web pages may call the API; `*` for all. */
    readonly origins: readonly string[];
    /** What answers behind the API, in the words of its errors. @default "stream" */
    readonly behind?: string;
}

/** What an API is made from that calls services without a function between them. */
export interface ServiceApiInputs extends ApiInputs {
    /** ARN of the role that API Gateway calls them with. */
    readonly roleArn: string;
}

/** A part of the document. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * An API as an OpenAPI 3.0 document with Amazon's extensions: what is the same for all, around its paths and models. A model may only have
 * keywords that API Gateway honours on import. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export function apiDocument(
    inputs: ApiInputs,
    paths: Readonly<Record<string, Json>>,
    models: Readonly<Record<string, JsonSchema>>,
): Json {
    return {
        openapi: "3.0.1",
        info: { title: inputs.title, version: "1" },
        paths: withPreflight(inputs, paths),
        components: { schemas: models, ...securitySchemes(inputs) },
        "x-amazon-apigateway-request-validators": {
            body: { validateRequestBody: true, validateRequestParameters: false },
        },
        "x-amazon-apigateway-gateway-responses": gatewayResponses(inputs.origins, inputs.behind),
    };
}

/** Statuses that an integration, or a template after it, may answer with. */
const STATUSES = ["200", "207", "400", "404", "413", "429", "503"];

/** A method of a path. With a model, API Gateway refuses a body that does not conform. */
export function operation({ auth, origins }: ApiInputs, integration: Json, { model }: { model?: string } = {}): Json {
    const headers = Object.fromEntries(corsHeaders(origins).map((name) => [name, { schema: { type: "string" } }]));
    return {
        ...(model && {
            requestBody: {
                required: true,
                content: { "application/json": { schema: { $ref: `#/components/schemas/${model}` } } },
            },
            "x-amazon-apigateway-request-validator": "body",
        }),
        responses: Object.fromEntries(STATUSES.map((status) => [status, { description: status, headers }])),
        ...SECURITY[auth],
        "x-amazon-apigateway-integration": integration,
    };
}

const SECURITY = {
    iam: { security: [{ sigv4: [] }] },
    "api-key": { security: [{ apiKey: [] }] },
    cognito: { security: [{ userPool: [] }] },
    none: {},
};

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html */
function securitySchemes({ auth, userPoolArn }: ApiInputs): Json {
    const inHeader = (name: string) => ({ type: "apiKey", name, in: "header" });
    const schemes = {
        iam: { sigv4: { ...inHeader("Authorization"), "x-amazon-apigateway-authtype": "awsSigv4" } },
        "api-key": { apiKey: inHeader("x-api-key") },
        cognito: {
            userPool: {
                ...inHeader("Authorization"),
                "x-amazon-apigateway-authtype": "cognito_user_pools",
                "x-amazon-apigateway-authorizer": { type: "cognito_user_pools", providerARNs: [userPoolArn] },
            },
        },
    };
    return auth === "none" ? {} : { securitySchemes: schemes[auth] };
}

/** Templates around a call of a service. */
export interface CallTemplates {
    readonly request: string;
    /** For what the service accepted. */
    readonly accepted: string;
    /** For its errors. */
    readonly failed: string;
}

/** An integration that calls an action of a service without a function between them: `firehose:action/PutRecord`. */
export function call(
    { region, partition, roleArn, origins }: ServiceApiInputs,
    action: string,
    { request, accepted, failed }: CallTemplates,
): Json {
    const response = (statusCode: string, template: string) => answer(origins, statusCode, template);
    return {
        type: "aws",
        httpMethod: "POST",
        uri: `arn:${partition}:apigateway:${region}:${action}`,
        credentials: roleArn,
        // Another content type has no template and is answered 415.
        passthroughBehavior: "never",
        requestParameters: { "integration.request.header.Content-Type": "'application/x-amz-json-1.1'" },
        requestTemplates: { "application/json": request },
        responses: {
            default: response("200", accepted),
            "4\\d{2}": response("400", failed),
            "5\\d{2}": response("503", failed),
        },
    };
}

/** An integration that a function answers, which is given the whole request. A permission of the function has to let the API in. */
export function invoke({ region, partition }: ApiInputs, functionArn: string): Json {
    return {
        type: "aws_proxy",
        httpMethod: "POST",
        uri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
        passthroughBehavior: "when_no_match",
    };
}

/** An integration that answers by itself, always the same. */
export function mock({ origins }: ApiInputs, status: number, body: Json): Json {
    return {
        type: "mock",
        passthroughBehavior: "never",
        requestTemplates: { "application/json": JSON.stringify({ statusCode: status }) },
        responses: { default: answer(origins, String(status), JSON.stringify(body)) },
    };
}

function answer(origins: readonly string[], statusCode: string, template: string): Json {
    return {
        statusCode,
        responseParameters: corsParameters(origins),
        responseTemplates: { "application/json": withOrigin(origins, template) },
    };
}

function withPreflight({ origins }: ApiInputs, paths: Readonly<Record<string, Json>>): Json {
    if (origins.length === 0) return paths;
    return Object.fromEntries(
        Object.entries(paths).map(([path, item]) => [path, { ...item, options: preflight(origins, item) }]),
    );
}

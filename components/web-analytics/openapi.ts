import type { JsonSchema } from "../../schema/json-schema";
import { corsHeaders, corsParameters, gatewayResponses, preflight, withOrigin } from "./cors";
import { accepted, describeRequest, type FirehoseAction, failed, recordRequest, recordsRequest } from "./templates";

/** What {@link openApi} makes a document from. */
export interface OpenApiInputs {
    /** Shown as the API's name. */
    readonly title: string;
    /** Physical name of the one stream that the API writes to. */
    readonly stream: string;
    readonly region: string;
    readonly partition: string;
    /** ARN of the role that API Gateway calls Firehose with. */
    readonly roleArn: string;
    readonly auth: "iam" | "api-key" | "none";
    /** Origins whose web pages may call the API; `*` for all. */
    readonly origins: readonly string[];
    /** Model of one event, for the API that takes one at a time. */
    readonly model: JsonSchema;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The whole API as an OpenAPI 3.0 document with Amazon's extensions. The stream's name stands in the paths, so that no name that a client
 * sends ever reaches a template; every other name is answered 404.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export function openApi(inputs: OpenApiInputs): Json {
    const { title, stream } = inputs;
    const own = `/streams/${stream}`;
    const write = (action: FirehoseAction, template: string, model: string) => ({
        put: operation(inputs, firehose(inputs, action, template), { model }),
        post: operation(inputs, firehose(inputs, action, template), { model }),
    });
    return {
        openapi: "3.0.1",
        info: { title, version: "1" },
        paths: withPreflight(inputs, {
            "/streams": { get: operation(inputs, mock(inputs, 200, listed(stream))) },
            [own]: { get: operation(inputs, firehose(inputs, "DescribeDeliveryStream", describeRequest(stream))) },
            [`${own}/record`]: write("PutRecord", recordRequest(stream), "Record"),
            [`${own}/records`]: write("PutRecordBatch", recordsRequest(stream), "Records"),
            "/streams/{stream-name}": {
                parameters: [STREAM_NAME],
                get: operation(inputs, mock(inputs, 404, NOT_FOUND)),
            },
            "/streams/{stream-name}/record": otherStream(inputs),
            "/streams/{stream-name}/records": otherStream(inputs),
        }),
        components: { schemas: models(inputs.model), ...securitySchemes(inputs.auth) },
        "x-amazon-apigateway-request-validators": {
            body: { validateRequestBody: true, validateRequestParameters: false },
        },
        "x-amazon-apigateway-gateway-responses": gatewayResponses(inputs.origins),
    };
}

const STREAM_NAME = { name: "stream-name", in: "path", required: true, schema: { type: "string" } };

const NOT_FOUND = {
    message: "This API has no stream of that name. GET /streams gives the name of the one that it has.",
};

function listed(stream: string): Json {
    return { DeliveryStreamNames: [stream], HasMoreDeliveryStreams: false };
}

function otherStream(inputs: OpenApiInputs): Json {
    const notFound = operation(inputs, mock(inputs, 404, NOT_FOUND));
    return { parameters: [STREAM_NAME], put: notFound, post: notFound };
}

/** Statuses that an integration, or a template after it, may answer with. */
const STATUSES = ["200", "207", "400", "404", "413", "429", "503"];

function operation({ auth, origins }: OpenApiInputs, integration: Json, { model }: { model?: string } = {}): Json {
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
    none: {},
};

function securitySchemes(auth: OpenApiInputs["auth"]): Json {
    if (auth === "none") return {};
    const scheme =
        auth === "iam"
            ? {
                  sigv4: {
                      type: "apiKey",
                      name: "Authorization",
                      in: "header",
                      "x-amazon-apigateway-authtype": "awsSigv4",
                  },
              }
            : { apiKey: { type: "apiKey", name: "x-api-key", in: "header" } };
    return { securitySchemes: scheme };
}

/** Only keywords that API Gateway honours on import. An event given as text has no schema here: the check function looks into it. */
function models(event: JsonSchema): Json {
    // Without a type, a schema's other keywords say nothing about a value that is not an object.
    const { type: _object, ...eventOrText } = event;
    return {
        Record: { type: "object", properties: { Data: eventOrText, data: eventOrText } },
        Records: {
            type: "object",
            required: ["records"],
            properties: { records: { type: "array", items: { type: "object" } } },
        },
    };
}

function firehose(
    { region, partition, roleArn, origins }: OpenApiInputs,
    action: FirehoseAction,
    template: string,
): Json {
    const response = (statusCode: string, template: string) => answer(origins, statusCode, template);
    return {
        type: "aws",
        httpMethod: "POST",
        uri: `arn:${partition}:apigateway:${region}:firehose:action/${action}`,
        credentials: roleArn,
        // Another content type has no template and is answered 415.
        passthroughBehavior: "never",
        requestParameters: { "integration.request.header.Content-Type": "'application/x-amz-json-1.1'" },
        requestTemplates: { "application/json": template },
        responses: {
            default: response("200", accepted(action)),
            "4\\d{2}": response("400", failed),
            "5\\d{2}": response("503", failed),
        },
    };
}

function mock({ origins }: OpenApiInputs, status: number, body: Json): Json {
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

function withPreflight({ origins }: OpenApiInputs, paths: Readonly<Record<string, Json>>): Json {
    if (origins.length === 0) return paths;
    return Object.fromEntries(
        Object.entries(paths).map(([path, item]) => [path, { ...item, options: preflight(origins, item) }]),
    );
}

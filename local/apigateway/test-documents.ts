import { ROLE } from "./test-support";

/** Template of a batch: takes `Data` or `data`, a string as it is, anything else as JSON, a newline at the end, base64. */
export const RECORDS_TEMPLATE = `#set($newline = $util.base64Decode("Cg=="))
{"DeliveryStreamName": "web-1234567", "Records": [
#foreach($element in $input.path("$.records"))
#set($key = "data")
#if($element.containsKey("Data"))#set($key = "Data")#end
#set($json = $input.json("$.records[$foreach.index].$key"))
#if($json.startsWith('"'))#set($text = $input.path("$.records[$foreach.index].$key"))#else#set($text = $json)#end
#if(!$text.endsWith($newline))#set($text = "$text$newline")#end
{"Data": "$util.base64Encode($text)"}#if($foreach.hasNext),#end
#end
]}`;

const JSON_HEADERS = { "Access-Control-Allow-Origin": { schema: { type: "string" } } };
const CORS = { "method.response.header.Access-Control-Allow-Origin": "'https://example.com'" };
const response = { description: "", headers: JSON_HEADERS };
const responses = { "200": response, "207": response, "400": response, "404": response, "503": response };

/** A mock that answers with a status and a body. */
export function mock(status: number, body: string) {
    return {
        responses,
        "x-amazon-apigateway-integration": {
            type: "mock",
            passthroughBehavior: "never",
            requestTemplates: { "application/json": `{"statusCode": ${status}}` },
            responses: {
                default: {
                    statusCode: String(status),
                    responseParameters: CORS,
                    responseTemplates: { "application/json": body },
                },
            },
        },
    };
}

/** A call of Firehose with a request template. */
export function firehose(action: string, template: string) {
    return {
        parameters: [{ name: "trace", in: "query", schema: { type: "string" } }],
        responses,
        "x-amazon-apigateway-integration": {
            type: "aws",
            httpMethod: "POST",
            uri: `arn:aws:apigateway:us-east-1:firehose:action/${action}`,
            credentials: ROLE,
            passthroughBehavior: "never",
            requestParameters: { "integration.request.header.Content-Type": "'application/x-amz-json-1.1'" },
            requestTemplates: { "application/json": template },
            responses: {
                "2\\d{2}": {
                    statusCode: "200",
                    responseParameters: CORS,
                    responseTemplates: {
                        "application/json":
                            '#set($failed = $input.path("$.FailedPutCount"))#if($failed != "" && $failed != 0)#set($context.responseOverride.status = 207)#end$input.json("$")',
                    },
                },
                "4\\d{2}": {
                    statusCode: "503",
                    responseParameters: CORS,
                    responseTemplates: {
                        "application/json":
                            '#if($input.path("$.__type").contains("ServiceUnavailable"))#set($context.responseOverride.status = 429)#end{"message": "$util.escapeJavaScript($input.path("$.__type"))"}',
                    },
                },
                default: {
                    statusCode: "503",
                    responseParameters: CORS,
                    responseTemplates: { "application/json": '{"message": "down"}' },
                },
            },
        },
    };
}

/** A document of the shape that web-analytics has: one stream by its name, mocks beside it, a model, customized gateway responses. */
export function webDocument(options: { readonly security?: readonly object[] } = {}) {
    const security = options.security ? { security: options.security } : {};
    const records = {
        ...firehose("PutRecordBatch", RECORDS_TEMPLATE),
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Records" } } } },
        "x-amazon-apigateway-request-validator": "all",
        ...security,
    };
    const missing = mock(404, '{"message": "No such stream"}');
    const path = { parameters: [{ name: "stream-name", in: "path", required: true, schema: { type: "string" } }] };
    return {
        openapi: "3.0.1",
        info: { title: "web", version: "1" },
        paths: {
            "/streams": {
                get: mock(200, '{"DeliveryStreamNames": ["web-1234567"], "HasMoreDeliveryStreams": false}'),
                options: mock(200, ""),
            },
            "/streams/{stream-name}": { ...path, get: missing },
            "/streams/{stream-name}/records": { ...path, put: missing },
            "/streams/web-1234567": {
                get: firehose("DescribeDeliveryStream", '{"DeliveryStreamName": "web-1234567"}'),
            },
            "/streams/web-1234567/records": { put: records, post: records },
        },
        components: {
            schemas: {
                Records: {
                    type: "object",
                    required: ["records"],
                    properties: { records: { type: "array", items: { type: "object" } } },
                },
            },
            securitySchemes: {
                sigv4: {
                    type: "apiKey",
                    name: "Authorization",
                    in: "header",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
                key: { type: "apiKey", name: "x-api-key", in: "header" },
            },
        },
        "x-amazon-apigateway-request-validators": {
            all: { validateRequestBody: true, validateRequestParameters: true },
        },
        "x-amazon-apigateway-gateway-responses": {
            BAD_REQUEST_BODY: {
                statusCode: 400,
                responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'https://example.com'" },
                responseTemplates: {
                    "application/json":
                        '{"message": $context.error.messageString, "problems": "$context.error.validationErrorString"}',
                },
            },
            DEFAULT_4XX: {
                responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'https://example.com'" },
            },
        },
    };
}

import * as assert from "node:assert/strict";
import { importApi } from "./import";
import { firehose, mock, webDocument } from "./test-documents";

/** A document with one method. */
function documentOf(method: object, path = "/x/{id}", rest: object = {}) {
    return { openapi: "3.0.1", info: { title: "x" }, paths: { [path]: { get: method } }, ...rest };
}

/** A mock with parts of its integration replaced. */
function mockWith(changes: object) {
    const method = mock(200, "{}");
    return {
        ...method,
        "x-amazon-apigateway-integration": { ...method["x-amazon-apigateway-integration"], ...changes },
    };
}

/** A call of Firehose with parts of its integration replaced. */
function firehoseWith(changes: object) {
    const method = firehose("PutRecord", "{}");
    return {
        ...method,
        "x-amazon-apigateway-integration": { ...method["x-amazon-apigateway-integration"], ...changes },
    };
}

const GET = "on 'GET' for resource at path '/x/{id}'";
const INVALID = "Invalid mapping expression specified: Validation Result: warnings : [], errors :";

const scheme = { type: "apiKey", in: "header", name: "Authorization" };

/** A document with a method that asks for a token of a user pool. */
function tokenDocument(authorizer: object, scopes: readonly string[] = []) {
    return documentOf({ ...mock(200, "{}"), security: [{ pool: scopes }] }, "/x", {
        components: {
            securitySchemes: {
                pool: {
                    ...scheme,
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": { type: "cognito_user_pools", ...authorizer },
                },
            },
        },
    });
}

const POOL_ARN = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc123def";

describe("importApi", () => {
    it("imports routes, methods and gateway responses", () => {
        const api = importApi(JSON.stringify(webDocument({ security: [{ sigv4: [], key: [] }] })), "us-east-1");
        const methods = api.routes.map(({ path, methods: byName }) => `${path} ${[...byName.keys()].join(" ")}`);
        assert.deepStrictEqual(methods, [
            "/streams GET OPTIONS",
            "/streams/{stream-name} GET",
            "/streams/{stream-name}/records PUT",
            "/streams/web-1234567 GET",
            "/streams/web-1234567/records PUT POST",
        ]);
        const put = api.routes[4]?.methods.get("PUT");
        assert.deepStrictEqual(
            [put?.authorization, put?.apiKeyRequired, [...(put?.models.keys() ?? [])]],
            ["AWS_IAM", true, ["application/json"]],
        );
        assert.deepStrictEqual([...api.gatewayResponses.keys()], ["BAD_REQUEST_BODY", "DEFAULT_4XX"]);
    });

    it("ignores the security of the document itself, as AWS does", () => {
        const document = { ...documentOf(mock(200, "{}")), security: [{ nothing: [] }] };
        const api = importApi(JSON.stringify(document), "us-east-1");
        assert.deepStrictEqual(api.routes[0]?.methods.get("GET")?.authorization, "NONE");
    });

    it("imports authorizers of user pools, with the scopes of each method", () => {
        const authorizationOf = (document: object) =>
            importApi(JSON.stringify(document), "us-east-1").routes[0]?.methods.get("GET")?.authorization;
        assert.deepStrictEqual(authorizationOf(tokenDocument({ providerARNs: [POOL_ARN] })), {
            poolArns: [POOL_ARN],
            header: "authorization",
            audience: undefined,
            scopes: [],
        });
        const detailed = {
            providerARNs: [POOL_ARN],
            identitySource: "method.request.header.X-Token",
            identityValidationExpression: "[a-z0-9]+",
        };
        assert.deepStrictEqual(authorizationOf(tokenDocument(detailed, ["things/read"])), {
            poolArns: [POOL_ARN],
            header: "x-token",
            audience: /^(?:[a-z0-9]+)$/,
            scopes: ["things/read"],
        });
    });

    const refused: readonly (readonly [string, object, string])[] = [
        [
            "a path with a wrong part",
            documentOf(mock(200, "{}"), "/a b"),
            "Unable to create resource at path '/a b': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
        ],
        [
            "two parameters side by side",
            { ...documentOf(mock(200, "{}")), paths: { "/x/{a}": {}, "/x/{b}/y": {} } },
            "Unable to create resource at path '/x/{b}/y': A sibling ({a}) of this resource already has a variable path part -- only one is allowed",
        ],
        [
            "a method without an integration",
            documentOf({ responses: {} }),
            `Unable to put integration ${GET}: No integration defined for method`,
        ],
        [
            "an integration without an HTTP method",
            documentOf(firehoseWith({ httpMethod: undefined })),
            `Unable to put integration ${GET}: Enumeration value for HttpMethod must be non-empty`,
        ],
        [
            "an integration without a role",
            documentOf(firehoseWith({ credentials: undefined })),
            `Unable to put integration ${GET}: Role ARN must be specified for AWS integrations`,
        ],
        [
            "a role that is none",
            documentOf(firehoseWith({ credentials: "role" })),
            `Unable to put integration ${GET}: Invalid ARN specified in the request`,
        ],
        [
            "a URI that is none",
            documentOf(firehoseWith({ uri: "firehose" })),
            `Unable to put integration ${GET}: Invalid ARN specified in the request`,
        ],
        [
            "a wrong passthrough behavior",
            documentOf(mockWith({ passthroughBehavior: "sometimes" })),
            `Unable to put integration ${GET}: Invalid passthrough behavior specified: SOMETIMES`,
        ],
        [
            "a wrong timeout",
            documentOf(mockWith({ timeoutInMillis: 10 })),
            `Unable to put integration ${GET}: Timeout should be between 50 ms and 29000 ms`,
        ],
        [
            "a response that the method does not have",
            documentOf(mockWith({ responses: { default: { statusCode: "299" } } })),
            `Unable to put integration response ${GET}: Invalid status code or no method response defined: 299`,
        ],
        [
            "a header that the method's response does not have",
            documentOf(
                mockWith({
                    responses: {
                        default: { statusCode: "200", responseParameters: { "method.response.header.X-Other": "'x'" } },
                    },
                }),
            ),
            `Unable to put integration response ${GET}: ${INVALID} [Invalid mapping expression parameter specified: method.response.header.X-Other]`,
        ],
        [
            "a value without quotes",
            documentOf(
                mockWith({
                    responses: {
                        default: {
                            statusCode: "200",
                            responseParameters: { "method.response.header.Access-Control-Allow-Origin": "*" },
                        },
                    },
                }),
            ),
            `Unable to put integration response ${GET}: ${INVALID} [Invalid mapping expression specified: *]`,
        ],
        [
            "a parameter that the method does not have",
            documentOf(
                firehoseWith({ requestParameters: { "integration.request.header.X": "method.request.header.None" } }),
            ),
            `Unable to put integration ${GET}: ${INVALID} [Invalid mapping expression specified: method.request.header.None]`,
        ],
        [
            "a wrong selection pattern",
            documentOf(mockWith({ responses: { "4(": { statusCode: "200" } } })),
            `Unable to put integration response ${GET}: Invalid selection pattern specified: 4(`,
        ],
        [
            "a template that does not parse",
            documentOf(mockWith({ requestTemplates: { "application/json": "#if($x)" } })),
            `Unable to put integration ${GET}: Invalid mapping template for application/json: 1 blocks are opened and 0 are closed with #end`,
        ],
        [
            "a validator that is not defined",
            documentOf({ ...mock(200, "{}"), "x-amazon-apigateway-request-validator": "all" }),
            "Unable to create method 'GET' at path '/x/{id}': Request validator 'all' is not defined",
        ],
        [
            "a security scheme that is not defined",
            documentOf({ ...mock(200, "{}"), security: [{ none: [] }] }),
            "Unable to create method 'GET' at path '/x/{id}': Security scheme 'none' is not defined",
        ],
        [
            "a gateway response of no type",
            documentOf(mock(200, "{}"), "/x", { "x-amazon-apigateway-gateway-responses": { TEAPOT: {} } }),
            "Unable to put gateway response 'TEAPOT': Invalid response type",
        ],
        [
            "a gateway response of no status",
            documentOf(mock(200, "{}"), "/x", {
                "x-amazon-apigateway-gateway-responses": { THROTTLED: { statusCode: "9" } },
            }),
            "Unable to put gateway response 'THROTTLED': Invalid status code specified: 9",
        ],
        [
            "a gateway response with a header without quotes",
            documentOf(mock(200, "{}"), "/x", {
                "x-amazon-apigateway-gateway-responses": {
                    THROTTLED: { responseParameters: { "gatewayresponse.header.A": "*" } },
                },
            }),
            `Unable to put gateway response 'THROTTLED': ${INVALID} [Invalid mapping expression specified: *]`,
        ],
        [
            "a model that refers to nothing",
            documentOf(
                {
                    ...mock(200, "{}"),
                    requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/No" } } } },
                    "x-amazon-apigateway-request-validator": "b",
                },
                "/x",
                { "x-amazon-apigateway-request-validators": { b: { validateRequestBody: true } } },
            ),
            "Unable to create model for 'GET' at path '/x': can't resolve reference #/definitions/No from id #",
        ],
        [
            "an authorizer without a user pool",
            tokenDocument({}),
            "Unable to create authorizer 'pool': Provider ARNs are required for authorizers of type COGNITO_USER_POOLS",
        ],
        [
            "an authorizer with the ARN of something else",
            tokenDocument({ providerARNs: ["arn:aws:s3:::pool"] }),
            "Unable to create authorizer 'pool': Invalid provider ARN: arn:aws:s3:::pool",
        ],
        [
            "a token that is not in a header",
            tokenDocument({ providerARNs: [POOL_ARN], identitySource: "method.request.querystring.token" }),
            "Unable to create authorizer 'pool': Invalid identity source: method.request.querystring.token",
        ],
        [
            "an expression that is none",
            tokenDocument({ providerARNs: [POOL_ARN], identityValidationExpression: "(" }),
            "Unable to create authorizer 'pool': Invalid identity validation expression: (",
        ],
    ];
    for (const [title, document, problem] of refused) {
        it(`refuses what AWS refuses: ${title}`, () => {
            assert.throws(() => importApi(JSON.stringify(document), "us-east-1"), {
                name: "BadRequestException",
                message: `Errors found during import:\n\t${problem}`,
            });
        });
    }

    it("tells about every problem at once", () => {
        const document = documentOf(firehoseWith({ credentials: undefined, httpMethod: "", timeoutInMillis: 1 }));
        assert.throws(
            () => importApi(JSON.stringify(document), "us-east-1"),
            (error: Error) => error.message.split("\n\t").length === 4,
        );
    });

    it("refuses what is no OpenAPI 3.0 document", () => {
        assert.throws(() => importApi("openapi: 3.0.1", "us-east-1"), {
            message: "Invalid OpenAPI input: the body is not a JSON document.",
        });
        for (const openapi of [undefined, "3.1.0", "2.0"]) {
            const message = 'Invalid OpenAPI input: the version in "openapi" has to be 3.0.x.';
            assert.throws(() => importApi(JSON.stringify({ openapi }), "us-east-1"), { message });
        }
    });

    const lacking: readonly (readonly [string, object, string])[] = [
        [
            "an extension",
            documentOf({ ...mock(200, "{}"), "x-amazon-apigateway-any": 1 }),
            "x-amazon-apigateway-any in the GET /x/{id} of an OpenAPI document",
        ],
        [
            "a part of an integration",
            documentOf(mockWith({ contentHandling: "CONVERT_TO_TEXT" })),
            "contentHandling in the integration of GET /x/{id} of an OpenAPI document",
        ],
        [
            "binary media types",
            documentOf(mock(200, "{}"), "/x", { "x-amazon-apigateway-binary-media-types": ["*/*"] }),
            "x-amazon-apigateway-binary-media-types in the document of an OpenAPI document",
        ],
        ["an HTTP integration", documentOf(mockWith({ type: "http_proxy" })), "An integration of the type http_proxy"],
        ["a VPC link", documentOf(firehoseWith({ connectionType: "VPC_LINK" })), "An integration through a VPC link"],
        [
            "another region",
            documentOf(firehoseWith({ uri: "arn:aws:apigateway:eu-west-1:firehose:action/PutRecord" })),
            "An integration with the region eu-west-1",
        ],
        [
            "an integration by path",
            documentOf(firehoseWith({ uri: "arn:aws:apigateway:us-east-1:s3:path/bucket" })),
            "An integration of the type aws with arn:aws:apigateway:us-east-1:s3:path/bucket",
        ],
        [
            "the caller's credentials",
            documentOf(firehoseWith({ credentials: "arn:aws:iam::*:user/*" })),
            "An integration with the caller's own credentials",
        ],
        [
            "a Lambda authorizer",
            documentOf({ ...mock(200, "{}"), security: [{ own: [] }] }, "/x", {
                components: {
                    securitySchemes: {
                        own: {
                            ...scheme,
                            "x-amazon-apigateway-authtype": "custom",
                            "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: "arn:aws:apigateway:x" },
                        },
                    },
                },
            }),
            "The security scheme own (token)",
        ],
        [
            "a method in a template",
            documentOf(mockWith({ requestTemplates: { "application/json": "$util.toJson(1)" } })),
            "The method toJson() of $util.toJson(1) in a mapping template",
        ],
        [
            "a reference to a response",
            documentOf({ ...mock(200, "{}"), responses: { "200": { $ref: "#/components/responses/X" } } }),
            "The reference #/components/responses/X in GET /x/{id} of an OpenAPI document",
        ],
        [
            "a reference to a parameter",
            documentOf({ ...mock(200, "{}"), parameters: [{ $ref: "#/components/parameters/X" }] }),
            "The reference #/components/parameters/X in GET /x/{id} of an OpenAPI document",
        ],
        [
            "a reference to a body",
            documentOf({ ...mock(200, "{}"), requestBody: { $ref: "#/components/requestBodies/X" } }),
            "The reference #/components/requestBodies/X in GET /x/{id} of an OpenAPI document",
        ],
    ];
    for (const [title, document, what] of lacking) {
        it(`says what the local runtime lacks: ${title}`, () => {
            assert.throws(() => importApi(JSON.stringify(document), "us-east-1"), {
                name: "LocalUnsupported",
                message: `${what} is not supported by the local runtime.`,
            });
        });
    }
});

import * as assert from "node:assert/strict";
import { mock, webDocument } from "./test-documents";
import { type TestGateway, testGateway } from "./test-support";

/** A document with one method, and gateway responses. */
function documentOf(method: object, responses: object = {}) {
    return {
        openapi: "3.0.1",
        info: {},
        paths: { "/x/{id}": { get: method } },
        "x-amazon-apigateway-gateway-responses": responses,
    };
}

describe("A gateway response", () => {
    let test: TestGateway;
    beforeEach(() => {
        test = testGateway();
    });
    afterEach(() => test.close());

    const respond = async (responses: object, path = "/nowhere?q=a%22b", headers: Record<string, string> = {}) => {
        await test.deploy(documentOf(mock(200, "{}"), responses), { variables: { team: 'the "A"' } });
        return test.send("GET", path, { headers });
    };

    it("has status, template and headers of its own type", async () => {
        const reply = await respond(
            {
                MISSING_AUTHENTICATION_TOKEN: {
                    statusCode: "404",
                    responseParameters: {
                        "gatewayresponse.header.X-Fixed": "'it's'",
                        "gatewayresponse.header.X-Query": "method.request.querystring.q",
                        "gatewayresponse.header.X-Header": "method.request.header.X-Trace",
                        "gatewayresponse.header.X-Context": "context.requestId",
                        "gatewayresponse.header.X-Stage": "stageVariables.team",
                        "gatewayresponse.header.X-None": "method.request.header.none",
                    },
                    responseTemplates: {
                        "application/json":
                            '{"m":$context.error.messageString,"t":"$context.error.responseType","n":"${context.httpMethod}","s":"$stageVariables.team","none":"$context.nothing","v":"$context.error.validationErrorString","price":"$5"}',
                    },
                },
            },
            "/nowhere",
            { "x-trace": "a\r\nb\u2028é" },
        );
        assert.deepStrictEqual(reply.status, 404);
        assert.deepStrictEqual(reply.json, {
            m: "Missing Authentication Token",
            t: "MISSING_AUTHENTICATION_TOKEN",
            n: "GET",
            s: 'the "A"',
            none: "",
            v: "",
            price: "$5",
        });
        const { "x-amzn-requestid": requestId, "x-amz-apigw-id": _id, ...headers } = reply.headers;
        assert.deepStrictEqual(headers, {
            "Content-Type": "application/json",
            "x-amzn-ErrorType": "MissingAuthenticationTokenException",
            "X-Fixed": "it's",
            "X-Header": "a??b?é",
            "X-Context": requestId,
            "X-Stage": 'the "A"',
        });
    });

    it("falls back to DEFAULT_4XX, with the type's own status unless that sets one", async () => {
        const template = { "application/json": '{"why":"$context.error.message"}' };
        const reply = await respond({ DEFAULT_4XX: { responseTemplates: template }, DEFAULT_5XX: { statusCode: 599 } });
        assert.deepStrictEqual([reply.status, reply.json], [403, { why: "Missing Authentication Token" }]);
    });

    it("takes the status of DEFAULT_4XX", async () => {
        assert.deepStrictEqual((await respond({ DEFAULT_4XX: { statusCode: 418 } })).status, 418);
    });

    it("is made from the template that the client accepts", async () => {
        const responses = {
            DEFAULT_4XX: { responseTemplates: { "application/json": "{}", "text/plain": "$context.error.message" } },
        };
        const reply = await respond(responses, "/nowhere", { accept: "text/plain;q=0.9, */*" });
        assert.deepStrictEqual(
            [reply.body, reply.headers["Content-Type"]],
            ["Missing Authentication Token", "text/plain"],
        );
        const other = await test.send("GET", "/nowhere", { headers: { accept: "image/png" } });
        assert.deepStrictEqual([other.body, other.headers["Content-Type"]], ["{}", "application/json"]);
    });

    it("may be a resource of its own, which takes part in the next deployment", async () => {
        await respond({ DEFAULT_4XX: { statusCode: 418 } });
        const [api] = test.all("restApi:RestApi");
        const [stage] = test.all("stage:Stage");
        await test.make("response:Response", { restApiId: api?.id, responseType: "DEFAULT_4XX", statusCode: "420" });
        assert.deepStrictEqual((await test.send("GET", "/nowhere")).status, 418);
        const deployment = await test.make("deployment:Deployment", { restApi: api?.id });
        await test.change(stage as never, { ...stage?.inputs, deployment: deployment.id });
        assert.deepStrictEqual((await test.send("GET", "/nowhere")).status, 420);
    });

    it("tells about missing parameters", async () => {
        const parameters = [
            { name: "q", in: "query", required: true },
            { name: "X-A", in: "header", required: true },
            { name: "id", in: "path", required: true },
            { name: "o", in: "query" },
        ];
        const method = { ...mock(200, "{}"), parameters, "x-amazon-apigateway-request-validator": "p" };
        await test.deploy({
            ...documentOf(method),
            "x-amazon-apigateway-request-validators": { p: { validateRequestParameters: true } },
        });
        const reply = await test.send("GET", "/x/1?q=");
        assert.deepStrictEqual(
            [reply.status, reply.body],
            [400, '{"message":"Missing required request parameters: [q, X-A]"}'],
        );
        assert.deepStrictEqual((await test.send("GET", "/x/1?q=1", { headers: { "x-a": "1" } })).status, 200);
    });

    const broken: readonly (readonly [string, object, RegExp])[] = [
        [
            "a mock whose template gives no status",
            mockWith({ requestTemplates: { "application/json": "{}" } }),
            /statusCode should be an integer/,
        ],
        [
            "a mock whose template gives no JSON",
            mockWith({ requestTemplates: { "application/json": "x" } }),
            /statusCode should be an integer/,
        ],
        [
            "no integration response for the status",
            mockWith({ responses: { "5\\d{2}": { statusCode: "200" } } }),
            /No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 200/,
        ],
        [
            "a template that fails",
            mockWith({ requestTemplates: { "application/json": "$input.params('id').substring(9)" } }),
            /Unable to transform request: Error: String index out of range: 9/,
        ],
        [
            "a response template that fails",
            mockWith({
                responses: {
                    default: {
                        statusCode: "200",
                        responseTemplates: { "application/json": "$input.params('id').substring(9)" },
                    },
                },
            }),
            /Unable to transform response: Error: String index out of range: 9/,
        ],
        [
            "an override that is no status",
            mockWith({
                responses: {
                    default: {
                        statusCode: "200",
                        responseTemplates: { "application/json": "#set($context.responseOverride.status = 'x')" },
                    },
                },
            }),
            /Invalid status code: x/,
        ],
        [
            "an override that is no header",
            mockWith({
                responses: {
                    default: {
                        statusCode: "200",
                        responseTemplates: {
                            "application/json": "#set($context.responseOverride.header['a b'] = 'x')",
                        },
                    },
                },
            }),
            /Invalid header name: a b/,
        ],
    ];
    for (const [title, method, reason] of broken) {
        it(`hides from the client, and tells the operator, what is wrong with the API: ${title}`, async () => {
            await test.deploy(documentOf(method));
            const reply = await test.send("GET", "/x/1");
            assert.deepStrictEqual(
                [reply.status, reply.body, reply.headers["x-amzn-ErrorType"]],
                [500, '{"message":"Internal server error"}', "InternalServerErrorException"],
            );
            assert.match(test.logged[0] ?? "", reason);
        });
    }

    it("writes the reason to the execution log of a stage that has one", async () => {
        await test.deploy(documentOf(mockWith({ requestTemplates: { "application/json": "{}" } })));
        const restApi = test.all("restApi:RestApi")[0]?.id;
        const group = `API-Gateway-Execution-Logs_${restApi}/v1`;
        test.add("aws:cloudwatch/logGroup:LogGroup", group, { name: group });
        await test.make("account:Account", { cloudwatchRoleArn: "arn:aws:iam::000000000000:role/api" });
        await test.make("methodSettings:MethodSettings", {
            restApi,
            stageName: "v1",
            methodPath: "*/*",
            settings: { loggingLevel: "ERROR" },
        });
        const reply = await test.send("GET", "/x/1");
        assert.deepStrictEqual(test.logLines, [
            {
                group,
                line: `(${reply.headers["x-amzn-requestid"]}) Execution failed due to configuration error: statusCode should be an integer which defined in request template: {"statusCode": 200}`,
            },
        ]);
    });

    it("is not what stands for what the local runtime lacks", async () => {
        await test.deploy(webDocument());
        test.answer = { status: 501, body: '{"__type":"LocalUnsupported","message":"…"}' };
        const reply = await test.send("GET", "/streams/web-1234567");
        assert.deepStrictEqual(
            [reply.status, reply.json, reply.headers["x-amzn-ErrorType"]],
            [
                501,
                {
                    __type: "LocalUnsupported",
                    message: "firehose:DescribeDeliveryStream is not supported by the local runtime.",
                },
                "LocalUnsupported",
            ],
        );
    });
});

/** A mock with parts of its integration replaced. */
function mockWith(changes: object) {
    const method = mock(200, "{}");
    return {
        ...method,
        "x-amazon-apigateway-integration": { ...method["x-amazon-apigateway-integration"], ...changes },
    };
}

import * as assert from "node:assert/strict";
import { serviceError } from "../errors";
import { ROLE, type TestGateway, testGateway } from "./test-support";

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:random-1234567";
const LAMBDA = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;
const headers = { "X-Out": { schema: { type: "string" } }, "Content-Type": { schema: { type: "string" } } };
const responses = { "200": { description: "", headers }, "400": { description: "", headers } };

function documentOf(integration: object, method: object = {}) {
    const operation = {
        responses,
        "x-amazon-apigateway-integration": { httpMethod: "POST", ...integration },
        ...method,
    };
    return { openapi: "3.0.1", info: {}, paths: { "/x/{id}": { "x-amazon-apigateway-any-method": operation } } };
}

describe("An integration", () => {
    let test: TestGateway;
    beforeEach(() => {
        test = testGateway();
    });
    afterEach(() => test.close());

    describe("with a function, as proxy", () => {
        const permit = (inputs: object) =>
            test.add("aws:lambda/permission:Permission", "p", {
                action: "lambda:InvokeFunction",
                function: "random-1234567",
                principal: "apigateway.amazonaws.com",
                ...inputs,
            });
        const deploy = async () => {
            const { api } = await test.deploy(documentOf({ type: "aws_proxy", uri: LAMBDA }), {
                variables: { a: "b" },
            });
            return api.id;
        };
        const answers = (answer: unknown) => {
            test.answer = { status: 200, body: JSON.stringify(answer) };
        };

        it("sends the whole request and answers what the function says", async () => {
            const id = await deploy();
            permit({ sourceArn: `arn:aws:execute-api:us-east-1:000000000000:${id}/*/*/x/*` });
            answers({
                statusCode: 201,
                headers: { "content-type": "text/plain", "X-N": 1 },
                multiValueHeaders: { "X-M": ["a", "b"] },
                body: "hi",
            });
            const reply = await test.send("PUT", "/x/a%20b?q=1&q=2&r=%C3%A9", {
                body: "text",
                headers: { "X-Trace": "t", "user-agent": "u", "x-forwarded-for": "198.51.100.7" },
            });
            assert.deepStrictEqual([reply.status, reply.body], [201, "hi"]);
            const { "x-amzn-requestid": requestId, "x-amz-apigw-id": extendedRequestId, ...rest } = reply.headers;
            assert.deepStrictEqual(rest, { "content-type": "text/plain", "X-N": "1", "X-M": ["a", "b"] });
            assert.deepStrictEqual(test.calls[0]?.operation, `invoke ${FUNCTION}`);
            const forwarded = {
                "X-Amzn-Trace-Id": `Root=1-6b003640-${String(requestId).replaceAll("-", "").slice(0, 24)}`,
                "X-Forwarded-For": "198.51.100.7, 192.0.2.1",
                "X-Forwarded-Port": "4566",
                "X-Forwarded-Proto": "http",
            };
            const { requestContext, ...event } = JSON.parse(test.calls[0]?.body ?? "");
            assert.deepStrictEqual(event, {
                resource: "/x/{id}",
                path: "/x/a%20b",
                httpMethod: "PUT",
                headers: { host: "127.0.0.1:4566", "X-Trace": "t", "user-agent": "u", ...forwarded },
                multiValueHeaders: {
                    host: ["127.0.0.1:4566"],
                    "X-Trace": ["t"],
                    "user-agent": ["u"],
                    ...Object.fromEntries(Object.entries(forwarded).map(([name, value]) => [name, [value]])),
                },
                queryStringParameters: { q: "2", r: "é" },
                multiValueQueryStringParameters: { q: ["1", "2"], r: ["é"] },
                pathParameters: { id: "a b" },
                stageVariables: { a: "b" },
                body: "text",
                isBase64Encoded: false,
            });
            assert.deepStrictEqual(requestContext, {
                accountId: "000000000000",
                apiId: id,
                deploymentId: test.all("deployment:Deployment")[0]?.id,
                domainName: "127.0.0.1:4566",
                domainPrefix: "127",
                extendedRequestId,
                httpMethod: "PUT",
                identity: {
                    accessKey: null,
                    accountId: null,
                    caller: null,
                    cognitoAuthenticationProvider: null,
                    cognitoAuthenticationType: null,
                    cognitoIdentityId: null,
                    cognitoIdentityPoolId: null,
                    principalOrgId: null,
                    sourceIp: "192.0.2.1",
                    user: null,
                    userAgent: "u",
                    userArn: null,
                },
                path: "/v1/x/a%20b",
                protocol: "HTTP/1.1",
                requestId,
                requestTime: "20/Nov/2026:12:00:00 +0000",
                requestTimeEpoch: Date.UTC(2026, 10, 20, 12),
                resourceId: requestContext.resourceId,
                resourcePath: "/x/{id}",
                stage: "v1",
            });
            assert.match(requestContext.resourceId, /^[0-9a-f]{6}$/);
        });

        it("gives null for what a request does not have", async () => {
            await deploy();
            permit({});
            answers({ statusCode: 200 });
            const reply = await test.send("GET", "/x/1");
            assert.deepStrictEqual(
                [reply.status, reply.body, reply.headers["Content-Type"]],
                [200, "", "application/json"],
            );
            const event = JSON.parse(test.calls[0]?.body ?? "");
            assert.deepStrictEqual(
                [event.body, event.queryStringParameters, event.multiValueQueryStringParameters],
                [null, null, null],
            );
        });

        it("passes headers, parameters and their repetitions on, whatever their names are", async () => {
            await deploy();
            permit({});
            answers({ statusCode: 200 });
            const lines = [
                ["Accept", "a/b"],
                ["accept", "c/d"],
                ["Accept", "e/f"],
                ["__proto__", "x"],
            ] as const;
            await test.send("GET", "/x/1?__proto__=1&constructor=2&constructor=3&a%5B%5D=%2526+%2B&empty&=v", {
                lines,
            });
            const event = JSON.parse(test.calls[0]?.body ?? "");
            const { Accept, accept, ...more } = event.multiValueHeaders;
            assert.deepStrictEqual([Accept, accept, Object.keys(more)[0]], [["a/b", "e/f"], ["c/d"], "__proto__"]);
            assert.deepStrictEqual(event.headers.Accept, "e/f");
            assert.deepStrictEqual(
                Object.entries(event.multiValueQueryStringParameters),
                Object.entries({
                    ["__proto__"]: ["1"],
                    constructor: ["2", "3"],
                    "a[]": ["%26 +"],
                    empty: [""],
                    "": ["v"],
                }),
            );
            assert.deepStrictEqual(event.queryStringParameters.constructor, "3");
        });

        it("sends what is called base64 as it is, since the API has no binary media types", async () => {
            await deploy();
            permit({});
            answers({ statusCode: 200, isBase64Encoded: true, body: "aGk=" });
            assert.deepStrictEqual((await test.send("GET", "/x/1")).body, "aGk=");
        });

        it("renames headers that are API Gateway's own to send, and lets several values go before one", async () => {
            await deploy();
            permit({});
            answers({
                statusCode: 200,
                headers: { "Content-Length": "99", Date: "today", "Set-Cookie": "a=1", "X-Line": "a\nb" },
                multiValueHeaders: { "set-cookie": ["a=2", "b=3"], "content-type": ["a/b"] },
            });
            const { headers: sent } = await test.send("GET", "/x/1");
            const { "x-amzn-requestid": _id, "x-amz-apigw-id": _extended, ...rest } = sent;
            assert.deepStrictEqual(rest, {
                "x-amzn-Remapped-Content-Length": "99",
                "x-amzn-Remapped-Date": "today",
                "X-Line": "a?b",
                "set-cookie": ["a=2", "b=3"],
                "content-type": "a/b",
            });
        });

        it("answers 500 when Lambda refuses the call, and 413 when it is too large for Lambda", async () => {
            const refuse = (code: string, message: string, status: number) => {
                test.refusal = serviceError(code, message, status);
                return test.send("GET", "/x/1");
            };
            await deploy();
            permit({});
            const throttled = await refuse("TooManyRequestsException", "Rate Exceeded.", 429);
            assert.deepStrictEqual([throttled.status, throttled.body], [500, '{"message":"Internal server error"}']);
            assert.deepStrictEqual(test.logged, [
                "GET /v1/x/1: Lambda refused the call: TooManyRequestsException: Rate Exceeded.",
            ]);
            assert.deepStrictEqual((await refuse("RequestTooLargeException", "Too large", 413)).status, 413);
        });

        const malformed: readonly (readonly [string, unknown])[] = [
            ["nothing", null],
            ["text", "x"],
            ["a list", []],
            ["no status", { body: "x" }],
            ["a wrong status", { statusCode: 99 }],
            ["a body that is no text", { statusCode: 200, body: {} }],
            ["headers that are none", { statusCode: 200, headers: ["a"] }],
            ["a header that is no text", { statusCode: 200, headers: { a: {} } }],
            ["a header that HTTP does not take", { statusCode: 200, headers: { "a b": "c" } }],
            ["values that are no list", { statusCode: 200, multiValueHeaders: { a: "b" } }],
        ];
        for (const [title, answer] of malformed) {
            it(`answers 502 when the function answers ${title}`, async () => {
                await deploy();
                permit({});
                answers(answer);
                const reply = await test.send("GET", "/x/1");
                assert.deepStrictEqual([reply.status, reply.body], [502, '{"message":"Internal server error"}']);
                assert.deepStrictEqual(test.logged, ["GET /v1/x/1: Malformed Lambda proxy response"]);
            });
        }

        it("answers 502 when the function fails", async () => {
            await deploy();
            permit({});
            test.answer = { status: 500, body: '{"errorMessage":"boom"}' };
            assert.deepStrictEqual((await test.send("GET", "/x/1")).status, 502);
            assert.deepStrictEqual(test.logged, ["GET /v1/x/1: Lambda execution failed: boom"]);
        });

        const others: readonly (readonly [string, object | undefined])[] = [
            ["there is none", undefined],
            ["it is for another function", { function: "other" }],
            ["it is for another service", { principal: "events.amazonaws.com" }],
            ["it is for another action", { action: "lambda:GetFunction" }],
            ["it is for another API", { sourceArn: "arn:aws:execute-api:us-east-1:000000000000:other/*/*/x/*" }],
            ["it is for another method", { sourceArn: "arn:aws:execute-api:us-east-1:000000000000:*/*/POST/*" }],
            ["it is for another account", { sourceAccount: "111111111111" }],
        ];
        for (const [title, permission] of others) {
            it(`needs a permission of the function: ${title}`, async () => {
                await deploy();
                if (permission) permit(permission);
                const reply = await test.send("GET", "/x/1");
                assert.deepStrictEqual(
                    [reply.status, reply.body, test.calls.length],
                    [500, '{"message":"Internal server error"}', 0],
                );
                assert.deepStrictEqual(test.logged, ["GET /v1/x/1: Invalid permissions on Lambda function"]);
            });
        }

        it("uses a role instead of a permission when it has one", async () => {
            await test.deploy(documentOf({ type: "aws_proxy", uri: LAMBDA, credentials: ROLE }));
            answers({ statusCode: 200 });
            assert.deepStrictEqual((await test.send("GET", "/x/1")).status, 200);
            assert.deepStrictEqual(
                test.calls[0]?.caller,
                "arn:aws:sts::000000000000:assumed-role/api/BackplaneAssumeRoleSession",
            );
        });
    });

    describe("with a function, through templates", () => {
        beforeEach(() =>
            test.deploy(
                documentOf({
                    type: "aws",
                    uri: LAMBDA,
                    credentials: ROLE,
                    requestTemplates: { "application/json": '{"id": "$util.escapeJavaScript($input.params(\'id\'))"}' },
                    responses: {
                        "(\\n|.)*BadRequest(\\n|.)*": {
                            statusCode: "400",
                            responseTemplates: { "application/json": "$input.path('$.errorMessage')" },
                        },
                        default: { statusCode: "200" },
                    },
                }),
            ),
        );

        it("passes the answer through", async () => {
            test.answer = { status: 200, body: '{"a": 1}' };
            const reply = await test.send("GET", "/x/7");
            assert.deepStrictEqual([reply.status, reply.body, test.calls[0]?.body], [200, '{"a": 1}', '{"id": "7"}']);
        });

        it("selects the response by the error's message", async () => {
            test.answer = { status: 500, body: '{"errorMessage":"a BadRequest\\nindeed"}' };
            const reply = await test.send("GET", "/x/7");
            assert.deepStrictEqual([reply.status, reply.body], [400, "a BadRequest\nindeed"]);
        });

        it("takes the default response for another error", async () => {
            test.answer = { status: 500, body: '{"errorMessage":"boom"}' };
            assert.deepStrictEqual((await test.send("GET", "/x/7")).status, 200);
        });
    });

    describe("with a service", () => {
        const action = (changes: object = {}, method: object = {}) =>
            test.deploy(
                documentOf(
                    {
                        type: "aws",
                        uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
                        credentials: ROLE,
                        responses: { default: { statusCode: "200" } },
                        ...changes,
                    },
                    method,
                ),
            );

        it("passes a body without a template through, when nothing forbids it", async () => {
            await action();
            await test.send("POST", "/x/1", { body: "raw", headers: { "content-type": "text/plain" } });
            assert.deepStrictEqual([test.calls[0]?.operation, test.calls[0]?.body], ["kinesis:PutRecord", "raw"]);
        });

        const passthrough: readonly (readonly [string, object, string, number])[] = [
            ["WHEN_NO_MATCH", { "application/json": "{}" }, "text/plain", 200],
            ["WHEN_NO_MATCH", { "application/json": "{}" }, "application/json", 200],
            ["WHEN_NO_TEMPLATES", { "application/json": "{}" }, "text/plain", 415],
            ["WHEN_NO_TEMPLATES", {}, "text/plain", 200],
            ["NEVER", {}, "text/plain", 415],
            ["NEVER", { "text/plain": "x" }, "text/plain;charset=utf-8", 200],
            ["NEVER", { "text/plain;charset=utf-8": "x" }, "text/plain;charset=utf-8", 200],
        ];
        for (const [passthroughBehavior, requestTemplates, type, status] of passthrough) {
            it(`answers ${status} to ${type} with ${passthroughBehavior} and templates for ${Object.keys(requestTemplates)}`, async () => {
                await action({ passthroughBehavior, requestTemplates });
                assert.deepStrictEqual(
                    (await test.send("POST", "/x/1", { body: "{}", headers: { "content-type": type } })).status,
                    status,
                );
            });
        }

        it("needs a role that it may use", async () => {
            await action({ credentials: "arn:aws:iam::000000000000:role/other" });
            const reply = await test.send("GET", "/x/1");
            assert.deepStrictEqual([reply.status, reply.body], [500, '{"message":"Internal server error"}']);
            const reason =
                "API Gateway does not have permission to assume the provided role arn:aws:iam::000000000000:role/other";
            assert.deepStrictEqual(test.logged, [`GET /v1/x/1: ${reason}`]);
        });

        it("gives up after its timeout", async () => {
            await action({ timeoutInMillis: 1000 });
            test.delay = 5000;
            const reply = test.send("GET", "/x/1");
            await test.clock.advance(1000);
            const { status, body } = await reply;
            assert.deepStrictEqual([status, body], [504, '{"message":"Endpoint request timed out"}']);
        });

        it("waits until its timeout", async () => {
            await action({ timeoutInMillis: 1000 });
            test.delay = 999;
            const reply = test.send("GET", "/x/1");
            await test.clock.advance(1000);
            assert.deepStrictEqual((await reply).status, 200);
        });

        it("maps headers of the answer from everywhere", async () => {
            const parameters = [
                { name: "q", in: "query" },
                { name: "X-Trace", in: "header" },
            ];
            const sources: readonly (readonly [string, string | undefined])[] = [
                ["'fixed'", "fixed"],
                ["integration.response.header.Content-Type", "application/x-amz-json-1.1"],
                ["integration.response.header.None", undefined],
                ["integration.response.body.a.b[1]", "2"],
                ["integration.response.body.a", '{"b":[1,2]}'],
                ["integration.response.body.none", undefined],
                ["integration.response.body", '{"a":{"b":[1,2]}}'],
                ["context.stage", "v1"],
                ["context.identity.sourceIp", "192.0.2.1"],
                ["stageVariables.none", undefined],
                ["method.request.querystring.q", "a?b"],
                ["method.request.header.x-trace", "t"],
                ["method.request.path.id", "1"],
            ];
            test.answer = { status: 200, body: '{"a":{"b":[1,2]}}' };
            for (const [source, expected] of sources) {
                const fresh = testGateway();
                fresh.answer = test.answer;
                const response = { statusCode: "200", responseParameters: { "method.response.header.X-Out": source } };
                const integration = {
                    type: "aws",
                    uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
                    credentials: ROLE,
                };
                await fresh.deploy(documentOf({ ...integration, responses: { default: response } }, { parameters }));
                const reply = await fresh.send("POST", "/x/1?q=a%0Ab", { headers: { "x-trace": "t" } });
                assert.deepStrictEqual(reply.headers["X-Out"], expected, source);
                fresh.close();
            }
        });

        it("answers in the content type of its template, of a mapped header, or of an override, the last of them first", async () => {
            const template = { "text/plain": "x" };
            const mapped = { "method.response.header.Content-Type": "'text/css'" };
            await action({ responses: { default: { statusCode: "200", responseTemplates: template } } });
            assert.deepStrictEqual((await test.send("GET", "/x/1")).headers["Content-Type"], "text/plain");
            const fresh = testGateway();
            const integration = {
                type: "aws",
                uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
                credentials: ROLE,
            };
            const responseTemplates = {
                "application/json":
                    "#if($input.params('o') == '1')#set($context.responseOverride.header.content-type = 'text/html')#end",
            };
            const response = { statusCode: "200", responseParameters: mapped, responseTemplates };
            await fresh.deploy(documentOf({ ...integration, responses: { default: response } }));
            assert.deepStrictEqual((await fresh.send("GET", "/x/1")).headers["Content-Type"], "text/css");
            assert.deepStrictEqual((await fresh.send("GET", "/x/1?o=1")).headers["Content-Type"], "text/html");
            fresh.close();
        });

        it("passes an answer through an empty template", async () => {
            await action({
                responses: { default: { statusCode: "200", responseTemplates: { "application/json": "" } } },
            });
            test.answer = { status: 200, body: '{"a": 1}' };
            assert.deepStrictEqual((await test.send("GET", "/x/1")).body, '{"a": 1}');
        });
    });
});

import * as assert from "node:assert/strict";
import { serviceError } from "../errors";
import { accessLogLine } from "./access-log";
import { mock, webDocument } from "./test-documents";
import { ROLE, type TestGateway, testGateway } from "./test-support";

const STREAM = "amazon-apigateway-usage-1a2b3c4";
const ARN = `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`;

describe("accessLogLine", () => {
    const context = {
        requestId: "r",
        status: 200,
        latency: 0,
        empty: "",
        nothing: null,
        identity: { userAgent: 'a "b" \\ \t', sourceIp: "192.0.2.1" },
        authorizer: { claims: { sub: "s", "cognito:username": "u", "a]b": "c" } },
        error: { messageString: '"quoted"' },
    };
    const cases: readonly (readonly [string, string])[] = [
        ["$context.requestId", "r"],
        ['{"id":"$context.requestId","status":$context.status}\n', '{"id":"r","status":200}\n'],
        ["$context.latency", "0"],
        ["$context.requestId: $context.status.", "r: 200."],
        ["$context.authorizer.claims.sub", "s"],
        ["$context.authorizer.claims['sub']", "s"],
        ['$context.authorizer.claims["sub"]', "s"],
        ["$context.authorizer.claims['cognito:username']", "u"],
        ["$context.authorizer.claims['a]b']", "c"],
        ["$context['authorizer'].claims['sub']", "s"],
        ["$context.identity.userAgent", 'a "b" \\ \t'],
        ["$context.error.messageString", '"quoted"'],
        ["$context.missing $context.missing.at.all $context.empty $context.nothing", "- - - -"],
        ["$context.identity $context.authorizer.claims", "- -"],
        ["$context.constructor $context.__proto__ $context.requestId.length", "- - -"],
        ["$stageVariables.x $input.body $context", "$stageVariables.x $input.body $context"],
    ];
    for (const [format, line] of cases) {
        it(`makes ${JSON.stringify(line)} of ${JSON.stringify(format)}`, () => {
            assert.equal(accessLogLine(format, context), line);
        });
    }
});

describe("An access log to Firehose", () => {
    let test: TestGateway;
    /** What Firehose answers, one after the other; the last one again and again. */
    let answers: { status: number; body: string }[];
    const taken = { status: 200, body: '{"RecordId":"x","Encrypted":false}' };
    const busy = { status: 503, body: '{"__type":"ServiceUnavailableException","message":"Slow down."}' };

    const deploy = (document: object, format: string) =>
        test.deploy(document, { accessLogSettings: { destinationArn: ARN, format } });
    const lines = () =>
        test.calls
            .filter(({ operation }) => operation === "firehose:PutRecord")
            .map(({ body }) => JSON.parse(body) as { DeliveryStreamName: string; Record: { Data: string } })
            .filter(({ DeliveryStreamName }) => DeliveryStreamName === STREAM)
            .map(({ Record }) => Buffer.from(Record.Data, "base64").toString());

    beforeEach(() => {
        test = testGateway();
        answers = [taken];
        // The document's own calls of Firehose are answered alike.
        Object.defineProperty(test, "answer", {
            get: () => (answers.length > 1 ? answers.shift() : answers[0]),
            set: (answer: typeof taken) => {
                answers = [answer];
            },
        });
    });
    afterEach(() => test.close());

    it("needs no role of the account, and has a line for each request with what became of it", async () => {
        const open = webDocument();
        const secret = mock(200, "{}");
        const document = {
            ...open,
            paths: {
                ...open.paths,
                "/signed": { get: { ...secret, security: [{ sigv4: [] }] } },
                "/keyed": { get: { ...secret, security: [{ key: [] }] } },
                "/broken": {
                    get: mock(200, "#set($x = $util.parseJson('{'))"),
                },
                "/function": {
                    get: {
                        responses: {},
                        "x-amazon-apigateway-integration": {
                            type: "aws_proxy",
                            httpMethod: "POST",
                            credentials: ROLE,
                            uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
                        },
                    },
                },
            },
        };
        const { api } = await deploy(
            document,
            "$context.requestId $context.httpMethod $context.path $context.resourcePath $context.status $context.error.responseType $context.responseLength $context.protocol $context.requestTimeEpoch $context.identity.sourceIp $context.authorizer.claims.sub\n",
        );
        await test.make("methodSettings:MethodSettings", {
            restApi: api.id,
            stageName: "v1",
            methodPath: "streams/GET",
            settings: { throttlingRateLimit: 1, throttlingBurstLimit: 1 },
        });
        const records = "/streams/web-1234567/records";
        const refused = serviceError("InvalidSignatureException", "The signature does not match.", 403);
        const requests: readonly (readonly [string, string, object, string])[] = [
            ["GET", "/streams?a=%22", {}, "/streams 200 -"],
            ["GET", "/streams", {}, "/streams 429 THROTTLED"],
            ["GET", "/none", {}, "- 403 MISSING_AUTHENTICATION_TOKEN"],
            ["GET", "/%zz", {}, "- 400 BAD_REQUEST_PARAMETERS"],
            ["DELETE", "/streams", {}, "- 403 MISSING_AUTHENTICATION_TOKEN"],
            ["GET", "/streams/other", {}, "/streams/{stream-name} 404 -"],
            ["PUT", records, { body: "x" }, `${records} 400 BAD_REQUEST_BODY`],
            ["PUT", records, { body: Buffer.alloc(10_485_761, " ") }, `${records} 413 REQUEST_TOO_LARGE`],
            ["PUT", records, { headers: { "content-type": "a/b" } }, `${records} 415 UNSUPPORTED_MEDIA_TYPE`],
            ["GET", "/signed", {}, "/signed 403 MISSING_AUTHENTICATION_TOKEN"],
            ["GET", "/signed", { refused }, "/signed 403 INVALID_SIGNATURE"],
            ["GET", "/keyed", {}, "/keyed 403 INVALID_API_KEY"],
            ["GET", "/broken", {}, "/broken 500 API_CONFIGURATION_ERROR"],
            ["GET", "/function", {}, "/function 502 INTEGRATION_FAILURE"],
        ];
        const wanted: string[] = [];
        for (const [method, path, options, outcome] of requests) {
            const reply = await test.send(method, path, options);
            const id = reply.headers["x-amzn-requestid"];
            const shown = path.split("?")[0];
            wanted.push(
                `${id} ${method} /v1${shown} ${outcome} ${reply.body.length} HTTP/1.1 1795176000000 192.0.2.1 -\n`,
            );
        }
        assert.deepStrictEqual(lines(), wanted);
    });

    it("tells what a function answered beside what the client got", async () => {
        const proxy = {
            type: "aws_proxy",
            httpMethod: "POST",
            credentials: ROLE,
            uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
        };
        const document = {
            openapi: "3.0.1",
            info: { title: "f" },
            paths: { "/f": { get: { responses: {}, "x-amazon-apigateway-integration": proxy } } },
        };
        await deploy(
            document,
            "$context.requestId $context.status $context.integrationStatus $context.integrationLatency $context.integration.status $context.integration.requestId $context.integration.error $context.error.message",
        );
        answers = [{ status: 200, body: '{"statusCode":418,"body":""}' }, taken];
        await test.send("GET", "/f");
        answers = [{ status: 500, body: '{"errorMessage":"boom"}' }, taken];
        await test.send("GET", "/f");
        assert.deepStrictEqual(
            lines().map((line) => line.split(" ").slice(1).join(" ")),
            ["418 200 0 418 r - -", "502 200 0 200 r boom Internal server error"],
        );
    });

    it("has the line before the client has the answer, however busy the stream is", async () => {
        answers = [busy, busy, taken];
        await deploy({ ...webDocument() }, "$context.requestId");
        let answered = false;
        const reply = test.send("GET", "/streams").then(() => {
            answered = true;
        });
        await test.clock.advance(250);
        assert.deepStrictEqual([answered, lines().length], [false, 2]);
        await test.clock.advance(250);
        await reply;
        assert.deepStrictEqual([lines().length, test.logged], [3, []]);
    });

    it("answers without a line, and says so, when the stream takes none", async () => {
        const missing = { status: 400, body: '{"__type":"ResourceNotFoundException"}' };
        for (const [answer, tries] of [
            [missing, 1],
            [busy, 120],
        ] as const) {
            test.close();
            test = testGateway();
            test.answer = answer;
            await deploy(webDocument(), "$context.requestId");
            const sent = test.send("GET", "/streams");
            await test.clock.advance(30_000);
            const reply = await sent;
            assert.deepStrictEqual([reply.status, lines().length], [200, tries]);
            assert.deepStrictEqual(test.logged, [
                `The access log ${ARN} has no line for the request ${reply.headers["x-amzn-requestid"]}: ${answer.body}`,
            ]);
        }
    });
});

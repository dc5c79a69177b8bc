import * as assert from "node:assert/strict";
import { mock, webDocument } from "./test-documents";
import { type TestGateway, testGateway } from "./test-support";

const RECORDS = "/streams/web-1234567/records";
const OK = { status: 200, body: '{"FailedPutCount":0,"RequestResponses":[{"RecordId":"1"}]}' };
const ORIGIN = { "Access-Control-Allow-Origin": "https://example.com" };

/** What Firehose was sent, decoded. */
function sent(test: TestGateway): readonly string[] {
    const { Records } = JSON.parse(test.calls.at(-1)?.body ?? "") as { Records: { Data: string }[] };
    return Records.map(({ Data }) => Buffer.from(Data, "base64").toString());
}

describe("A REST API", () => {
    let test: TestGateway;
    beforeEach(async () => {
        test = testGateway();
        await test.deploy(webDocument());
        test.answer = OK;
    });
    afterEach(() => test.close());

    it("calls a service as its role and answers with the mapped response", async () => {
        const reply = await test.send("PUT", RECORDS, {
            body: { records: [{ Data: "a" }, { data: { b: 1 } }, { data: "c\n" }] },
        });
        assert.deepStrictEqual(reply.status, 200);
        assert.deepStrictEqual(reply.body, OK.body);
        const { "x-amzn-requestid": requestId, "x-amz-apigw-id": extended, ...headers } = reply.headers;
        assert.deepStrictEqual(headers, { "Content-Type": "application/json", ...ORIGIN });
        assert.match(String(requestId), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.match(String(extended), /^.{15}=$/);
        const [call] = test.calls;
        assert.deepStrictEqual(call?.operation, "firehose:PutRecordBatch");
        assert.deepStrictEqual(call?.caller, "arn:aws:sts::000000000000:assumed-role/api/BackplaneAssumeRoleSession");
        assert.deepStrictEqual(sent(test), ["a\n", '{"b":1}\n', "c\n"]);
    });

    const statuses: readonly (readonly [string, { status: number; body: string }, number, string])[] = [
        ["200", OK, 200, OK.body],
        ["200 with failed records", { status: 200, body: '{"FailedPutCount":1}' }, 207, '{"FailedPutCount":1}'],
        [
            "a throttled call",
            { status: 400, body: '{"__type":"ServiceUnavailableException"}' },
            429,
            '{"message": "ServiceUnavailableException"}',
        ],
        ["a refused call", { status: 400, body: '{"__type":"X\\"Y"}' }, 503, '{"message": "X\\"Y"}'],
        ["a failed call", { status: 500, body: "<html>" }, 503, '{"message": "down"}'],
    ];
    for (const [title, answer, status, body] of statuses) {
        it(`maps the backend's answer by its status: ${title}`, async () => {
            test.answer = answer;
            const reply = await test.send("PUT", RECORDS, { body: { records: [] } });
            assert.deepStrictEqual(
                [reply.status, reply.body, reply.headers["Access-Control-Allow-Origin"]],
                [status, body, "https://example.com"],
            );
        });
    }

    const routes: readonly (readonly [string, string, number, string])[] = [
        ["GET", "/streams", 200, '{"DeliveryStreamNames": ["web-1234567"], "HasMoreDeliveryStreams": false}'],
        ["GET", "/streams/", 200, '{"DeliveryStreamNames": ["web-1234567"], "HasMoreDeliveryStreams": false}'],
        ["GET", "/streams?x=%22", 200, '{"DeliveryStreamNames": ["web-1234567"], "HasMoreDeliveryStreams": false}'],
        ["OPTIONS", "/streams", 200, ""],
        ["GET", "/streams/web%2D1234567", 503, '{"message": "down"}'],
        ["GET", "/streams/other", 404, '{"message": "No such stream"}'],
        ["GET", "/streams/%22%7D%24x", 404, '{"message": "No such stream"}'],
        ["PUT", "/streams/other/records", 404, '{"message": "No such stream"}'],
        ["PUT", "/streams/web-1234567x/records", 404, '{"message": "No such stream"}'],
        ["GET", "/streams/web-1234567/", 503, '{"message": "down"}'],
        ["DELETE", "/streams/web-1234567", 403, '{"message":"Missing Authentication Token"}'],
        ["GET", "/streams/web-1234567/records", 403, '{"message":"Missing Authentication Token"}'],
        ["GET", "/streams/a/b", 403, '{"message":"Missing Authentication Token"}'],
        ["GET", "/streams//records", 403, '{"message":"Missing Authentication Token"}'],
        ["GET", "", 403, '{"message":"Missing Authentication Token"}'],
        ["get", "/streams", 403, '{"message":"Missing Authentication Token"}'],
        ["HEAD", "/streams", 403, '{"message":"Missing Authentication Token"}'],
    ];
    for (const [method, path, status, body] of routes) {
        it(`routes ${method} ${path || "the root"} to ${status}`, async () => {
            test.answer = { status: 302, body: "" };
            const reply = await test.send(method, path);
            assert.deepStrictEqual([reply.status, reply.body], [status, body]);
        });
    }

    it("is found by its host too, as on AWS", async () => {
        const [api] = [await test.send("GET", "/streams")];
        assert.deepStrictEqual(api.status, 200);
        const url = "/v1/streams";
        const request = { method: "GET", url, headers: { host: "0000000001.execute-api.localhost:4566" } };
        const answer = await test.gateway.handle({
            ...request,
            caller: undefined,
            sourceIp: "",
            body: async () => Buffer.alloc(0),
        } as never);
        assert.deepStrictEqual(answer.status, 200);
    });

    it("answers 403 for an API or a stage that does not exist", async () => {
        for (const url of [
            "/_aws/execute-api/nothing/v1/x",
            "/_aws/execute-api/0000000001/v2/x",
            "/_aws/execute-api/",
            "/x",
        ]) {
            const request = {
                method: "GET",
                url,
                headers: {},
                caller: undefined,
                sourceIp: "",
                body: async () => Buffer.alloc(0),
            };
            const answer = await test.gateway.handle(request as never);
            assert.deepStrictEqual(
                [answer.status, answer.body, answer.headers?.["x-amzn-ErrorType"]],
                [403, '{"message":"Forbidden"}', "ForbiddenException"],
            );
        }
    });

    const bodies: readonly (readonly [string, string | Buffer, number, string])[] = [
        ["not JSON", "nope", 400, "[Unknown error parsing request body]"],
        ["cut off", '{"records": [', 400, "[Unknown error parsing request body]"],
        ["empty", "", 400, "[Unknown error parsing request body]"],
        ["blank", " \n", 400, "[Unknown error parsing request body]"],
        ["two documents", '{"records":[]}{"records":[]}', 400, "[Unknown error parsing request body]"],
        ["a byte-order mark", '\ufeff{"records":[]}', 400, "[Unknown error parsing request body]"],
        ["invalid UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400, "[The request body is not UTF-8]"],
        [
            "a scalar",
            "1",
            400,
            '[instance type (integer) does not match any allowed primitive type (allowed: ["object"])]',
        ],
        ["null", "null", 400, '[instance type (null) does not match any allowed primitive type (allowed: ["object"])]'],
        ["missing records", "{}", 400, '[object has missing required properties (["records"])]'],
        [
            "records of the wrong type",
            '{"records":[1,{},"x"]}',
            400,
            '[instance type (integer) does not match any allowed primitive type (allowed: ["object"]), instance type (string) does not match any allowed primitive type (allowed: ["object"])]',
        ],
        [
            "deep nesting that is wrong",
            "[".repeat(100_000) + "]".repeat(100_000),
            400,
            '[instance type (array) does not match any allowed primitive type (allowed: ["object"])]',
        ],
        [
            "deep nesting that is right",
            `{"records":[{"data":${"[".repeat(100_000)}${"]".repeat(100_000)}}]}`,
            400,
            "[The request body is nested too deeply]",
        ],
        ["half a surrogate pair", '{"records":[{"data":"\\udc00"}]}', 400, "[Unpaired surrogate in a string]"],
    ];
    for (const [title, body, status, problems] of bodies) {
        it(`refuses a body: ${title}`, async () => {
            const reply = await test.send("POST", RECORDS, { body });
            assert.deepStrictEqual([reply.status, reply.json], [status, { message: "Invalid request body", problems }]);
            assert.deepStrictEqual(reply.headers["x-amzn-ErrorType"], "BadRequestException");
            assert.deepStrictEqual(test.calls, []);
        });
    }

    const accepted: readonly (readonly [string, string, readonly string[]])[] = [
        [
            "huge numbers",
            '{"records":[{"data":{"n":123456789012345678901234567890,"e":1e999}}]}',
            ['{"n":123456789012345678901234567890,"e":1e999}\n'],
        ],
        ["duplicate keys, of which the last counts", '{"records":[],"records":[{"data":"x","data":"y"}]}', ["y\n"]],
        ["a NUL", '{"records":[{"data":"\\u0000"}]}', ["\0\n"]],
        [
            "keys that mean something to JavaScript",
            '{"records":[{"data":{"__proto__":{"a":1},"constructor":2}}]}',
            ['{"__proto__":{"a":1},"constructor":2}\n'],
        ],
        ["white space around", ' \n{ "records" : [ { "data" : { "a" : 1 } } ] }\t', ['{"a":1}\n']],
        ["half a surrogate pair inside an object", '{"records":[{"data":{"a":"\\ud800"}}]}', ['{"a":"\\ud800"}\n']],
    ];
    for (const [title, body, expected] of accepted) {
        it(`passes on ${title}`, async () => {
            assert.deepStrictEqual((await test.send("POST", RECORDS, { body })).status, 200);
            assert.deepStrictEqual(sent(test), expected);
        });
    }

    it("takes ten mebibytes and no more", async () => {
        const fitting = `{"records":[{"data":"${"x".repeat(10_485_760 - 25)}"}]}`;
        assert.deepStrictEqual(fitting.length, 10_485_760);
        assert.deepStrictEqual((await test.send("POST", RECORDS, { body: fitting })).status, 200);
        const reply = await test.send("POST", RECORDS, { body: `${fitting} ` });
        assert.deepStrictEqual(
            [reply.status, reply.body, reply.headers["Access-Control-Allow-Origin"]],
            [413, '{"message":"Request Too Long"}', "https://example.com"],
        );
    });

    const types: readonly (readonly [string, number])[] = [
        ["application/json", 200],
        ["Application/JSON; charset=utf-8", 200],
        [" application/json ", 200],
        ["", 200],
        ["application/x-www-form-urlencoded", 415],
        ["text/plain", 415],
        ["garbage", 415],
    ];
    for (const [type, status] of types) {
        it(`answers ${status} to the content type "${type}"`, async () => {
            const reply = await test.send("PUT", RECORDS, { body: { records: [] }, headers: { "content-type": type } });
            assert.deepStrictEqual(reply.status, status);
            if (status === 415) assert.deepStrictEqual(reply.body, '{"message":"Unsupported Media Type"}');
        });
    }

    it("refuses a wrong percent sign in path and query", async () => {
        for (const path of ["/streams/%zz", "/streams/%", "/streams?a=%e9", "/streams?%zz=1"]) {
            const reply = await test.send("GET", path);
            assert.deepStrictEqual([reply.status, reply.body], [400, '{"message":"Bad Request"}']);
        }
    });

    it("counts requests, errors and latencies", async () => {
        await test.send("PUT", RECORDS, { body: { records: [] } });
        await test.send("PUT", RECORDS, { body: "nope" });
        test.answer = { status: 500, body: "" };
        await test.send("PUT", RECORDS, { body: { records: [] } });
        const total = (name: string) =>
            test.metrics
                .filter((m) => m.name === name && m.dimensions.Stage === "v1")
                .reduce((sum, { value }) => sum + value, 0);
        assert.deepStrictEqual(["Count", "4XXError", "5XXError"].map(total), [3, 1, 1]);
        assert.deepStrictEqual(test.metrics[0], { name: "Count", dimensions: { ApiName: "web-1234567" }, value: 1 });
        assert.deepStrictEqual(test.metrics.filter(({ name }) => name === "IntegrationLatency").length, 4);
    });

    it("keeps serving what was deployed until the next deployment", async () => {
        const document = webDocument();
        const changed = { ...document, paths: { "/new": { get: mock(200, '"new"') } } };
        const [api, deployment, stage] = ["restApi:RestApi", "deployment:Deployment", "stage:Stage"].map(
            (type) => test.all(type)[0],
        );
        if (!api || !deployment || !stage) throw new Error("Nothing is deployed");
        await test.change(api, { ...api.inputs, body: JSON.stringify(changed) });
        assert.deepStrictEqual((await test.send("GET", "/new")).status, 403);
        const next = await test.make("deployment:Deployment", { restApi: api.id });
        await test.change(stage, { ...stage.inputs, deployment: next.id });
        assert.deepStrictEqual(
            [(await test.send("GET", "/new")).body, (await test.send("GET", "/streams")).status],
            ['"new"', 403],
        );
        await test.remove(deployment);
        assert.deepStrictEqual((await test.send("GET", "/new")).status, 200);
        await assert.rejects(test.remove(next), {
            message: "Active stages pointing to this deployment must be moved or deleted",
        });
    });
});

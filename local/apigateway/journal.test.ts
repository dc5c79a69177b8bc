import * as assert from "node:assert/strict";
import { webDocument } from "./test-documents";
import { ROLE, type TestGateway, testGateway } from "./test-support";

describe("The access log of a stage", () => {
    let test: TestGateway;
    beforeEach(() => {
        test = testGateway();
    });
    afterEach(() => test.close());

    it("has a line for each request, whatever became of it", async () => {
        await test.make("account:Account", { cloudwatchRoleArn: ROLE });
        const format =
            "$context.requestId $context.httpMethod $context.resourcePath $context.path $context.status $context.responseLength $context.responseLatency $context.integrationStatus $context.identity.sourceIp $context.error.responseType $context.requestTime";
        await test.deploy(webDocument(), {
            accessLogSettings: { destinationArn: "arn:aws:logs:us-east-1:000000000000:log-group:access:*", format },
        });
        const found = await test.send("GET", "/streams/other");
        const missing = await test.send("GET", "/none");
        assert.deepStrictEqual(test.logLines, [
            {
                group: "access",
                line: `${found.headers["x-amzn-requestid"]} GET /streams/{stream-name} /v1/streams/other 404 29 0 404 192.0.2.1 - 20/Nov/2026:12:00:00 +0000`,
            },
            {
                group: "access",
                line: `${missing.headers["x-amzn-requestid"]} GET - /v1/none 403 42 0 - 192.0.2.1 MISSING_AUTHENTICATION_TOKEN 20/Nov/2026:12:00:00 +0000`,
            },
        ]);
    });

    it("does not fail a request that it cannot be written for", async () => {
        const account = await test.make("account:Account", { cloudwatchRoleArn: ROLE });
        await test.deploy(webDocument(), {
            accessLogSettings: {
                destinationArn: "arn:aws:logs:us-east-1:000000000000:log-group:access",
                format: "$context.requestId",
            },
        });
        await test.remove(account);
        const reply = await test.send("GET", "/streams");
        assert.deepStrictEqual(reply.status, 200);
        assert.deepStrictEqual(test.logged, [
            `The access log arn:aws:logs:us-east-1:000000000000:log-group:access has no line for the request ${reply.headers["x-amzn-requestid"]}: CloudWatch Logs role ARN must be set in account settings to enable logging`,
        ]);
    });
});

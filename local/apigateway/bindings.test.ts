import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { mock } from "./test-documents";
import { type TestGateway, testGateway } from "./test-support";

const DOCUMENT = { openapi: "3.0.1", info: {}, paths: { "/x": { get: mock(200, "{}") } } };
const BODY = JSON.stringify(DOCUMENT);

describe("The bindings of API Gateway", () => {
    let test: TestGateway;
    beforeEach(() => {
        test = testGateway();
    });
    afterEach(() => test.close());

    it("give a REST API what AWS adds to it, and keep that when it changes", async () => {
        const api = await test.make("restApi:RestApi", { name: "web-1234567", body: BODY });
        const outputs = {
            name: "web-1234567",
            body: BODY,
            apiKeySource: "HEADER",
            arn: `arn:aws:apigateway:us-east-1::/restapis/${api.id}`,
            createdDate: "2026-11-20T12:00:00Z",
            executionArn: `arn:aws:execute-api:us-east-1:000000000000:${api.id}`,
            rootResourceId: api.outputs.rootResourceId,
        };
        assert.match(api.id, /^[0-9a-f]{10}$/);
        assert.deepStrictEqual(api.outputs, outputs);
        await test.clock.advance(60_000);
        const changed = await test.change(api, { name: "web-1234567", body: BODY, description: "new" });
        assert.deepStrictEqual([changed.id, changed.outputs], [api.id, { ...outputs, description: "new" }]);
    });

    it("give a stage its URL and ARNs", async () => {
        const { api, deployment, stage } = await test.deploy(DOCUMENT);
        assert.deepStrictEqual(stage.id, `ags-${api.id}-v1`);
        assert.deepStrictEqual(stage.outputs, {
            restApi: api.id,
            deployment: deployment.id,
            stageName: "v1",
            arn: `arn:aws:apigateway:us-east-1::/restapis/${api.id}/stages/v1`,
            executionArn: `arn:aws:execute-api:us-east-1:000000000000:${api.id}/v1`,
            invokeUrl: `http://127.0.0.1:4566/_aws/execute-api/${api.id}/v1`,
            webAclArn: "",
        });
        assert.deepStrictEqual(deployment.outputs, { restApi: api.id, createdDate: "2026-11-20T12:00:00Z" });
    });

    it("make an API key's value, or take the given one", async () => {
        const made = await test.make("apiKey:ApiKey", { name: "a" });
        assert.match(String(made.outputs.value), /^[0-9a-f]{40}$/);
        const changed = await test.change(made, { name: "a", enabled: false });
        assert.deepStrictEqual([changed.outputs.value, changed.outputs.enabled], [made.outputs.value, false]);
        const given = await test.make("apiKey:ApiKey", { name: "b", value: "v".repeat(20) });
        assert.deepStrictEqual(given.outputs, {
            name: "b",
            value: "v".repeat(20),
            enabled: true,
            arn: `arn:aws:apigateway:us-east-1::/apikeys/${given.id}`,
            createdDate: "2026-11-20T12:00:00Z",
            lastUpdatedDate: "2026-11-20T12:00:00Z",
        });
    });

    it("connect a key and a usage plan", async () => {
        const key = await test.make("apiKey:ApiKey", { name: "key", value: "v".repeat(20) });
        const plan = await test.make("usagePlan:UsagePlan", { name: "plan" });
        assert.deepStrictEqual(plan.outputs, {
            name: "plan",
            arn: `arn:aws:apigateway:us-east-1::/usageplans/${plan.id}`,
        });
        const inputs = { keyId: key.id, keyType: "API_KEY", usagePlanId: plan.id };
        const made = await test.make("usagePlanKey:UsagePlanKey", inputs);
        assert.deepStrictEqual([made.id, made.outputs], [key.id, { ...inputs, name: "key", value: "v".repeat(20) }]);
        await assert.rejects(test.make("usagePlanKey:UsagePlanKey", { ...inputs, keyId: "x" }), {
            message: "Invalid API Key identifier specified",
        });
        await assert.rejects(test.make("usagePlanKey:UsagePlanKey", { ...inputs, usagePlanId: "x" }), {
            message: "Invalid Usage Plan ID specified",
        });
    });

    it("let the account log with a role that API Gateway may use", async () => {
        const account = await test.make("account:Account", { cloudwatchRoleArn: "arn:aws:iam::000000000000:role/api" });
        assert.deepStrictEqual(account.outputs, {
            cloudwatchRoleArn: "arn:aws:iam::000000000000:role/api",
            apiKeyVersion: "4",
            features: ["UsagePlans"],
            throttleSettings: [{ burstLimit: 5000, rateLimit: 10000 }],
        });
        await assert.rejects(
            test.make("account:Account", { cloudwatchRoleArn: "arn:aws:iam::000000000000:role/other" }),
            {
                name: "BadRequestException",
                message:
                    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
            },
        );
    });

    it("keep a deployment on disk as long as it exists", async () => {
        const { deployment, stage } = await test.deploy(DOCUMENT);
        const files = () => fs.readdirSync(`${test.data}/apigateway`);
        assert.deepStrictEqual(files(), [`${deployment.id}.json`]);
        await test.remove(stage);
        await test.remove(deployment);
        assert.deepStrictEqual(files(), []);
    });

    it("serve a deployment after a restart", async () => {
        await test.deploy(DOCUMENT);
        const restarted = test.restart();
        assert.deepStrictEqual((await test.send("GET", "/x", {}, restarted)).status, 200);
    });

    it("refuse to deploy what AWS refuses to deploy", async () => {
        const empty = await test.make("restApi:RestApi", { name: "empty" });
        const message = "The REST API doesn't contain any methods";
        await assert.rejects(test.make("deployment:Deployment", { restApi: empty.id }), { message });
        const bare = await test.make("restApi:RestApi", {
            name: "bare",
            body: JSON.stringify({ ...DOCUMENT, paths: {} }),
        });
        await assert.rejects(test.make("deployment:Deployment", { restApi: bare.id }), { message });
        await assert.rejects(test.make("deployment:Deployment", { restApi: "none" }), {
            message: "Invalid API identifier specified",
        });
    });

    const FORMAT =
        "Access Log format must be single line, new line character is allowed only at end of the format and must contain $context.requestId or $context.extendedRequestId";
    const unsupported = (what: string) => `${what} is not supported by the local runtime.`;
    const log = (destinationArn: string, format: string) => ({
        stageName: "v1",
        accessLogSettings: { destinationArn, format },
    });
    const refused: readonly (readonly [string, object, string])[] = [
        ["restApi:RestApi", { body: "{}" }, 'Invalid OpenAPI input: the version in "openapi" has to be 3.0.x.'],
        ["restApi:RestApi", { endpointConfiguration: { types: "PRIVATE" } }, unsupported("A private REST API")],
        ["restApi:RestApi", { apiKeySource: "AUTHORIZER" }, unsupported("The API key source AUTHORIZER")],
        ["restApi:RestApi", { policy: "{}" }, unsupported("A resource policy of a REST API")],
        ["restApi:RestApi", { binaryMediaTypes: ["*/*"] }, unsupported("A REST API with binary media types")],
        ["restApi:RestApi", { minimumCompressionSize: "0" }, unsupported("A REST API with compression")],
        ["restApi:RestApi", { putRestApiMode: "merge" }, unsupported("The mode merge of putting a REST API")],
        [
            "restApi:RestApi",
            { parameters: { basepath: "prepend" } },
            unsupported("Parameters of the import of a REST API"),
        ],
        ["stage:Stage", { stageName: "v.1" }, "Stage name only allows a-zA-Z0-9_- and is at most 128 characters long"],
        ["stage:Stage", { stageName: "v1", cacheClusterEnabled: true }, unsupported("A stage with a cache")],
        ["stage:Stage", { stageName: "v1", canarySettings: {} }, unsupported("A canary release of a stage")],
        ["stage:Stage", { stageName: "v1", clientCertificateId: "x" }, unsupported("A client certificate of a stage")],
        [
            "stage:Stage",
            log("arn:aws:firehose:us-east-1:0:deliverystream/usage", "$context.requestId"),
            "Invalid access log destination arn:aws:firehose:us-east-1:0:deliverystream/usage: the name of your Firehose stream must be amazon-apigateway-{your-stream-name}",
        ],
        ["stage:Stage", log("arn:aws:logs:us-east-1:0:log-group:x", "$context.status"), FORMAT],
        ["stage:Stage", log("arn:aws:logs:us-east-1:0:log-group:x", "$context.requestId\n$context.status"), FORMAT],
        [
            "stage:Stage",
            log("arn:aws:logs:us-east-1:0:log-group:x", "$context.requestId"),
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ],
        ["methodSettings:MethodSettings", { settings: { cachingEnabled: true } }, unsupported("Caching of a method")],
        [
            "methodSettings:MethodSettings",
            { settings: { loggingLevel: "INFO" } },
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ],
        [
            "response:Response",
            { responseType: "THROTTLED", statusCode: "x" },
            "Unable to put gateway response 'THROTTLED': Invalid status code specified: x",
        ],
        [
            "apiKey:ApiKey",
            { value: "short" },
            "API Key value should be at least 20 characters and at most 128 characters",
        ],
        ["usagePlanKey:UsagePlanKey", { keyType: "X" }, "Invalid key type: X. Valid values are: API_KEY"],
    ];
    for (const [type, inputs, message] of refused) {
        it(`refuse of ${type}: ${JSON.stringify(inputs).slice(0, 60)}`, async () => {
            await assert.rejects(test.make(type, inputs as never), { message });
        });
    }
});

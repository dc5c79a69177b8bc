import * as assert from "node:assert/strict";
import * as http from "node:http";
import * as fc from "fast-check";
import { ROLE, ROOT, type TestGateway, testGateway } from "../../local/apigateway/test-support";
import { createServer, type LocalServer } from "../../local/server";
import { createWire } from "../../local/wire";
import { accessLogFormat, SAFE_VARIABLES } from "../../schema/access-log";
import { defineDataset } from "../../schema/dataset";
import { sized } from "../support/soak";

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:strings";
const STREAM = "amazon-apigateway-usage-1a2b3c4";
const PASSWORD = "Passw0rd!";

/** A dataset with a column from every variable that an access log may have. */
const accessLog = defineDataset({
    name: "access_log",
    columns: SAFE_VARIABLES.map((from, i) => ({ name: `c${i}`, type: "string", from }) as const),
});
const column = (variable: string) => `c${SAFE_VARIABLES.indexOf(variable)}`;

/** An API of one function behind a user pool, as saas-metering has it. */
function strings(poolArn: string) {
    return {
        openapi: "3.0.1",
        info: { title: "strings" },
        paths: {
            "/random/strings": {
                get: {
                    security: [{ pool: [] }],
                    responses: {},
                    "x-amazon-apigateway-integration": {
                        type: "aws_proxy",
                        httpMethod: "POST",
                        uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`,
                        credentials: ROLE,
                    },
                },
            },
        },
        components: {
            securitySchemes: {
                pool: {
                    type: "apiKey",
                    name: "Authorization",
                    in: "header",
                    "x-amazon-apigateway-authtype": "cognito_user_pools",
                    "x-amazon-apigateway-authorizer": { type: "cognito_user_pools", providerARNs: [poolArn] },
                },
            },
        },
    };
}

/** Text that a header or a URL can hold, with what JSON, VTL and lines give a meaning to. */
const hostile = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."\"\\'${}[](),:;%&=?#+-_.~@!*/<>|^`aZ09é\u00ff") }),
    fc.constantFrom(
        '","tenant":"other',
        '"}\\n{"c0":"x"}',
        "%22%0A%0D",
        "$context.requestId",
        "%",
        "../..",
        "-",
        "a".repeat(5000),
    ),
);
const header = hostile.map((text) => text.trim());
const path = hostile.map((text) => text.replace(/[^!-~]/g, "").slice(0, 1000));
const proxyAnswers = [
    '{"statusCode":200,"body":"[]"}',
    '{"statusCode":400,"body":"\\"no\\""}',
    '{"statusCode":503}',
    '{"statusCode":"x"}',
    "null",
    "x",
];

describe("The access log of an API, whatever it is asked", () => {
    let test: TestGateway;
    let server: LocalServer;
    let url: URL;
    let token = "";
    let sub = "";

    const operate = (name: string, input: object) =>
        (test.cognito.service.operations[name] as unknown as (i: object, c: typeof ROOT) => Promise<never>)(
            input,
            ROOT,
        );

    before(async () => {
        test = testGateway();
        const pool = await test.make("aws:cognito/userPool:UserPool", { name: "users" });
        const client = await test.make("aws:cognito/userPoolClient:UserPoolClient", {
            userPoolId: pool.id,
            explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
        });
        // A user may have any name: it stands in his token, and must not get into the log.
        const Username = '","c0":"x';
        const signedUp = await operate("SignUp", { ClientId: client.id, Username, Password: PASSWORD });
        sub = (signedUp as { UserSub: string }).UserSub;
        await operate("AdminConfirmSignUp", { UserPoolId: pool.id, Username });
        const AuthParameters = { USERNAME: Username, PASSWORD };
        const signedIn = await operate("InitiateAuth", {
            ClientId: client.id,
            AuthFlow: "USER_PASSWORD_AUTH",
            AuthParameters,
        });
        token = (signedIn as { AuthenticationResult: { IdToken: string } }).AuthenticationResult.IdToken;
        const destinationArn = `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`;
        const { api } = await test.deploy(strings(String(pool.outputs.arn)), {
            accessLogSettings: { destinationArn, format: accessLogFormat(accessLog) },
        });
        await test.make("methodSettings:MethodSettings", {
            restApi: api.id,
            stageName: "v1",
            methodPath: "*/*",
            settings: { throttlingRateLimit: 1, throttlingBurstLimit: 1 },
        });
        server = createServer({
            iam: { identify: () => undefined },
            wire: createWire(() => []),
            http: { apigateway: test.gateway.handle },
        });
        url = new URL(`${await server.listen()}/_aws/execute-api/${api.id}/v1`);
    });
    after(async () => {
        await server.close();
        test.close();
    });

    const send = (method: string, target: string, headers: http.OutgoingHttpHeaders) =>
        new Promise<{ status: number; id: string }>((resolve, reject) => {
            const { hostname, port, pathname } = url;
            const options = { hostname, port, method, path: `${pathname}${target}`, headers };
            const request = http.request(options, (response) => {
                response.resume().on("end", () => {
                    const id = String(response.headers["x-amzn-requestid"]);
                    resolve({ status: response.statusCode ?? 0, id });
                });
            });
            request.on("error", reject).end();
        });
    const taken = () => {
        const puts = test.calls.filter(({ operation }) => operation === "firehose:PutRecord");
        test.calls.length = 0;
        return puts.map(({ body }) =>
            Buffer.from((JSON.parse(body) as { Record: { Data: string } }).Record.Data, "base64").toString(),
        );
    };

    it("has one line of JSON for each request, and says who asked and what became of it", async () => {
        const seen = new Set<number>();
        const target = fc.oneof(
            { weight: 4, arbitrary: fc.constant("/random/strings") },
            { weight: 2, arbitrary: path.map((text) => `/random/strings?len=${text}`) },
            { weight: 1, arbitrary: path.map((text) => `/${text}`) },
        );
        const authorization = fc.oneof(
            { weight: 4, arbitrary: fc.constant("token") },
            { weight: 1, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: header },
            { weight: 1, arbitrary: header.map((text) => `AWS4-HMAC-SHA256 Credential=${text}`) },
        );
        await fc.assert(
            fc.asyncProperty(
                fc.constantFrom("GET", "GET", "GET", "POST", "DELETE", "OPTIONS"),
                target,
                authorization,
                header,
                fc.constantFrom(...proxyAnswers),
                fc.constantFrom(0, 1000),
                async (method, where, auth, agent, answer, pause) => {
                    await test.clock.advance(pause);
                    test.answer = { status: 200, body: answer };
                    const { status, id } = await send(method, where, {
                        "user-agent": agent,
                        "x-forwarded-for": agent,
                        ...(auth !== undefined && { authorization: auth === "token" ? token : auth }),
                    });
                    seen.add(status);
                    const lines = taken();
                    assert.deepStrictEqual(lines.length, 1);
                    assert.deepStrictEqual(lines[0]?.indexOf("\n"), (lines[0]?.length ?? 0) - 1);
                    const line = JSON.parse(lines[0] ?? "") as Record<string, string>;
                    assert.deepStrictEqual(
                        Object.keys(line),
                        accessLog.columns.map(({ name }) => name),
                    );
                    const said = (variable: string) => line[column(variable)];
                    assert.deepStrictEqual([said("$context.requestId"), said("$context.status")], [id, String(status)]);
                    const tenants = [said("$context.authorizer.claims.sub"), said("$context.authorizer.claims['sub']")];
                    // A query that cannot be decoded is refused before anybody asks who sent it.
                    const isRead = said("$context.error.responseType") !== "BAD_REQUEST_PARAMETERS";
                    const reached = isRead && said("$context.resourcePath") !== "-" && auth === "token";
                    assert.deepStrictEqual(tenants, reached ? [sub, sub] : ["-", "-"]);
                    assert.match(said("$context.responseLength") ?? "", /^\d+$/);
                    assert.deepStrictEqual(said("$context.httpMethod"), method);
                },
            ),
            { seed: 17, numRuns: sized(3000, 150) },
        );
        for (const status of [200, 400, 401, 403, 429, 502, 503]) assert.ok(seen.has(status), String(status));
    });
});

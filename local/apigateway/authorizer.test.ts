import * as assert from "node:assert/strict";
import type { Resource } from "../resources";
import { ROLE, ROOT, type TestGateway, testGateway } from "./test-support";

const PASSWORD = "Passw0rd!";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:strings";
const template = '{"statusCode": 200}';

/** An API whose methods ask for a token: `/vtl` shows its claims by VTL, `/proxy` is a function. */
function tokenApi(poolArns: readonly string[], authorizer: object = {}, scopes: readonly string[] = []) {
    const secured = { security: [{ pool: scopes }], responses: { "200": { description: "" } } };
    return {
        openapi: "3.0.1",
        info: { title: "strings" },
        paths: {
            "/vtl": {
                get: {
                    ...secured,
                    "x-amazon-apigateway-integration": {
                        type: "mock",
                        requestTemplates: { "application/json": template },
                        responses: {
                            default: {
                                statusCode: "200",
                                responseTemplates: {
                                    "application/json":
                                        "$context.authorizer.claims.sub $context.authorizer.claims['cognito:username'] $context.authorizer.claims.email_verified",
                                },
                            },
                        },
                    },
                },
            },
            "/proxy": {
                get: {
                    ...secured,
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
                    "x-amazon-apigateway-authorizer": {
                        type: "cognito_user_pools",
                        providerARNs: poolArns,
                        ...authorizer,
                    },
                },
            },
        },
    };
}

/** An operation of Cognito, as nobody calls it over the wire. */
type Operate = (input: object, caller: typeof ROOT) => Promise<{ AuthenticationResult: Tokens; UserSub: string }>;

interface Tokens {
    readonly IdToken: string;
    readonly AccessToken: string;
}

describe("An authorizer of user pools", () => {
    let test: TestGateway;
    let pool: Resource;
    let client: Resource;
    let sub: string;
    let tokens: Tokens;

    const operate = (name: string, input: object) =>
        (test.cognito.service.operations[name] as unknown as Operate)(input, ROOT);
    const signIn = async (ClientId: string) => {
        const AuthParameters = { USERNAME: "ann@example.com", PASSWORD };
        const answer = await operate("InitiateAuth", { ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters });
        return answer.AuthenticationResult;
    };
    const makePool = async () => {
        const made = await test.make("aws:cognito/userPool:UserPool", { name: "users", usernameAttributes: ["email"] });
        const inputs = { userPoolId: made.id, name: "web", explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"] };
        const app = await test.make("aws:cognito/userPoolClient:UserPoolClient", inputs);
        const signedUp = await operate("SignUp", { ClientId: app.id, Username: "ann@example.com", Password: PASSWORD });
        await operate("AdminConfirmSignUp", { UserPoolId: made.id, Username: "ann@example.com" });
        return { pool: made, client: app, sub: signedUp.UserSub };
    };
    const get = (authorization: string | undefined, path = "/vtl", headers: Record<string, string> = {}) =>
        test.send("GET", path, { headers: { ...(authorization !== undefined && { authorization }), ...headers } });

    before(async () => {
        test = testGateway();
        ({ pool, client, sub } = await makePool());
        await test.deploy(tokenApi([String(pool.outputs.arn)]));
    });
    after(() => test.close());
    beforeEach(async () => {
        tokens = await signIn(client.id);
        test.calls.length = 0;
    });

    const unauthorized = [401, '{"message":"Unauthorized"}', "UnauthorizedException"];
    const refusal = async (...request: Parameters<typeof get>) => {
        const { status, body, headers } = await get(...request);
        return [status, body, headers["x-amzn-ErrorType"]];
    };

    it("lets in whoever has an ID token, raw or as a bearer, and shows its claims to templates", async () => {
        for (const authorization of [tokens.IdToken, `Bearer ${tokens.IdToken}`, `bearer ${tokens.IdToken}`]) {
            const reply = await get(authorization);
            assert.deepStrictEqual([reply.status, reply.body], [200, `${sub} ${sub} `]);
        }
    });

    it("shows the claims to a function, every one as text, times as Java writes them", async () => {
        test.answer = { status: 200, body: '{"statusCode":200,"body":"[]"}' };
        assert.deepStrictEqual((await get(tokens.IdToken, "/proxy")).status, 200);
        const event = JSON.parse(test.calls[0]?.body ?? "") as { requestContext: { authorizer: { claims: object } } };
        const { jti, event_id, origin_jti, ...claims } = event.requestContext.authorizer.claims as Record<
            string,
            string
        >;
        for (const id of [jti, event_id, origin_jti]) assert.match(id ?? "", /^[0-9a-f-]{36}$/);
        assert.deepStrictEqual(claims, {
            aud: client.id,
            auth_time: "1795176000",
            "cognito:username": sub,
            email: "ann@example.com",
            exp: "Fri Nov 20 13:00:00 UTC 2026",
            iat: "Fri Nov 20 12:00:00 UTC 2026",
            iss: `https://cognito-idp.us-east-1.amazonaws.com/${pool.id}`,
            sub,
            token_use: "id",
        });
        assert.deepStrictEqual(Object.keys(event.requestContext.authorizer), ["claims"]);
    });

    it("refuses a request without a token, and one with what is none", async () => {
        const [head, body, signature] = tokens.IdToken.split(".");
        const forged = Buffer.from(JSON.stringify({ sub, token_use: "id" })).toString("base64url");
        const none = Buffer.from('{"alg":"none"}').toString("base64url");
        const wrong = [
            undefined,
            "",
            "Bearer ",
            "garbage",
            "a.b.c",
            "Basic YW5uOnBhc3M=",
            "AWS4-HMAC-SHA256 Credential=x",
            `${head}.${body}.`,
            `${head}.${forged}.${signature}`,
            `${none}.${body}.`,
            `${none}.${body}.${signature}`,
            `${tokens.IdToken}.x`,
            `${head}.${body}.${Buffer.alloc(256).toString("base64url")}`,
            tokens.AccessToken,
        ];
        for (const token of wrong) assert.deepStrictEqual(await refusal(token), unauthorized, token);
        assert.deepStrictEqual(test.logged, []);
    });

    it("refuses a token whose signature would do for a signed request, as any other", async () => {
        const { status, body } = await test.send("GET", "/vtl", { caller: ROOT });
        assert.deepStrictEqual([status, body], [401, '{"message":"Unauthorized"}']);
    });

    it("refuses a token of another pool", async () => {
        const other = await makePool();
        assert.deepStrictEqual(await refusal((await signIn(other.client.id)).IdToken), unauthorized);
    });

    it("refuses a token that has expired, to the second, and says so", async () => {
        await test.clock.advance(3_599_999);
        assert.deepStrictEqual((await get(tokens.IdToken)).status, 200);
        await test.clock.advance(1);
        assert.deepStrictEqual(await refusal(tokens.IdToken), [
            401,
            '{"message":"The incoming token has expired"}',
            "UnauthorizedException",
        ]);
    });

    describe("with options", () => {
        const deploy = async (...options: [authorizer: object, scopes?: readonly string[]]) => {
            const { api } = await test.deploy(tokenApi([String(pool.outputs.arn)], ...options));
            return (headers: Record<string, string>) => test.send("GET", "/vtl", { headers, api });
        };

        it("reads the token from the header that it names", async () => {
            const send = await deploy({ identitySource: "method.request.header.X-Token" });
            assert.deepStrictEqual((await send({ "x-token": tokens.IdToken })).status, 200);
            assert.deepStrictEqual((await send({ authorization: tokens.IdToken })).status, 401);
        });

        it("compares the audience with the validation expression", async () => {
            const right = await deploy({ identityValidationExpression: client.id.slice(0, 10).concat(".*") });
            assert.deepStrictEqual((await right({ authorization: tokens.IdToken })).status, 200);
            const wrong = await deploy({ identityValidationExpression: client.id.slice(0, 10) });
            assert.deepStrictEqual((await wrong({ authorization: tokens.IdToken })).status, 401);
        });

        it("takes access tokens that have one of the scopes, and no ID tokens", async () => {
            const send = await deploy({}, ["things/read", "aws.cognito.signin.user.admin"]);
            assert.deepStrictEqual((await send({ authorization: tokens.AccessToken })).body, `${sub}  `);
            assert.deepStrictEqual((await send({ authorization: tokens.IdToken })).status, 401);
        });

        it("denies access to access tokens that have none of the scopes", async () => {
            const send = await deploy({}, ["things/read"]);
            const { status, body, headers } = await send({ authorization: tokens.AccessToken });
            assert.deepStrictEqual(
                [status, body, headers["x-amzn-ErrorType"]],
                [403, '{"message":"User is not authorized to access this resource"}', "AccessDeniedException"],
            );
        });
    });

    it("knows no token of a pool that is gone", async () => {
        const gone = await makePool();
        const { IdToken } = await signIn(gone.client.id);
        const arns = [String(gone.pool.outputs.arn)];
        assert.ok(test.cognito.openToken(IdToken, arns));
        await test.remove(gone.pool);
        assert.deepStrictEqual(test.cognito.openToken(IdToken, arns), undefined);
    });
});

import * as assert from "node:assert/strict";
import { serviceError } from "../../local/errors";
import type { JsonService } from "../../local/services";
import { serve, type TestServer } from "../../tests/support/local";
import { cognitoUser } from "./cognito-user";
import type { PipelineOutputs } from "./stack";

const OUTPUTS: PipelineOutputs = {
    kind: "saas-metering",
    region: "us-east-1",
    userPoolId: "us-east-1_pool00001",
    userPoolClientId: "client",
};
const EMAIL = "tenant-1@example.com";

describe("cognitoUser", () => {
    let server: TestServer;
    let calls: { operation: string; request: Record<string, unknown> }[];
    let isKnown: boolean;
    let expiresIn: number;

    const operation = (name: string, answer: () => object) => (request: Record<string, unknown>) => {
        calls.push({ operation: name, request });
        return answer();
    };
    const pool: JsonService = {
        target: "AWSCognitoIdentityProviderService",
        name: "cognito-idp",
        client: "@aws-sdk/client-cognito-identity-provider",
        operations: {
            AdminCreateUser: operation("AdminCreateUser", () => {
                if (isKnown) throw serviceError("UsernameExistsException", "User account already exists");
                return {};
            }),
            AdminSetUserPassword: operation("AdminSetUserPassword", () => ({})),
            AdminInitiateAuth: operation("AdminInitiateAuth", () => ({
                AuthenticationResult: { IdToken: `token-${calls.length}`, ExpiresIn: expiresIn },
            })),
        },
    };

    beforeEach(async () => {
        [calls, isKnown, expiresIn] = [[], false, 3600];
        server = await serve({ jsonServices: [pool] });
    });
    afterEach(() => server.close());

    const user = () => cognitoUser({ name: "local", pipelines: {}, client: server.client }, OUTPUTS, EMAIL);

    it("makes a user to whom no mail is sent, and signs in with a password of its own", async () => {
        assert.equal(await user()(), "token-3");
        const [create, set, signIn] = calls.map(({ request }) => request);
        const name = { UserPoolId: "us-east-1_pool00001", Username: EMAIL };
        assert.deepEqual(create, {
            ...name,
            MessageAction: "SUPPRESS",
            UserAttributes: [
                { Name: "email", Value: EMAIL },
                { Name: "email_verified", Value: "true" },
            ],
        });
        const { Password, ...rest } = set ?? {};
        assert.deepEqual(rest, { ...name, Permanent: true });
        assert.match(String(Password), /^[\w-]{32}aA1!$/);
        assert.deepEqual(signIn, {
            UserPoolId: "us-east-1_pool00001",
            ClientId: "client",
            AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
            AuthParameters: { USERNAME: EMAIL, PASSWORD: Password },
        });
    });

    it("takes the user that there is", async () => {
        isKnown = true;
        assert.equal(await user()(), "token-3");
    });

    it("signs in once for all who ask, and again before the token expires", async () => {
        const token = user();
        assert.deepEqual(await Promise.all([token(), token(), token()]), ["token-3", "token-3", "token-3"]);
        assert.equal(await token(), "token-3");
        expiresIn = 30;
        const short = user();
        await short();
        assert.equal(await short(), `token-${calls.length}`);
        assert.equal(calls.filter(({ operation: name }) => name === "AdminInitiateAuth").length, 3);
    });
});

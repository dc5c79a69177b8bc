import * as assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import {
    AdminConfirmSignUpCommand,
    AdminCreateUserCommand,
    AdminDeleteUserCommand,
    AdminDisableUserCommand,
    AdminGetUserCommand,
    AdminInitiateAuthCommand,
    AdminSetUserPasswordCommand,
    AdminUpdateUserAttributesCommand,
    type AuthenticationResultType,
    ChangePasswordCommand,
    ConfirmForgotPasswordCommand,
    ConfirmSignUpCommand,
    DescribeUserPoolClientCommand,
    DescribeUserPoolCommand,
    ForgotPasswordCommand,
    GetUserCommand,
    GlobalSignOutCommand,
    InitiateAuthCommand,
    ListUserPoolClientsCommand,
    ListUserPoolsCommand,
    ListUsersCommand,
    ResendConfirmationCodeCommand,
    RespondToAuthChallengeCommand,
    RevokeTokenCommand,
    SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { iamWith, ROOT } from "../../tests/support/local";
import { type CognitoBench, cognitoBench, PASSWORD } from "./test-support";

const EMAIL = "ann@example.com";
const INCORRECT = { name: "NotAuthorizedException", message: "Incorrect username or password." };

describe("Cognito", () => {
    let bench: CognitoBench;
    let poolId: string;
    let ClientId: string;

    beforeEach(async () => {
        bench = await cognitoBench();
        poolId = (await bench.pool({ usernameAttributes: ["email"], autoVerifiedAttributes: ["email"] })).id;
        ClientId = (await bench.client(poolId)).id;
    });
    afterEach(() => bench.close());

    const signUp = (Username = EMAIL, Password = PASSWORD, more: object = {}) =>
        bench.sdk.send(new SignUpCommand({ ClientId, Username, Password, ...more }));
    const confirm = (Username = EMAIL) =>
        bench.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId: poolId, Username }));
    const signIn = (USERNAME = EMAIL, PASSWORD_ = PASSWORD, more: object = {}) =>
        bench.sdk.send(
            new InitiateAuthCommand({
                ClientId,
                AuthFlow: "USER_PASSWORD_AUTH",
                AuthParameters: { USERNAME, PASSWORD: PASSWORD_ },
                ...more,
            }),
        );
    const refresh = (REFRESH_TOKEN: string) =>
        signIn("", "", { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN } });
    const tokensOf = async (answer: Promise<{ AuthenticationResult?: AuthenticationResultType | undefined }>) =>
        (await answer).AuthenticationResult as Required<AuthenticationResultType>;
    const member = async () => {
        const { UserSub } = await signUp();
        await confirm();
        return UserSub as string;
    };
    const claimsOf = (token: string) =>
        JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
    const codeTold = () => /is (\d{6})\.$/.exec(bench.told.at(-1) ?? "")?.[1] as string;

    describe("signing up", () => {
        it("makes a user who has to confirm, and tells the code that AWS would mail, without his address", async () => {
            const { $metadata: _, ...answer } = await signUp();
            assert.match(answer.UserSub ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
            assert.deepStrictEqual(answer, {
                UserConfirmed: false,
                UserSub: answer.UserSub,
                CodeDeliveryDetails: { Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email" },
            });
            assert.deepStrictEqual(bench.told, [
                `Cognito, ${poolId}: no mail is sent here. The confirmation code of the user ${answer.UserSub} is ${codeTold()}.`,
            ]);
            await assert.rejects(signIn(), {
                name: "UserNotConfirmedException",
                message: "User is not confirmed.",
            });
        });

        it("is confirmed by the code, which verifies the address", async () => {
            const { UserSub } = await signUp();
            const answer = (ConfirmationCode: string) =>
                bench.sdk.send(new ConfirmSignUpCommand({ ClientId, Username: EMAIL, ConfirmationCode }));
            const wrong = codeTold() === "000000" ? "000001" : "000000";
            await assert.rejects(answer(wrong), {
                name: "CodeMismatchException",
                message: "Invalid verification code provided, please try again.",
            });
            await bench.clock.advance(24 * 3_600_000 + 1);
            await assert.rejects(answer(codeTold()), {
                name: "ExpiredCodeException",
                message: "Invalid code provided, please request a code again.",
            });
            await bench.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username: EMAIL }));
            await answer(codeTold());
            const user = await bench.sdk.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: EMAIL }));
            assert.deepStrictEqual([user.Username, user.UserStatus, user.Enabled], [UserSub, "CONFIRMED", true]);
            assert.deepStrictEqual(user.UserAttributes, [
                { Name: "sub", Value: UserSub },
                { Name: "email", Value: EMAIL },
                { Name: "email_verified", Value: "true" },
            ]);
            await assert.rejects(answer(codeTold()), {
                name: "NotAuthorizedException",
                message: "User cannot be confirmed. Current status is CONFIRMED",
            });
            await assert.rejects(bench.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username: EMAIL })), {
                name: "InvalidParameterException",
                message: "User is already confirmed.",
            });
        });

        const passwords: readonly (readonly [string, string])[] = [
            ["Aa1!", "Password not long enough"],
            ["passw0rd!", "Password must have uppercase characters"],
            ["PASSW0RD!", "Password must have lowercase characters"],
            ["Password!", "Password must have numeric characters"],
            ["Passw0rdd", "Password must have symbol characters"],
        ];
        for (const [password, reason] of passwords) {
            it(`refuses a password against the policy: ${reason}`, async () => {
                const message = `Password did not conform with policy: ${reason}`;
                await assert.rejects(signUp(EMAIL, password), { name: "InvalidPasswordException", message });
            });
        }

        it("takes what the policy of the pool takes", async () => {
            poolId = (await bench.pool({ passwordPolicy: { minimumLength: 6 } })).id;
            ClientId = (await bench.client(poolId)).id;
            await signUp("ann", "simple");
            await assert.rejects(signUp("bob", "short"), {
                message: "Password did not conform with policy: Password not long enough",
            });
        });

        it("refuses a name that is no address, and one that is taken", async () => {
            await assert.rejects(signUp("ann"), {
                name: "InvalidParameterException",
                message: "Username should be an email.",
            });
            await signUp();
            await assert.rejects(signUp(), {
                name: "UsernameExistsException",
                message: "An account with the given email already exists.",
            });
            const both = await Promise.allSettled([signUp("bob@example.com"), signUp("bob@example.com")]);
            assert.deepStrictEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
        });

        it("refuses a name that no pool takes", async () => {
            ClientId = (await bench.client((await bench.pool()).id)).id;
            const heading = (name: string) =>
                `1 validation error detected: Value '${name}' at 'username' failed to satisfy constraint`;
            for (const name of ["", "a b", "a\n"]) {
                await assert.rejects(signUp(name), {
                    name: "InvalidParameterException",
                    message: `${heading(name)}: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+`,
                });
            }
            const long = "a".repeat(129);
            const message = `${heading(long)}: Member must have length less than or equal to 128`;
            await assert.rejects(signUp(long), { message });
            for (const name of ["__proto__", "constructor", "../../x", "é\u{1F600}"]) await signUp(name);
        });

        it("refuses attributes that the pool lacks, requires, or keeps for itself", async () => {
            poolId = (await bench.pool({ schemas: [{ name: "email", attributeDataType: "String", required: true }] }))
                .id;
            ClientId = (await bench.client(poolId)).id;
            const withAttributes = (attributes: Record<string, string>) =>
                signUp("ann", PASSWORD, {
                    UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
                });
            await assert.rejects(withAttributes({}), {
                name: "InvalidParameterException",
                message: "Attributes did not conform to the schema: email: The attribute is required\n",
            });
            await assert.rejects(withAttributes({ "custom:plan": "x" }), {
                message:
                    "Attributes did not conform to the schema: Type for attribute {custom:plan} could not be determined\n",
            });
            await assert.rejects(withAttributes({ email: "nobody" }), { message: "Invalid email address format." });
            await assert.rejects(withAttributes({ email: EMAIL, email_verified: "true" }), {
                name: "NotAuthorizedException",
                message: "A client attempted to write unauthorized attribute",
            });
        });

        it("is refused where only the administrator makes users", async () => {
            const inputs = { adminCreateUserConfig: { allowAdminCreateUserOnly: true } };
            ClientId = (await bench.client((await bench.pool(inputs)).id)).id;
            await assert.rejects(signUp("ann"), {
                name: "NotAuthorizedException",
                message: "SignUp is not permitted for this user pool",
            });
        });
    });

    describe("signing in", () => {
        it("gives tokens that the verifier of AWS accepts", async () => {
            const sub = await member();
            const { $metadata: _, ...answer } = await signIn();
            const { AccessToken = "", IdToken = "", RefreshToken = "", ...rest } = answer.AuthenticationResult ?? {};
            assert.deepStrictEqual(
                { ...answer, AuthenticationResult: rest },
                { ChallengeParameters: {}, AuthenticationResult: { ExpiresIn: 3600, TokenType: "Bearer" } },
            );
            const reply = await fetch(`${bench.endpoint}/${poolId}/.well-known/jwks.json`);
            const jwks = (await reply.json()) as Parameters<
                ReturnType<typeof CognitoJwtVerifier.create>["cacheJwks"]
            >[0];
            const verify = (token: string, tokenUse: "id" | "access") => {
                const verifier = CognitoJwtVerifier.create({ userPoolId: poolId, clientId: ClientId, tokenUse });
                verifier.cacheJwks(jwks);
                // The verifier goes by the clock on the wall, the tokens by that of the test.
                return verifier.verifySync(token, { graceSeconds: 1e10 } as never);
            };
            const id = verify(IdToken, "id") as Record<string, unknown>;
            const access = verify(AccessToken, "access") as Record<string, unknown>;
            const ids = { jti: id.jti, event_id: id.event_id, origin_jti: id.origin_jti };
            const common = {
                sub,
                iss: `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
                auth_time: 1795176000,
                iat: 1795176000,
                exp: 1795179600,
            };
            assert.deepStrictEqual(id, {
                ...common,
                ...ids,
                aud: ClientId,
                token_use: "id",
                "cognito:username": sub,
                email: EMAIL,
            });
            assert.deepStrictEqual(access, {
                ...common,
                ...ids,
                jti: access.jti,
                client_id: ClientId,
                token_use: "access",
                scope: "aws.cognito.signin.user.admin",
                username: sub,
            });
            assert.notEqual(access.jti, id.jti);
            assert.match(RefreshToken, /^[\w-]{64}$/);
        });

        it("is refused with a wrong password", async () => {
            await member();
            await assert.rejects(signIn(EMAIL, "Passw0rd?"), INCORRECT);
            await assert.rejects(signIn(EMAIL, ""), {
                name: "InvalidParameterException",
                message: "Missing required parameter PASSWORD",
            });
        });

        it("tells that a user does not exist only where the client wants it", async () => {
            await assert.rejects(signIn(), { name: "UserNotFoundException", message: "User does not exist." });
            const confirmNobody = () =>
                bench.sdk.send(new ConfirmSignUpCommand({ ClientId, Username: EMAIL, ConfirmationCode: "123456" }));
            await assert.rejects(confirmNobody(), {
                name: "UserNotFoundException",
                message: "Username/client id combination not found.",
            });
            ClientId = (await bench.client(poolId, { preventUserExistenceErrors: "ENABLED" })).id;
            await assert.rejects(signIn(), INCORRECT);
            await assert.rejects(confirmNobody(), { name: "ExpiredCodeException" });
            const resent = await bench.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username: EMAIL }));
            assert.deepStrictEqual(resent.CodeDeliveryDetails?.Destination, "a***@e***");
        });

        it("goes by the flows of the client", async () => {
            await member();
            await assert.rejects(signIn("", "", { AuthFlow: "USER_SRP_AUTH" }), {
                name: "InvalidParameterException",
                message: "USER_SRP_AUTH flow not enabled for this client",
            });
            const { RefreshToken } = await tokensOf(signIn());
            const admin = (AuthFlow: "ADMIN_USER_PASSWORD_AUTH" | "REFRESH_TOKEN_AUTH", parameters: object = {}) =>
                bench.sdk.send(
                    new AdminInitiateAuthCommand({
                        UserPoolId: poolId,
                        ClientId,
                        AuthFlow,
                        AuthParameters: { USERNAME: EMAIL, PASSWORD, ...parameters },
                    }),
                );
            await assert.rejects(admin("ADMIN_USER_PASSWORD_AUTH"), {
                name: "InvalidParameterException",
                message: "Auth flow not enabled for this client",
            });
            assert.ok((await tokensOf(admin("REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: RefreshToken }))).IdToken);
            ClientId = (await bench.client(poolId, { explicitAuthFlows: undefined })).id;
            await assert.rejects(signIn(), { message: "USER_PASSWORD_AUTH flow not enabled for this client" });
            await assert.rejects(signIn("", "", { AuthFlow: "USER_SRP_AUTH" }), {
                name: "LocalUnsupported",
                message: "The authentication flow USER_SRP_AUTH is not supported by the local runtime.",
            });
            ClientId = (await bench.client(poolId, { explicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] })).id;
            assert.ok((await tokensOf(admin("ADMIN_USER_PASSWORD_AUTH"))).IdToken);
            await assert.rejects(signIn("", "", { AuthFlow: "ADMIN_USER_PASSWORD_AUTH" }), {
                message: "Initiate Auth method not supported.",
            });
        });

        it("gives tokens that live as long as the client says", async () => {
            await member();
            ClientId = (
                await bench.client(poolId, {
                    accessTokenValidity: 5,
                    idTokenValidity: 1,
                    refreshTokenValidity: 1,
                    tokenValidityUnits: { accessToken: "minutes", idToken: "days", refreshToken: "hours" },
                })
            ).id;
            const { AccessToken, IdToken, RefreshToken, ExpiresIn } = await tokensOf(signIn());
            const lives = [AccessToken, IdToken].map(claimsOf).map(({ exp, iat }) => Number(exp) - Number(iat));
            assert.deepStrictEqual([ExpiresIn, ...lives], [300, 300, 86_400]);
            const getUser = () => bench.sdk.send(new GetUserCommand({ AccessToken }));
            assert.deepStrictEqual((await getUser()).UserAttributes?.at(-1), { Name: "email", Value: EMAIL });
            await bench.clock.advance(300_000);
            await assert.rejects(getUser(), { name: "NotAuthorizedException", message: "Access Token has expired" });
            const fresh = await tokensOf(refresh(RefreshToken));
            assert.deepStrictEqual(Object.keys(fresh).sort(), ["AccessToken", "ExpiresIn", "IdToken", "TokenType"]);
            const { auth_time, origin_jti, iat } = claimsOf(fresh.IdToken);
            const first = claimsOf(IdToken);
            assert.deepStrictEqual(
                [auth_time, origin_jti, iat],
                [first.auth_time, first.origin_jti, Number(first.iat) + 300],
            );
            await bench.clock.advance(3_300_000);
            await assert.rejects(refresh(RefreshToken), {
                name: "NotAuthorizedException",
                message: "Refresh Token has expired",
            });
        });

        it("ends when the user signs out everywhere, when a token is revoked, and when he is disabled", async () => {
            await member();
            const revoked = { name: "NotAuthorizedException", message: "Refresh Token has been revoked" };
            const first = await tokensOf(signIn());
            const second = await tokensOf(signIn());
            await bench.sdk.send(new RevokeTokenCommand({ ClientId, Token: first.RefreshToken }));
            await assert.rejects(refresh(first.RefreshToken), revoked);
            await assert.rejects(bench.sdk.send(new GetUserCommand({ AccessToken: first.AccessToken })), {
                message: "Access Token has been revoked",
            });
            await refresh(second.RefreshToken);
            await bench.sdk.send(new GlobalSignOutCommand({ AccessToken: second.AccessToken }));
            await assert.rejects(refresh(second.RefreshToken), revoked);
            await assert.rejects(refresh("nobody's"), { message: "Invalid Refresh Token" });
            await bench.sdk.send(new AdminDisableUserCommand({ UserPoolId: poolId, Username: EMAIL }));
            await assert.rejects(signIn(), { name: "NotAuthorizedException", message: "User is disabled." });
        });

        it("takes no token as an access token that is none of the pool's", async () => {
            await member();
            const { IdToken, AccessToken } = await tokensOf(signIn());
            const forged = AccessToken.split(".").with(2, "AAAA").join(".");
            for (const token of [IdToken, forged, "x", "a.b.c"]) {
                await assert.rejects(bench.sdk.send(new GetUserCommand({ AccessToken: token })), {
                    name: "NotAuthorizedException",
                    message: "Invalid Access Token",
                });
            }
        });

        it("is possible with a new password for whoever forgot his, and has a verified address", async () => {
            const forgot = () => bench.sdk.send(new ForgotPasswordCommand({ ClientId, Username: EMAIL }));
            const answer = (ConfirmationCode: string, Password = "An0ther!pass") =>
                bench.sdk.send(
                    new ConfirmForgotPasswordCommand({ ClientId, Username: EMAIL, ConfirmationCode, Password }),
                );
            await assert.rejects(forgot(), { name: "UserNotFoundException" });
            await member();
            await assert.rejects(forgot(), {
                name: "InvalidParameterException",
                message: "Cannot reset password for the user as there is no registered/verified email or phone_number",
            });
            const UserAttributes = [{ Name: "email_verified", Value: "true" }];
            await bench.sdk.send(
                new AdminUpdateUserAttributesCommand({ UserPoolId: poolId, Username: EMAIL, UserAttributes }),
            );
            assert.deepStrictEqual((await forgot()).CodeDeliveryDetails, {
                Destination: "a***@e***",
                DeliveryMedium: "EMAIL",
                AttributeName: "email",
            });
            const code = codeTold();
            await assert.rejects(answer(code, "weak"), { name: "InvalidPasswordException" });
            await assert.rejects(answer(code === "000000" ? "000001" : "000000"), { name: "CodeMismatchException" });
            await answer(code);
            await assert.rejects(answer(code), { name: "ExpiredCodeException" });
            await assert.rejects(signIn(), INCORRECT);
            assert.ok((await tokensOf(signIn(EMAIL, "An0ther!pass"))).IdToken);
        });

        it("asks a client with a secret for its hash", async () => {
            await member();
            const client = await bench.client(poolId, { generateSecret: true });
            ClientId = client.id;
            await assert.rejects(signIn(), {
                name: "NotAuthorizedException",
                message: `Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
            });
            const hash = (secret: string) =>
                createHmac("sha256", secret).update(`${EMAIL}${ClientId}`).digest("base64");
            const withHash = (SECRET_HASH: string) =>
                signIn("", "", { AuthParameters: { USERNAME: EMAIL, PASSWORD, SECRET_HASH } });
            await assert.rejects(withHash(hash("x")), {
                message: `Unable to verify secret hash for client ${ClientId}`,
            });
            assert.ok((await tokensOf(withHash(hash(String(client.outputs.clientSecret))))).IdToken);
        });
    });

    describe("of an administrator", () => {
        const create = (more: object = {}) =>
            bench.sdk.send(
                new AdminCreateUserCommand({
                    UserPoolId: poolId,
                    Username: EMAIL,
                    MessageAction: "SUPPRESS",
                    UserAttributes: [{ Name: "email_verified", Value: "true" }],
                    ...more,
                }),
            );
        const setPassword = (Password: string, Permanent: boolean) =>
            bench.sdk.send(
                new AdminSetUserPasswordCommand({ UserPoolId: poolId, Username: EMAIL, Password, Permanent }),
            );

        it("makes users who have to change their password", async () => {
            const { User } = await create({ TemporaryPassword: "Temp0rary!" });
            assert.deepStrictEqual([User?.UserStatus, User?.Enabled], ["FORCE_CHANGE_PASSWORD", true]);
            await assert.rejects(create(), {
                name: "UsernameExistsException",
                message: "An account with the given email already exists.",
            });
            const challenge = await signIn(EMAIL, "Temp0rary!");
            assert.deepStrictEqual(challenge.ChallengeName, "NEW_PASSWORD_REQUIRED");
            const respond = (NEW_PASSWORD: string, Session = challenge.Session) =>
                bench.sdk.send(
                    new RespondToAuthChallengeCommand({
                        ClientId,
                        ChallengeName: "NEW_PASSWORD_REQUIRED",
                        Session,
                        ChallengeResponses: { USERNAME: EMAIL, NEW_PASSWORD },
                    }),
                );
            await assert.rejects(respond("weak"), { name: "InvalidPasswordException" });
            await assert.rejects(respond(PASSWORD, "x".repeat(20)), { message: "Invalid session for the user." });
            const { IdToken } = await tokensOf(respond(PASSWORD));
            assert.deepStrictEqual(claimsOf(IdToken).email_verified, true);
            await assert.rejects(respond(PASSWORD), { message: "Invalid session for the user." });
            assert.ok((await tokensOf(signIn())).IdToken);
        });

        it("gives passwords, for good or until the user changes them", async () => {
            await create();
            await assert.rejects(setPassword("weak", true), { name: "InvalidPasswordException" });
            await setPassword(PASSWORD, true);
            const { AccessToken } = await tokensOf(signIn());
            const change = (PreviousPassword: string) =>
                bench.sdk.send(
                    new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword: "An0ther!pass" }),
                );
            await assert.rejects(change("Wr0ng!pass"), INCORRECT);
            await change(PASSWORD);
            assert.ok((await tokensOf(signIn(EMAIL, "An0ther!pass"))).IdToken);
            await setPassword(PASSWORD, false);
            assert.deepStrictEqual((await signIn()).ChallengeName, "NEW_PASSWORD_REQUIRED");
            await bench.clock.advance(7 * 86_400_000 + 1);
            await assert.rejects(signIn(), {
                message: "Temporary password has expired and must be reset by an administrator.",
            });
        });

        it("changes, lists and deletes users", async () => {
            await create();
            await signUp("bob@example.com");
            await bench.sdk.send(
                new AdminUpdateUserAttributesCommand({
                    UserPoolId: poolId,
                    Username: EMAIL,
                    UserAttributes: [{ Name: "name", Value: 'Ann "A" Doe' }],
                }),
            );
            const list = async (more: object) => {
                const { Users, PaginationToken } = await bench.sdk.send(
                    new ListUsersCommand({ UserPoolId: poolId, AttributesToGet: ["email"], ...more }),
                );
                return [Users?.map(({ Attributes }) => Attributes?.[0]?.Value), PaginationToken];
            };
            assert.deepStrictEqual(await list({}), [[EMAIL, "bob@example.com"], undefined]);
            assert.deepStrictEqual(await list({ Limit: 1 }), [[EMAIL], "1"]);
            assert.deepStrictEqual(await list({ Limit: 1, PaginationToken: "1" }), [["bob@example.com"], undefined]);
            assert.deepStrictEqual(await list({ Filter: 'email ^= "bob"' }), [["bob@example.com"], undefined]);
            assert.deepStrictEqual(await list({ Filter: 'name = "Ann \\"A\\" Doe"' }), [[EMAIL], undefined]);
            assert.deepStrictEqual(await list({ Filter: 'cognito:user_status = "UNCONFIRMED"' }), [
                ["bob@example.com"],
                undefined,
            ]);
            await assert.rejects(list({ Filter: "email = x" }), {
                name: "InvalidParameterException",
                message: "One or more of the parameters is invalid: filter.",
            });
            await bench.sdk.send(new AdminDeleteUserCommand({ UserPoolId: poolId, Username: EMAIL }));
            await assert.rejects(bench.sdk.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: EMAIL })), {
                name: "UserNotFoundException",
                message: "User does not exist.",
            });
        });
    });

    it("names a pool and a client that do not exist", async () => {
        const ofPool = (UserPoolId: string) =>
            bench.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: EMAIL }));
        await assert.rejects(ofPool("us-east-1_nothing"), {
            name: "ResourceNotFoundException",
            message: "User pool us-east-1_nothing does not exist.",
        });
        await assert.rejects(ofPool("nothing"), {
            name: "InvalidParameterException",
            message:
                "1 validation error detected: Value 'nothing' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+",
        });
        ClientId = "nothing";
        const missing = { name: "ResourceNotFoundException", message: "User pool client nothing does not exist." };
        await assert.rejects(signUp(), missing);
        await assert.rejects(signIn(), missing);
    });

    it("describes and lists pools and clients", async () => {
        const { UserPool } = await bench.sdk.send(new DescribeUserPoolCommand({ UserPoolId: poolId }));
        assert.deepStrictEqual(
            [UserPool?.Id, UserPool?.Arn, UserPool?.UsernameAttributes, UserPool?.Policies?.PasswordPolicy],
            [
                poolId,
                `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${poolId}`,
                ["email"],
                {
                    MinimumLength: 8,
                    RequireLowercase: true,
                    RequireNumbers: true,
                    RequireSymbols: true,
                    RequireUppercase: true,
                    TemporaryPasswordValidityDays: 7,
                },
            ],
        );
        const command = new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId });
        const { UserPoolClient } = await bench.sdk.send(command);
        assert.deepStrictEqual(
            [UserPoolClient?.ClientName, UserPoolClient?.ExplicitAuthFlows, UserPoolClient?.ClientSecret],
            ["web", ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], undefined],
        );
        const { UserPools } = await bench.sdk.send(new ListUserPoolsCommand({ MaxResults: 10 }));
        assert.deepStrictEqual(
            UserPools?.map(({ Id, Name }) => [Id, Name]),
            [[poolId, "users"]],
        );
        const clients = await bench.sdk.send(new ListUserPoolClientsCommand({ UserPoolId: poolId }));
        assert.deepStrictEqual(clients.UserPoolClients, [{ ClientId, ClientName: "web", UserPoolId: poolId }]);
    });

    it("publishes where its keys are", async () => {
        const reply = await fetch(`${bench.endpoint}/${poolId}/.well-known/openid-configuration`);
        assert.deepStrictEqual(await reply.json(), {
            id_token_signing_alg_values_supported: ["RS256"],
            issuer: `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
            jwks_uri: `${bench.endpoint}/${poolId}/.well-known/jwks.json`,
            response_types_supported: ["code", "token"],
            scopes_supported: ["openid", "email", "phone", "profile"],
            subject_types_supported: ["public"],
        });
        const missing = await fetch(`${bench.endpoint}/us-east-1_nothing/.well-known/jwks.json`);
        assert.deepStrictEqual(
            [missing.status, await missing.json()],
            [400, { message: "User pool us-east-1_nothing does not exist." }],
        );
    });

    it("keeps users, sessions and keys over a kill, in the middle of a line too", async () => {
        await member();
        const { RefreshToken, AccessToken } = await tokensOf(signIn());
        const file = path.join(bench.services.place.data, "cognito", poolId, "users.jsonl");
        fs.appendFileSync(file, '{"removed":"');
        bench.restart();
        assert.deepStrictEqual(claimsOf((await tokensOf(refresh(RefreshToken))).IdToken).email, EMAIL);
        await bench.sdk.send(new GetUserCommand({ AccessToken }));
        await signUp("bob@example.com");
        bench.restart();
        await assert.rejects(signIn("bob@example.com"), { name: "UserNotConfirmedException" });
    });

    it("writes no password and no refresh token to disk", async () => {
        await member();
        const { RefreshToken } = await tokensOf(signIn());
        const folder = path.join(bench.services.place.data, "cognito", poolId);
        for (const name of fs.readdirSync(folder)) {
            const text = fs.readFileSync(path.join(folder, name), "utf8");
            assert.deepStrictEqual([text.includes(PASSWORD), text.includes(RefreshToken)], [false, false], name);
            assert.deepStrictEqual(fs.statSync(path.join(folder, name)).mode & 0o077, 0, name);
        }
    });

    describe("at the door", () => {
        const post = async (operation: string, body: object) => {
            const reply = await fetch(bench.endpoint, {
                method: "POST",
                headers: {
                    "content-type": "application/x-amz-json-1.1",
                    "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
                },
                body: JSON.stringify(body),
            });
            return [reply.status, (await reply.json()) as Record<string, unknown>] as const;
        };

        it("lets users in without a signature, and nobody else", async () => {
            const [status, answer] = await post("SignUp", { ClientId, Username: EMAIL, Password: PASSWORD });
            assert.deepStrictEqual([status, answer.UserConfirmed], [200, false]);
            assert.deepStrictEqual(await post("AdminConfirmSignUp", { UserPoolId: poolId, Username: EMAIL }), [
                400,
                { __type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" },
            ]);
        });

        it("says what a request lacks, and what is not here", async () => {
            assert.deepStrictEqual(await post("SignUp", { ClientId }), [
                400,
                {
                    __type: "InvalidParameterException",
                    message:
                        "1 validation error detected: Value null at 'username' failed to satisfy constraint: Member must not be null",
                },
            ]);
            assert.deepStrictEqual(await post("VerifySoftwareToken", { UserCode: "123456" }), [
                501,
                {
                    __type: "LocalUnsupported",
                    message: "cognito-idp:VerifySoftwareToken is not supported by the local runtime.",
                },
            ]);
        });

        it("asks IAM about administrators", async () => {
            await bench.close();
            const asked: string[] = [];
            bench = await cognitoBench(
                iamWith((caller, action, resource) => {
                    asked.push(`${caller.arn === ROOT.arn} ${action} ${resource}`);
                    return false;
                }),
            );
            poolId = (await bench.pool()).id;
            await assert.rejects(confirm(), { name: "AccessDeniedException" });
            assert.deepStrictEqual(asked, [
                `true cognito-idp:AdminConfirmSignUp arn:aws:cognito-idp:us-east-1:000000000000:userpool/${poolId}`,
            ]);
        });
    });
});

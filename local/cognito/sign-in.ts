import { serviceError, unsupported } from "../errors";
import type { Caller, Services } from "../services";
import { checkWritable, readAttributes, requireAttributes } from "./attributes";
import { checkSecret, incorrect, noSuchUser } from "./client-access";
import { type ClientResource, flowsOf, invalidParameter, notAuthorized, passwordPolicyOf } from "./config";
import { checkPassword, hashPassword, isPassword } from "./password";
import type { Pool, Pools } from "./pools";
import { beginSession, seconds, tokenHash, tokensOf } from "./tokens";
import type { User } from "./users";

/** What the operations of signing in need. */
export interface SignInServices {
    readonly services: Pick<Services, "clock" | "randomHex">;
    readonly pools: Pools;
}

type Parameters = Readonly<Record<string, string>>;

interface AuthRequest {
    readonly AuthFlow: string;
    readonly AuthParameters?: Parameters;
    readonly ClientId: string;
}

interface ChallengeRequest {
    readonly ClientId: string;
    readonly ChallengeName: string;
    readonly ChallengeResponses?: Parameters;
    readonly Session?: string;
}

/** What client and pool a request is about, and what it gives. */
interface SignIn extends SignInServices {
    readonly client: ClientResource;
    readonly pool: Pool;
    readonly parameters: Parameters;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html */
export const initiateAuth = (needs: SignInServices) => async (input: AuthRequest) => {
    const signIn = { ...needs, ...needs.pools.client(input.ClientId), parameters: input.AuthParameters ?? {} };
    if (input.AuthFlow.startsWith("ADMIN_")) throw invalidParameter("Initiate Auth method not supported.");
    const refusal = `${input.AuthFlow} flow not enabled for this client`;
    mustAllow(signIn.client, input.AuthFlow, [input.AuthFlow], refusal);
    if (input.AuthFlow === "USER_PASSWORD_AUTH") return withPassword(signIn);
    return refreshed(signIn);
};

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html */
export const adminInitiateAuth =
    (needs: SignInServices) => async (input: AuthRequest & { readonly UserPoolId: string }, caller: Caller) => {
        const signIn = {
            ...adminSignIn(needs, "AdminInitiateAuth", input, caller),
            parameters: input.AuthParameters ?? {},
        };
        const flows = [input.AuthFlow.replace("ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"), "ADMIN_NO_SRP_AUTH"];
        mustAllow(signIn.client, input.AuthFlow, flows, "Auth flow not enabled for this client");
        if (/^(ADMIN_USER_PASSWORD_AUTH|ADMIN_NO_SRP_AUTH)$/.test(input.AuthFlow)) return withPassword(signIn);
        if (input.AuthFlow === "USER_PASSWORD_AUTH") throw invalidParameter("Initiate Auth method not supported.");
        return refreshed(signIn);
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html */
export const respondToAuthChallenge = (needs: SignInServices) => async (input: ChallengeRequest) => {
    const parameters = input.ChallengeResponses ?? {};
    return newPassword({ ...needs, ...needs.pools.client(input.ClientId), parameters }, input);
};

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRespondToAuthChallenge.html */
export const adminRespondToAuthChallenge =
    (needs: SignInServices) => async (input: ChallengeRequest & { readonly UserPoolId: string }, caller: Caller) => {
        const parameters = input.ChallengeResponses ?? {};
        return newPassword({ ...adminSignIn(needs, "AdminRespondToAuthChallenge", input, caller), parameters }, input);
    };

function adminSignIn(
    needs: SignInServices,
    action: string,
    input: { readonly UserPoolId: string; readonly ClientId: string },
    caller: Caller,
) {
    const pool = needs.pools.enter(caller, action, input.UserPoolId);
    return { ...needs, client: needs.pools.clientOf(pool, input.ClientId), pool };
}

/** Throws unless a client lets a flow in, under one of its names, and for a flow that is not here. */
function mustAllow(client: ClientResource, flow: string, names: readonly string[], refusal: string): void {
    const refreshes = /^REFRESH_TOKEN(_AUTH)?$/.test(flow);
    const allowed = flowsOf(client.inputs);
    // Clients with flows of the old kind may always refresh.
    const isAllowed = refreshes
        ? allowed.includes("ALLOW_REFRESH_TOKEN_AUTH") || !allowed.some((each) => each.startsWith("ALLOW_"))
        : names.some((name) => allowed.includes(`ALLOW_${name}`) || allowed.includes(name));
    if (!isAllowed) throw invalidParameter(refusal);
    if (!refreshes && !/USER_PASSWORD_AUTH$|^ADMIN_NO_SRP_AUTH$/.test(flow))
        throw unsupported(`The authentication flow ${flow}`);
}

function required(parameters: Parameters, name: string): string {
    const value = parameters[name];
    if (!value) throw invalidParameter(`Missing required parameter ${name}`);
    return value;
}

async function withPassword(signIn: SignIn) {
    const { services, client, pool, parameters } = signIn;
    const [name, password] = [required(parameters, "USERNAME"), required(parameters, "PASSWORD")];
    checkSecret(client, name, parameters.SECRET_HASH);
    const user = pool.find(name);
    if (!user) throw noSuchUser(client);
    if (!user.password || !(await isPassword(password, user.password))) throw incorrect();
    if (!user.enabled) throw notAuthorized("User is disabled.");
    if (user.status === "UNCONFIRMED") throw serviceError("UserNotConfirmedException", "User is not confirmed.");
    if (user.status === "FORCE_CHANGE_PASSWORD") return passwordChallenge(signIn, user);
    return { ChallengeParameters: {}, AuthenticationResult: beginSession(services, client, pool, user) };
}

function refreshed({ services, client, pool, parameters }: SignIn) {
    const token = required(parameters, "REFRESH_TOKEN");
    const session = pool.users.sessionByToken(tokenHash(token));
    if (!session || session.clientId !== client.id) throw notAuthorized("Invalid Refresh Token");
    const user = pool.users.byName(session.username);
    if (!user) throw notAuthorized("Invalid Refresh Token");
    // The client's hash is made with the user name that the tokens name.
    checkSecret(client, user.username, parameters.SECRET_HASH);
    if (session.revoked) throw notAuthorized("Refresh Token has been revoked");
    if (session.expires <= seconds(services)) throw notAuthorized("Refresh Token has expired");
    if (!user.enabled) throw notAuthorized("User is disabled.");
    return { ChallengeParameters: {}, AuthenticationResult: tokensOf(services, client, pool, user, session) };
}

/** Whoever has a temporary password may only change it. The session is a token of the pool's own, so that it survives a restart. */
function passwordChallenge({ services, client, pool }: SignIn, user: User) {
    if (user.passwordExpires !== undefined && user.passwordExpires < services.clock.now())
        throw notAuthorized("Temporary password has expired and must be reset by an administrator.");
    const exp = seconds(services) + (client.inputs.authSessionValidity ?? 3) * 60;
    return {
        ChallengeName: "NEW_PASSWORD_REQUIRED",
        Session: pool.signer.sign({ token_use: "challenge", client_id: client.id, username: user.username, exp }),
        ChallengeParameters: {
            USER_ID_FOR_SRP: user.username,
            requiredAttributes: "[]",
            userAttributes: JSON.stringify(user.attributes),
        },
    };
}

async function newPassword(signIn: SignIn, { ChallengeName, Session = "" }: ChallengeRequest) {
    const { services, client, pool, parameters } = signIn;
    if (ChallengeName !== "NEW_PASSWORD_REQUIRED") throw unsupported(`The challenge ${ChallengeName}`);
    const [name, password] = [required(parameters, "USERNAME"), required(parameters, "NEW_PASSWORD")];
    checkSecret(client, name, parameters.SECRET_HASH);
    const user = pool.find(name);
    const claims = pool.signer.open(Session);
    const isHis =
        claims?.token_use === "challenge" && claims.client_id === client.id && claims.username === user?.username;
    if (!user || !isHis || user.status !== "FORCE_CHANGE_PASSWORD")
        throw notAuthorized("Invalid session for the user.");
    if (Number(claims.exp) <= seconds(services))
        throw notAuthorized("Invalid session for the user, session is expired.");
    checkPassword(passwordPolicyOf(pool.inputs), password);
    const attributes = { ...user.attributes, ...answeredAttributes(signIn) };
    requireAttributes(pool.inputs, attributes);
    const { passwordExpires: _expires, ...kept } = user;
    const changed: User = {
        ...kept,
        attributes,
        password: await hashPassword(password),
        status: "CONFIRMED",
        modified: services.clock.now(),
    };
    pool.users.put(changed);
    return { ChallengeParameters: {}, AuthenticationResult: beginSession(services, client, pool, changed) };
}

/** Attributes that come with a new password: `userAttributes.name`. */
function answeredAttributes({ client, pool, parameters }: SignIn): Readonly<Record<string, string>> {
    const given = Object.entries(parameters)
        .filter(([key]) => key.startsWith("userAttributes."))
        .map(([key, Value]) => ({ Name: key.slice("userAttributes.".length), Value }));
    checkWritable(
        client.inputs,
        given.map(({ Name }) => Name),
    );
    return readAttributes(pool.inputs, given);
}

import { serviceError } from "../errors";
import { attributeList, readable } from "./attributes";
import { incorrect, unknownUser } from "./client-access";
import { notAuthorized, passwordPolicyOf } from "./config";
import { checkPassword, hashPassword, isPassword } from "./password";
import type { Pool, Pools } from "./pools";
import { claimedPool, sessionOf, type TokenServices, tokenHash } from "./tokens";
import type { Session, User } from "./users";

/** What the operations of a signed-in user need. */
export interface SessionServices {
    readonly services: TokenServices;
    readonly pools: Pools;
}

/** Who an access token is from. */
function signedIn({ services, pools }: SessionServices, token: string): { pool: Pool; user: User; session: Session } {
    const pool = pools.lookUp(claimedPool(token));
    if (!pool) throw notAuthorized("Invalid Access Token");
    const session = sessionOf(services, pool, token);
    const user = pool.users.byName(session.username);
    if (!user) throw unknownUser();
    if (!user.enabled) throw notAuthorized("User is disabled.");
    return { pool, user, session };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html */
export const getUser = (needs: SessionServices) => (input: { readonly AccessToken: string }) => {
    const { user, session } = signedIn(needs, input.AccessToken);
    const { client } = needs.pools.client(session.clientId);
    return { Username: user.username, UserAttributes: attributeList(readable(client.inputs, user)) };
};

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html */
export const changePassword =
    (needs: SessionServices) =>
    async (input: {
        readonly AccessToken: string;
        readonly PreviousPassword?: string;
        readonly ProposedPassword: string;
    }) => {
        const { pool, user } = signedIn(needs, input.AccessToken);
        checkPassword(passwordPolicyOf(pool.inputs), input.ProposedPassword);
        if (!user.password || !(await isPassword(input.PreviousPassword ?? "", user.password))) throw incorrect();
        const password = await hashPassword(input.ProposedPassword);
        pool.users.put({ ...user, password, modified: needs.services.clock.now() });
        return {};
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html */
export const globalSignOut = (needs: SessionServices) => (input: { readonly AccessToken: string }) => {
    const { pool, user } = signedIn(needs, input.AccessToken);
    pool.users.signOut(user.username);
    return {};
};

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUser.html */
export const deleteUser = (needs: SessionServices) => (input: { readonly AccessToken: string }) => {
    const { pool, user } = signedIn(needs, input.AccessToken);
    pool.users.remove(user.username);
    return {};
};

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html */
export const revokeToken =
    ({ pools }: SessionServices) =>
    (input: { readonly Token: string; readonly ClientId: string; readonly ClientSecret?: string }) => {
        const { client, pool } = pools.client(input.ClientId);
        if (client.outputs.clientSecret !== (input.ClientSecret ?? ""))
            throw notAuthorized(`Client ${client.id} has a secret, and another was received`);
        if (client.inputs.enableTokenRevocation === false)
            throw serviceError(
                "UnsupportedOperationException",
                `Revocation is not enabled for the client ${client.id}`,
            );
        const session = pool.users.sessionByToken(tokenHash(input.Token));
        if (!session) return {};
        if (session.clientId !== client.id)
            throw serviceError("UnauthorizedException", "The token is not from this client.");
        pool.users.putSession({ ...session, revoked: true });
        return {};
    };

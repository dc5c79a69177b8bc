import { createHash, randomBytes } from "node:crypto";
import type { Services } from "../services";
import { readable } from "./attributes";
import { type ClientResource, issuerOf, notAuthorized, validityOf } from "./config";
import type { Claims } from "./keys";
import { uuid } from "./new-user";
import type { Pool } from "./pools";
import type { Session, User } from "./users";

/** What tokens are made with. */
export type TokenServices = Pick<Services, "clock" | "randomHex">;

/** Seconds since 1970. */
export function seconds({ clock }: Pick<TokenServices, "clock">): number {
    return Math.floor(clock.now() / 1000);
}

/** The hash by which a refresh token is known. */
export function tokenHash(token: string): string {
    return createHash("sha256").update(token).digest("hex");
}

/** Begins a session: three tokens. What is kept of the refresh token is its hash. */
export function beginSession(services: TokenServices, client: ClientResource, pool: Pool, user: User) {
    const now = seconds(services);
    const refreshToken = randomBytes(48).toString("base64url");
    const session: Session = {
        id: uuid(services.randomHex(32)),
        username: user.username,
        clientId: client.id,
        token: tokenHash(refreshToken),
        authTime: now,
        expires: now + validityOf(client.inputs, "refreshToken"),
    };
    pool.users.putSession(session);
    return { ...tokensOf(services, client, pool, user, session), RefreshToken: refreshToken };
}

/**
 * The ID and the access token of a session.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
 */
export function tokensOf(services: TokenServices, client: ClientResource, pool: Pool, user: User, session: Session) {
    const now = seconds(services);
    const accessValidity = validityOf(client.inputs, "accessToken");
    const common = {
        sub: user.sub,
        iss: issuerOf(pool.id),
        origin_jti: session.id,
        event_id: uuid(services.randomHex(32)),
        auth_time: session.authTime,
        iat: now,
    };
    const AccessToken = pool.signer.sign({
        ...common,
        client_id: client.id,
        token_use: "access",
        scope: "aws.cognito.signin.user.admin",
        exp: now + accessValidity,
        jti: uuid(services.randomHex(32)),
        username: user.username,
    });
    const IdToken = pool.signer.sign({
        ...attributeClaims(readable(client.inputs, user)),
        ...common,
        "cognito:username": user.username,
        aud: client.id,
        token_use: "id",
        exp: now + validityOf(client.inputs, "idToken"),
        jti: uuid(services.randomHex(32)),
    });
    return { AccessToken, IdToken, ExpiresIn: accessValidity, TokenType: "Bearer" };
}

/** Attributes as claims: what is verified or not is true or false. */
function attributeClaims(attributes: Readonly<Record<string, string>>): Claims {
    const claim = ([name, value]: [string, string]) => [name, name.endsWith("_verified") ? value === "true" : value];
    return Object.fromEntries(Object.entries(attributes).map(claim));
}

/** The session behind an access token, or AWS's error when the token is no good. */
export function sessionOf(services: TokenServices, pool: Pool, token: string): Session {
    const claims = pool.signer.open(token);
    if (claims?.token_use !== "access") throw notAuthorized("Invalid Access Token");
    if (Number(claims.exp) <= seconds(services)) throw notAuthorized("Access Token has expired");
    const session = pool.users.session(String(claims.origin_jti));
    if (!session || session.revoked) throw notAuthorized("Access Token has been revoked");
    return session;
}

/** The pool that a token says it is from, whoever made it: its signature is still to be checked. */
export function claimedPool(token: string): string {
    try {
        const { iss } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { iss?: unknown };
        return String(iss).split("/").at(-1) ?? "";
    } catch {
        return "";
    }
}

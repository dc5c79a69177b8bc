import type { Services } from "../services";
import type { Exchange } from "./exchange";
import { type GatewayFailure, gatewayFailure } from "./gateway-responses";
import type { TokenAuthorizer } from "./model";

/** Claims as API Gateway shows them. */
type Claims = Readonly<Record<string, string>>;

/**
 * Lets a request in by its token, and puts what the token says into `$context.authorizer.claims`; throws a gateway failure otherwise. Methods
 * without scopes take ID tokens, methods with scopes take access tokens that have one of them. Whether a token has been revoked is not asked:
 * it is good until it expires. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
 */
export function checkToken(
    { userPools, clock }: Pick<Services, "userPools" | "clock">,
    { poolArns, header, audience, scopes }: TokenAuthorizer,
    { parameters, context }: Exchange,
): void {
    const token = (parameters.header[header] ?? "").replace(/^Bearer +/i, "");
    const said = token === "" ? undefined : userPools.openToken(token, poolArns);
    const refuse = (failure: GatewayFailure) => {
        context.authorizer.error = failure.message;
        return failure;
    };
    if (!said || said.token_use !== (scopes.length > 0 ? "access" : "id")) throw refuse(gatewayFailure("UNAUTHORIZED"));
    if (Number(said.exp) * 1000 <= clock.now())
        throw refuse(gatewayFailure("UNAUTHORIZED", { message: "The incoming token has expired" }));
    if (said.token_use === "id" && audience?.test(String(said.aud)) === false)
        throw refuse(gatewayFailure("UNAUTHORIZED"));
    const has = String(said.scope).split(" ");
    if (scopes.length > 0 && !scopes.some((scope) => has.includes(scope)))
        throw refuse(gatewayFailure("ACCESS_DENIED"));
    context.authorizer.claims = shown(said);
}

const known = new WeakMap<object, Claims>();

/** Every value is text, and times are as Java writes them (https://github.com/amazon-archives/amazon-cognito-identity-js/issues/92). */
function shown(said: Readonly<Record<string, unknown>>): Claims {
    const before = known.get(said);
    if (before) return before;
    const entries = Object.entries(said).map(([name, value]) => [name, textOf(name, value)] as const);
    const claims = Object.fromEntries(entries);
    known.set(said, claims);
    return claims;
}

function textOf(name: string, value: unknown): string {
    if (name === "exp" || name === "iat") return javaDate(Number(value));
    return Array.isArray(value) ? value.join(",") : String(value);
}

/** `EEE MMM dd HH:mm:ss zzz yyyy`, from seconds since 1970. */
function javaDate(seconds: number): string {
    const [weekday, day, month, year, time] = new Date(seconds * 1000).toUTCString().replace(",", "").split(" ");
    return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}

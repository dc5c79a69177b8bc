import { serviceError } from "../errors";
import type { Services } from "../services";
import { isEmail, isPhoneNumber, requireAttributes } from "./attributes";
import { invalidParameter, type PoolInputs } from "./config";
import type { Pool } from "./pools";
import type { User } from "./users";

/** Who a new user is, before he has a password. */
export type Identity = Pick<User, "username" | "sub" | "attributes" | "created" | "modified" | "enabled">;

/**
 * Makes the identity of a user who signs up or is made under a name. In a pool whose user names are addresses the name becomes an attribute,
 * and `sub` the user name. Throws AWS's error for a name that the pool does not take, or that is taken.
 */
export function newIdentity(
    { clock, randomHex }: Pick<Services, "clock" | "randomHex">,
    pool: Pool,
    name: string,
    given: User["attributes"],
): Identity {
    checkName(name);
    const { usernameAttributes = [] } = pool.inputs;
    const own = usernameAttributes.length > 0 ? addressOf(usernameAttributes, name) : undefined;
    if (!own) refuseAlias(pool.inputs, name);
    const attributes = own ? { [own]: name, ...given } : given;
    if (own && attributes[own] !== name) throw invalidParameter(`User ${own} cannot be different from the username.`);
    requireAttributes(pool.inputs, attributes);
    refuseTaken(pool, name, own);
    const now = clock.now();
    const sub = uuid(randomHex(32));
    return { username: own ? sub : name, sub, attributes, created: now, modified: now, enabled: true };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html#CognitoUserPools-SignUp-request-Username */
function checkName(name: string): void {
    const heading = `1 validation error detected: Value '${name}' at 'username' failed to satisfy constraint`;
    if (name.length > 128) throw invalidParameter(`${heading}: Member must have length less than or equal to 128`);
    if (/^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u.test(name)) return;
    throw invalidParameter(
        `${heading}: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+`,
    );
}

/** Which address a user name is. */
function addressOf(allowed: readonly string[], name: string): "email" | "phone_number" {
    if (allowed.includes("email") && isEmail(name)) return "email";
    if (allowed.includes("phone_number") && isPhoneNumber(name)) return "phone_number";
    const kinds = { email: "an email", phone_number: "a phone number" };
    const wanted = (["email", "phone_number"] as const).filter((each) => allowed.includes(each));
    throw invalidParameter(
        `Username should be ${wanted.length > 1 ? "either " : ""}${wanted.map((each) => kinds[each]).join(" or ")}.`,
    );
}

function refuseAlias({ aliasAttributes = [] }: PoolInputs, name: string): void {
    if (aliasAttributes.includes("email") && isEmail(name)) {
        throw invalidParameter("Username cannot be of email format, since user pool is configured for email alias.");
    }
    if (aliasAttributes.includes("phone_number") && isPhoneNumber(name)) {
        throw invalidParameter(
            "Username cannot be of phone number format, since user pool is configured for phone number alias.",
        );
    }
}

function refuseTaken(pool: Pool, name: string, own: "email" | "phone_number" | undefined): void {
    if (!pool.find(name)) return;
    const sentence = own ? `An account with the given ${own} already exists.` : "User already exists";
    throw serviceError("UsernameExistsException", sentence);
}

/** Hex digits as a version 4 UUID. */
export function uuid(hex: string): string {
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}

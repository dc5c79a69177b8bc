import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import { type Attribute, attributeList, readAttributes } from "./attributes";
import { unknownUser } from "./client-access";
import { passwordPolicyOf } from "./config";
import { listed, type UserFilter } from "./list";
import { newIdentity } from "./new-user";
import { checkPassword, hashPassword, randomPassword } from "./password";
import type { Pool, Pools } from "./pools";
import type { User } from "./users";

/** What the administrator's operations need. */
export interface AdminServices {
    readonly services: Pick<Services, "clock" | "randomHex">;
    readonly pools: Pools;
}

interface UserRequest {
    readonly UserPoolId: string;
    readonly Username: string;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html */
export const adminCreateUser =
    ({ services, pools }: AdminServices) =>
    async (
        input: UserRequest & {
            readonly UserAttributes?: readonly Attribute[];
            readonly TemporaryPassword?: string;
            readonly MessageAction?: string;
        },
        caller: Caller,
    ) => {
        const pool = pools.enter(caller, "AdminCreateUser", input.UserPoolId);
        const policy = passwordPolicyOf(pool.inputs);
        const password = input.TemporaryPassword ?? randomPassword(policy);
        checkPassword(policy, password);
        const hashed = await hashPassword(password);
        const user = {
            ...(input.MessageAction === "RESEND"
                ? awaiting(pool, input.Username)
                : newIdentity(services, pool, input.Username, readAttributes(pool.inputs, input.UserAttributes))),
            ...temporary(services, pool, hashed),
        };
        pool.users.put(user);
        return { User: userType(user) };
    };

/** The user who is invited once more. */
function awaiting(pool: Pool, name: string): User {
    const user = pool.find(name);
    if (!user) throw unknownUser();
    if (user.status === "FORCE_CHANGE_PASSWORD") return user;
    throw serviceError(
        "UnsupportedUserStateException",
        `Resend not possible. ${user.username} status is not FORCE_CHANGE_PASSWORD`,
    );
}

function temporary({ clock }: Pick<Services, "clock">, pool: Pool, hashed: string) {
    const { temporaryPasswordValidityDays: days } = passwordPolicyOf(pool.inputs);
    return {
        status: "FORCE_CHANGE_PASSWORD" as const,
        password: hashed,
        passwordExpires: clock.now() + days * 86_400_000,
        modified: clock.now(),
    };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html */
export const adminSetUserPassword =
    ({ services, pools }: AdminServices) =>
    async (input: UserRequest & { readonly Password: string; readonly Permanent?: boolean }, caller: Caller) => {
        const pool = pools.enter(caller, "AdminSetUserPassword", input.UserPoolId);
        known(pool, input.Username);
        checkPassword(passwordPolicyOf(pool.inputs), input.Password);
        const hashed = await hashPassword(input.Password);
        const { passwordExpires: _expires, code: _code, ...kept } = known(pool, input.Username);
        pool.users.put(
            input.Permanent
                ? { ...kept, status: "CONFIRMED", password: hashed, modified: services.clock.now() }
                : { ...kept, ...temporary(services, pool, hashed) },
        );
        return {};
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html */
export const adminGetUser =
    ({ pools }: AdminServices) =>
    (input: UserRequest, caller: Caller) => {
        const user = known(pools.enter(caller, "AdminGetUser", input.UserPoolId), input.Username);
        const { Attributes: UserAttributes, ...more } = userType(user);
        return { ...more, UserAttributes };
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUser.html */
export const adminDeleteUser =
    ({ pools }: AdminServices) =>
    (input: UserRequest, caller: Caller) => {
        const pool = pools.enter(caller, "AdminDeleteUser", input.UserPoolId);
        pool.users.remove(known(pool, input.Username).username);
        return {};
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUpdateUserAttributes.html */
export const adminUpdateUserAttributes =
    ({ services, pools }: AdminServices) =>
    (input: UserRequest & { readonly UserAttributes: readonly Attribute[] }, caller: Caller) => {
        const pool = pools.enter(caller, "AdminUpdateUserAttributes", input.UserPoolId);
        const user = known(pool, input.Username);
        const attributes = { ...user.attributes, ...readAttributes(pool.inputs, input.UserAttributes) };
        pool.users.put({ ...user, attributes, modified: services.clock.now() });
        return {};
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html */
export const adminDisableUser = (needs: AdminServices) => enabling(needs, "AdminDisableUser", false);

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminEnableUser.html */
export const adminEnableUser = (needs: AdminServices) => enabling(needs, "AdminEnableUser", true);

function enabling({ services, pools }: AdminServices, action: string, enabled: boolean) {
    return (input: UserRequest, caller: Caller) => {
        const pool = pools.enter(caller, action, input.UserPoolId);
        const user = known(pool, input.Username);
        pool.users.put({ ...user, enabled, modified: services.clock.now() });
        if (!enabled) pool.users.signOut(user.username);
        return {};
    };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html */
export const adminUserGlobalSignOut =
    ({ pools }: AdminServices) =>
    (input: UserRequest, caller: Caller) => {
        const pool = pools.enter(caller, "AdminUserGlobalSignOut", input.UserPoolId);
        pool.users.signOut(known(pool, input.Username).username);
        return {};
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html */
export const listUsers =
    ({ pools }: AdminServices) =>
    (input: UserFilter & { readonly UserPoolId: string }, caller: Caller) => {
        const { users, next } = listed(pools.enter(caller, "ListUsers", input.UserPoolId).users.all(), input);
        const wanted = input.AttributesToGet;
        const attributes = (user: User) => {
            const all = userType(user);
            return wanted ? { ...all, Attributes: all.Attributes.filter(({ Name }) => wanted.includes(Name)) } : all;
        };
        return { Users: users.map(attributes), ...(next && { PaginationToken: next }) };
    };

function known(pool: Pool, name: string): User {
    const user = pool.find(name);
    if (!user) throw unknownUser();
    return user;
}

/** A user as answers have it. https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html */
function userType({ username, sub, attributes, created, modified, enabled, status }: User) {
    return {
        Username: username,
        Attributes: attributeList({ sub, ...attributes }),
        UserCreateDate: new Date(created),
        UserLastModifiedDate: new Date(modified),
        Enabled: enabled,
        UserStatus: status,
    };
}

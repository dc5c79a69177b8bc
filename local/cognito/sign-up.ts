import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import { type Attribute, checkWritable, readAttributes } from "./attributes";
import { checkSecret, unknownUser } from "./client-access";
import { type CodeDelivery, type Codes, deliveryTo } from "./codes";
import { type ClientResource, invalidParameter, notAuthorized, passwordPolicyOf } from "./config";
import { newIdentity } from "./new-user";
import { checkPassword, hashPassword } from "./password";
import type { Pool, Pools } from "./pools";
import type { User } from "./users";

/** What the operations of signing up need. */
export interface SignUpServices {
    readonly services: Pick<Services, "clock" | "randomHex">;
    readonly pools: Pools;
    readonly codes: Codes;
}

/** What every request of a user who signs up has. */
export interface ClientRequest {
    readonly ClientId: string;
    readonly Username: string;
    readonly SecretHash?: string;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html */
export const signUp =
    ({ services, pools, codes }: SignUpServices) =>
    async (input: ClientRequest & { readonly Password?: string; readonly UserAttributes?: readonly Attribute[] }) => {
        const { client, pool } = pools.client(input.ClientId);
        checkSecret(client, input.Username, input.SecretHash);
        if (pool.inputs.adminCreateUserConfig?.allowAdminCreateUserOnly)
            throw notAuthorized("SignUp is not permitted for this user pool");
        if (input.Password === undefined) throw invalidParameter("Password is required");
        checkPassword(passwordPolicyOf(pool.inputs), input.Password);
        const attributes = readAttributes(pool.inputs, input.UserAttributes);
        checkWritable(client.inputs, Object.keys(attributes));
        const password = await hashPassword(input.Password);
        const identity = newIdentity(services, pool, input.Username, attributes);
        const user: User = { ...identity, password, status: "UNCONFIRMED" };
        const delivery = confirmationOf(pool, user.attributes);
        pool.users.put(delivery ? codes.give(pool, user) : user);
        return {
            UserConfirmed: false,
            UserSub: user.sub,
            ...(delivery && { CodeDeliveryDetails: delivery }),
        };
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html */
export const confirmSignUp =
    ({ services, pools, codes }: SignUpServices) =>
    (input: ClientRequest & { readonly ConfirmationCode: string }) => {
        const { client, pool } = pools.client(input.ClientId);
        checkSecret(client, input.Username, input.SecretHash);
        const user = pool.find(input.Username);
        if (!user) {
            const hidden = serviceError("ExpiredCodeException", "Invalid code provided, please request a code again.");
            throw unknownCombination(client, hidden);
        }
        mustBeUnconfirmed(user);
        codes.check(user, input.ConfirmationCode);
        const address = confirmationOf(pool, user.attributes)?.AttributeName;
        const verified = address ? { [`${address}_verified`]: "true" } : {};
        const { code: _code, ...kept } = user;
        pool.users.put({
            ...kept,
            attributes: { ...user.attributes, ...verified },
            status: "CONFIRMED",
            modified: services.clock.now(),
        });
        return {};
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResendConfirmationCode.html */
export const resendConfirmationCode =
    ({ pools, codes }: SignUpServices) =>
    (input: ClientRequest) => {
        const { client, pool } = pools.client(input.ClientId);
        checkSecret(client, input.Username, input.SecretHash);
        const found = pool.find(input.Username);
        if (!found) {
            if (client.inputs.preventUserExistenceErrors !== "ENABLED") throw unknownCombination(client);
            return { CodeDeliveryDetails: confirmationOf(pool, { email: input.Username }) };
        }
        if (found.status !== "UNCONFIRMED") throw invalidParameter("User is already confirmed.");
        const delivery = confirmationOf(pool, found.attributes);
        if (!delivery) throw invalidParameter("Auto verification not turned on.");
        pool.users.put(codes.give(pool, found));
        return { CodeDeliveryDetails: delivery };
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html */
export const adminConfirmSignUp =
    ({ services, pools }: SignUpServices) =>
    (input: { readonly UserPoolId: string; readonly Username: string }, caller: Caller) => {
        const pool = pools.enter(caller, "AdminConfirmSignUp", input.UserPoolId);
        const user = pool.find(input.Username);
        if (!user) throw unknownUser();
        mustBeUnconfirmed(user);
        const { code: _code, ...kept } = user;
        pool.users.put({ ...kept, status: "CONFIRMED", modified: services.clock.now() });
        return {};
    };

/** Where the code that confirms a user goes: to an address that the pool verifies. */
function confirmationOf({ inputs }: Pool, attributes: User["attributes"]): CodeDelivery | undefined {
    return deliveryTo(inputs.autoVerifiedAttributes ?? [], attributes);
}

function mustBeUnconfirmed({ status }: User): void {
    if (status !== "UNCONFIRMED") throw notAuthorized(`User cannot be confirmed. Current status is ${status}`);
}

/** A client that hides who exists says something else. */
function unknownCombination({ inputs }: ClientResource, hidden?: Error): Error {
    if (hidden && inputs.preventUserExistenceErrors === "ENABLED") return hidden;
    return serviceError("UserNotFoundException", "Username/client id combination not found.");
}

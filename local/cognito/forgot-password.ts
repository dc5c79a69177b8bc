import { serviceError } from "../errors";
import { checkSecret, unknownUser } from "./client-access";
import { deliveryTo } from "./codes";
import { type ClientResource, invalidParameter, passwordPolicyOf } from "./config";
import { checkPassword, hashPassword } from "./password";
import type { ClientRequest, SignUpServices } from "./sign-up";
import type { User } from "./users";

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html */
export const forgotPassword =
    ({ pools, codes }: SignUpServices) =>
    (input: ClientRequest) => {
        const { client, pool } = pools.client(input.ClientId);
        checkSecret(client, input.Username, input.SecretHash);
        const user = pool.find(input.Username);
        if (!user) {
            if (!hides(client)) throw unknownUser();
            return { CodeDeliveryDetails: deliveryTo(["email"], { email: input.Username }) };
        }
        const delivery = user.status === "CONFIRMED" ? deliveryTo(verifiedOf(user), user.attributes) : undefined;
        if (!delivery) {
            throw invalidParameter(
                "Cannot reset password for the user as there is no registered/verified email or phone_number",
            );
        }
        pool.users.put(codes.give(pool, user));
        return { CodeDeliveryDetails: delivery };
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmForgotPassword.html */
export const confirmForgotPassword =
    ({ services, pools, codes }: SignUpServices) =>
    async (input: ClientRequest & { readonly ConfirmationCode: string; readonly Password: string }) => {
        const { client, pool } = pools.client(input.ClientId);
        checkSecret(client, input.Username, input.SecretHash);
        checkPassword(passwordPolicyOf(pool.inputs), input.Password);
        const password = await hashPassword(input.Password);
        const user = pool.find(input.Username);
        if (!user && !hides(client)) throw unknownUser();
        if (user?.status !== "CONFIRMED")
            throw serviceError("ExpiredCodeException", "Invalid code provided, please request a code again.");
        codes.check(user, input.ConfirmationCode);
        const { code: _code, ...kept } = user;
        pool.users.put({ ...kept, password, modified: services.clock.now() });
        return {};
    };

function hides({ inputs }: ClientResource): boolean {
    return inputs.preventUserExistenceErrors === "ENABLED";
}

/** The addresses of a user that are known to be his. */
function verifiedOf({ attributes }: User): readonly string[] {
    return ["email", "phone_number"].filter((name) => attributes[`${name}_verified`] === "true");
}

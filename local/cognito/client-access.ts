import { createHmac, timingSafeEqual } from "node:crypto";
import { serviceError } from "../errors";
import { type ClientResource, notAuthorized } from "./config";

/**
 * Throws AWS's error unless a client with a secret has proven that it knows it.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
 */
export function checkSecret({ id, outputs }: ClientResource, username: string, hash: string | undefined): void {
    const { clientSecret: secret } = outputs;
    if (secret === "") {
        if (hash === undefined) return;
        throw notAuthorized(`Client ${id} is not configured for secret but secret was received`);
    }
    if (hash === undefined)
        throw notAuthorized(`Client ${id} is configured with secret but SECRET_HASH was not received`);
    const wanted = createHmac("sha256", secret).update(`${username}${id}`).digest();
    const given = Buffer.from(hash, "base64");
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
        throw notAuthorized(`Unable to verify secret hash for client ${id}`);
}

/** AWS's error for a user that does not exist. */
export function unknownUser(): Error {
    return serviceError("UserNotFoundException", "User does not exist.");
}

/** AWS's error for a wrong user name or password. */
export function incorrect(): Error {
    return notAuthorized("Incorrect username or password.");
}

/** AWS's error for a user that does not exist, as a client wants it told. https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html */
export function noSuchUser({ inputs }: ClientResource): Error {
    return inputs.preventUserExistenceErrors === "ENABLED" ? incorrect() : unknownUser();
}

import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import { arnOfSecret, type SecretInputs } from "./config";
import type { SecretStore, StoredSecret } from "./store";

/** What every operation on secrets needs. */
export interface SecretAccess {
    readonly services: Pick<Services, "clock" | "iam" | "place" | "randomHex">;
    readonly store: SecretStore;
    /** The inputs of the secret with this ARN, or undefined when the program has it no more. */
    inputsOf(arn: string): SecretInputs | undefined;
}

/** Lets a caller do something with a secret, and gives it; throws AWS's errors when it may not, or when there is none. */
export function enter(
    access: SecretAccess,
    caller: Caller,
    action: string,
    secretId: string | undefined,
): StoredSecret {
    const secret = authorized(access, caller, action, secretId);
    if (secret.deletion === undefined) return secret;
    throw serviceError(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
    );
}

/** As {@link enter}, for what can be done with a secret that was marked for deletion, too. */
export function authorized(
    { services, store }: SecretAccess,
    caller: Caller,
    action: string,
    secretId: string | undefined,
): StoredSecret {
    if (!secretId) throw serviceError("InvalidParameterException", "You must provide a SecretId.");
    const secret = store.find(secretId);
    const arn = secret?.arn ?? arnOfSecret(services.place, secretId);
    services.iam.authorize(caller, `secretsmanager:${action}`, arn);
    if (secret) return secret;
    throw serviceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

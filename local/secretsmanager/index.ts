import * as path from "node:path";
import type { Bindings } from "../resources";
import type { JsonService, Services } from "../services";
import type { SecretAccess } from "./access";
import { secretBindings } from "./bindings";
import { SECRET_TYPE, type SecretInputs } from "./config";
import { describeSecret, listSecrets } from "./describe";
import { getRandomPassword } from "./password";
import { openSecrets } from "./store";
import { getSecretValue, putSecretValue } from "./values";

/** AWS Secrets Manager: secrets in files of their own, which only their owner may read. */
export interface SecretsManager {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** As the operations of those names, for services that use secrets with a role. */
    readonly getSecretValue: ReturnType<typeof getSecretValue>;
    readonly putSecretValue: ReturnType<typeof putSecretValue>;
}

/** Makes the local {@link SecretsManager}. */
export function createSecretsManager(
    services: Pick<Services, "clock" | "iam" | "place" | "randomHex" | "resources">,
): SecretsManager {
    const { clock, place, resources } = services;
    const store = openSecrets(path.join(place.data, "secretsmanager"), () => clock.now());
    const access: SecretAccess = {
        services,
        store,
        inputsOf: (arn) => resources.get<SecretInputs>(SECRET_TYPE, arn)?.inputs,
    };
    const operations = {
        GetSecretValue: getSecretValue(access),
        PutSecretValue: putSecretValue(access),
        DescribeSecret: describeSecret(access),
        ListSecrets: listSecrets(access),
        GetRandomPassword: getRandomPassword(services),
    };
    return {
        service: {
            target: "secretsmanager",
            name: "secretsmanager",
            client: "@aws-sdk/client-secrets-manager",
            operations,
        },
        bindings: secretBindings(access),
        getSecretValue: operations.GetSecretValue,
        putSecretValue: operations.PutSecretValue,
    };
}

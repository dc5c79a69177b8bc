import type { Properties, Resource } from "../resources";
import type { Place } from "../services";

/** Pulumi's types of a secret and of one of its versions. */
export const SECRET_TYPE = "aws:secretsmanager/secret:Secret";
export const VERSION_TYPE = "aws:secretsmanager/secretVersion:SecretVersion";

/** The inputs of a secret, as far as the service reads them. */
export interface SecretInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly kmsKeyId?: string;
    readonly recoveryWindowInDays?: number;
    readonly tags?: Readonly<Record<string, string>>;
}

/** A secret in the table of resources. */
export type SecretResource = Resource<SecretInputs, { readonly arn: string }>;

/** ARN of what a caller calls a secret, which is its ARN or its name. */
export function arnOfSecret({ region, account }: Pick<Place, "region" | "account">, secretId: string): string {
    return secretId.startsWith("arn:") ? secretId : `arn:aws:secretsmanager:${region}:${account}:secret:${secretId}`;
}

/** The staging label of the version that counts. */
export const CURRENT = "AWSCURRENT";

/** The staging label of the version that counted before. */
export const PREVIOUS = "AWSPREVIOUS";

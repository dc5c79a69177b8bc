import type {
    DescribeSecretRequest,
    DescribeSecretResponse,
    ListSecretsRequest,
    ListSecretsResponse,
} from "@aws-sdk/client-secrets-manager";
import { serviceError, unsupported } from "../errors";
import type { Caller } from "../services";
import { authorized, type SecretAccess } from "./access";
import type { StoredSecret } from "./store";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret =
    (access: SecretAccess) =>
    ({ SecretId: id }: DescribeSecretRequest, caller: Caller): DescribeSecretResponse => {
        const secret = authorized(access, caller, "DescribeSecret", id);
        return { ...described(access, secret), VersionIdsToStages: stagesOf(secret) };
    };

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets =
    (access: SecretAccess) =>
    (request: ListSecretsRequest, caller: Caller): ListSecretsResponse => {
        access.services.iam.authorize(caller, "secretsmanager:ListSecrets", "*");
        if (request.Filters?.length) throw unsupported('"Filters" of ListSecrets');
        const { MaxResults: limit = 100, NextToken: token, IncludePlannedDeletion: includesDeleted = false } = request;
        const from = token ? Number(token) : 0;
        if (!Number.isSafeInteger(from) || from < 0)
            throw serviceError("InvalidNextTokenException", "The NextToken value is invalid.");
        const secrets = access.store.all().filter(({ deletion }) => includesDeleted || deletion === undefined);
        if (request.SortOrder === "desc") secrets.reverse();
        const page = secrets.slice(from, from + limit);
        return {
            SecretList: page.map((secret) => ({
                ...described(access, secret),
                SecretVersionsToStages: stagesOf(secret),
            })),
            ...(from + limit < secrets.length && { NextToken: String(from + limit) }),
        };
    };

function described(access: SecretAccess, { name, arn, created, changed, deletion }: StoredSecret) {
    const { description, kmsKeyId, tags = {} } = access.inputsOf(arn) ?? {};
    return {
        ARN: arn,
        Name: name,
        ...(description && { Description: description }),
        ...(kmsKeyId && { KmsKeyId: kmsKeyId }),
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        LastChangedDate: new Date(changed),
        CreatedDate: new Date(created),
        ...(deletion !== undefined && { DeletedDate: new Date(deletion) }),
    };
}

function stagesOf({ versions }: StoredSecret): Record<string, string[]> {
    return Object.fromEntries(versions.map(({ id, stages }) => [id, [...stages]]));
}

import type {
    GetSecretValueRequest,
    GetSecretValueResponse,
    PutSecretValueRequest,
    PutSecretValueResponse,
} from "@aws-sdk/client-secrets-manager";
import { serviceError } from "../errors";
import type { Caller } from "../services";
import { enter, type SecretAccess } from "./access";
import { CURRENT } from "./config";
import { type SecretVersion, type StoredSecret, versionAt, withVersion } from "./store";

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue =
    (access: SecretAccess) =>
    (request: GetSecretValueRequest, caller: Caller): GetSecretValueResponse => {
        const { name, arn, ...secret } = enter(access, caller, "GetSecretValue", request.SecretId);
        const version = wanted({ name, arn, ...secret }, request);
        return {
            ARN: arn,
            Name: name,
            VersionId: version.id,
            ...(version.text !== undefined && { SecretString: version.text }),
            ...(version.base64 !== undefined && { SecretBinary: Buffer.from(version.base64, "base64") }),
            VersionStages: [...version.stages],
            CreatedDate: new Date(version.created),
        };
    };

function wanted(secret: StoredSecret, { VersionId: id, VersionStage: stage }: GetSecretValueRequest): SecretVersion {
    const label = stage ?? CURRENT;
    const version = id === undefined ? versionAt(secret, label) : secret.versions.find((each) => each.id === id);
    if (version && stage !== undefined && !version.stages.includes(stage))
        throw serviceError(
            "InvalidRequestException",
            "You provided a VersionStage that is not associated to the provided VersionId.",
        );
    if (version) return version;
    const what = id === undefined ? `staging label: ${label}` : `VersionId: ${id}`;
    throw serviceError(
        "ResourceNotFoundException",
        `Secrets Manager can't find the specified secret value for ${what}`,
    );
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const putSecretValue =
    (access: SecretAccess) =>
    (request: PutSecretValueRequest, caller: Caller): PutSecretValueResponse => {
        const secret = enter(access, caller, "PutSecretValue", request.SecretId);
        const { version, isNew } = putVersion(access, secret, request);
        if (isNew) access.store.put(withVersion(secret, version));
        return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
    };

/** The version that a request asks for: a new one, or the one that its token has made before. */
function putVersion({ services }: SecretAccess, secret: StoredSecret, request: PutSecretValueRequest) {
    const { ClientRequestToken: token, VersionStages: stages = [CURRENT] } = request;
    const held = contentOf(request);
    const id = tokenOf(token);
    const same = secret.versions.find((version) => version.id === id);
    if (!same) return { version: { id, ...held, stages, created: services.clock.now() }, isNew: true };
    if (same.text === held.text && same.base64 === held.base64) return { version: same, isNew: false };
    throw serviceError(
        "ResourceExistsException",
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
}

/** Bytes of a value. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MAX_BYTES = 65_536;

/** What a request wants to be kept. Throws AWS's error unless it is one thing, and not too long. */
export function contentOf({ SecretString: text, SecretBinary: bytes }: PutSecretValueRequest): {
    readonly text?: string;
    readonly base64?: string;
} {
    if ((text === undefined) === (bytes === undefined))
        throw serviceError(
            "InvalidParameterException",
            text === undefined
                ? "You must provide either SecretString or SecretBinary."
                : "You can't specify both a binary secret value and a string secret value in the same secret.",
        );
    const content = Buffer.from(text ?? (bytes as Uint8Array));
    if (content.length === 0 || content.length > MAX_BYTES)
        throw serviceError("InvalidParameterException", "The secret value must contain between 1 and 65536 bytes.");
    return text === undefined ? { base64: content.toString("base64") } : { text };
}

function tokenOf(token: string | undefined): string {
    if (token === undefined)
        throw serviceError(
            "InvalidRequestException",
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        );
    if (token.length >= 32 && token.length <= 64) return token;
    throw serviceError("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.");
}

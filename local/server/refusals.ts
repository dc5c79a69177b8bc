import { type ServiceError, serviceError } from "../errors";
import type { Problem, Refused } from "./sigv4";

/** How a service writes its errors: awsJson, the query protocol's XML, S3's XML, or the REST JSON of Lambda and of deployed APIs. */
export type Dialect = "json" | "query" | "s3" | "rest";

type Wording = readonly [code: string, status: number, message?: string];

const MISMATCH =
    "The request signature we calculated does not match the signature you provided. " +
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const INVALID_TOKEN = "The security token included in the request is invalid.";
const EXPIRED_TOKEN = "The security token included in the request is expired";

/** Codes, statuses and sentences that AWS's JSON and REST services share. */
function modern(status: number): Record<Problem, Wording> {
    return {
        incomplete: ["IncompleteSignatureException", status],
        "unknown-key": ["UnrecognizedClientException", status, INVALID_TOKEN],
        token: ["UnrecognizedClientException", status, INVALID_TOKEN],
        "token-expired": ["ExpiredTokenException", status, EXPIRED_TOKEN],
        mismatch: ["InvalidSignatureException", status, MISMATCH],
        payload: ["InvalidSignatureException", status, MISMATCH],
        scope: ["InvalidSignatureException", status],
        expired: ["InvalidSignatureException", status],
        early: ["InvalidSignatureException", status],
        "url-expired": ["InvalidSignatureException", status],
    };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const S3: Record<Problem, Wording> = {
    incomplete: ["AuthorizationHeaderMalformed", 400],
    "unknown-key": ["InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."],
    token: ["InvalidToken", 400, "The provided token is malformed or otherwise invalid."],
    "token-expired": ["ExpiredToken", 400, "The provided token has expired."],
    mismatch: [
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ],
    payload: [
        "XAmzContentSHA256Mismatch",
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ],
    scope: ["AuthorizationHeaderMalformed", 400],
    expired: [
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ],
    early: ["RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."],
    "url-expired": ["AccessDenied", 403],
};

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
const QUERY: Record<Problem, Wording> = {
    incomplete: ["IncompleteSignature", 400],
    "unknown-key": ["InvalidClientTokenId", 403, INVALID_TOKEN],
    token: ["InvalidClientTokenId", 403, INVALID_TOKEN],
    "token-expired": ["ExpiredToken", 403, EXPIRED_TOKEN],
    mismatch: ["SignatureDoesNotMatch", 403, MISMATCH],
    payload: ["SignatureDoesNotMatch", 403, MISMATCH],
    scope: ["SignatureDoesNotMatch", 403],
    expired: ["SignatureDoesNotMatch", 403],
    early: ["SignatureDoesNotMatch", 403],
    "url-expired": ["SignatureDoesNotMatch", 403],
};

const WORDINGS: Record<Dialect, Record<Problem, Wording>> = {
    json: modern(400),
    rest: modern(403),
    s3: S3,
    query: QUERY,
};

/** The error for a signature that is refused, as the service in question says it. */
export function refusalOf({ problem, detail }: Refused, dialect: Dialect): ServiceError {
    const [code, status, message] = WORDINGS[dialect][problem];
    return serviceError(code, message ?? detail, status);
}

/** The error for a request without a signature where one is needed. */
export function unsigned(dialect: Dialect): ServiceError {
    if (dialect === "query")
        return serviceError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    const status = dialect === "json" ? 400 : 403;
    return serviceError("MissingAuthenticationTokenException", "Missing Authentication Token", status);
}

/** S3's error for a signature of version 2, which new regions refuse. */
export function oldSignature(): ServiceError {
    const message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    return serviceError("InvalidRequest", message);
}

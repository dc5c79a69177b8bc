import type { Caller, Services } from "../services";
import type { QueryService } from "../wire/query";
import { escapeXml } from "../wire/xml";

/**
 * STS as far as tools ask for it: who am I.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function createSts({ place }: Pick<Services, "place">): QueryService {
    return {
        name: "sts",
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        version: "2011-06-15",
        actions: [
            "AssumeRole",
            "AssumeRoleWithSAML",
            "AssumeRoleWithWebIdentity",
            "AssumeRoot",
            "DecodeAuthorizationMessage",
            "GetAccessKeyInfo",
            "GetCallerIdentity",
            "GetDelegatedAccessToken",
            "GetFederationToken",
            "GetSessionToken",
            "GetWebIdentityToken",
        ],
        operations: {
            GetCallerIdentity: (_parameters, caller) =>
                `<Arn>${escapeXml(caller.arn)}</Arn><UserId>${escapeXml(userId(caller, place.account))}</UserId><Account>${place.account}</Account>`,
        },
    };
}

/** The root's id is its account; a session's is its role's name and its own. */
function userId(caller: Caller, account: string): string {
    return caller.roleArn ? caller.arn.split("/").slice(1).join(":") : account;
}

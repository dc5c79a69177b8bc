import type { Caller, Services } from "../services";
import type { QueryService } from "../wire/query";
import { escapeXml } from "../wire/xml";
import { type AssumeServices, assumeRole } from "./assume-role";

/**
 * STS as far as tools ask for it: who am I, and let me be a role.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function createSts({ place, ...services }: Pick<Services, "place"> & AssumeServices): QueryService {
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
            AssumeRole: (parameters, caller) => assumeRole(services, parameters, caller),
            GetCallerIdentity: (_parameters, caller) =>
                `<Arn>${escapeXml(caller.arn)}</Arn><UserId>${escapeXml(userId(caller, place.account))}</UserId><Account>${place.account}</Account>`,
        },
    };
}

/** The root's id is its account; a session's is its role's name and its own. */
function userId(caller: Caller, account: string): string {
    return caller.roleArn ? caller.arn.split("/").slice(1).join(":") : account;
}

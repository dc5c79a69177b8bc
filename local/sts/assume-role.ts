import { serviceError, unsupported } from "../errors";
import type { LocalIam } from "../iam";
import { IAM_TYPES } from "../iam/roles";
import type { Caller, Services } from "../services";
import { escapeXml } from "../wire/xml";

/** What taking a role needs. */
export type AssumeServices = Pick<Services, "clock" | "resources"> & {
    readonly iam: Pick<LocalIam, "assumeRole" | "temporary">;
};

/** Seconds that a session lasts: the least, the one without a wish, and the most of a session taken from another. */
const SECONDS = { least: 900, usual: 3600, chained: 3600 } as const;

/** Parameters that narrow or mark a session. */
const NARROWING = /^(Policy|PolicyArns|Tags|TransitiveTagKeys|ProvidedContexts|SerialNumber|TokenCode)\b/;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumeRole(
    { clock, iam, resources }: AssumeServices,
    parameters: URLSearchParams,
    caller: Caller,
): string {
    const narrowing = [...parameters.keys()].find((name) => NARROWING.test(name));
    if (narrowing) throw unsupported(`The parameter ${narrowing} of sts:AssumeRole`);
    const roleArn = needed(parameters, "RoleArn", /^arn:[^:]+:iam::\d{12}:role\/.+$/);
    const session = needed(parameters, "RoleSessionName", /^[\w+=,.@-]{2,64}$/);
    const externalId = parameters.get("ExternalId") ?? undefined;
    const { roleId, ...taken } = iam.assumeRole(caller, { roleArn, session, externalId });
    const role = resources.all(IAM_TYPES.role).find(({ outputs }) => outputs.arn === roleArn);
    const until = clock.now() + 1000 * secondsOf(parameters, caller, Number(role?.inputs.maxSessionDuration ?? 3600));
    const { accessKeyId, secretAccessKey, sessionToken } = iam.temporary(taken, until);
    return (
        `<AssumedRoleUser><AssumedRoleId>${escapeXml(`${roleId}:${session}`)}</AssumedRoleId><Arn>${escapeXml(taken.arn)}</Arn></AssumedRoleUser>` +
        `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
        `<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(until).toISOString()}</Expiration></Credentials>`
    );
}

function needed(parameters: URLSearchParams, name: string, pattern: RegExp): string {
    const value = parameters.get(name);
    const member = name[0].toLowerCase() + name.slice(1);
    if (value === null)
        throw invalid(`Value null at '${member}' failed to satisfy constraint: Member must not be null`);
    if (pattern.test(value)) return value;
    throw invalid(
        `Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`,
    );
}

function secondsOf(parameters: URLSearchParams, caller: Caller, most: number): number {
    const asked = parameters.get("DurationSeconds");
    if (asked === null) return SECONDS.usual;
    const seconds = Number(asked);
    if (!(seconds >= SECONDS.least)) {
        throw invalid(
            `Value '${asked}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${SECONDS.least}`,
        );
    }
    if (seconds > most) {
        throw serviceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
    }
    if (caller.roleArn && seconds > SECONDS.chained) {
        throw serviceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        );
    }
    return seconds;
}

function invalid(problem: string): Error {
    return serviceError("ValidationError", `1 validation error detected: ${problem}`);
}

import { type ServiceError, serviceError } from "../errors";
import type { Caller, Iam, Services } from "../services";
import type { Context } from "./conditions";
import { type Asker, type Question, verdict } from "./evaluate";
import { RESOURCE_POLICY_TYPES, resourcePolicies } from "./resource-policies";
import { IAM_TYPES, type Role, roleByArn } from "./roles";
import { createSessions, type Sessions } from "./sessions";

/** A caller's wish to take a role. */
export interface RoleRequest {
    readonly roleArn: string;
    /** Name of the session. */
    readonly session: string;
    readonly externalId?: string;
}

/** {@link Iam} with what STS needs of it. */
export interface LocalIam extends Iam {
    /** The caller that another becomes by taking a role: throws AccessDenied unless the role's trust policy, and his own where it says no more than the account, let him. */
    assumeRole(caller: Caller, request: RoleRequest): Caller & { readonly roleId: string };
    /** Credentials for a caller, good until a time in milliseconds since 1970. */
    temporary: Sessions["temporary"];
}

/** What a decision is: leave, or why not. */
type Decision = "allow" | string;

/** Decisions are kept until something that they rest on changes; object keys make their number unbounded, so at some point all are dropped. */
const MOST_DECISIONS = 20_000;

/**
 * Makes the {@link Iam} that goes by the program's own policies: those of the roles, their boundaries, and those that buckets, functions,
 * queues, secrets, topics and buses have of their own. The root may do everything. A caller whose ARN is a service principal
 * (`{ arn: "apigateway.amazonaws.com" }`) has only what resource policies give it; pass `aws:SourceArn` in the context.
 */
export function createIam({ clock, place, resources }: Pick<Services, "clock" | "place" | "resources">): LocalIam {
    const root: Caller = { arn: `arn:aws:iam::${place.account}:root` };
    const sessions = createSessions(place, root, () => clock.now());
    const decisions = new Map<string, Decision>();
    const roles = new Map<string, Role | undefined>();
    for (const type of [...Object.values(IAM_TYPES), ...RESOURCE_POLICY_TYPES])
        resources.onChange(type, () => {
            decisions.clear();
            roles.clear();
        });

    function role(arn: string): Role | undefined {
        if (!roles.has(arn)) roles.set(arn, roleByArn(resources, arn));
        return roles.get(arn);
    }

    function authorize(
        caller: Caller,
        action: string,
        resource: string,
        given: Readonly<Record<string, string>> = {},
    ): void {
        if (caller.arn === root.arn) return;
        const key = JSON.stringify([caller.arn, action, resource, given]);
        let decision = decisions.get(key);
        if (decision === undefined) {
            const context = contextOf(caller, resource, given);
            decision = decide(caller, { action, resource, context, principals: askers(caller) });
            if (decisions.size >= MOST_DECISIONS) decisions.clear();
            if (!context.wasTimeRead()) decisions.set(key, decision);
        }
        if (decision !== "allow") throw denied(caller.arn, action, resource, decision);
    }

    function decide({ roleArn }: Caller, question: Question): Decision {
        const { action, resource } = question;
        const own = roleArn === undefined ? undefined : role(roleArn);
        const identity = verdict(own?.policies ?? [], question);
        const ofResource = verdict(resourcePolicies(resources, resource), question);
        const boundary = own?.boundary ? verdict([own.boundary], question) : "allow";
        if (identity === "deny") return "with an explicit deny in an identity-based policy";
        if (ofResource === "deny") return "with an explicit deny in a resource-based policy";
        if (boundary === "deny") return "with an explicit deny in a permissions boundary";
        if (ofResource === "allow") return "allow";
        if (identity === "silent")
            return `because no ${roleArn ? "identity" : "resource"}-based policy allows the ${action} action`;
        return boundary === "allow" ? "allow" : `because no permissions boundary allows the ${action} action`;
    }

    function assume(roleArn: string, service: string, sourceArn: string, session: string): Caller {
        const own = role(roleArn);
        const context = contextOf({ arn: service }, roleArn, {
            "aws:SourceArn": sourceArn,
            "aws:SourceAccount": /^\d{12}$/.exec(sourceArn.split(":")[4] ?? "")?.[0] ?? place.account,
            "sts:ExternalId": place.account,
        });
        const question = {
            action: "sts:AssumeRole",
            resource: roleArn,
            context,
            principals: [{ kind: "Service", id: service }],
        };
        const said = own ? verdict([own.trust], question) : "silent";
        if (!own || said === "silent")
            throw denied(
                service,
                question.action,
                roleArn,
                "because no role trust policy allows the sts:AssumeRole action",
            );
        if (said === "deny")
            throw denied(service, question.action, roleArn, "with an explicit deny in the role trust policy");
        return { arn: `arn:aws:sts::${place.account}:assumed-role/${own.name}/${sessionName(session)}`, roleArn };
    }

    function assumeRole(
        caller: Caller,
        { roleArn, session, externalId }: RoleRequest,
    ): Caller & { readonly roleId: string } {
        const own = role(roleArn);
        const question = {
            action: "sts:AssumeRole",
            resource: roleArn,
            context: contextOf(caller, roleArn, {
                "sts:RoleSessionName": session,
                ...(externalId !== undefined && { "sts:ExternalId": externalId }),
            }),
        };
        const named = askers(caller);
        // A trust policy that names the account leaves it to the account's policies whom of its own it lets in.
        const asAccount = named.map(({ kind, id }) => ({ kind, id }));
        const trust = own ? [own.trust] : [];
        const isNamed = verdict(trust, { ...question, principals: named });
        const isOfAccount = verdict(trust, { ...question, principals: asAccount });
        const policies = caller.roleArn === undefined ? [] : (role(caller.roleArn)?.policies ?? []);
        const mine = caller.arn === root.arn ? "allow" : verdict(policies, { ...question, principals: named });
        const isLetIn = isNamed === "allow" || (isOfAccount === "allow" && mine === "allow");
        if (!own || isOfAccount === "deny" || mine === "deny" || !isLetIn) {
            const sentence = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
            throw serviceError("AccessDenied", sentence, 403);
        }
        const { name, uniqueId: roleId } = own;
        return { arn: `arn:aws:sts::${place.account}:assumed-role/${name}/${session}`, roleArn, roleId };
    }

    /** Names under which policies may speak of the caller. */
    function askers(caller: Caller): readonly Asker[] {
        if (isService(caller)) return [{ kind: "Service", id: caller.arn }];
        const account = { kind: "AWS", isAccount: true };
        return [
            ...[caller.arn, ...(caller.roleArn ? [caller.roleArn] : [])].map((id) => ({ kind: "AWS", id })),
            ...[root.arn, place.account].map((id) => ({ ...account, id })),
        ];
    }

    /**
     * Keys that AWS fills in for every request, and those of this one. The endpoint has no certificate, but it stands for AWS's, which has
     * one: policies that ask for TLS see it.
     */
    function contextOf(caller: Caller, resource: string, given: Readonly<Record<string, string>>) {
        const own = caller.roleArn === undefined ? undefined : role(caller.roleArn);
        const resourceAccount = resource.split(":")[4];
        const now = new Date(clock.now());
        return timeAware(
            new Map<string, string>(
                Object.entries({
                    "aws:SecureTransport": "true",
                    "aws:RequestedRegion": place.region,
                    "aws:ResourceAccount": resourceAccount || place.account,
                    "aws:SourceIp": "127.0.0.1",
                    "aws:CurrentTime": now.toISOString(),
                    "aws:EpochTime": String(Math.floor(now.getTime() / 1000)),
                    "aws:PrincipalIsAWSService": String(isService(caller)),
                    ...(isService(caller)
                        ? { "aws:PrincipalServiceName": caller.arn }
                        : {
                              "aws:PrincipalArn": caller.roleArn ?? caller.arn,
                              "aws:PrincipalAccount": place.account,
                              "aws:PrincipalType": caller.roleArn ? "AssumedRole" : "Account",
                          }),
                    ...(own && { "aws:userid": `${own.uniqueId}:${caller.arn.split("/").at(-1)}` }),
                    ...given,
                }).map(([key, value]) => [key.toLowerCase(), value]),
            ),
        );
    }

    const { credentials, identify, temporary } = sessions;
    return { root, authorize, assume, assumeRole, credentials, identify, temporary };
}

function isService(caller: Caller): boolean {
    return caller.arn.endsWith(".amazonaws.com");
}

/** A context that knows whether somebody asked it for the time: such an answer must not be kept. */
function timeAware(values: ReadonlyMap<string, string>): Context & { wasTimeRead(): boolean } {
    let wasRead = false;
    return {
        get(key) {
            if (key === "aws:currenttime" || key === "aws:epochtime") wasRead = true;
            return values.get(key);
        },
        wasTimeRead: () => wasRead,
    };
}

/** The characters that AWS allows in a session's name, 2 to 64 of them. */
function sessionName(name: string): string {
    return name
        .replace(/[^\w+=,.@-]/g, "-")
        .slice(0, 64)
        .padEnd(2, "-");
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function denied(who: string, action: string, resource: string, reason: string): ServiceError {
    return serviceError(
        "AccessDeniedException",
        `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
    );
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Something that a role may do. */
export interface Statement {
    /** Actions such as `s3:PutObject`. */
    readonly actions: readonly string[];
    /** ARNs that the actions are allowed on. */
    readonly resources: readonly pulumi.Input<string>[];
    /** Why nothing narrower will do, as the statement's Sid: letters and digits. Needed beside a resource `*`. */
    readonly reason?: string;
}

/** Arguments of {@link ServiceRole}. */
export interface ServiceRoleArgs {
    /** The service that works with the role, such as `firehose.amazonaws.com`. */
    readonly service: string;
    /**
     * The only resources that the service may work with the role for, as an ARN pattern, and the account that they are in. Leave it out for a
     * service that does not say for whom it works.
     */
    readonly onlyFor?: { readonly account: pulumi.Input<string>; readonly arn?: pulumi.Input<string> };
    /** What the role may do, and nothing else. */
    readonly allow: readonly Statement[];
}

/** A role that one AWS service works with. */
export class ServiceRole extends pulumi.ComponentResource {
    public readonly role: aws.iam.Role;
    /** What depends on the permissions being there. */
    public readonly policy: aws.iam.RolePolicy;

    constructor(name: string, args: ServiceRoleArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:ServiceRole", name, {}, opts);
        const child = { parent: this };

        this.role = new aws.iam.Role(name, { assumeRolePolicy: trustPolicy(args) }, child);
        this.policy = new aws.iam.RolePolicy(
            `${name}-policy`,
            { role: this.role.id, policy: policyDocument(args.allow) },
            child,
        );

        this.registerOutputs({ role: this.role, policy: this.policy });
    }
}

function trustPolicy({ service, onlyFor }: ServiceRoleArgs): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Principal: { Service: service },
                Action: "sts:AssumeRole",
                ...(onlyFor && {
                    Condition: {
                        StringEquals: { "aws:SourceAccount": onlyFor.account },
                        ...(onlyFor.arn && { ArnLike: { "aws:SourceArn": onlyFor.arn } }),
                    },
                }),
            },
        ],
    });
}

/** A policy that allows these statements. */
export function policyDocument(allow: readonly Statement[]): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: allow.map(({ actions, resources, reason }) => ({
            ...(reason && { Sid: reason }),
            Effect: "Allow",
            Action: actions,
            Resource: resources,
        })),
    });
}

import type { Properties, Resource, Resources } from "../resources";
import { list, type Policy, parsePolicy } from "./policy";

/** Types that say what roles may do. A change of one of them makes every earlier decision void. */
export const IAM_TYPES = {
    role: "aws:iam/role:Role",
    rolePolicy: "aws:iam/rolePolicy:RolePolicy",
    policy: "aws:iam/policy:Policy",
    attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
} as const;

/** A role, with everything that decides what it may do. */
export interface Role {
    readonly arn: string;
    readonly name: string;
    readonly uniqueId: string;
    /** Who may take it. */
    readonly trust: Policy;
    /** What it may do. */
    readonly policies: readonly Policy[];
    /** What it may do at most. */
    readonly boundary: Policy | undefined;
}

/**
 * The policies of AWS's own that the local runtime knows, by name: those that let a service write logs.
 * Read from https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ on 2026-11-20.
 */
export const AWS_MANAGED: Readonly<Record<string, object>> = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": {
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: "*",
            },
        ],
    },
    "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": {
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Action: [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                    "logs:GetLogEvents",
                    "logs:FilterLogEvents",
                ],
                Resource: "*",
            },
        ],
    },
};

const parsed = new WeakMap<object, Policy>();

/** The policy of a resource, parsed once for each version of the resource. */
export function policyOf(resource: Resource, property: string): Policy {
    const known = parsed.get(resource);
    if (known) return known;
    const policy = parsePolicy(resource.inputs[property]);
    parsed.set(resource, policy);
    return policy;
}

/** The role with this ARN, or undefined. */
export function roleByArn(resources: Resources, arn: string): Role | undefined {
    const resource = resources.all(IAM_TYPES.role).find((each) => each.outputs.arn === arn);
    if (!resource) return undefined;
    const { inputs, outputs } = resource;
    const boundary = inputs.permissionsBoundary as string | undefined;
    return {
        arn,
        name: outputs.name as string,
        uniqueId: outputs.uniqueId as string,
        trust: policyOf(resource, "assumeRolePolicy"),
        policies: [...inlinePolicies(resources, inputs, outputs), ...attachedPolicies(resources, inputs, outputs)],
        boundary: boundary === undefined ? undefined : (managedPolicy(resources, boundary) ?? { statements: [] }),
    };
}

function inlinePolicies(resources: Resources, inputs: Properties, outputs: Properties): readonly Policy[] {
    const own = list(inputs.inlinePolicies) as { readonly policy?: unknown }[];
    const separate = resources.all(IAM_TYPES.rolePolicy).filter((each) => isRole(each.inputs.role, outputs));
    return [
        ...own.filter(({ policy }) => policy !== undefined).map(({ policy }) => parsePolicy(policy)),
        ...separate.map((each) => policyOf(each, "policy")),
    ];
}

function attachedPolicies(resources: Resources, inputs: Properties, outputs: Properties): readonly Policy[] {
    const attachments = resources.all(IAM_TYPES.attachment).filter((each) => isRole(each.inputs.role, outputs));
    const arns = [...list(inputs.managedPolicyArns), ...attachments.map((each) => each.inputs.policyArn)] as string[];
    return [...new Set(arns)].flatMap((arn) => managedPolicy(resources, arn) ?? []);
}

/** A program names a role by its name, its ARN or its id, which is the name. */
function isRole(given: unknown, outputs: Properties): boolean {
    return given === outputs.name || given === outputs.arn;
}

function managedPolicy(resources: Resources, arn: string): Policy | undefined {
    const own = resources.all(IAM_TYPES.policy).find((each) => each.outputs.arn === arn);
    if (own) return policyOf(own, "policy");
    const known = Object.hasOwn(AWS_MANAGED, arn) ? AWS_MANAGED[arn] : undefined;
    return known && parsePolicy(known);
}

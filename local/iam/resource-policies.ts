import type { Resource, Resources } from "../resources";
import type { Policy } from "./policy";
import { policyOf } from "./roles";

/** A resource type that lets others in, or keeps them out, by a policy of its own. */
interface Source {
    readonly type: string;
    /** Whether the policy speaks of the resource with this ARN. */
    readonly isAbout: (resource: Resource, arn: string) => boolean;
    readonly policy: (resource: Resource) => Policy;
}

/** Every source of resource policies that the local services have. */
const SOURCES: readonly Source[] = [
    {
        type: "aws:s3/bucketPolicy:BucketPolicy",
        isAbout: ({ inputs }, arn) =>
            arn === `arn:aws:s3:::${inputs.bucket}` || arn.startsWith(`arn:aws:s3:::${inputs.bucket}/`),
        policy: (resource) => policyOf(resource, "policy"),
    },
    {
        type: "aws:lambda/permission:Permission",
        isAbout: (resource, arn) =>
            arn.startsWith("arn:aws:lambda:") && isFunction(String(resource.inputs.function), arn),
        policy: (resource) => permission(resource),
    },
    {
        type: "aws:sqs/queuePolicy:QueuePolicy",
        isAbout: ({ inputs }, arn) =>
            arn.startsWith("arn:aws:sqs:") && String(inputs.queueUrl).split("/").at(-1) === arn.split(":").at(-1),
        policy: (resource) => policyOf(resource, "policy"),
    },
    {
        type: "aws:secretsmanager/secret:Secret",
        isAbout: ({ inputs, outputs }, arn) => arn === outputs.arn && typeof inputs.policy === "string",
        policy: (resource) => policyOf(resource, "policy"),
    },
    {
        type: "aws:sns/topicPolicy:TopicPolicy",
        isAbout: ({ inputs }, arn) => arn === inputs.arn,
        policy: (resource) => policyOf(resource, "policy"),
    },
    {
        type: "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        isAbout: ({ inputs }, arn) =>
            arn.startsWith("arn:aws:events:") &&
            String(inputs.eventBusName ?? "default")
                .split("/")
                .at(-1) === arn.split("/").at(-1),
        policy: (resource) => policyOf(resource, "policy"),
    },
];

/** Types whose change makes earlier decisions void. */
export const RESOURCE_POLICY_TYPES: readonly string[] = SOURCES.map(({ type }) => type);

/** The policies that a resource has of its own. */
export function resourcePolicies(resources: Resources, arn: string): readonly Policy[] {
    return SOURCES.flatMap(({ type, isAbout, policy }) =>
        resources
            .all(type)
            .filter((resource) => isAbout(resource, arn))
            .map(policy),
    );
}

/** A function is named by its name or by its ARN, with or without a qualifier. */
function isFunction(given: string, arn: string): boolean {
    const name = (text: string) => text.replace(/^arn:aws:lambda:[^:]*:\d*:function:/, "").split(":")[0] as string;
    return name(given) === name(arn);
}

/** What `aws lambda add-permission` writes into the function's policy. */
function permission({ inputs }: Resource): Policy {
    const { principal, sourceArn, sourceAccount } = inputs as {
        principal: string;
        sourceArn?: string;
        sourceAccount?: string;
    };
    const kind = principal.endsWith(".amazonaws.com") ? "Service" : "AWS";
    const conditions = [
        ...(sourceArn ? [{ operator: "ArnLike", key: "aws:sourcearn", values: [sourceArn] }] : []),
        ...(sourceAccount ? [{ operator: "StringEquals", key: "aws:sourceaccount", values: [sourceAccount] }] : []),
    ];
    return {
        statements: [
            {
                allows: true,
                actions: [inputs.action as string],
                notActions: false,
                resources: ["*"],
                notResources: false,
                principals: [{ kind, id: principal }],
                notPrincipals: false,
                conditions,
            },
        ],
    };
}

import { createHash } from "node:crypto";
import type { Bindings, Properties } from "../resources";
import type { Services } from "../services";
import { POLICY_SIZE, policyProblems, sizeProblems } from "./grammar";
import { list, policyText } from "./policy";
import { AWS_MANAGED, IAM_TYPES } from "./roles";

/** Bindings of roles and their policies. They keep nothing on disk: decisions are made from the table of resources. */
export function iamBindings({ clock, place }: Pick<Services, "clock" | "place">): Bindings {
    const arn = (kind: string, inputs: Properties) =>
        `arn:aws:iam::${place.account}:${kind}${inputs.path ?? "/"}${inputs.name}`;
    return {
        [IAM_TYPES.role]: {
            name: { property: "name", maxLength: 64 },
            check: roleProblems,
            create: (inputs) => ({ id: String(inputs.name), outputs: roleOutputs(inputs, now()) }),
            update: (old, inputs) => ({ id: old.id, outputs: roleOutputs(inputs, String(old.outputs.createDate)) }),
        },
        [IAM_TYPES.rolePolicy]: {
            name: { property: "name", maxLength: 128 },
            check: ({ policy }) => [...policyProblems(policy, "identity"), ...sizeProblems(policy, POLICY_SIZE.inline)],
            create: (inputs) => ({
                id: `${inputs.role}:${inputs.name}`,
                outputs: { ...inputs, policy: policyText(inputs.policy) },
            }),
        },
        [IAM_TYPES.policy]: {
            name: { property: "name", maxLength: 128 },
            check: ({ policy }) => [
                ...policyProblems(policy, "identity"),
                ...sizeProblems(policy, POLICY_SIZE.managed),
            ],
            create: (inputs) => ({ id: arn("policy", inputs), outputs: policyOutputs(inputs) }),
        },
        [IAM_TYPES.attachment]: {
            check: ({ policyArn }) => managedPolicyProblems([policyArn]),
            create: (inputs) => ({
                id: `${inputs.role}-${hash(String(inputs.policyArn), 26)}`,
                outputs: { ...inputs },
            }),
        },
    };

    function now(): string {
        return new Date(clock.now()).toISOString().replace(/\.\d+/, "");
    }

    function roleOutputs(inputs: Properties, createDate: string): Properties {
        return {
            path: "/",
            maxSessionDuration: 3600,
            forceDetachPolicies: false,
            ...inputs,
            assumeRolePolicy: policyText(inputs.assumeRolePolicy),
            arn: arn("role", inputs),
            uniqueId: `AROA${hash(arn("role", inputs), 17)}`,
            createDate,
            tagsAll: inputs.tags ?? {},
        };
    }

    function policyOutputs(inputs: Properties): Properties {
        const own = arn("policy", inputs);
        return {
            path: "/",
            ...inputs,
            policy: policyText(inputs.policy),
            arn: own,
            policyId: `ANPA${hash(own, 17)}`,
            attachmentCount: 0,
            tagsAll: inputs.tags ?? {},
        };
    }
}

function roleProblems(inputs: Properties): readonly string[] {
    const { assumeRolePolicy, inlinePolicies, managedPolicyArns } = inputs;
    const inline = list(inlinePolicies) as { readonly policy?: unknown }[];
    const policies = inline.flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
    return [
        ...policyProblems(assumeRolePolicy, "trust", "assumeRolePolicy"),
        ...sizeProblems(assumeRolePolicy, POLICY_SIZE.trust),
        ...policies.flatMap((policy) => policyProblems(policy, "identity", "inlinePolicies")),
        ...policies.flatMap((policy) => sizeProblems(policy, POLICY_SIZE.inline)),
        ...managedPolicyProblems(list(managedPolicyArns)),
    ];
}

/** What AWS's own policies say is not in the program, so a role that has one of them could not be judged. */
function managedPolicyProblems(arns: readonly unknown[]): readonly string[] {
    return arns
        .filter((arn): arn is string => typeof arn === "string" && arn.startsWith("arn:aws:iam::aws:policy/"))
        .filter((arn) => !Object.hasOwn(AWS_MANAGED, arn))
        .map(
            (arn) =>
                `The local runtime does not know what the policy ${arn} allows. Give the role a policy of its own; those it knows are: ${Object.keys(AWS_MANAGED).join(", ")}.`,
        );
}

/** So many upper-case letters and digits that look random and are always the same. */
function hash(text: string, length: number): string {
    return createHash("sha256").update(text).digest("hex").slice(0, length).toUpperCase();
}

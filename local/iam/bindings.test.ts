import * as assert from "node:assert/strict";
import { fakeClock } from "../../tests/support/clock";
import { ACCOUNT } from "../../tests/support/local";
import type { Resource } from "../resources";
import { unknownActions } from "./actions";
import { iamBindings } from "./bindings";

const place = { account: ACCOUNT, region: "us-east-1", data: "", endpoint: () => "" };
const trust =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}';
const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] };

describe("bindings of IAM", () => {
    const bindings = iamBindings({ clock: fakeClock(), place });
    const binding = (type: string) => {
        const found = bindings[type];
        assert.ok(found, type);
        return found;
    };

    it("give a role its ARN, id and time, and keep the time when it changes", async () => {
        const role = binding("aws:iam/role:Role");
        const inputs = { name: "r", assumeRolePolicy: JSON.parse(trust), tags: { a: "b" } };
        const made = await role.create(inputs, "r");
        assert.deepStrictEqual(made, {
            id: "r",
            outputs: {
                name: "r",
                path: "/",
                maxSessionDuration: 3600,
                forceDetachPolicies: false,
                assumeRolePolicy: trust,
                arn: `arn:aws:iam::${ACCOUNT}:role/r`,
                uniqueId: made.outputs.uniqueId,
                createDate: "2026-11-20T12:00:00Z",
                tags: { a: "b" },
                tagsAll: { a: "b" },
            },
        });
        assert.match(String(made.outputs.uniqueId), /^AROA[0-9A-F]{17}$/);
        const old: Resource = { type: "", id: "r", inputs, outputs: { ...made.outputs, createDate: "then" } };
        const updated = await role.update?.(old, { ...inputs, maxSessionDuration: 7200 }, "r");
        assert.deepStrictEqual(updated, {
            id: "r",
            outputs: { ...made.outputs, createDate: "then", maxSessionDuration: 7200 },
        });
    });

    it("give policies the ids of the real provider", async () => {
        const inline = await binding("aws:iam/rolePolicy:RolePolicy").create({ role: "r", name: "p", policy }, "p");
        assert.deepStrictEqual(inline, {
            id: "r:p",
            outputs: { role: "r", name: "p", policy: JSON.stringify(policy) },
        });
        const managed = await binding("aws:iam/policy:Policy").create({ name: "p", path: "/a/", policy }, "p");
        assert.equal(managed.id, `arn:aws:iam::${ACCOUNT}:policy/a/p`);
        assert.equal(managed.outputs.arn, managed.id);
        const attached = await binding("aws:iam/rolePolicyAttachment:RolePolicyAttachment").create(
            { role: "r", policyArn: managed.id },
            "a",
        );
        assert.match(attached.id, /^r-[0-9A-F]{26}$/);
    });

    it("refuse what AWS refuses in any policy of a role", () => {
        const bad = { ...policy, Statement: [{ ...policy.Statement[0], Action: "GetObject" }] };
        const sentence =
            "MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        assert.deepStrictEqual(
            binding("aws:iam/role:Role").check?.({ assumeRolePolicy: trust, inlinePolicies: [{ policy: bad }] }),
            [sentence],
        );
        assert.deepStrictEqual(binding("aws:iam/rolePolicy:RolePolicy").check?.({ role: "r", policy: bad }), [
            sentence,
        ]);
        assert.deepStrictEqual(binding("aws:iam/policy:Policy").check?.({ policy: bad }), [sentence]);
    });

    it("refuse a policy of AWS's whose content they do not know", () => {
        const check = binding("aws:iam/rolePolicyAttachment:RolePolicyAttachment").check;
        const known = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert.deepStrictEqual(check?.({ role: "r", policyArn: known }), []);
        assert.deepStrictEqual(check?.({ role: "r", policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" }), [
            "The local runtime does not know what the policy arn:aws:iam::aws:policy/AmazonS3FullAccess allows. Give the role a policy of its own; " +
                `those it knows are: ${known}, arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs.`,
        ]);
    });
});

describe("unknown actions", () => {
    it("are those that no service has, patterns included", async () => {
        const Action = [
            "s3:GetObject",
            "s3:GetObjekt",
            "firehose:Put*",
            "firehose:Write*",
            "nothing:Get",
            "*",
            "S3:putobject",
        ];
        assert.deepStrictEqual(await unknownActions({ Statement: [{ Effect: "Allow", Action, Resource: "*" }] }), [
            "s3:GetObjekt",
            "firehose:Write*",
            "nothing:Get",
        ]);
    });
});

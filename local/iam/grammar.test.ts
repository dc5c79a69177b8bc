import * as assert from "node:assert/strict";
import { policyProblems, sizeProblems } from "./grammar";

const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
const of = (...statements: unknown[]) => ({ Version: "2012-10-17", Statement: statements });

describe("the grammar of policies", () => {
    it("accepts what AWS accepts, as text or as a document", () => {
        const rich = {
            Sid: "One",
            Effect: "Deny",
            NotAction: ["s3:Get*", "kms:*"],
            NotResource: ["arn:aws:s3:::b/${aws:PrincipalAccount}/*", "*"],
            Condition: {
                "ForAnyValue:StringLikeIfExists": { "aws:TagKeys": ["a", "b"] },
                Bool: { "aws:SecureTransport": false },
            },
        };
        assert.deepStrictEqual(policyProblems(of(statement, rich), "identity"), []);
        assert.deepStrictEqual(policyProblems(JSON.stringify(of(statement)), "identity"), []);
        assert.deepStrictEqual(policyProblems({ Version: "2012-10-17", Statement: statement }, "identity"), []);
        assert.deepStrictEqual(policyProblems(of(trust), "trust"), []);
        assert.deepStrictEqual(policyProblems(of({ ...statement, Principal: "*" }), "resource"), []);
        assert.deepStrictEqual(policyProblems(undefined, "identity"), []);
        assert.deepStrictEqual(policyProblems(of({ ...statement, Action: "s3:NoSuchAction" }), "identity"), []);
    });

    const refused: readonly [
        what: string,
        document: unknown,
        kind: "identity" | "trust" | "resource",
        sentence: string,
    ][] = [
        [
            "an old version",
            { Statement: [statement] },
            "identity",
            "Policy document must be version 2012-10-17 or greater.",
        ],
        ["no statement", of(), "identity", "Syntax errors in policy."],
        ["an unknown element", of({ ...statement, Resources: "*" }), "identity", "Syntax errors in policy."],
        ["another effect", of({ ...statement, Effect: "allow" }), "identity", "Syntax errors in policy."],
        [
            "a Sid twice",
            of({ ...statement, Sid: "a" }, { ...statement, Sid: "a" }),
            "identity",
            "Statement IDs (SID) in a single policy must be unique.",
        ],
        ["no action", of({ Effect: "Allow", Resource: "*" }), "identity", "Policy statement must contain actions."],
        [
            "an empty list of actions",
            of({ ...statement, Action: [] }),
            "identity",
            "Policy statement must contain actions.",
        ],
        [
            "no resource",
            of({ Effect: "Allow", Action: "s3:GetObject" }),
            "identity",
            "Policy statement must contain resources.",
        ],
        [
            "an action without its service",
            of({ ...statement, Action: "GetObject" }),
            "identity",
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ],
        [
            "an action with two colons",
            of({ ...statement, Action: "s3:Get:Object" }),
            "identity",
            "Actions/Condition can contain only one colon.",
        ],
        [
            "a wildcard for the service",
            of({ ...statement, Action: "*:GetObject" }),
            "identity",
            "Vendor * is not valid",
        ],
        [
            "an action with a blank",
            of({ ...statement, Action: "s3:Get Object" }),
            "identity",
            "The policy failed legacy parsing rules",
        ],
        [
            "a resource that is no ARN",
            of({ ...statement, Resource: "bucket" }),
            "identity",
            'Resource bucket must be in ARN format or "*".',
        ],
        [
            "a resource cut short",
            of({ ...statement, Resource: "arn:aws:s3" }),
            "identity",
            "The policy failed legacy parsing rules",
        ],
        [
            "a principal in a role's policy",
            of({ ...statement, Principal: "*" }),
            "identity",
            "Policy document should not specify a principal.",
        ],
        [
            "no principal in a trust policy",
            of({ Effect: "Allow", Action: "sts:AssumeRole" }),
            "trust",
            "Missing required field Principal",
        ],
        ["a resource in a trust policy", of({ ...trust, Resource: "*" }), "trust", "Has prohibited field Resource"],
        [
            "a service that is none",
            of({ ...trust, Principal: { Service: "lambda" } }),
            "trust",
            'Invalid principal in policy: "SERVICE":"lambda"',
        ],
        [
            "a role that is none",
            of({ ...trust, Principal: { AWS: "admin" } }),
            "trust",
            'Invalid principal in policy: "AWS":"admin"',
        ],
        [
            "an unknown kind of principal",
            of({ ...trust, Principal: { Role: "r" } }),
            "trust",
            'Invalid principal in policy: {"Role":"r"}',
        ],
        [
            "an unknown operator",
            of({ ...statement, Condition: { StringIs: { "aws:a": "b" } } }),
            "identity",
            "Invalid Condition type : StringIs.",
        ],
        [
            "a condition key without its service",
            of({ ...statement, Condition: { Bool: { SecureTransport: "true" } } }),
            "identity",
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ],
        [
            "a condition on an object",
            of({ ...statement, Condition: { Bool: { "aws:a": {} } } }),
            "identity",
            "Syntax errors in policy.",
        ],
    ];
    for (const [what, document, kind, sentence] of refused)
        it(`refuses ${what}`, () => {
            assert.deepStrictEqual(policyProblems(document, kind), [`MalformedPolicyDocument: ${sentence}`]);
        });

    it("refuses what is no JSON document, and names the input", () => {
        const sentence = `"assumeRolePolicy" contains an invalid JSON policy: `;
        assert.deepStrictEqual(policyProblems("[]", "trust", "assumeRolePolicy"), [`${sentence}not a JSON object`]);
        const [problem] = policyProblems("{", "trust", "assumeRolePolicy");
        assert.equal(problem?.startsWith(sentence), true);
    });

    it("counts the characters of a policy without its white space", () => {
        assert.deepStrictEqual(sizeProblems(`{ "a":\n "${"x".repeat(10)}" }`, 18), []);
        assert.deepStrictEqual(sizeProblems(`{ "a":\n "${"x".repeat(10)}" }`, 17), [
            "LimitExceeded: Cannot exceed quota for PolicySize: 17 (the policy has 18 characters)",
        ]);
    });
});

import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { conditionsHold, substituted } from "./conditions";
import { verdict } from "./evaluate";
import { matches, matchesArn } from "./match";
import { parsePolicy } from "./policy";

const STREAM = "arn:aws:firehose:us-east-1:000000000000:deliverystream/events";

function says(statements: object | object[], action: string, resource: string, context: Record<string, string> = {}) {
    const principals = [{ kind: "AWS", id: "arn:aws:iam::000000000000:role/r" }];
    const policy = parsePolicy({ Version: "2012-10-17", Statement: statements });
    return verdict([policy], { action, resource, principals, context: contextOf(context) });
}

function contextOf(values: Record<string, string | string[]>) {
    return new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]));
}

describe("patterns of IAM", () => {
    it("match as the same regular expression does, whatever the text", () => {
        const text = fc.string({ unit: fc.constantFrom("a", "b", ":", "*", "?"), maxLength: 12 });
        fc.assert(
            fc.property(text, text, (pattern, given) => {
                const source = pattern.replace(/\*/g, ".*").replace(/\?/g, ".");
                assert.equal(matches(pattern, given), new RegExp(`^${source}$`, "s").test(given));
            }),
            { seed: 3, numRuns: 500 },
        );
    });

    it("take no time that grows with the number of stars", () => {
        assert.equal(matches(`${"*a".repeat(50)}b`, "a".repeat(5_000)), false);
    });

    it("match ARNs part by part, and freely in the last", () => {
        assert.equal(matchesArn("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:c/d"), true);
        assert.equal(matchesArn("arn:aws:*", STREAM), false);
        assert.equal(matchesArn("arn:aws:firehose:*:*:deliverystream/ev?nts", STREAM), true);
        assert.equal(matchesArn("arn:aws:firehose:*:deliverystream/events", STREAM), false);
        assert.equal(matchesArn(STREAM, "*"), false);
        assert.equal(matchesArn("*", "*"), true);
    });
});

describe("a policy", () => {
    const allow = { Effect: "Allow", Action: "firehose:Put*", Resource: STREAM };

    it("is silent about what it does not name", () => {
        assert.equal(says(allow, "firehose:PutRecord", STREAM), "allow");
        assert.equal(says(allow, "FireHose:putrecord", STREAM), "allow");
        assert.equal(says(allow, "firehose:DescribeDeliveryStream", STREAM), "silent");
        assert.equal(says(allow, "firehose:PutRecord", `${STREAM}2`), "silent");
        assert.equal(says(allow, "firehose:PutRecord", STREAM.toUpperCase()), "silent");
    });

    it("denies before it allows, in whatever order", () => {
        const deny = { Effect: "Deny", Action: "*", Resource: "*" };
        assert.equal(says([allow, deny], "firehose:PutRecord", STREAM), "deny");
        assert.equal(says([deny, allow], "firehose:PutRecord", STREAM), "deny");
    });

    it("may name what it leaves out", () => {
        const others = { Effect: "Allow", NotAction: "s3:*", NotResource: [STREAM] };
        assert.equal(says(others, "s3:GetObject", "arn:aws:s3:::b/k"), "silent");
        assert.equal(says(others, "firehose:PutRecord", STREAM), "silent");
        assert.equal(says(others, "firehose:PutRecord", `${STREAM}2`), "allow");
    });

    it("speaks of the principals that it names", () => {
        const of = (Principal: unknown, Effect = "Allow") =>
            says({ ...allow, Effect, Principal }, "firehose:PutRecord", STREAM);
        assert.equal(of("*"), "allow");
        assert.equal(of({ AWS: "arn:aws:iam::000000000000:role/r" }), "allow");
        assert.equal(of({ AWS: ["arn:aws:iam::000000000000:role/other"] }), "silent");
        assert.equal(of({ Service: "firehose.amazonaws.com" }), "silent");
    });

    it("takes variables from the request, and their wildcards for what they are", () => {
        const context = contextOf({ "aws:PrincipalAccount": "1*", "aws:SourceIp": ["a", "b"] });
        assert.equal(matches(substituted("x/${aws:PrincipalAccount}/*", context) ?? "", "x/1*/y"), true);
        assert.equal(matches(substituted("x/${aws:PrincipalAccount}/*", context) ?? "", "x/12/y"), false);
        assert.equal(matches(substituted("${*}${?}${$}", context) ?? "", "*?$"), true);
        assert.equal(substituted("${aws:Nothing, 'none'}", context), "none");
        assert.equal(substituted("${aws:Nothing}", context), undefined);
        assert.equal(substituted("${aws:SourceIp}", context), undefined);
    });
});

describe("conditions", () => {
    const context = contextOf({
        "aws:SourceArn": "arn:aws:s3:::bucket",
        "aws:SourceIp": "10.1.2.3",
        "aws:SecureTransport": "false",
        "aws:CurrentTime": "2026-11-20T12:00:00Z",
        "aws:TagKeys": ["a", "b"],
        "s3:max-keys": "10",
    });
    const table: readonly [operator: string, key: string, value: unknown, holds: boolean][] = [
        ["StringEquals", "s3:max-keys", "10", true],
        ["StringEquals", "S3:MAX-KEYS", ["9", "10"], true],
        ["StringEquals", "aws:Missing", "x", false],
        ["StringNotEquals", "aws:Missing", "x", true],
        ["StringNotEquals", "s3:max-keys", ["9", "10"], false],
        ["StringEqualsIfExists", "aws:Missing", "x", true],
        ["StringEqualsIgnoreCase", "aws:SecureTransport", "FALSE", true],
        ["StringNotEqualsIgnoreCase", "aws:SecureTransport", "FALSE", false],
        ["StringLike", "aws:SourceArn", "arn:aws:s3:*", true],
        ["StringNotLike", "aws:SourceArn", "arn:aws:s3:*", false],
        ["ArnLike", "aws:SourceArn", "arn:aws:s3:::b*", true],
        ["ArnEquals", "aws:SourceArn", "arn:aws:s3:*", false],
        ["ArnNotLike", "aws:SourceArn", "arn:aws:s3:::b*", false],
        ["ArnNotEquals", "aws:SourceArn", "arn:aws:s3:::c", true],
        ["Bool", "aws:SecureTransport", false, true],
        ["Bool", "aws:SecureTransport", "true", false],
        ["BoolIfExists", "aws:MultiFactorAuthPresent", "true", true],
        ["NumericLessThanEquals", "s3:max-keys", 10, true],
        ["NumericLessThan", "s3:max-keys", 10, false],
        ["NumericGreaterThan", "s3:max-keys", "9.5", true],
        ["NumericGreaterThanEquals", "s3:max-keys", 10, true],
        ["NumericEquals", "s3:max-keys", "1e1", true],
        ["NumericNotEquals", "s3:max-keys", 10, false],
        ["NumericEquals", "aws:SourceArn", 0, false],
        ["DateLessThan", "aws:CurrentTime", "2026-11-20T12:00:01Z", true],
        ["DateGreaterThan", "aws:CurrentTime", "1795000000", true],
        ["DateNotEquals", "aws:CurrentTime", "2026-11-20T12:00:00Z", false],
        ["IpAddress", "aws:SourceIp", "10.0.0.0/8", true],
        ["IpAddress", "aws:SourceIp", ["192.168.0.0/16", "10.1.2.3"], true],
        ["IpAddress", "aws:SourceIp", "2001:db8::/32", false],
        ["NotIpAddress", "aws:SourceIp", "10.0.0.0/8", false],
        ["Null", "aws:Missing", "true", true],
        ["Null", "aws:SourceIp", true, false],
        ["Null", "aws:SourceIp", "false", true],
        ["ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], true],
        ["ForAllValues:StringEquals", "aws:TagKeys", ["a"], false],
        ["ForAllValues:StringEquals", "aws:Missing", ["a"], true],
        ["ForAnyValue:StringEquals", "aws:TagKeys", ["b"], true],
        ["ForAnyValue:StringEquals", "aws:TagKeys", ["c"], false],
        ["ForAnyValue:StringNotEquals", "aws:Missing", ["a"], false],
        ["ForAnyValue:StringLikeIfExists", "aws:Missing", ["a"], true],
    ];
    for (const [operator, key, value, holds] of table)
        it(`${holds ? "hold" : "do not hold"}: ${operator} ${key} ${JSON.stringify(value)}`, () => {
            const [statement] = parsePolicy({ Statement: { Condition: { [operator]: { [key]: value } } } }).statements;
            assert.equal(conditionsHold(statement?.conditions ?? [], context), holds);
        });

    it("know addresses of version 6", () => {
        const within = (address: string, block: string) =>
            conditionsHold(
                [{ operator: "IpAddress", key: "aws:sourceip", values: [block] }],
                contextOf({ "aws:SourceIp": address }),
            );
        assert.equal(within("2001:db8:1::5", "2001:db8::/32"), true);
        assert.equal(within("2001:db9::5", "2001:db8::/32"), false);
        assert.equal(within("::1", "::/0"), true);
        assert.equal(within("not an address", "::/0"), false);
    });
});

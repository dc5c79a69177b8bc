import * as assert from "node:assert/strict";
import { fakeClock } from "../../tests/support/clock";
import { ACCOUNT, fakeResources, type TemporaryPlace, temporaryPlace } from "../../tests/support/local";
import type { Properties } from "../resources";
import { createIam } from ".";
import { iamBindings } from "./bindings";

const STREAM = `arn:aws:firehose:us-east-1:${ACCOUNT}:deliverystream/events`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/api`;

const trusting = (service: string, Condition?: object) => ({
    Version: "2012-10-17",
    Statement: {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: service },
        ...(Condition && { Condition }),
    },
});
const allowing = (Action: string | string[], Resource: string, more: object = {}) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource, ...more }],
});

describe("IAM", () => {
    let place: TemporaryPlace;
    before(() => {
        place = temporaryPlace();
    });
    after(() => place.remove());

    /** A program's roles and policies, made through the bindings as both doors do, and the Iam that goes by them. */
    async function account(program: Record<string, [type: string, inputs: Properties]>) {
        const clock = fakeClock();
        const resources = fakeResources();
        const bindings = iamBindings({ clock, place });
        for (const [name, [type, inputs]] of Object.entries(program)) {
            const made = await bindings[type]?.create({ name, ...inputs }, name);
            resources.put({ type, id: made?.id ?? name, inputs: { name, ...inputs }, outputs: made?.outputs });
        }
        return { clock, resources, iam: createIam({ clock, place, resources }) };
    }

    const api: [string, Properties] = [
        "aws:iam/role:Role",
        { assumeRolePolicy: JSON.stringify(trusting("apigateway.amazonaws.com")) },
    ];

    const refusal = (action: string, resource: string, reason: string) => ({
        code: "AccessDeniedException",
        status: 400,
        message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/api/s1 is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
    });
    const session = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/api/s1`, roleArn: ROLE };

    it("lets the root do everything, and a role without policies nothing", async () => {
        const { iam } = await account({ api });
        assert.deepStrictEqual(iam.root, { arn: `arn:aws:iam::${ACCOUNT}:root` });
        iam.authorize(iam.root, "firehose:PutRecord", STREAM);
        assert.throws(
            () => iam.authorize(session, "firehose:PutRecord", STREAM),
            refusal(
                "firehose:PutRecord",
                STREAM,
                "because no identity-based policy allows the firehose:PutRecord action",
            ),
        );
    });

    it("finds policies inline, apart, attached and managed by AWS", async () => {
        const { iam } = await account({
            api: [
                api[0],
                { ...api[1], inlinePolicies: [{ name: "a", policy: JSON.stringify(allowing("s3:GetObject", "*")) }] },
            ],
            apart: ["aws:iam/rolePolicy:RolePolicy", { role: "api", policy: allowing("firehose:PutRecord", STREAM) }],
            own: ["aws:iam/policy:Policy", { policy: allowing("glue:GetTable", "*") }],
            attached: [
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                { role: "api", policyArn: `arn:aws:iam::${ACCOUNT}:policy/own` },
            ],
            basic: [
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                { role: "api", policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" },
            ],
        });
        iam.authorize(session, "s3:GetObject", "arn:aws:s3:::b/k");
        iam.authorize(session, "firehose:PutRecord", STREAM);
        iam.authorize(session, "glue:GetTable", `arn:aws:glue:us-east-1:${ACCOUNT}:table/a/b`);
        iam.authorize(session, "logs:PutLogEvents", `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:g:log-stream:s`);
        assert.throws(
            () => iam.authorize(session, "firehose:PutRecordBatch", STREAM),
            refusal(
                "firehose:PutRecordBatch",
                STREAM,
                "because no identity-based policy allows the firehose:PutRecordBatch action",
            ),
        );
    });

    it("says which kind of policy denies", async () => {
        const { iam, resources } = await account({
            api,
            all: ["aws:iam/rolePolicy:RolePolicy", { role: "api", policy: allowing("*", "*") }],
            no: [
                "aws:iam/rolePolicy:RolePolicy",
                { role: "api", policy: allowing("firehose:Delete*", "*", { Effect: "Deny" }) },
            ],
        });
        resources.put({
            type: "aws:s3/bucketPolicy:BucketPolicy",
            id: "b",
            inputs: {
                bucket: "b",
                policy: allowing("s3:DeleteObject", "arn:aws:s3:::b/*", { Effect: "Deny", Principal: "*" }),
            },
        });
        assert.throws(
            () => iam.authorize(session, "firehose:DeleteDeliveryStream", STREAM),
            refusal("firehose:DeleteDeliveryStream", STREAM, "with an explicit deny in an identity-based policy"),
        );
        assert.throws(
            () => iam.authorize(session, "s3:DeleteObject", "arn:aws:s3:::b/k"),
            refusal("s3:DeleteObject", "arn:aws:s3:::b/k", "with an explicit deny in a resource-based policy"),
        );
        iam.authorize(session, "s3:DeleteObject", "arn:aws:s3:::c/k");
    });

    it("keeps a role within its boundary", async () => {
        const { iam } = await account({
            api: [api[0], { ...api[1], permissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/most` }],
            all: ["aws:iam/rolePolicy:RolePolicy", { role: "api", policy: allowing("*", "*") }],
            most: ["aws:iam/policy:Policy", { policy: allowing("s3:*", "*") }],
        });
        iam.authorize(session, "s3:GetObject", "arn:aws:s3:::b/k");
        assert.throws(
            () => iam.authorize(session, "firehose:PutRecord", STREAM),
            refusal(
                "firehose:PutRecord",
                STREAM,
                "because no permissions boundary allows the firehose:PutRecord action",
            ),
        );
    });

    it("takes the endpoint for one with TLS, so that a bucket that asks for it can be used", async () => {
        const { iam, resources } = await account({
            api,
            s3: ["aws:iam/rolePolicy:RolePolicy", { role: "api", policy: allowing("s3:*", "*") }],
        });
        const insecure = { Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } };
        resources.put({
            type: "aws:s3/bucketPolicy:BucketPolicy",
            id: "b",
            inputs: { bucket: "b", policy: JSON.stringify(allowing("s3:*", "arn:aws:s3:::b/*", insecure)) },
        });
        iam.authorize(session, "s3:PutObject", "arn:aws:s3:::b/k");
    });

    it("lets a bucket's policy let a role in, but not by naming the account", async () => {
        const { iam, resources } = await account({ api });
        const policy = (AWS: string) => ({
            type: "aws:s3/bucketPolicy:BucketPolicy",
            id: "b",
            inputs: { bucket: "b", policy: allowing("s3:GetObject", "arn:aws:s3:::b/*", { Principal: { AWS } }) },
        });
        resources.put(policy(`arn:aws:iam::${ACCOUNT}:root`));
        assert.throws(() => iam.authorize(session, "s3:GetObject", "arn:aws:s3:::b/k"), {
            code: "AccessDeniedException",
        });
        resources.put(policy(ROLE));
        iam.authorize(session, "s3:GetObject", "arn:aws:s3:::b/k");
    });

    it("lets a service call the function whose permission names it and its source", async () => {
        const { iam, resources } = await account({});
        const [fn, source] = [
            `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`,
            `arn:aws:events:us-east-1:${ACCOUNT}:rule/r`,
        ];
        resources.put({
            type: "aws:lambda/permission:Permission",
            id: "p",
            inputs: {
                function: "f",
                action: "lambda:InvokeFunction",
                principal: "events.amazonaws.com",
                sourceArn: source,
            },
        });
        const events = { arn: "events.amazonaws.com" };
        iam.authorize(events, "lambda:InvokeFunction", fn, { "aws:SourceArn": source });
        assert.throws(() => iam.authorize(events, "lambda:InvokeFunction", fn, { "aws:SourceArn": `${source}2` }), {
            message: `User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${fn} because no resource-based policy allows the lambda:InvokeFunction action`,
        });
        assert.throws(() => iam.authorize({ arn: "sns.amazonaws.com" }, "lambda:InvokeFunction", fn, {}), {
            code: "AccessDeniedException",
        });
    });

    it("forgets what it decided when a policy changes", async () => {
        const { iam, resources } = await account({ api });
        assert.throws(() => iam.authorize(session, "firehose:PutRecord", STREAM), { code: "AccessDeniedException" });
        resources.put({
            type: "aws:iam/rolePolicy:RolePolicy",
            id: "api:p",
            inputs: { role: "api", name: "p", policy: allowing("firehose:PutRecord", STREAM) },
        });
        iam.authorize(session, "firehose:PutRecord", STREAM);
        resources.remove("aws:iam/rolePolicy:RolePolicy", "api:p");
        assert.throws(() => iam.authorize(session, "firehose:PutRecord", STREAM), { code: "AccessDeniedException" });
    });

    it("does not keep a decision that rests on the time", async () => {
        const until = { Condition: { DateLessThan: { "aws:CurrentTime": "2026-11-20T12:01:00Z" } } };
        const { iam, clock } = await account({
            api,
            p: ["aws:iam/rolePolicy:RolePolicy", { role: "api", policy: allowing("s3:GetObject", "*", until) }],
        });
        iam.authorize(session, "s3:GetObject", "arn:aws:s3:::b/k");
        await clock.advance(60_000);
        assert.throws(() => iam.authorize(session, "s3:GetObject", "arn:aws:s3:::b/k"), {
            code: "AccessDeniedException",
        });
    });

    describe("assuming a role", () => {
        const own = trusting("firehose.amazonaws.com", {
            StringEquals: { "aws:SourceAccount": ACCOUNT, "sts:ExternalId": ACCOUNT },
            ArnLike: { "aws:SourceArn": STREAM },
        });

        it("gives a session with a name that AWS allows", async () => {
            const { iam } = await account({ api: [api[0], { assumeRolePolicy: own }] });
            assert.deepStrictEqual(iam.assume(ROLE, "firehose.amazonaws.com", STREAM, "to/table x"), {
                arn: `arn:aws:sts::${ACCOUNT}:assumed-role/api/to-table-x`,
                roleArn: ROLE,
            });
        });

        it("is refused to other services, for other sources, of other accounts, and when there is no such role", async () => {
            const { iam } = await account({ api: [api[0], { assumeRolePolicy: own }] });
            const denied = (service: string, role = ROLE) => ({
                code: "AccessDeniedException",
                message: `User: ${service} is not authorized to perform: sts:AssumeRole on resource: ${role} because no role trust policy allows the sts:AssumeRole action`,
            });
            const firehose = "firehose.amazonaws.com";
            assert.throws(() => iam.assume(ROLE, "glue.amazonaws.com", STREAM, "s"), denied("glue.amazonaws.com"));
            assert.throws(() => iam.assume(ROLE, firehose, `${STREAM}2`, "s"), denied(firehose));
            assert.throws(
                () => iam.assume(ROLE, firehose, STREAM.replace(ACCOUNT, "111111111111"), "s"),
                denied(firehose),
            );
            assert.throws(() => iam.assume(`${ROLE}2`, firehose, STREAM, "s"), denied(firehose, `${ROLE}2`));
        });
    });

    it("knows a session by its keys after a restart too, and nobody by keys it did not give", async () => {
        const { iam, resources, clock } = await account({ api });
        const keys = iam.credentials(session);
        assert.match(keys.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
        assert.equal(keys.secretAccessKey.length, 40);
        assert.deepStrictEqual(iam.credentials(session), keys);
        const restarted = createIam({ clock, place, resources });
        assert.deepStrictEqual(restarted.identify(keys.accessKeyId), {
            caller: session,
            secretAccessKey: keys.secretAccessKey,
            sessionToken: keys.sessionToken,
        });
        assert.deepStrictEqual(restarted.credentials(session), keys);
        assert.equal(restarted.identify("ASIAAAAAAAAAAAAAAAAA"), undefined);
        assert.deepStrictEqual(restarted.identify("local"), { caller: iam.root, secretAccessKey: "local" });
    });
});

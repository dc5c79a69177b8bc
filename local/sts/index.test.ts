import * as assert from "node:assert/strict";
import { FirehoseClient, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose";
import {
    AssumeRoleCommand,
    type AssumeRoleCommandInput,
    GetCallerIdentityCommand,
    STSClient,
} from "@aws-sdk/client-sts";
import {
    ACCOUNT,
    fakeResources,
    serve,
    type TemporaryPlace,
    type TestServer,
    temporaryPlace,
} from "../../tests/support/local";
import { createIam } from "../iam";
import { iamBindings } from "../iam/bindings";
import type { Properties } from "../resources";
import type { JsonService } from "../services";
import { createSts } from ".";

const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const trusting = (AWS: string, more: object = {}) =>
    JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS }, ...more }],
    });

describe("sts:AssumeRole", () => {
    let place: TemporaryPlace;
    let server: TestServer;
    let shift = 0;
    const clock = { now: () => Date.now() + shift, sleep: async () => undefined };
    const resources = fakeResources();
    const account = () => {
        const iam = createIam({ clock, place, resources });
        const firehose: JsonService = {
            target: "Firehose_20150804",
            name: "firehose",
            client: "@aws-sdk/client-firehose",
            operations: {
                ListDeliveryStreams: (_input, caller) => {
                    iam.authorize(caller, "firehose:ListDeliveryStreams", "*");
                    return { DeliveryStreamNames: [caller.arn], HasMoreDeliveryStreams: false };
                },
            },
        };
        const queryServices = [createSts({ place, clock, resources, iam })];
        return serve({ iam, clock, jsonServices: [firehose], queryServices });
    };

    before(async () => {
        place = temporaryPlace();
        const bindings = iamBindings({ clock, place });
        const make = async (type: string, name: string, inputs: Properties) => {
            const made = await bindings[type]?.create({ name, ...inputs }, name);
            resources.put({ type, id: made?.id ?? name, inputs: { name, ...inputs }, outputs: made?.outputs });
        };
        const root = `arn:aws:iam::${ACCOUNT}:root`;
        await make("aws:iam/role:Role", "analyst", {
            assumeRolePolicy: trusting(root, { Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } } }),
        });
        await make("aws:iam/rolePolicy:RolePolicy", "list", {
            role: "analyst",
            policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Action: "firehose:ListDeliveryStreams", Resource: "*" }],
            }),
        });
        await make("aws:iam/role:Role", "next", { assumeRolePolicy: trusting(root) });
        await make("aws:iam/role:Role", "named", {
            assumeRolePolicy: trusting(role("analyst"), { Condition: { StringEquals: { "sts:ExternalId": "x" } } }),
        });
        await make("aws:iam/role:Role", "service", {
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "glue.amazonaws.com" } },
                ],
            }),
        });
        server = await account();
    });
    afterEach(() => {
        shift = 0;
    });
    after(async () => {
        await server.close();
        place.remove();
    });

    type Credentials = TestServer["client"]["credentials"];
    const sts = (credentials: Credentials = server.client.credentials) =>
        new STSClient({ ...server.client, credentials, systemClockOffset: shift });
    const take = async (name: string, over: Partial<AssumeRoleCommandInput> = {}, as?: Credentials) => {
        const answer = await sts(as).send(
            new AssumeRoleCommand({ RoleArn: role(name), RoleSessionName: "me", ...over }),
        );
        const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
        const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
        return { answer, credentials };
    };
    const streams = async (credentials: Credentials) => {
        const client = new FirehoseClient({ ...server.client, credentials, systemClockOffset: shift });
        return (await client.send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames;
    };
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/analyst/me`;

    it("gives whom the account lets in credentials of the role, each time others", async () => {
        const { answer, credentials } = await take("analyst");
        assert.strictEqual(answer.AssumedRoleUser?.Arn, session);
        assert.match(String(answer.AssumedRoleUser?.AssumedRoleId), /^AROA\w+:me$/);
        const seconds = (Number(answer.Credentials?.Expiration) - Date.now()) / 1000;
        assert.ok(seconds > 3590 && seconds <= 3600, String(seconds));
        assert.deepStrictEqual(await streams(credentials), [session]);
        assert.strictEqual((await sts(credentials).send(new GetCallerIdentityCommand({}))).Arn, session);
        const again = await take("analyst");
        assert.notStrictEqual(again.credentials.accessKeyId, credentials.accessKeyId);
        assert.notStrictEqual(again.credentials.secretAccessKey, credentials.secretAccessKey);
    });

    it("lets a role in that its trust policy names, or that both the account and its own policies let", async () => {
        const { credentials } = await take("analyst");
        const denied = (name: string) => ({
            name: "AccessDenied",
            message: `User: ${session} is not authorized to perform: sts:AssumeRole on resource: ${role(name)}`,
        });
        await assert.rejects(take("next", {}, credentials), denied("next"));
        await assert.rejects(take("service", {}, credentials), denied("service"));
        await assert.rejects(take("nosuch", {}, credentials), denied("nosuch"));
        await assert.rejects(take("named", {}, credentials), denied("named"));
        const named = await take("named", { ExternalId: "x" }, credentials);
        assert.strictEqual(named.answer.AssumedRoleUser?.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/named/me`);
        await assert.rejects(take("service"), { name: "AccessDenied" });
    });

    it("ends with its time, in the words of each kind of service, and outlives a restart until then", async () => {
        const { credentials } = await take("analyst", { DurationSeconds: 900 });
        await server.close();
        server = await account();
        assert.deepStrictEqual(await streams(credentials), [session]);
        shift = 901_000;
        await assert.rejects(streams(credentials), {
            name: "ExpiredTokenException",
            message: "The security token included in the request is expired",
        });
        await assert.rejects(sts(credentials).send(new GetCallerIdentityCommand({})), {
            name: "ExpiredToken",
            message: "The security token included in the request is expired",
        });
        const wrong = { ...credentials, sessionToken: "other" };
        await assert.rejects(streams(wrong), { name: "UnrecognizedClientException" });
    });

    const WRONG: readonly (readonly [Partial<AssumeRoleCommandInput>, string])[] = [
        [
            { DurationSeconds: 60 },
            "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ],
        [{ DurationSeconds: 7200 }, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."],
        [
            { RoleSessionName: "a b" },
            "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}",
        ],
    ];
    for (const [over, message] of WRONG) {
        it(`refuses ${JSON.stringify(over)}`, async () => {
            await assert.rejects(take("analyst", over), { message });
        });
    }

    it("says that it narrows no session", async () => {
        await assert.rejects(take("analyst", { Policy: "{}" }), {
            message: "The parameter Policy of sts:AssumeRole is not supported by the local runtime.",
        });
    });
});

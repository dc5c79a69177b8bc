import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
    DescribeSecretCommand,
    GetRandomPasswordCommand,
    GetSecretValueCommand,
    ListSecretsCommand,
    PutSecretValueCommand,
    SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { fakeClock } from "../../tests/support/clock";
import { fakeServices, iamWith, serve } from "../../tests/support/local";
import { createIam } from "../iam";
import type { Properties } from "../resources";
import type { Services } from "../services";
import { SECRET_TYPE, VERSION_TYPE } from "./config";
import { createSecretsManager } from "./index";

const START = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;
const TOKEN = "t".repeat(32);

describe("Secrets Manager", () => {
    const open: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0).reverse()) await end();
    });

    async function started(own: Partial<Services> = {}) {
        const services = fakeServices({ clock: fakeClock(START), ...own });
        open.push(() => services.place.remove());
        const secrets = createSecretsManager(services);
        const server = await serve({ iam: services.iam, jsonServices: [secrets.service] });
        const client = new SecretsManagerClient(server.client);
        open.push(async () => {
            client.destroy();
            await server.close();
        });
        const create = async (type: string, inputs: Properties) => {
            const made = await secrets.bindings[type].create(inputs, "x");
            services.resources.put({ type, id: made.id, inputs, outputs: made.outputs });
            return made;
        };
        const made = await create(SECRET_TYPE, { name: "lake/key", description: "Key of the hashes" });
        const remove = () => {
            const [secret] = services.resources.all(SECRET_TYPE);
            secrets.bindings[SECRET_TYPE].delete?.(secret);
            services.resources.remove(SECRET_TYPE, secret.id);
        };
        return { services, secrets, client, create, remove, arn: made.id };
    }

    it("gives each secret an ARN with six characters of its own", async () => {
        const { arn } = await started();
        match(arn, /^arn:aws:secretsmanager:us-east-1:000000000000:secret:lake\/key-[0-9a-f]{6}$/);
    });

    it("gives what was put last, by name, by ARN and by ARN without its last characters", async () => {
        const { client, arn } = await started();
        for (const [index, text] of ["one", "two"].entries())
            await client.send(
                new PutSecretValueCommand({
                    SecretId: arn,
                    SecretString: text,
                    ClientRequestToken: `${index}`.repeat(32),
                }),
            );
        for (const SecretId of ["lake/key", arn, arn.slice(0, -7)]) {
            const { $metadata, ...value } = await client.send(new GetSecretValueCommand({ SecretId }));
            deepStrictEqual(value, {
                ARN: arn,
                Name: "lake/key",
                VersionId: "1".repeat(32),
                SecretString: "two",
                VersionStages: ["AWSCURRENT"],
                CreatedDate: new Date(START),
            });
        }
        const former = { SecretId: arn, VersionStage: "AWSPREVIOUS" };
        strictEqual((await client.send(new GetSecretValueCommand(former))).SecretString, "one");
        const byId = { SecretId: arn, VersionId: "0".repeat(32) };
        strictEqual((await client.send(new GetSecretValueCommand(byId))).SecretString, "one");
    });

    it("keeps bytes", async () => {
        const { client, arn } = await started();
        const bytes = Uint8Array.of(0, 255, 10);
        await client.send(new PutSecretValueCommand({ SecretId: arn, SecretBinary: bytes }));
        const { SecretBinary, SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
        deepStrictEqual([Buffer.from(SecretBinary ?? []), SecretString], [Buffer.from(bytes), undefined]);
    });

    it("takes the same value under the same token once, and refuses another", async () => {
        const { client, arn } = await started();
        const put = (SecretString: string) =>
            client.send(new PutSecretValueCommand({ SecretId: arn, SecretString, ClientRequestToken: TOKEN }));
        for (let time = 0; time < 2; time++) strictEqual((await put("one")).VersionId, TOKEN);
        await rejects(put("two"), {
            name: "ResourceExistsException",
            message: `You can't use ClientRequestToken ${TOKEN} because that value is already in use for a version of secret ${arn}.`,
        });
        strictEqual((await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString, "one");
    });

    it("tells an empty secret from one that is not there", async () => {
        const { client, arn } = await started();
        const get = (request: { SecretId: string; VersionId?: string; VersionStage?: string }) =>
            client.send(new GetSecretValueCommand(request));
        for (const [request, message] of [
            [{ SecretId: "other" }, "Secrets Manager can't find the specified secret."],
            [{ SecretId: arn }, "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"],
            [
                { SecretId: arn, VersionId: TOKEN },
                `Secrets Manager can't find the specified secret value for VersionId: ${TOKEN}`,
            ],
        ] as const)
            await rejects(get(request), { name: "ResourceNotFoundException", message });
    });

    it("refuses values that AWS would not keep", async () => {
        const { client, arn } = await started();
        for (const [request, message] of [
            [{}, "You must provide either SecretString or SecretBinary."],
            [
                { SecretString: "a", SecretBinary: Uint8Array.of(1) },
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            ],
            [{ SecretString: "x".repeat(65_537) }, "The secret value must contain between 1 and 65536 bytes."],
            [{ SecretString: "a", ClientRequestToken: "short" }, "ClientRequestToken must be 32-64 characters long."],
        ] as const)
            await rejects(client.send(new PutSecretValueCommand({ SecretId: arn, ...request })), {
                name: "InvalidParameterException",
                message,
            });
    });

    it("keeps a deleted secret for its recovery window, useless, and its name with it", async () => {
        const { client, create, remove, services, arn } = await started();
        await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: "one" }));
        remove();
        await rejects(client.send(new GetSecretValueCommand({ SecretId: arn })), {
            name: "InvalidRequestException",
            message: "You can't perform this operation on the secret because it was marked for deletion.",
        });
        await rejects(create(SECRET_TYPE, { name: "lake/key" }), {
            message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
        });
        const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId: arn }));
        deepStrictEqual(DeletedDate, new Date(START + 30 * DAY));
        deepStrictEqual((await client.send(new ListSecretsCommand({}))).SecretList, []);
        await services.clock.advance(30 * DAY);
        await create(SECRET_TYPE, { name: "lake/key", recoveryWindowInDays: 0 });
        remove();
        await create(SECRET_TYPE, { name: "lake/key" });
    });

    it("refuses a name that is taken", async () => {
        const { create } = await started();
        await rejects(create(SECRET_TYPE, { name: "lake/key" }), {
            name: "ResourceExistsException",
            message: "The operation failed because the secret lake/key already exists.",
        });
    });

    it("tells of secrets, and never what they hold", async () => {
        const { client, create, arn } = await started();
        await create(SECRET_TYPE, { name: "other", tags: { team: "lake" } });
        await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: "one", ClientRequestToken: TOKEN }));
        const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
        deepStrictEqual(
            SecretList.map(({ ARN: _arn, ...rest }) => rest),
            [
                {
                    Name: "lake/key",
                    Description: "Key of the hashes",
                    Tags: [],
                    LastChangedDate: new Date(START),
                    CreatedDate: new Date(START),
                    SecretVersionsToStages: { [TOKEN]: ["AWSCURRENT"] },
                },
                {
                    Name: "other",
                    Tags: [{ Key: "team", Value: "lake" }],
                    LastChangedDate: new Date(START),
                    CreatedDate: new Date(START),
                    SecretVersionsToStages: {},
                },
            ],
        );
        const page = await client.send(new ListSecretsCommand({ MaxResults: 1 }));
        const rest = await client.send(new ListSecretsCommand({ NextToken: page.NextToken }));
        deepStrictEqual(
            [page, rest].map(({ SecretList: list }) => list?.map(({ Name }) => Name)),
            [["lake/key"], ["other"]],
        );
    });

    it("makes a version that the program sets, and drops it again", async () => {
        const { secrets, services, client, create, arn } = await started();
        const made = await create(VERSION_TYPE, { secretId: arn, secretString: "set" });
        strictEqual(made.id, `${arn}|${made.outputs.versionId}`);
        strictEqual((await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString, "set");
        const [version] = services.resources.all(VERSION_TYPE);
        await secrets.bindings[VERSION_TYPE].delete?.(version);
        await rejects(client.send(new GetSecretValueCommand({ SecretId: arn })), { name: "ResourceNotFoundException" });
    });

    it("keeps values where only their owner may read them, through a restart", async () => {
        const { services, secrets, arn } = await started();
        secrets.putSecretValue({ SecretId: arn, SecretString: "one", ClientRequestToken: TOKEN }, services.iam.root);
        const folder = path.join(services.place.data, "secretsmanager");
        deepStrictEqual(
            [folder, ...fs.readdirSync(folder).map((name) => path.join(folder, name))].map(
                (name) => fs.statSync(name).mode & 0o777,
            ),
            [0o700, 0o600],
        );
        const again = createSecretsManager(services);
        strictEqual(again.getSecretValue({ SecretId: arn }, services.iam.root).SecretString, "one");
    });

    it("lets in whom a policy lets in: the caller's or the secret's own", async () => {
        const role = "arn:aws:iam::000000000000:role/job";
        const caller = { arn: "arn:aws:sts::000000000000:assumed-role/job/run", roleArn: role };
        const denied = iamWith((_caller, action) => action !== "secretsmanager:GetSecretValue");
        const { secrets, arn } = await started({ iam: denied });
        await rejects(async () => secrets.getSecretValue({ SecretId: arn }, caller), {
            name: "AccessDeniedException",
        });
        const services = fakeServices();
        open.push(() => services.place.remove());
        const iam = createIam(services);
        const own = createSecretsManager({ ...services, iam });
        const policy = (effect: string) =>
            JSON.stringify({
                Statement: [
                    {
                        Effect: effect,
                        Principal: { AWS: role },
                        Action: "secretsmanager:GetSecretValue",
                        Resource: "*",
                    },
                ],
            });
        const inputs = { name: "key", policy: policy("Allow") };
        const made = await own.bindings[SECRET_TYPE].create(inputs, "x");
        services.resources.put({ type: SECRET_TYPE, id: made.id, inputs, outputs: made.outputs });
        own.putSecretValue({ SecretId: "key", SecretString: "one", ClientRequestToken: TOKEN }, iam.root);
        strictEqual(own.getSecretValue({ SecretId: "key" }, caller).SecretString, "one");
        await rejects(async () => own.putSecretValue({ SecretId: "key", SecretString: "two" }, caller), {
            name: "AccessDeniedException",
        });
    });

    for (const [what, request, form] of [
        ["of every kind of character", {}, /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^a-zA-Z0-9]).{32}$/],
        [
            "without the characters that are left out",
            { PasswordLength: 64, ExcludePunctuation: true, ExcludeCharacters: "abcdef0O" },
            /^[g-zA-NP-Z1-9]{64}$/,
        ],
        [
            "with spaces, as short as they can be",
            { PasswordLength: 4, ExcludePunctuation: true, IncludeSpace: true },
            /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.* ).{4}$/,
        ],
        [
            "of digits alone",
            {
                ExcludeLowercase: true,
                ExcludeUppercase: true,
                ExcludePunctuation: true,
                RequireEachIncludedType: false,
            },
            /^\d{32}$/,
        ],
    ] as const)
        it(`makes passwords ${what}`, async () => {
            const { client } = await started();
            const { RandomPassword = "" } = await client.send(new GetRandomPasswordCommand(request));
            match(RandomPassword, form);
        });

    it("refuses names and windows that AWS would not have", async () => {
        const { secrets } = await started();
        const check = (inputs: Properties) => secrets.bindings[SECRET_TYPE].check?.(inputs);
        deepStrictEqual(check({ name: "a b", recoveryWindowInDays: 3, replicas: [{}], policy: "{" }), [
            '"name" must be 1 to 512 letters, digits or /_+=.@-, not "a b".',
            '"recoveryWindowInDays" must be 0, or between 7 and 30: it is 3.',
            "A secret with replicas in other regions is not supported by the local runtime.",
            '"policy" contains an invalid JSON',
        ]);
        deepStrictEqual(check({ name: "a/b", recoveryWindowInDays: 0 }), []);
    });
});

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type ProviderClient, providerClient, struct } from "../../tests/support/provider-client";
import { serviceError } from "../errors";
import { createProvider } from "../provider";
import { openResourceTable } from "../resource-table";
import type { Bindings, Properties } from "../resources";
import { type EngineDoor, serveProvider } from ".";
import { deleteResources } from "./client";
import { UNKNOWN } from "./values";

const BUCKET = "urn:pulumi:s::p::tributary:pipelines:Likes$aws:s3/bucket:Bucket::likes-bucket";
const FUNCTION = "urn:pulumi:s::p::aws:lambda/function:Function::check";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

const secret = (value: unknown) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });
const text = (content: string, hash: string) => ({
    [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17",
    hash,
    text: content,
});
const archive = (content: string, hash: string) => ({
    [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
    hash,
    assets: { "__index.js": text(content, hash) },
});

describe("The provider protocol", () => {
    let data: string;
    let door: EngineDoor;
    let client: ProviderClient;
    let made: Properties[];
    beforeEach(async () => {
        made = [];
        const noted = (inputs: Properties) => {
            made.push(inputs);
            const id = String(inputs.bucket ?? inputs.name);
            return { id, outputs: { ...inputs, arn: `arn:of:${id}` } };
        };
        const bindings: Bindings = {
            "aws:s3/bucket:Bucket": {
                name: { property: "bucket", lower: true },
                check: ({ acl }) => (acl === "public" ? ['"acl" is "public", which is no ACL.'] : []),
                create: noted,
                read: (resource) => (resource.inputs.acl === "gone" ? undefined : resource),
                delete({ id, inputs }) {
                    if (id === "full" && inputs.forceDestroy !== true)
                        throw serviceError("BucketNotEmpty", "The bucket is not empty.", 409);
                },
            },
            "aws:lambda/function:Function": { name: { property: "name" }, create: noted },
        };
        data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
        const place = { account: "000000000000", region: "us-east-1", endpoint: () => "http://127.0.0.1:1", data };
        const table = openResourceTable(path.join(data, "resources.jsonl"));
        door = await serveProvider(createProvider(bindings, table, place), "us-east-1");
        client = providerClient(door.port);
    });
    afterEach(async () => {
        client.close();
        await door.close();
        fs.rmSync(data, { recursive: true });
    });

    it("says who it is, and lets the engine attach and cancel", async () => {
        const greeting = new provider.ProviderHandshakeRequest();
        const answer = await client.call<provider.ProviderHandshakeResponse>("handshake", greeting);
        assert.equal(answer.getAcceptSecrets(), true);
        await client.call("attach", new PluginAttach());
        const info = await client.call<PluginInfo>("getPluginInfo", new Empty());
        const { version } = require("@pulumi/aws/package.json") as { version: string };
        assert.equal(info.getVersion(), version);
        const schema = await client.call<provider.GetSchemaResponse>("getSchema", new provider.GetSchemaRequest());
        assert.deepEqual(JSON.parse(schema.getSchema()), { name: "aws", version });
        await client.call("cancel", new Empty());
    });

    it("takes the config of its own region, and says that it makes previews", async () => {
        const request = new provider.CheckRequest().setNews(struct({ region: "us-east-1" }));
        const checked = await client.call<provider.CheckResponse>("checkConfig", request);
        assert.deepEqual(checked.getFailuresList(), []);
        assert.deepEqual(checked.getInputs()?.toJavaScript(), { region: "us-east-1" });
        const diff = await client.call<provider.DiffResponse>("diffConfig", new provider.DiffRequest());
        assert.deepEqual(diff.getReplacesList(), []);
        const configured = await client.call<provider.ConfigureResponse>("configure", new provider.ConfigureRequest());
        assert.deepEqual([configured.getSupportspreview(), configured.getAcceptsecrets()], [true, true]);
    });

    it("refuses another region, with the way out", async () => {
        const request = new provider.CheckRequest().setNews(struct({ region: "eu-west-1" }));
        const checked = await client.call<provider.CheckResponse>("checkConfig", request);
        assert.deepEqual(
            checked.getFailuresList().map((failure) => failure.getReason()),
            [
                "The stack asks for the region eu-west-1, but this local runtime is in us-east-1, as what is in its folder. Start another one with --data and --port.",
            ],
        );
    });

    it("fills in a name of the engine's seed, and keeps it from then on", async () => {
        const { inputs } = await client.check(BUCKET, {});
        assert.deepEqual(inputs, { bucket: "likes-bucket-1a2b3c4" });
        const again = await client.check(BUCKET, { forceDestroy: true }, { bucket: "likes-bucket-7654321" });
        assert.deepEqual(again.inputs, { bucket: "likes-bucket-7654321", forceDestroy: true });
    });

    it("tells what AWS would refuse", async () => {
        assert.deepEqual((await client.check(BUCKET, { acl: "public" })).failures, [
            '"acl" is "public", which is no ACL.',
        ]);
        const [unknown] = (await client.check(BUCKET, { buckets: 1 })).failures;
        assert.match(unknown ?? "", /^Unknown property "buckets"\. Its properties are: /);
    });

    it("survives inputs that are no text", async () => {
        await assert.rejects(client.create(BUCKET, { "\ud800": 1 }), /Unknown property "\ufffd"/);
        assert.deepEqual((await client.check(BUCKET, {})).failures, []);
    });

    it("says nothing of values that are not known yet", async () => {
        const { inputs, failures } = await client.check(BUCKET, { acl: "public", policy: UNKNOWN });
        assert.deepEqual([inputs.policy, failures], [UNKNOWN, []]);
    });

    const diffs: readonly (readonly [string, Properties, Properties, object])[] = [
        ["nothing", { bucket: "a" }, { bucket: "a" }, { changes: "none", replaces: [], detailed: {} }],
        [
            "what is new, other and gone",
            { acl: "private", tags: { a: "1" } },
            { forceDestroy: true, tags: { a: "2" } },
            {
                changes: "some",
                replaces: [],
                detailed: { acl: "DELETE", forceDestroy: "ADD", "tags.a": "UPDATE" },
            },
        ],
        [
            "a replacement, with what causes it",
            { bucket: "a", tags: { a: "1" } },
            { bucket: "b", tags: { a: "2" } },
            {
                changes: "some",
                replaces: ["bucket"],
                detailed: { bucket: "UPDATE_REPLACE", "tags.a": "UPDATE" },
            },
        ],
        [
            "a secret as what it hides",
            { tags: secret({ a: "1" }) },
            { tags: { a: "1" } },
            { changes: "none", replaces: [], detailed: {} },
        ],
    ];
    for (const [what, before, after, expected] of diffs) {
        it(`tells ${what} of two sets of inputs`, async () => {
            assert.deepEqual(await client.diff(BUCKET, "a", before, after), {
                ...expected,
                deleteBeforeReplace: false,
            });
        });
    }

    it("lets the old one go first where a fixed name demands it, and last where the name is filled in anew", async () => {
        const [before, after] = [{ objectLockEnabled: false }, { objectLockEnabled: true }];
        const diff = (bucket: string) => client.diff(BUCKET, bucket, { bucket, ...before }, { bucket, ...after });
        assert.equal((await diff("mine")).deleteBeforeReplace, true);
        assert.equal((await diff("likes-bucket-1a2b3c4")).deleteBeforeReplace, false);
    });

    it("compares assets and archives by their hashes", async () => {
        const inputs = (content: string, hash: string) => ({ code: archive(content, hash), name: "check" });
        const diff = (hash: string) => client.diff(FUNCTION, "check", inputs("one", "1"), inputs("two", hash));
        assert.equal((await diff("1")).changes, "none");
        assert.deepEqual((await diff("2")).detailed, { "code.hash": "UPDATE" });
    });

    it("makes nothing in a preview", async () => {
        const previewed = await client.create(BUCKET, { bucket: UNKNOWN }, true);
        assert.deepEqual(previewed, { id: "", outputs: { bucket: UNKNOWN } });
        await client.create(BUCKET, { bucket: "a" });
        const outputs = await client.update(BUCKET, "a", { bucket: "a" }, { bucket: "a", acl: UNKNOWN }, true);
        assert.deepEqual(outputs, { bucket: "a", arn: "arn:of:a", acl: UNKNOWN });
        assert.deepEqual(made, [{ bucket: "a" }]);
    });

    it("opens secrets and archives for what makes the resource, and gives them back as they came, with what is made of them", async () => {
        const role = "arn:aws:iam::000000000000:role/r";
        const given = { name: secret("check"), role, code: archive("exports.handler = 1", "1") };
        const { id, outputs } = await client.create(FUNCTION, given);
        assert.equal(id, "check");
        assert.deepEqual(made, [{ name: "check", role, code: { archive: { "__index.js": "exports.handler = 1" } } }]);
        assert.deepEqual(outputs, { ...given, arn: secret("arn:of:check") });
    });

    it("takes a whole property for a secret that has one in it, and nothing for one that is too short to be", async () => {
        const given = { bucket: "a", tags: { key: secret("hush"), "1": secret("a") } };
        const { outputs } = await client.create(BUCKET, given);
        assert.deepEqual(made, [{ bucket: "a", tags: { key: "hush", "1": "a" } }]);
        assert.deepEqual(outputs, { bucket: "a", tags: secret({ key: "hush", "1": "a" }), arn: "arn:of:a" });
    });

    it("reads what is there with its inputs, and nothing where it is gone", async () => {
        await client.create(BUCKET, { bucket: "a" });
        await client.create(BUCKET, { bucket: "b", acl: "gone" });
        assert.deepEqual(await client.read(BUCKET, "a"), {
            id: "a",
            inputs: { bucket: "a" },
            outputs: { bucket: "a", arn: "arn:of:a" },
        });
        assert.equal(await client.read(BUCKET, "b"), undefined);
        assert.equal(await client.read(BUCKET, "c"), undefined);
    });

    it("updates what is there, and says so when it is not", async () => {
        await client.create(BUCKET, { bucket: "a" });
        assert.deepEqual(await client.update(BUCKET, "a", { bucket: "a" }, { bucket: "a", acl: "private" }), {
            bucket: "a",
            acl: "private",
            arn: "arn:of:a",
        });
        await assert.rejects(client.update(BUCKET, "b", {}, { bucket: "b" }), {
            details: "aws:s3/bucket:Bucket b is gone. Run `pulumi refresh` to see what is left.",
        });
    });

    it("deletes, also twice, and refuses as AWS does", async () => {
        await client.create(BUCKET, { bucket: "a" });
        await client.delete(BUCKET, "a");
        await client.delete(BUCKET, "a");
        assert.equal(await client.read(BUCKET, "a"), undefined);
        await client.create(BUCKET, { bucket: "full" });
        await assert.rejects(client.delete(BUCKET, "full"), { details: "The bucket is not empty." });
        assert.equal((await client.read(BUCKET, "full"))?.id, "full");
    });

    it("deletes what an update that was cut short has left, with what is in it", async () => {
        await client.create(BUCKET, { bucket: "full", forceDestroy: false });
        await client.create(BUCKET, { bucket: "a" });
        await deleteResources(door.port, [
            { urn: BUCKET, id: "full" },
            { urn: BUCKET, id: "a" },
        ]);
        assert.deepEqual([await client.read(BUCKET, "full"), await client.read(BUCKET, "a")], [undefined, undefined]);
    });

    it("answers functions, with nothing while their arguments are not known", async () => {
        const token = "aws:index/getRegion:getRegion";
        assert.equal((await client.invoke(token, {})).region, "us-east-1");
        assert.deepEqual(await client.invoke(token, { region: UNKNOWN }), {});
    });

    const lacking: readonly (readonly [string, (on: ProviderClient) => Promise<unknown>])[] = [
        ["The function aws:ec2/getVpc:getVpc(id)", (on) => on.invoke("aws:ec2/getVpc:getVpc", { id: "vpc-1" })],
        ["The method aws:x/y:Z/do", (on) => on.call("call", new provider.CallRequest().setTok("aws:x/y:Z/do"))],
        [
            'The component awsx:ec2:Vpc "net"',
            (on) => on.call("construct", new provider.ConstructRequest().setType("awsx:ec2:Vpc").setName("net")),
        ],
        ["A provider with parameters", (on) => on.call("parameterize", new provider.ParameterizeRequest())],
        ["A list of aws:s3/bucket:Bucket", (on) => on.list("aws:s3/bucket:Bucket")],
        [
            "The resource type aws:ec2/vpc:Vpc",
            (on) => on.create("urn:pulumi:s::p::aws:ec2/vpc:Vpc::net", { cidrBlock: "10.0.0.0/16" }),
        ],
    ];
    for (const [what, call] of lacking) {
        it(`says that it lacks ${what}`, async () => {
            await assert.rejects(call(client), { code: 12, details: `${what} is not supported by the local runtime.` });
        });
    }
});

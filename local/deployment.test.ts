import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { deploy } from "./deployment";
import { readProgram } from "./program/stack-config";
import { createProvider } from "./provider";
import { openResourceTable } from "./resource-table";
import type { Bindings } from "./resources";

const folder = path.join(__dirname, "../tests/fixtures/buckets");

function bindingsThatNote(calls: string[]): Bindings {
    return {
        "aws:s3/bucket:Bucket": {
            name: { property: "bucket", lower: true },
            check: (inputs) => (inputs.acl === "public" ? ['"acl" is "public", which is no ACL.'] : []),
            create(inputs) {
                calls.push(`create ${inputs.bucket}`);
                return { id: String(inputs.bucket), outputs: { ...inputs, arn: `arn:aws:s3:::${inputs.bucket}` } };
            },
            delete: (resource) => void calls.push(`delete ${resource.id}`),
        },
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
            create: (inputs) => ({ id: String(inputs.bucket), outputs: inputs }),
        },
    };
}

describe("A deployment", function () {
    this.timeout(30_000);
    let data: string;
    let calls: string[];
    beforeEach(() => {
        data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
        calls = [];
    });
    afterEach(() => fs.rmSync(data, { recursive: true }));

    const run = (config: Record<string, string> = {}) => {
        const table = openResourceTable(path.join(data, "resources.jsonl"));
        const place = { account: "000000000000", region: "us-east-1", endpoint: () => "http://127.0.0.1:1", data };
        const provider = createProvider(bindingsThatNote(calls), table, place);
        const program = readProgram(folder, "one");
        let digits = 0;
        const services = { provider, table, randomHex: (n: number) => (digits++).toString(16).padStart(n, "0") };
        return deploy({ ...program, config: { ...program.config, ...config } }, services);
    };

    it("makes what the program declares, and gives its outputs", async () => {
        const { outputs, resources } = await run();
        assert.deepEqual(calls, ["create a-0000000", "create b-0000001"]);
        assert.deepEqual(outputs, {
            arns: { a: "arn:aws:s3:::a-0000000", b: "arn:aws:s3:::b-0000001" },
            account: "000000000000",
        });
        assert.equal(resources, 4);
    });

    it("changes nothing the second time, and keeps the names", async () => {
        const first = await run();
        calls.length = 0;
        const second = await run();
        assert.deepEqual(calls, []);
        assert.deepEqual(second.changes, []);
        assert.deepEqual(second.outputs, first.outputs);
    });

    it("updates, replaces with the new one first, and deletes", async () => {
        await run();
        calls.length = 0;
        const { changes } = await run({
            "buckets:names": '["a"]',
            "buckets:bucket": '{"tags":{"team":"x"},"objectLockEnabled":true}',
        });
        assert.deepEqual(
            changes.map(({ kind, urn, because }) => [kind, urn.split("::").pop(), because?.join(" ")]),
            [
                ["replaced", "a", "objectLockEnabled"],
                ["replaced", "a", "bucket"],
                ["deleted", "b", undefined],
                ["deleted", "b", undefined],
            ],
        );
        assert.deepEqual(calls, ["create a-0000001", "delete b-0000001", "delete a-0000000"]);
    });

    it("takes back what a program has changed before it fails", async () => {
        await run();
        const table = () => openResourceTable(path.join(data, "resources.jsonl")).list();
        const before = table();
        const changed = '{"tags":{"team":"x"}}';
        const config = { "buckets:names": '["a","c"]', "buckets:bucket": changed, "buckets:fail": "no" };
        await assert.rejects(run(config), { message: "The program says: no." });
        assert.deepEqual(table(), before);
    });

    const way =
        "What it holds would be lost. If it may be, set `disposable: true` in the stack's config and apply that first; --reset forgets everything.";
    const kept = { "buckets:protect": "true" };
    const locked = { "buckets:bucket": '{"objectLockEnabled":true}' };

    it("neither replaces nor deletes what the program protects, and says what to do", async () => {
        await run(kept);
        const before = openResourceTable(path.join(data, "resources.jsonl")).list();
        await assert.rejects(run({ ...kept, ...locked }), {
            message: ["a", "b"]
                .map(
                    (name) =>
                        `aws:s3/bucket:Bucket "${name}": It is protected, and to change objectLockEnabled replaces it. ${way}`,
                )
                .join("\n"),
        });
        await assert.rejects(run({ ...kept, "buckets:names": '["a"]' }), {
            message: `aws:s3/bucket:Bucket "b": It is protected, and no longer in the program. ${way}`,
        });
        assert.deepEqual(openResourceTable(path.join(data, "resources.jsonl")).list(), before);
    });

    it("replaces and deletes it once the program has let go of it", async () => {
        await run(kept);
        await run();
        const { changes } = await run({ ...locked, "buckets:names": '["a"]' });
        assert.deepEqual(
            changes.map(({ kind, urn }) => `${kind} ${urn.split("::").slice(2).join(" ")}`),
            [
                "replaced aws:s3/bucket:Bucket a",
                "replaced aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock a",
                "deleted aws:s3/bucket:Bucket b",
                "deleted aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock b",
            ],
        );
    });

    it("fails with the program's own sentence", async () => {
        await assert.rejects(run({ "buckets:fail": "no" }), { message: "The program says: no." });
    });

    it("refuses inputs that AWS would refuse, with the resource's name", async () => {
        await assert.rejects(run({ "buckets:bucket": '{"acl":"public"}' }), {
            message: ["a", "b"]
                .map(
                    (name) =>
                        `aws:s3/bucket:Bucket "${name}": AWS would refuse it.\n  "acl" is "public", which is no ACL.`,
                )
                .join("\n"),
        });
    });

    it("names a stack that has no config file, and those that have one", () => {
        assert.throws(() => readProgram(folder, "two"), {
            message: 'There is no stack "two": Pulumi.two.yaml is missing. The stacks here are: one.',
        });
    });
});

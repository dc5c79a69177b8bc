import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { record, resolved, UNKNOWN, valueAt } from "./mocks";

/** A resource that no type checks. */
class Unchecked extends pulumi.CustomResource {}

describe("record", () => {
    it("gives what a program registered, once all of it is, with its parent, protection and dependencies", async () => {
        const { find, resources } = await record(() => {
            const bucket = new aws.s3.Bucket("store", {}, { protect: true });
            new aws.iam.RolePolicy("policy", { role: "role", policy: pulumi.jsonStringify({ arn: bucket.arn }) });
        });
        assert.equal(resources.length, 3);
        assert.equal(find("aws:s3/bucket:Bucket").protect, true);
        const policy = find("aws:iam/rolePolicy:RolePolicy");
        assert.deepEqual(policy.inputs, { role: "role", policy: '{"arn":"arn:aws:s3:::store-1a2b3c4"}' });
        assert.equal(policy.parent, "pulumi:pulumi:Stack::tributary-test");
        assert.deepEqual(policy.dependencies, ["aws:s3/bucket:Bucket::store"]);
        assert.equal(valueAt(policy, "policy.arn"), "arn:aws:s3:::store-1a2b3c4");
    });

    it("starts afresh each time", async () => {
        await record(() => new aws.s3.Bucket("store"), { config: { "tributary:tags": { a: "b" } } });
        const { resources, outputs } = await record(() => {
            new aws.s3.Bucket("store");
            return pulumi.runtime.allConfig();
        });
        assert.equal(resources.length, 2);
        assert.deepEqual(outputs, {});
    });

    it("hands config over as Pulumi does, and names project and stack", async () => {
        const program = () => [pulumi.getProject(), pulumi.getStack(), pulumi.runtime.allConfig()];
        const { outputs } = await record(program, {
            stack: "dev",
            config: { "tributary:tags": { a: "b" }, "aws:region": "x" },
        });
        assert.deepEqual(outputs, ["tributary", "dev", { "tributary:tags": '{"a":"b"}', "aws:region": "x" }]);
    });

    it("knows nothing in a preview that only a deployment finds out", async () => {
        const program = () => {
            const { arn, bucket } = new aws.s3.Bucket("store", { bucket: "given" });
            new aws.iam.RolePolicy("policy", { role: bucket, policy: arn });
        };
        const { find } = await record(program, { preview: true });
        assert.deepEqual(find("aws:iam/rolePolicy:RolePolicy").inputs, { role: "given", policy: UNKNOWN });
    });

    for (const [what, program, reason] of [
        [
            "two resources of the same type and name",
            () => [new aws.s3.Bucket("store"), new aws.s3.Bucket("store")],
            'Two resources of the type aws:s3/bucket:Bucket have the name "store".',
        ],
        [
            "an input that the provider does not know",
            () => new Unchecked("aws:s3/bucket:Bucket", "store", { versions: true }),
            'aws:s3/bucket:Bucket "store" has no property "versions".',
        ],
        [
            "a type that is not listed",
            () => new aws.ec2.Eip("address"),
            'The type aws:ec2/eip:Eip of "address" is not in local/provider/aws-resources.json.',
        ],
        [
            "a call that is not mocked",
            () => aws.getAvailabilityZonesOutput().names,
            "The program calls aws:index/getAvailabilityZones:getAvailabilityZones, which is not mocked.",
        ],
        [
            "an error of the program",
            () => {
                throw new Error("The program says no.");
            },
            "The program says no.",
        ],
        [
            "an error that comes while outputs are resolved",
            () => {
                new aws.s3.Bucket("store").arn.apply((arn) => {
                    throw new Error(`No ${arn}.`);
                });
            },
            "No arn:aws:s3:::store-1a2b3c4.",
        ],
    ] as const) {
        it(`refuses ${what}`, async () => {
            await assert.rejects(record<unknown>(program), { message: reason });
        });
    }

    it("gives outputs their values", async () => {
        const { outputs } = await record(() => new aws.s3.Bucket("store").arn);
        assert.equal(await resolved(outputs), "arn:aws:s3:::store-1a2b3c4");
    });
});

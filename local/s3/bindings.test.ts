import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { fakeServices, ROOT } from "../../tests/support/local";
import type { Binding, Made, Properties } from "../resources";
import { createS3 } from ".";
import { s3Bindings } from "./bindings";

const BUCKET = "aws:s3/bucket:Bucket";

describe("the bindings of S3", () => {
    const services = fakeServices();
    const s3 = createS3(services);
    const bindings = s3Bindings(services, s3);
    after(() => services.place.remove());

    const binding = (type: string): Binding => {
        const found = bindings[type];
        assert.ok(found, type);
        return found;
    };
    const createBucket = async (inputs: Properties) => {
        const made = (await binding(BUCKET).create(inputs, "logical")) as Made;
        return services.resources.put({ type: BUCKET, inputs, ...made });
    };

    it("make a bucket's folder, and give what AWS gives", async () => {
        const { id, outputs } = await createBucket({ bucket: "lake-1", tags: { a: "b" } });
        assert.deepStrictEqual(
            [id, outputs],
            [
                "lake-1",
                {
                    arn: "arn:aws:s3:::lake-1",
                    bucket: "lake-1",
                    bucketDomainName: "lake-1.s3.amazonaws.com",
                    bucketRegion: "us-east-1",
                    bucketRegionalDomainName: "lake-1.s3.us-east-1.amazonaws.com",
                    forceDestroy: false,
                    objectLockEnabled: false,
                    region: "us-east-1",
                    requestPayer: "BucketOwner",
                    tags: { a: "b" },
                    tagsAll: { a: "b" },
                },
            ],
        );
        assert.ok(fs.statSync(`${services.place.data}/s3/lake-1`).isDirectory());
    });

    it("do not delete a bucket that holds objects", async () => {
        const bucket = await createBucket({ bucket: "full" });
        await s3.putObject(ROOT, "full", "a/b", "1");
        await assert.rejects(async () => binding(BUCKET).delete?.(bucket), {
            code: "BucketNotEmpty",
            message: "The bucket you tried to delete is not empty",
            status: 409,
        });
        await s3.deleteObject(ROOT, "full", "a/b");
        await binding(BUCKET).delete?.(bucket);
        assert.deepStrictEqual(fs.existsSync(`${services.place.data}/s3/full`), false);
    });

    it("delete a bucket with its objects where the program says so, and nothing comes back", async () => {
        const bucket = await createBucket({ bucket: "gone", forceDestroy: true });
        await s3.putObject(ROOT, "gone", "a", "1", { contentType: "text/plain" });
        await binding(BUCKET).delete?.(bucket);
        await createBucket({ bucket: "gone" });
        assert.deepStrictEqual(await s3.listObjects(ROOT, "gone", ""), []);
    });

    it("keep the objects of a bucket that changes", async () => {
        const bucket = await createBucket({ bucket: "kept" });
        await s3.putObject(ROOT, "kept", "a", "1");
        const changed = (await binding(BUCKET).update?.(
            bucket,
            { bucket: "kept", forceDestroy: true },
            "logical",
        )) as Made;
        assert.deepStrictEqual([changed.id, changed.outputs.forceDestroy], ["kept", true]);
        assert.deepStrictEqual(String(await s3.getObject(ROOT, "kept", "a")), "1");
    });

    it("refuse names that S3 refuses", () => {
        const check = (bucket: string) => binding(BUCKET).check?.({ bucket });
        for (const good of ["abc", "a-b.c-1", "x".repeat(63)]) assert.deepStrictEqual(check(good), [], good);
        for (const bad of [
            "ab",
            "Lake",
            "a_b",
            "-ab",
            "ab.",
            "a..b",
            "192.168.0.1",
            "xn--a",
            "a-s3alias",
            "x".repeat(64),
        ]) {
            assert.deepStrictEqual(check(bad), [
                `"${bad}" is no valid name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends, none that looks like an IP address or has a prefix or suffix that S3 keeps for itself.`,
            ]);
        }
    });

    it("write the objects that the program has, and delete them", async () => {
        await createBucket({ bucket: "scripts" });
        const type = "aws:s3/bucketObjectv2:BucketObjectv2";
        for (const [content, text] of [
            [{ content: "é" }, "é"],
            [{ contentBase64: "/w==" }, "\ufffd"],
            [{ source: { text: "print(1)" } }, "print(1)"],
        ] as const) {
            const inputs = { bucket: "scripts", key: "job.py", ...content };
            const made = (await binding(type).create(inputs, "job")) as Made;
            assert.deepStrictEqual([made.id, made.outputs.arn], ["scripts/job.py", "arn:aws:s3:::scripts/job.py"]);
            assert.deepStrictEqual(String(await s3.getObject(ROOT, "scripts", "job.py")), text);
        }
        await binding(type).delete?.({
            type,
            id: "scripts/job.py",
            inputs: { bucket: "scripts", key: "job.py" },
            outputs: {},
        });
        assert.deepStrictEqual(await s3.listObjects(ROOT, "scripts", ""), []);
    });

    it("name a bucket's settings by the bucket, and read its policy", async () => {
        for (const type of Object.keys(bindings).filter((each) => each !== BUCKET && !each.includes("Objectv2"))) {
            const { id } = await binding(type).create({ bucket: "lake-1", policy: "{}" }, "logical");
            assert.deepStrictEqual(id, "lake-1", type);
        }
        const { check } = binding("aws:s3/bucketPolicy:BucketPolicy");
        assert.deepStrictEqual(check?.({ bucket: "lake-1", policy: "{}" }), []);
        assert.deepStrictEqual(check?.({ bucket: "lake-1", policy: "{" }), [
            '"policy" contains an invalid JSON policy.',
        ]);
    });
});

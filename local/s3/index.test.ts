import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { Readable } from "node:stream";
import { Sha256 } from "@aws-crypto/sha256-js";
import {
    AbortMultipartUploadCommand,
    CompleteMultipartUploadCommand,
    CopyObjectCommand,
    CreateBucketCommand,
    CreateMultipartUploadCommand,
    DeleteObjectCommand,
    DeleteObjectsCommand,
    GetBucketAclCommand,
    GetBucketLocationCommand,
    GetBucketVersioningCommand,
    GetObjectCommand,
    HeadBucketCommand,
    HeadObjectCommand,
    ListBucketsCommand,
    ListMultipartUploadsCommand,
    ListObjectsCommand,
    ListObjectsV2Command,
    ListPartsCommand,
    PutObjectCommand,
    type PutObjectCommandInput,
    S3Client,
    UploadPartCommand,
    UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { ACCOUNT, fakeServices, iamWith, permissiveIam, ROOT, serve, type TestServer } from "../../tests/support/local";
import { createS3 } from ".";

type Setup = Awaited<ReturnType<typeof setUp>>;

/** A bucket "lake", served; everything is allowed unless `iam` says otherwise. */
async function setUp(iam = permissiveIam()) {
    const services = fakeServices({ iam });
    const bucket = (name: string, inputs = {}) =>
        services.resources.put({ type: "aws:s3/bucket:Bucket", id: name, inputs: { bucket: name, ...inputs } });
    bucket("lake");
    const s3 = createS3(services);
    s3.makeBucket("lake");
    const server = await serve({ iam, http: { s3: s3.handle } });
    services.place.listens(server.endpoint);
    const client = new S3Client({ ...server.client, forcePathStyle: true });
    const put = (Key: string, Body: PutObjectCommandInput["Body"], more: Partial<PutObjectCommandInput> = {}) =>
        client.send(new PutObjectCommand({ Bucket: "lake", Key, Body, ...more }));
    const get = async (Key: string, more = {}) => {
        const answer = await client.send(new GetObjectCommand({ Bucket: "lake", Key, ...more }));
        return { ...answer, text: (await answer.Body?.transformToString()) ?? "" };
    };
    const list = async (more = {}) => {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "lake", ...more }));
        return Contents.map(({ Key }) => Key);
    };
    const close = async () => {
        client.destroy();
        await server.close();
        services.place.remove();
    };
    return {
        services,
        s3,
        server,
        client,
        bucket,
        put,
        get,
        list,
        close,
        folder: path.join(services.place.data, "s3", "lake"),
    };
}

function md5(body: string): string {
    return createHash("md5").update(body).digest("hex");
}

describe("S3", () => {
    let setup: Setup;
    beforeEach(async () => {
        setup = await setUp();
    });
    afterEach(() => setup.close());

    describe("objects", () => {
        it("come back with their headers, metadata and ETag", async () => {
            const { put, get, services } = setup;
            const headers = { ContentType: "text/csv", ContentEncoding: "gzip", CacheControl: "no-cache" };
            const { ETag } = await put("a.csv", "one", { ...headers, Metadata: { origin: "test" } });
            const found = await get("a.csv");
            assert.deepStrictEqual(ETag, `"${md5("one")}"`);
            assert.deepStrictEqual(
                {
                    text: found.text,
                    ETag: found.ETag,
                    ContentLength: found.ContentLength,
                    ContentType: found.ContentType,
                    ContentEncoding: found.ContentEncoding,
                    CacheControl: found.CacheControl,
                    Metadata: found.Metadata,
                    LastModified: found.LastModified,
                },
                {
                    text: "one",
                    ETag,
                    ContentLength: 3,
                    ...headers,
                    Metadata: { origin: "test" },
                    LastModified: new Date(services.clock.now()),
                },
            );
        });

        it("are files that have their keys for names", async () => {
            await setup.put("data/event=view/part 0.json", "{}");
            assert.deepStrictEqual(
                fs.readFileSync(path.join(setup.folder, "data/event=view/part 0.json"), "utf8"),
                "{}",
            );
        });

        it("are found when they were written past S3, as DuckDB does", async () => {
            fs.mkdirSync(path.join(setup.folder, "data/day=1"), { recursive: true });
            fs.writeFileSync(path.join(setup.folder, "data/day=1/data_0.parquet"), "PAR1");
            const { text, ContentType, ETag } = await setup.get("data/day=1/data_0.parquet");
            assert.deepStrictEqual({ text, ContentType }, { text: "PAR1", ContentType: "binary/octet-stream" });
            assert.match(String(ETag), /^"[0-9a-f]{32}-1"$/);
            assert.deepStrictEqual(await setup.list(), ["data/day=1/data_0.parquet"]);
        });

        it("may have any characters in their keys", async () => {
            const keys = [
                "a b",
                "a+b",
                "é",
                "100%",
                "%41",
                "a/",
                "a//b",
                "../up",
                "./here",
                "*?[x]",
                "q?x=1&y#z",
                "\\^",
                "🙂",
            ];
            for (const key of keys) await setup.put(key, key);
            for (const key of keys) assert.deepStrictEqual((await setup.get(key)).text, key);
            const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
            assert.deepStrictEqual(await setup.list(), sorted);
        });

        it("may be named as a folder is, whichever comes first", async () => {
            for (const key of ["a", "a/b", "c/d", "c", "c/d/e"]) await setup.put(key, key);
            for (const key of ["a", "a/b", "c/d", "c", "c/d/e"])
                assert.deepStrictEqual((await setup.get(key)).text, key);
            assert.deepStrictEqual(await setup.list(), ["a", "a/b", "c", "c/d", "c/d/e"]);
            assert.deepStrictEqual(fs.readFileSync(setup.s3.file("lake", "a"), "utf8"), "a");
            await setup.put("a", "new");
            assert.deepStrictEqual((await setup.get("a")).text, "new");
            await setup.client.send(new DeleteObjectCommand({ Bucket: "lake", Key: "a" }));
            assert.deepStrictEqual(await setup.list(), ["a/b", "c", "c/d", "c/d/e"]);
        });

        it("have a key of at most 1024 bytes", async () => {
            await setup.put("é".repeat(512), "long");
            assert.deepStrictEqual((await setup.get("é".repeat(512))).text, "long");
            await assert.rejects(setup.put("é".repeat(513), "longer"), {
                name: "KeyTooLongError",
                message: "Your key is too long",
            });
        });

        it("are answered in part where a range is asked for", async () => {
            await setup.put("a", "0123456789");
            for (const [range, text, contentRange] of [
                ["bytes=2-4", "234", "bytes 2-4/10"],
                ["bytes=7-", "789", "bytes 7-9/10"],
                ["bytes=-3", "789", "bytes 7-9/10"],
                ["bytes=-30", "0123456789", "bytes 0-9/10"],
                ["bytes=5-99", "56789", "bytes 5-9/10"],
                ["bytes=4-2", "0123456789", undefined],
            ] as const) {
                const found = await setup.get("a", { Range: range });
                assert.deepStrictEqual([found.text, found.ContentRange], [text, contentRange], range);
            }
            await assert.rejects(setup.get("a", { Range: "bytes=10-" }), {
                name: "InvalidRange",
                message: "The requested range is not satisfiable",
            });
        });

        it("are described without their bytes, and the description has their length", async () => {
            await setup.put("a", "0123456789");
            const { ContentLength, ETag, AcceptRanges } = await setup.client.send(
                new HeadObjectCommand({ Bucket: "lake", Key: "a" }),
            );
            assert.deepStrictEqual(
                { ContentLength, ETag, AcceptRanges },
                { ContentLength: 10, ETag: `"${md5("0123456789")}"`, AcceptRanges: "bytes" },
            );
        });

        it("are read on conditions", async () => {
            const { ETag } = await setup.put("a", "one");
            await assert.rejects(setup.get("a", { IfMatch: '"other"' }), { name: "PreconditionFailed" });
            assert.deepStrictEqual((await setup.get("a", { IfMatch: ETag })).text, "one");
            const notModified = (error: { $metadata: { httpStatusCode: number } }) =>
                error.$metadata.httpStatusCode === 304;
            await assert.rejects(setup.get("a", { IfNoneMatch: ETag }), notModified);
            await assert.rejects(setup.get("a", { IfModifiedSince: new Date(Date.UTC(2026, 11, 1)) }), notModified);
            await assert.rejects(setup.get("a", { IfUnmodifiedSince: new Date(Date.UTC(2026, 1, 1)) }), {
                name: "PreconditionFailed",
                message: "At least one of the pre-conditions you specified did not hold",
            });
        });

        it("are written on conditions", async () => {
            const failed = {
                name: "PreconditionFailed",
                message: "At least one of the pre-conditions you specified did not hold",
            };
            const { ETag } = await setup.put("a", "one", { IfNoneMatch: "*" });
            await assert.rejects(setup.put("a", "two", { IfNoneMatch: "*" }), failed);
            await assert.rejects(setup.put("a", "two", { IfMatch: '"other"' }), failed);
            await assert.rejects(setup.put("b", "two", { IfMatch: ETag }), { name: "NoSuchKey" });
            await setup.put("a", "two", { IfMatch: ETag });
            assert.deepStrictEqual((await setup.get("a")).text, "two");
        });

        it("are created by one of many writers who all want them not to be there", async () => {
            const writes = Array.from({ length: 20 }, (_, n) => setup.put("a", String(n), { IfNoneMatch: "*" }));
            const done = (await Promise.allSettled(writes)).filter(({ status }) => status === "fulfilled");
            assert.deepStrictEqual(done.length, 1);
        });

        it("do not hold a chunk's framing when they come as a stream, whatever the checksum", async () => {
            for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
                const body = "x".repeat(200_000);
                await setup.put("a", Readable.from([body.slice(0, 70_000), body.slice(70_000)]), {
                    ContentLength: body.length,
                    ChecksumAlgorithm,
                });
                const found = await setup.get("a", { ChecksumMode: "ENABLED" });
                assert.deepStrictEqual(found.text === body, true);
                assert.ok(found[`Checksum${ChecksumAlgorithm}`], ChecksumAlgorithm);
                assert.deepStrictEqual(found.ContentEncoding, undefined);
            }
        });

        it("are refused when their checksum is another's, and what was there stays", async () => {
            await setup.put("a", "one");
            await assert.rejects(setup.put("a", "two", { ChecksumSHA256: "AAAA" }), {
                name: "BadDigest",
                message: "The SHA256 you specified did not match the calculated checksum.",
            });
            await assert.rejects(setup.put("a", "two", { ContentMD5: "AAAA" }), {
                name: "BadDigest",
                message: "The Content-MD5 you specified did not match what we received.",
            });
            assert.deepStrictEqual((await setup.get("a")).text, "one");
        });

        it("are copied, with their headers or new ones", async () => {
            await setup.put("a é", "one", { ContentType: "text/plain", Metadata: { n: "1" } });
            const copy = (more: object) =>
                setup.client.send(
                    new CopyObjectCommand({ Bucket: "lake", Key: "b", CopySource: encodeURI("lake/a é"), ...more }),
                );
            assert.deepStrictEqual((await copy({})).CopyObjectResult?.ETag, `"${md5("one")}"`);
            const kept = await setup.get("b");
            assert.deepStrictEqual([kept.text, kept.ContentType, kept.Metadata], ["one", "text/plain", { n: "1" }]);
            await copy({ MetadataDirective: "REPLACE", ContentType: "text/csv", Metadata: { n: "2" } });
            const replaced = await setup.get("b");
            assert.deepStrictEqual([replaced.ContentType, replaced.Metadata], ["text/csv", { n: "2" }]);
            await assert.rejects(copy({ Key: "a é" }), {
                name: "InvalidRequest",
                message:
                    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
            });
        });

        it("go when they are deleted, and deleting what is not there is no error", async () => {
            await setup.put("a", "1");
            await setup.put("b & <c>", "2");
            const { Deleted } = await setup.client.send(
                new DeleteObjectsCommand({
                    Bucket: "lake",
                    Delete: { Objects: [{ Key: "a" }, { Key: "b & <c>" }, { Key: "never" }] },
                }),
            );
            assert.deepStrictEqual(Deleted, [{ Key: "a" }, { Key: "b & <c>" }, { Key: "never" }]);
            await setup.client.send(new DeleteObjectCommand({ Bucket: "lake", Key: "a" }));
            assert.deepStrictEqual(await setup.list(), []);
            await assert.rejects(setup.get("a"), { name: "NoSuchKey", message: "The specified key does not exist." });
        });

        it("are still what they were, headers included, after a restart", async () => {
            await setup.put("a", "one", { ContentType: "text/plain" });
            const again = createS3(setup.services);
            const server = await serve({ http: { s3: again.handle } });
            const client = new S3Client({ ...server.client, forcePathStyle: true });
            const { ContentType, ETag } = await client.send(new HeadObjectCommand({ Bucket: "lake", Key: "a" }));
            assert.deepStrictEqual([ContentType, ETag], ["text/plain", `"${md5("one")}"`]);
            client.destroy();
            await server.close();
        });
    });

    describe("a PUT that is cut short", () => {
        it("leaves the object that was there, and no file", async () => {
            await setup.put("a", "one");
            const { hostname, port } = new URL(setup.server.endpoint);
            const headers = { "content-length": "1000", ...(await signedHeaders(setup.server, "PUT", "/lake/a")) };
            await new Promise<void>((resolve) => {
                const request = http.request({ hostname, port, method: "PUT", path: "/lake/a", headers });
                request.on("error", () => resolve()).on("close", () => resolve());
                request.write("half", () => request.destroy());
            });
            await eventually(() => assert.deepStrictEqual(temporaries(setup), []));
            assert.deepStrictEqual((await setup.get("a")).text, "one");
        });

        it("by a kill before its last step leaves the object that was there, with its headers", async () => {
            await setup.put("a", "one", { ContentType: "text/plain" });
            const file = path.join(setup.folder, "a");
            const before = fs.statSync(file);
            await setup.put("a", "two", { ContentType: "text/csv" });
            // Both files are written when the kill comes, but only the one that describes the new object has its name.
            fs.writeFileSync(file, "one");
            fs.utimesSync(file, before.atimeMs / 1000, before.mtimeMs / 1000);
            const found = await setup.get("a");
            assert.deepStrictEqual(
                [found.text, found.ContentType, found.ETag],
                ["one", "text/plain", `"${md5("one")}"`],
            );
        });

        it("by a kill leaves nothing that a restart does not remove", () => {
            const folder = path.join(setup.services.place.data, "s3", ".tmp");
            fs.writeFileSync(path.join(folder, "1"), "half an object");
            createS3(setup.services);
            assert.deepStrictEqual(temporaries(setup), []);
        });
    });

    describe("listings", () => {
        it("go page by page through keys and common prefixes", async () => {
            for (const key of ["a", "b/1", "b/2", "c/1", "d"]) await setup.put(key, "x");
            const pages: unknown[] = [];
            let ContinuationToken: string | undefined;
            do {
                const page = await setup.client.send(
                    new ListObjectsV2Command({ Bucket: "lake", Delimiter: "/", MaxKeys: 2, ContinuationToken }),
                );
                pages.push([page.Contents?.map(({ Key }) => Key), page.CommonPrefixes?.map(({ Prefix }) => Prefix)]);
                ContinuationToken = page.NextContinuationToken;
            } while (ContinuationToken);
            assert.deepStrictEqual(pages, [
                [["a"], ["b/"]],
                [["d"], ["c/"]],
            ]);
        });

        it("show size, time and ETag", async () => {
            await setup.put("a", "one");
            const { Contents } = await setup.client.send(new ListObjectsV2Command({ Bucket: "lake" }));
            const LastModified = new Date(setup.services.clock.now());
            assert.deepStrictEqual(Contents, [
                { Key: "a", LastModified, ETag: `"${md5("one")}"`, Size: 3, StorageClass: "STANDARD" },
            ]);
        });

        it("know the first version of the operation", async () => {
            for (const key of ["a", "b/1", "c"]) await setup.put(key, "x");
            const first = await setup.client.send(
                new ListObjectsCommand({ Bucket: "lake", Delimiter: "/", MaxKeys: 2 }),
            );
            assert.deepStrictEqual([first.Contents?.[0]?.Key, first.CommonPrefixes], ["a", [{ Prefix: "b/" }]]);
            const next = { Bucket: "lake", Delimiter: "/", Marker: first.NextMarker };
            const second = await setup.client.send(new ListObjectsCommand(next));
            assert.deepStrictEqual([second.Contents?.map(({ Key }) => Key), second.CommonPrefixes], [["c"], undefined]);
        });

        it("refuse a token that they never gave", async () => {
            await assert.rejects(setup.list({ ContinuationToken: "é" }), {
                name: "InvalidArgument",
                message: "The continuation token provided is incorrect",
            });
        });

        it("are those of a sorted list of keys, whatever keys, prefix, delimiter and page", async () => {
            const segment = fc.constantFrom("a", "b", "a-", "a0", "é", "", "^", "z".repeat(260), `${"z".repeat(240)}!`);
            const key = fc
                .array(segment, { minLength: 1, maxLength: 4 })
                .map((segments) => segments.join("/"))
                .filter((text) => text !== "");
            const parameters = fc.record({
                keys: fc.uniqueArray(key, { maxLength: 15 }),
                prefix: fc.oneof(fc.constant(""), key, fc.constantFrom("a", "a/", "zz")),
                delimiter: fc.constantFrom("", "/", "a"),
                max: fc.integer({ min: 1, max: 5 }),
            });
            const { s3, client } = setup;
            let round = 0;
            await fc.assert(
                fc.asyncProperty(parameters, async ({ keys, prefix, delimiter, max }) => {
                    const bucket = `round-${++round}`;
                    setup.bucket(bucket);
                    for (const each of keys) await s3.putObject(ROOT, bucket, each, each);
                    const listed = await everyPage(client, {
                        Bucket: bucket,
                        Prefix: prefix,
                        Delimiter: delimiter,
                        MaxKeys: max,
                    });
                    assert.deepStrictEqual(listed, model(keys, prefix, delimiter));
                }),
                { seed: 7, numRuns: 60 },
            );
        });
    });

    describe("multipart uploads", () => {
        const part = (letter: string, megabytes: number) => Buffer.alloc(megabytes * 1024 * 1024, letter);

        async function begin(Key = "big") {
            const { UploadId } = await setup.client.send(
                new CreateMultipartUploadCommand({ Bucket: "lake", Key, ContentType: "text/plain" }),
            );
            const target = { Bucket: "lake", Key, UploadId };
            const upload = async (PartNumber: number, Body: Buffer) => {
                const { ETag } = await setup.client.send(new UploadPartCommand({ ...target, PartNumber, Body }));
                return { PartNumber, ETag };
            };
            const complete = (Parts: object[], more = {}) =>
                setup.client.send(
                    new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts }, ...more }),
                );
            return { target, upload, complete };
        }

        it("become one object when they are complete", async () => {
            const { target, upload, complete } = await begin();
            const second = await upload(2, part("b", 1));
            await upload(1, part("x", 5));
            const first = await upload(1, part("a", 5));
            const { Parts } = await setup.client.send(new ListPartsCommand(target));
            assert.deepStrictEqual(
                Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag]),
                [
                    [1, 5 * 1024 * 1024, first.ETag],
                    [2, 1024 * 1024, second.ETag],
                ],
            );
            assert.deepStrictEqual(await setup.list(), []);
            const { ETag } = await complete([first, second]);
            const hashes = Buffer.concat(
                [first, second].map((each) => Buffer.from(String(each.ETag).slice(1, -1), "hex")),
            );
            assert.deepStrictEqual(ETag, `"${createHash("md5").update(hashes).digest("hex")}-2"`);
            const found = await setup.get("big");
            assert.ok(found.text === String(part("a", 5)) + String(part("b", 1)));
            assert.deepStrictEqual([found.ContentType, found.ETag], ["text/plain", ETag]);
            const { Uploads } = await setup.client.send(new ListMultipartUploadsCommand({ Bucket: "lake" }));
            assert.deepStrictEqual(Uploads, undefined);
        });

        it("are refused when a part is missing, too small, or out of order", async () => {
            const { upload, complete } = await begin();
            const [first, second] = [await upload(1, part("a", 1)), await upload(2, part("b", 1))];
            await assert.rejects(complete([first, { PartNumber: 3, ETag: '"x"' }]), {
                name: "InvalidPart",
                message:
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
            });
            await assert.rejects(complete([second, first]), {
                name: "InvalidPartOrder",
                message:
                    "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
            });
            await assert.rejects(complete([first, second]), {
                name: "EntityTooSmall",
                message: "Your proposed upload is smaller than the minimum allowed size",
            });
        });

        it("are seen until they are aborted", async () => {
            const { target, complete } = await begin();
            const { Uploads } = await setup.client.send(new ListMultipartUploadsCommand({ Bucket: "lake" }));
            assert.deepStrictEqual(
                Uploads?.map(({ Key, UploadId }) => [Key, UploadId]),
                [["big", target.UploadId]],
            );
            await setup.client.send(new AbortMultipartUploadCommand(target));
            await assert.rejects(complete([{ PartNumber: 1, ETag: '"x"' }]), {
                name: "NoSuchUpload",
                message:
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
            });
        });

        it("are written on conditions", async () => {
            await setup.put("big", "one");
            const { upload, complete } = await begin();
            const first = await upload(1, part("a", 1));
            await assert.rejects(complete([first], { IfNoneMatch: "*" }), { name: "PreconditionFailed" });
            assert.deepStrictEqual((await setup.get("big")).text, "one");
            assert.deepStrictEqual(temporaries(setup), []);
        });

        it("take parts of other objects", async () => {
            await setup.put("source", "0123456789");
            const { target, complete } = await begin();
            const { CopyPartResult } = await setup.client.send(
                new UploadPartCopyCommand({
                    ...target,
                    PartNumber: 1,
                    CopySource: "lake/source",
                    CopySourceRange: "bytes=2-4",
                }),
            );
            await complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
            assert.deepStrictEqual((await setup.get("big")).text, "234");
        });
    });

    describe("buckets", () => {
        it("are those that the program has made", async () => {
            setup.bucket("another");
            const { Buckets } = await setup.client.send(new ListBucketsCommand({}));
            assert.deepStrictEqual(
                Buckets?.map(({ Name }) => Name),
                ["another", "lake"],
            );
            const { BucketRegion } = await setup.client.send(new HeadBucketCommand({ Bucket: "lake" }));
            assert.deepStrictEqual(BucketRegion, "us-east-1");
            const location = await setup.client.send(new GetBucketLocationCommand({ Bucket: "lake" }));
            assert.deepStrictEqual(location.LocationConstraint, undefined);
            await assert.rejects(setup.list({ Bucket: "nobodys" }), {
                name: "NoSuchBucket",
                message: "The specified bucket does not exist",
            });
        });

        it("tell whether they keep versions", async () => {
            const status = async () =>
                (await setup.client.send(new GetBucketVersioningCommand({ Bucket: "lake" }))).Status;
            assert.deepStrictEqual(await status(), undefined);
            const inputs = { bucket: "lake", versioningConfiguration: { status: "Enabled" } };
            setup.services.resources.put({ type: "aws:s3/bucketVersioning:BucketVersioning", id: "lake", inputs });
            assert.deepStrictEqual(await status(), "Enabled");
        });

        it("are found in the host name too", async () => {
            const { port } = new URL(setup.server.endpoint);
            await setup.put("a b/c", "one");
            const { host: _, ...headers } = await signedHeaders(
                setup.server,
                "GET",
                "/a%20b/c",
                `lake.localhost:${port}`,
            );
            const text = await new Promise((resolve, reject) => {
                const options = {
                    host: "127.0.0.1",
                    port,
                    path: "/a%20b/c",
                    headers: { ...headers, host: `lake.localhost:${port}` },
                };
                http.get(options, (response) => {
                    let body = "";
                    response.on("data", (chunk) => {
                        body += chunk;
                    });
                    response.on("end", () => resolve(body));
                }).on("error", reject);
            });
            assert.deepStrictEqual(text, "one");
        });

        it("say what the local runtime lacks", async () => {
            for (const [command, message] of [
                [new GetBucketAclCommand({ Bucket: "lake" }), "The S3 request GET on a bucket with ?acl"],
                [new CreateBucketCommand({ Bucket: "new" }), "The S3 request PUT on a bucket"],
                [
                    new PutObjectCommand({ Bucket: "lake", Key: "a", Body: "x", ACL: "public-read" }),
                    "The S3 access control list public-read",
                ],
            ] as const) {
                await assert.rejects(setup.client.send(command as PutObjectCommand), {
                    name: "LocalUnsupported",
                    message: `${message} is not supported by the local runtime.`,
                });
            }
        });
    });
});

describe("S3, for callers with policies", () => {
    const reader = {
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/session`,
        roleArn: `arn:aws:iam::${ACCOUNT}:role/reader`,
    };
    let setup: Setup;
    let allowed: readonly string[] = [];
    let client: S3Client;
    before(async () => {
        setup = await setUp(
            iamWith(
                (caller, action, resource) =>
                    caller === setup.services.iam.root || allowed.includes(`${action} ${resource}`),
            ),
        );
        const { iam } = setup.services;
        iam.credentials(reader);
        client = new S3Client({
            ...setup.server.client,
            forcePathStyle: true,
            credentials: credentialsOf(iam.credentials(reader)),
        });
        await setup.put("a", "one");
    });
    after(() => {
        client.destroy();
        return setup.close();
    });

    const refusal = (action: string, resource: string) => ({
        name: "AccessDenied",
        message: `User: ${reader.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    });

    it("asks for the action on the object, or on the bucket", async () => {
        allowed = [];
        const get = () => client.send(new GetObjectCommand({ Bucket: "lake", Key: "a" }));
        await assert.rejects(get(), refusal("s3:GetObject", "arn:aws:s3:::lake/a"));
        await assert.rejects(
            client.send(new ListObjectsV2Command({ Bucket: "lake" })),
            refusal("s3:ListBucket", "arn:aws:s3:::lake"),
        );
        await assert.rejects(client.send(new ListBucketsCommand({})), refusal("s3:ListAllMyBuckets", "*"));
        allowed = ["s3:GetObject arn:aws:s3:::lake/a"];
        assert.deepStrictEqual(await (await get()).Body?.transformToString(), "one");
    });

    it("tells only those who may list that a key is not there", async () => {
        allowed = ["s3:GetObject arn:aws:s3:::lake/none"];
        const get = () => client.send(new GetObjectCommand({ Bucket: "lake", Key: "none" }));
        await assert.rejects(get(), refusal("s3:ListBucket", "arn:aws:s3:::lake"));
        allowed = [...allowed, "s3:ListBucket arn:aws:s3:::lake"];
        await assert.rejects(get(), { name: "NoSuchKey" });
    });

    it("deletes of many keys the ones that the caller may", async () => {
        await setup.put("b", "two");
        allowed = ["s3:DeleteObject arn:aws:s3:::lake/b"];
        const Delete = { Objects: [{ Key: "a" }, { Key: "b" }] };
        const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket: "lake", Delete }));
        const { name: Code, message: Message } = refusal("s3:DeleteObject", "arn:aws:s3:::lake/a");
        assert.deepStrictEqual([Deleted, Errors], [[{ Key: "b" }], [{ Key: "a", Code, Message }]]);
    });

    it("is closed to those who do not sign", async () => {
        const answer = await fetch(`${setup.server.endpoint}/lake/a`);
        assert.deepStrictEqual(answer.status, 403);
        assert.match(await answer.text(), /<Code>AccessDenied<\/Code><Message>Access Denied<\/Message>/);
    });

    it("serves other services by the same rules", async () => {
        const { s3 } = setup;
        allowed = ["s3:PutObject arn:aws:s3:::lake/c"];
        await s3.putObject(reader, "lake", "c", "three", { contentType: "text/plain" });
        await assert.rejects(s3.getObject(reader, "lake", "c"), { code: "AccessDenied", status: 403 });
        assert.deepStrictEqual(String(await s3.getObject(ROOT, "lake", "c")), "three");
        const modified = setup.services.clock.now();
        assert.deepStrictEqual(await s3.listObjects(ROOT, "lake", "c"), [{ key: "c", size: 5, modified }]);
        await s3.deleteObject(ROOT, "lake", "c");
        await assert.rejects(s3.getObject(ROOT, "lake", "c"), { code: "NoSuchKey" });
        await assert.rejects(s3.getObject(ROOT, "none", "c"), { code: "NoSuchBucket" });
    });
});

function credentialsOf({ sessionToken, ...key }: ReturnType<Setup["services"]["iam"]["credentials"]>) {
    return { ...key, ...(sessionToken && { sessionToken }) };
}

/** Keys and common prefixes, in the order in which the pages of a listing have them. */
async function everyPage(
    client: S3Client,
    parameters: { Bucket: string; Prefix: string; Delimiter: string; MaxKeys: number },
) {
    const listed: string[] = [];
    let ContinuationToken: string | undefined;
    do {
        const page = await client.send(new ListObjectsV2Command({ ...parameters, ContinuationToken }));
        const [keys, prefixes] = [page.Contents ?? [], page.CommonPrefixes ?? []];
        assert.ok(keys.length + prefixes.length <= parameters.MaxKeys);
        listed.push(...sorted([...keys.map(({ Key }) => `${Key}`), ...prefixes.map(({ Prefix }) => `${Prefix}`)]));
        ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return listed;
}

/** What a listing has, by its definition. */
function model(keys: readonly string[], prefix: string, delimiter: string): string[] {
    const rolled = keys
        .filter((key) => key.startsWith(prefix))
        .map((key) => {
            const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
            return at < 0 ? key : key.slice(0, at + delimiter.length);
        });
    return sorted([...new Set(rolled)]);
}

function sorted(keys: readonly string[]): string[] {
    return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The headers of a request signed by the operator, for requests that the SDK does not make. */
async function signedHeaders(
    { client, endpoint }: TestServer,
    method: string,
    path: string,
    host = new URL(endpoint).host,
) {
    const { credentials, region } = client;
    const signer = new SignatureV4({ credentials, region, service: "s3", sha256: Sha256, uriEscapePath: false });
    const headers = { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    const signed = await signer.sign({ method, protocol: "http:", hostname: host, path, headers });
    return signed.headers;
}

function temporaries({ services }: Setup): readonly string[] {
    return fs.readdirSync(path.join(services.place.data, "s3", ".tmp"));
}

/** Waits until a check passes, for at most a second. */
async function eventually(check: () => void): Promise<void> {
    for (let tries = 0; ; tries++) {
        try {
            return check();
        } catch (error) {
            if (tries === 100) throw error;
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
    }
}

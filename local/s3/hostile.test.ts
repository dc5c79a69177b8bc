import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import { fakeServices, ROOT } from "../../tests/support/local";
import type { HttpRequest } from "../services";
import { createS3 } from ".";
import { ROUTES } from "./operations";

const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
        "",
        "-1",
        "0",
        "1",
        "1e9",
        "NaN",
        "%",
        "%zz",
        "%00",
        "..",
        "../..",
        "a",
        "lake/a",
        "/lake/%ff",
        "bytes=-",
        "*",
    ),
);

/** Paths that name the service, a bucket, or an object, and some that name nothing. */
const paths = {
    service: fc.constantFrom("/", "//", "/?"),
    bucket: fc.constantFrom("/lake", "/lake/", "/none", "/.meta", "/%"),
    object: fc.oneof(
        fc.constantFrom("/lake/a", "/lake/a/b", "/none/a", "/lake/%2e%2e/%2E%2E/x", "/lake/%", "/.meta/lake/a"),
        text.map((key) => `/lake/${key}`),
        fc.webPath(),
    ),
};

/** A request for one of S3's operations: signed, and wrong in some way, or right. */
const requests = fc.constantFrom(...ROUTES).chain((route) =>
    fc.record({
        method: fc.constant(route.method),
        path: paths[route.on],
        query: fc
            .subarray([...(route.parameters ?? [])])
            .chain((names) =>
                fc.tuple(
                    ...[route.with, ...names]
                        .filter((name) => name !== undefined)
                        .map((name) => fc.tuple(fc.constant(name), text)),
                ),
            ),
        headers: fc.dictionary(
            fc.constantFrom(
                ..."range if-match if-none-match if-modified-since if-unmodified-since content-md5 content-encoding".split(
                    " ",
                ),
                ..."x-amz-copy-source x-amz-copy-source-range x-amz-decoded-content-length content-length content-type".split(
                    " ",
                ),
                ..."x-amz-content-sha256 x-amz-checksum-crc32 x-amz-trailer x-amz-meta-a x-amz-acl x-amz-metadata-directive".split(
                    " ",
                ),
            ),
            fc.oneof(
                text,
                fc.constantFrom(
                    "aws-chunked",
                    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                    "REPLACE",
                    "lake/a",
                    "x-amz-checksum-crc32",
                ),
            ),
            { maxKeys: 4 },
        ),
        body: fc.oneof(
            fc.uint8Array({ maxLength: 50 }),
            fc
                .constantFrom(
                    "<Delete><Object><Key>a</Key></Object></Delete>",
                    "<Delete>",
                    "<CompleteMultipartUpload/>",
                    "5\r\nhello\r\n0\r\n\r\n",
                    "5\r\nhel",
                )
                .map((xml) => Buffer.from(xml)),
        ),
    }),
);

describe("S3, asked what makes no sense", () => {
    const services = fakeServices();
    services.resources.put({ type: "aws:s3/bucket:Bucket", id: "lake", inputs: { bucket: "lake" } });
    after(() => services.place.remove());

    it("answers or refuses, and never fails", async () => {
        const s3 = createS3(services);
        await s3.putObject(ROOT, "lake", "a", "one");
        await fc.assert(
            fc.asyncProperty(requests, async ({ method, path, query, headers, body }) => {
                const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
                const bytes = Buffer.from(body);
                const request: HttpRequest = {
                    method,
                    url: search === "" ? path : `${path}?${search}`,
                    headers,
                    headerLines: () => [],
                    caller: ROOT,
                    body: async () => bytes,
                    stream: Readable.from([bytes]),
                    sourceIp: "127.0.0.1",
                };
                const { status, body: answered } = await s3.handle(request);
                if (answered instanceof Readable) answered.destroy();
                assert.ok(status < 500 || status === 501, `${status}`);
            }),
            { seed: 7, numRuns: 3000 },
        );
        assert.deepStrictEqual(fs.readdirSync(path.join(services.place.data, "s3", ".tmp")), []);
    });
});

import * as assert from "node:assert/strict";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { ROOT } from "../../tests/support/local";
import type { Caller } from "../services";
import { claimOf, createVerifier, isRefused, type Refused, type SignedRequest, sha256 } from "./sigv4";

/** The keys of AWS's examples. */
const SECRETS: Readonly<Record<string, string>> = {
    AKIAIOSFODNN7EXAMPLE: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    AKIDEXAMPLE: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const SECRET = SECRETS.AKIDEXAMPLE as string;
const EMPTY = sha256("");

interface Given {
    method?: string;
    url: string;
    headers: Record<string, string | string[]>;
    body?: string;
}

/** What becomes of a request at a time: its caller, why it is refused, or undefined when it is not signed. */
async function outcome({ method = "GET", url, headers, body = "" }: Given, at: string | number, sessionToken?: string) {
    const now = () => (typeof at === "number" ? at : Date.parse(at));
    const identify = (key: string) => {
        const secretAccessKey = SECRETS[key];
        return secretAccessKey === undefined ? undefined : { caller: ROOT, secretAccessKey, sessionToken };
    };
    const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat()]));
    const request: SignedRequest = { method, url, header: (name) => lower.get(name) ?? [] };
    const claim = claimOf(request);
    if (claim === undefined || isRefused(claim)) return claim;
    return createVerifier({ identify }, now)(request, claim, async () => sha256(body));
}

const problem = (given: Caller | Refused | undefined) => (isRefused(given) ? given.problem : given);
const scope = (service: string, day: string) => `${day}/us-east-1/${service}/aws4_request`;

describe("signatures", () => {
    describe("of AWS's own examples", () => {
        // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
        const s3 = (signedHeaders: string, signature: string) => ({
            Host: "examplebucket.s3.amazonaws.com",
            "x-amz-date": "20130524T000000Z",
            Authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope("s3", "20130524")},SignedHeaders=${signedHeaders},Signature=${signature}`,
        });
        const examples: Readonly<Record<string, [at: string, Given]>> = {
            "GET object": [
                "2013-05-24T00:00:00Z",
                {
                    url: "/test.txt",
                    headers: {
                        ...s3(
                            "host;range;x-amz-content-sha256;x-amz-date",
                            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                        ),
                        Range: "bytes=0-9",
                        "x-amz-content-sha256": EMPTY,
                    },
                },
            ],
            "PUT object": [
                "2013-05-24T00:00:00Z",
                {
                    method: "PUT",
                    url: "/test%24file.text",
                    body: "Welcome to Amazon S3.",
                    headers: {
                        ...s3(
                            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                        ),
                        Date: "Fri, 24 May 2013 00:00:00 GMT",
                        "x-amz-storage-class": "REDUCED_REDUNDANCY",
                        "x-amz-content-sha256": sha256("Welcome to Amazon S3."),
                    },
                },
            ],
            "GET bucket lifecycle": [
                "2013-05-24T00:00:00Z",
                {
                    url: "/?lifecycle",
                    headers: {
                        ...s3(
                            "host;x-amz-content-sha256;x-amz-date",
                            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
                        ),
                        "x-amz-content-sha256": EMPTY,
                    },
                },
            ],
            "list objects": [
                "2013-05-24T00:00:00Z",
                {
                    url: "/?max-keys=2&prefix=J",
                    headers: {
                        ...s3(
                            "host;x-amz-content-sha256;x-amz-date",
                            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
                        ),
                        "x-amz-content-sha256": EMPTY,
                    },
                },
            ],
            "presigned GET object": [
                "2013-05-24T23:59:59Z",
                {
                    url: "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                    headers: { Host: "examplebucket.s3.amazonaws.com" },
                },
            ],
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html
            "IAM's ListUsers": [
                "2015-08-30T12:36:00Z",
                {
                    url: "/?Action=ListUsers&Version=2010-05-08",
                    headers: {
                        Host: "iam.amazonaws.com",
                        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                        "X-Amz-Date": "20150830T123600Z",
                        Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope("iam", "20150830")}, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7`,
                    },
                },
            ],
        };
        for (const [name, [at, request]] of Object.entries(examples)) {
            it(`are accepted: ${name}`, async () => {
                assert.deepStrictEqual(await outcome(request, at), ROOT);
            });
            it(`are refused when anything is changed: ${name}`, async () => {
                const { headers } = request;
                assert.equal(problem(await outcome({ ...request, method: "POST" }, at)), "mismatch");
                assert.equal(
                    problem(await outcome({ ...request, url: request.url.replace(/e/, "E") }, at)),
                    "mismatch",
                );
                assert.equal(
                    problem(await outcome({ ...request, headers: { ...headers, Host: "h" } }, at)),
                    "mismatch",
                );
            });
        }
    });

    it("of the SDK's signer are accepted, whatever is in the path, the query, the headers and the body", async () => {
        const text = fc.string({
            unit: fc.constantFrom(
                "a",
                "Z",
                "0",
                "~",
                "-",
                "_",
                ".",
                "!",
                "'",
                "(",
                "*",
                " ",
                "+",
                "%",
                "=",
                "&",
                "é",
                "“",
            ),
        });
        const step = text.filter((part) => !/^\.*$/.test(part));
        const at = Date.UTC(2026, 10, 20, 12);
        await fc.assert(
            fc.asyncProperty(
                fc.constantFrom("execute-api", "s3", "firehose"),
                fc.array(step, { maxLength: 3 }),
                fc.dictionary(text.filter(Boolean), text, { maxKeys: 3 }),
                text,
                async (service, steps, query, body) => {
                    const signer = new SignatureV4({
                        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: SECRET },
                        region: "us-east-1",
                        service,
                        sha256: Sha256,
                        uriEscapePath: service !== "s3",
                    });
                    const path = `/${steps.map(encodeURIComponent).join("/")}`;
                    const headers = { host: "127.0.0.1:4566", "x-note": "  a   b " };
                    const signed = await signer.sign(
                        { method: "POST", protocol: "http:", hostname: "127.0.0.1", path, query, headers, body },
                        { signingDate: new Date(at) },
                    );
                    const search = new URLSearchParams(query).toString();
                    const url = search ? `${path}?${search}` : path;
                    assert.deepStrictEqual(
                        await outcome({ method: "POST", url, headers: signed.headers, body }, at),
                        ROOT,
                    );
                    const unsigned = {
                        host: "h",
                        ...(service === "s3" && { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }),
                    };
                    const presigned = await signer.presign(
                        {
                            method: "GET",
                            protocol: "http:",
                            hostname: "127.0.0.1",
                            path,
                            query,
                            headers: unsigned,
                        },
                        { signingDate: new Date(at), expiresIn: 60 },
                    );
                    const presignedUrl = `${path}?${new URLSearchParams(presigned.query as Record<string, string>)}`;
                    if (service !== "firehose")
                        assert.deepStrictEqual(await outcome({ url: presignedUrl, headers: unsigned }, at), ROOT);
                },
            ),
            { numRuns: 60, seed: 11 },
        );
    });

    const noon = Date.UTC(2026, 10, 20, 12);
    async function signed(service: string, options: { sessionToken?: string; at?: number } = {}): Promise<Given> {
        const signer = new SignatureV4({
            credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: SECRET, ...options },
            region: "us-east-1",
            service,
            sha256: Sha256,
        });
        const { headers } = await signer.sign(
            { method: "GET", protocol: "http:", hostname: "h", path: "/", headers: { host: "h" } },
            { signingDate: new Date(options.at ?? noon) },
        );
        return { url: "/", headers };
    }

    it("are good for five minutes either way, and for fifteen at S3", async () => {
        const minute = 60_000;
        const firehose = await signed("firehose");
        assert.deepStrictEqual(await outcome(firehose, noon + 5 * minute), ROOT);
        assert.deepStrictEqual(await outcome(firehose, noon - 5 * minute), ROOT);
        assert.deepStrictEqual(await outcome(firehose, noon + 6 * minute), {
            problem: "expired",
            detail: "Signature expired: 20261120T120000Z is now earlier than 20261120T120100Z (20261120T120600Z - 5 min.)",
        });
        assert.deepStrictEqual(await outcome(firehose, noon - 6 * minute), {
            problem: "early",
            detail: "Signature not yet current: 20261120T120000Z is still later than 20261120T115900Z (20261120T115400Z + 5 min.)",
        });
        const s3 = await signed("s3");
        assert.deepStrictEqual(await outcome(s3, noon + 15 * minute), ROOT);
        assert.equal(problem(await outcome(s3, noon + 16 * minute)), "expired");
    });

    it("of a session need its token", async () => {
        const request = await signed("firehose", { sessionToken: "token" });
        assert.deepStrictEqual(await outcome(request, noon, "token"), ROOT);
        assert.equal(problem(await outcome(request, noon, "another")), "token");
        assert.equal(problem(await outcome(await signed("firehose"), noon, "token")), "token");
    });

    it("are refused when the key is unknown, the date another, or the claim not whole, and nothing is no claim", async () => {
        const good = await signed("firehose");
        const authorization = String(good.headers.authorization);
        const changed = (by: (text: string) => string, more: Record<string, string> = {}) =>
            outcome({ ...good, headers: { ...good.headers, authorization: by(authorization), ...more } }, noon);
        assert.deepStrictEqual(await changed((text) => text.replace("AKIDEXAMPLE", "AKIDOTHER")), {
            problem: "unknown-key",
            detail: "AKIDOTHER",
        });
        assert.deepStrictEqual(await changed((text) => text.replace("20261120/", "20261119/")), {
            problem: "scope",
            detail: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261119' != '20261120', from '20261120T120000Z'.",
        });
        assert.deepStrictEqual(await changed(() => "AWS4-HMAC-SHA256 Credential=x"), {
            problem: "incomplete",
            detail: "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=FmuqUFES1iy1mzrJQ9KV3mCVlP96bVT4yESFwVp6Ot4=",
        });
        assert.equal(problem(await changed((text) => text.replace("SHA256", "SHA512"))), "incomplete");
        assert.equal(problem(await changed((text) => text.replace("/us-east-1", ""))), "incomplete");
        assert.equal(problem(await changed((text) => text, { "x-amz-date": "now" })), "scope");
        assert.equal(
            problem(await outcome({ url: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", headers: {} }, noon)),
            "incomplete",
        );
        assert.equal(await outcome({ url: "/", headers: {} }, noon), undefined);
        assert.equal(await outcome({ url: "/", headers: { authorization: "Bearer x" } }, noon), undefined);
    });

    it("of presigned URLs are good until they expire", async () => {
        const signer = new SignatureV4({
            credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: SECRET },
            region: "us-east-1",
            service: "s3",
            sha256: Sha256,
            uriEscapePath: false,
        });
        const { query } = await signer.presign(
            {
                method: "GET",
                protocol: "http:",
                hostname: "h",
                path: "/b/k",
                headers: { host: "h", "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
            },
            { signingDate: new Date(noon), expiresIn: 60 },
        );
        const request = { url: `/b/k?${new URLSearchParams(query as Record<string, string>)}`, headers: { host: "h" } };
        assert.deepStrictEqual(await outcome(request, noon + 60_000), ROOT);
        assert.deepStrictEqual(await outcome(request, noon + 61_000), {
            problem: "url-expired",
            detail: "Request has expired",
        });
    });
});

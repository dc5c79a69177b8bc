import * as assert from "node:assert/strict";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { createServer, type LocalServer } from "../server";
import { createWire } from "../wire";
import { webDocument } from "./test-documents";
import { ROOT, STRANGER, type TestGateway, testGateway } from "./test-support";

const KEYS: Readonly<Record<string, typeof ROOT>> = { ROOTKEY: ROOT, STRANGERKEY: STRANGER };

/** Strings that templates, JSON, HTTP and JavaScript give a meaning to. */
const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."$#{}[]\"'\\/\n\r\t\0!()._ab1\u2028\u2029\ufeffé😀") }),
    fc.constantFrom(
        '"}],"DeliveryStreamName":"other',
        "$input.body",
        "#set($x=1)#end",
        "\\u0022",
        "${context.requestId}",
    ),
);
/** Documents of hostile strings, at any place. */
const hostileData = fc.oneof(
    hostile,
    fc.dictionary(
        hostile,
        fc.oneof(
            hostile,
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.boolean(),
            fc.constant(null),
            fc.array(hostile),
        ),
        { minKeys: 1 },
    ),
);

describe("A REST API over HTTP", () => {
    let test: TestGateway;
    let server: LocalServer;
    let url = "";
    let signedUrl = "";
    const defects: unknown[] = [];

    before(async () => {
        test = testGateway();
        const { stage } = await test.deploy(webDocument());
        const signed = await test.deploy(webDocument({ security: [{ sigv4: [] }] }));
        const iam = {
            identify: (accessKeyId: string) => {
                const caller = KEYS[accessKeyId];
                return caller && { caller, secretAccessKey: "secret" };
            },
        };
        server = createServer({
            iam,
            wire: createWire(() => []),
            http: { apigateway: test.gateway.handle },
            clock: test.clock,
            report: (defect) => defects.push(defect),
        });
        const endpoint = await server.listen();
        url = `${endpoint}/_aws/execute-api/${stage.inputs.restApi}/v1`;
        signedUrl = `${endpoint}/_aws/execute-api/${signed.api.id}/v1`;
        test.answer = { status: 200, body: '{"FailedPutCount":0}' };
    });
    after(async () => {
        await server.close();
        test.close();
    });
    afterEach(() => assert.deepStrictEqual([defects, test.logged], [[], []]));

    const put = (body: string | Buffer, headers: Record<string, string> = { "content-type": "application/json" }) =>
        fetch(`${url}/streams/web-1234567/records`, { method: "PUT", body, headers });

    it("answers like API Gateway", async () => {
        const reply = await put('{"records":[{"data":"x"}]}');
        assert.deepStrictEqual([reply.status, await reply.text()], [200, '{"FailedPutCount":0}']);
        assert.deepStrictEqual(reply.headers.get("content-type"), "application/json");
        assert.deepStrictEqual(reply.headers.get("access-control-allow-origin"), "https://example.com");
        assert.match(reply.headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
        const preflight = await fetch(`${url}/streams`, { method: "OPTIONS" });
        assert.deepStrictEqual([preflight.status, await preflight.text()], [200, ""]);
    });

    it("stores what was sent, whatever it is, beside neighbours that stay what they are", async () => {
        await fc.assert(
            fc.asyncProperty(hostileData, hostileData, fc.constantFrom("data", "Data"), async (first, second, key) => {
                const reply = await put(
                    JSON.stringify({ records: [{ [key]: first }, { data: "neighbour" }, { data: second }] }),
                );
                assert.deepStrictEqual(reply.status, 200, await reply.text());
                const call = JSON.parse(test.calls.at(-1)?.body ?? "") as {
                    DeliveryStreamName: string;
                    Records: { Data: string }[];
                };
                assert.deepStrictEqual(Object.keys(call), ["DeliveryStreamName", "Records"]);
                assert.deepStrictEqual(call.DeliveryStreamName, "web-1234567");
                const stored = call.Records.map(({ Data }) => Buffer.from(Data, "base64").toString());
                assert.deepStrictEqual(stored, [first, "neighbour", second].map(asStored));
            }),
            { seed: 11, numRuns: 100 },
        );
    });

    it("never fails on arbitrary bytes, types and paths", async () => {
        const path = fc.oneof(fc.webPath(), fc.stringMatching(/^[!-~]{0,20}$/));
        const bytes = fc.oneof(
            fc.uint8Array({ maxLength: 50 }),
            fc.json().map((text) => Buffer.from(text)),
        );
        const type = fc.oneof(
            fc.constantFrom("application/json", "application/json;charset=x", "a/b", ";"),
            fc.stringMatching(/^[!-~]{0,20}$/),
        );
        await fc.assert(
            fc.asyncProperty(
                path,
                bytes,
                type,
                fc.constantFrom("", "/streams/web-1234567/records"),
                async (tail, body, contentType, base) => {
                    const target = `${url}${base}${base && !tail ? "" : `/${tail}`}`;
                    const reply = await fetch(target, {
                        method: "PUT",
                        body: Buffer.from(body),
                        headers: { "content-type": contentType },
                    });
                    const text = await reply.text();
                    assert.ok(reply.status < 500, `${reply.status} ${text}`);
                },
            ),
            { seed: 13, numRuns: 80 },
        );
    });

    it("takes a mebibyte of anything", async () => {
        const data = "$x#end\"'\\\n\u2028\u0000${y}".repeat(70_000);
        assert.deepStrictEqual((await put(JSON.stringify({ records: [{ data }] }))).status, 200);
        const call = JSON.parse(test.calls.at(-1)?.body ?? "") as { Records: { Data: string }[] };
        assert.deepStrictEqual(Buffer.from(call.Records[0]?.Data ?? "", "base64").toString(), `${data}\n`);
    });

    it("answers 413 to more than ten mebibytes", async () => {
        const reply = await put(Buffer.alloc(10_485_761, " "));
        assert.deepStrictEqual([reply.status, await reply.text()], [413, '{"message":"Request Too Long"}']);
    });

    describe("with signatures", () => {
        const send = async (accessKeyId: string, change: Record<string, string> = {}) => {
            const { host, pathname } = new URL(`${signedUrl}/streams/web-1234567/records`);
            const signer = new SignatureV4({
                service: "execute-api",
                region: "us-east-1",
                credentials: { accessKeyId, secretAccessKey: "secret" },
                sha256: Sha256,
            });
            const [hostname = "", port = ""] = host.split(":");
            const request = {
                method: "PUT",
                protocol: "http:",
                hostname,
                port: Number(port),
                path: pathname,
                query: {},
                headers: { host, "content-type": "application/json" },
                body: '{"records":[]}',
            };
            const { headers } = await signer.sign(request, { signingDate: new Date(test.clock.now()) });
            return fetch(`${signedUrl}/streams/web-1234567/records`, {
                method: "PUT",
                body: request.body,
                headers: { ...headers, ...change },
            });
        };

        it("knows the caller", async () => {
            assert.deepStrictEqual((await send("ROOTKEY")).status, 200);
        });

        it("refuses a caller without permission, a wrong signature, and none", async () => {
            assert.deepStrictEqual((await send("STRANGERKEY")).status, 403);
            assert.deepStrictEqual((await send("ROOTKEY", { "x-amz-date": "20200101T000000Z" })).status, 403);
            const reply = await fetch(`${signedUrl}/streams/web-1234567/records`, {
                method: "PUT",
                body: '{"records":[]}',
            });
            assert.deepStrictEqual(
                [reply.status, await reply.text()],
                [403, '{"message":"Missing Authentication Token"}'],
            );
        });
    });
});

/** What the batch template makes of a value: text as it is, anything else as JSON, with a newline at its end. */
function asStored(data: unknown): string {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    return text.endsWith("\n") ? text : `${text}\n`;
}

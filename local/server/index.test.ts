import * as assert from "node:assert/strict";
import * as http from "node:http";
import * as http2 from "node:http2";
import * as net from "node:net";
import { text } from "node:stream/consumers";
import { Sha256 } from "@aws-crypto/sha256-js";
import { DescribeDeliveryStreamCommand, FirehoseClient, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { ACCOUNT, permissiveIam, ROOT, serve, type TestServer } from "../../tests/support/local";
import { strike } from "../../tests/support/malformed";
import { serviceError } from "../errors";
import type { HttpRequest, HttpResponse, JsonService } from "../services";
import { createSts } from "../sts";

const firehose: JsonService = {
    target: "Firehose_20150804",
    name: "firehose",
    client: "@aws-sdk/client-firehose",
    operations: {
        ListDeliveryStreams: (_input, caller) => ({ DeliveryStreamNames: [caller.arn], HasMoreDeliveryStreams: false }),
        PutRecord() {
            throw new TypeError("a defect");
        },
    },
};

const session = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/r/s`, roleArn: `arn:aws:iam::${ACCOUNT}:role/r` };

/** Tells a handler's view of a request. */
async function echo(request: HttpRequest): Promise<HttpResponse> {
    const body = (await request.body()).toString();
    const { method, url, caller, refused } = request;
    const seen = { method, url, caller: caller?.arn, refused: refused?.message, body };
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(seen) };
}

describe("the server", () => {
    let server: TestServer;
    let defects: unknown[];
    let late: Promise<void> | undefined;
    const iam = permissiveIam();

    before(async () => {
        server = await serve({
            iam,
            jsonServices: [firehose],
            queryServices: [createSts({ place: { account: ACCOUNT } } as never)],
            http: {
                async apigateway(request) {
                    await late;
                    return echo(request);
                },
                s3: async (request) => ({ ...(await echo(request)), body: await text(request.stream) }),
                lambda(request) {
                    if (request.url.endsWith("/fails")) throw new TypeError("a defect");
                    if (request.url.endsWith("/refuses"))
                        throw serviceError("TooManyRequestsException", "Rate exceeded", 429);
                    return { status: 200, body: "lambda" };
                },
            },
            report: (defect) => defects.push((defect as Error).message),
        });
    });
    beforeEach(() => {
        defects = [];
        late = undefined;
    });
    after(() => server.close());

    /** A signed request; `change` has the last word on its headers. */
    async function send(
        service: string,
        {
            method = "POST",
            path = "/",
            headers = {},
            body = "",
            secret = "local",
            key = "local",
            token = undefined as string | undefined,
        },
        change: Record<string, string> = {},
    ) {
        const { host, port } = new URL(server.endpoint);
        const signer = new SignatureV4({
            credentials: { accessKeyId: key, secretAccessKey: secret, ...(token && { sessionToken: token }) },
            region: "us-east-1",
            service,
            sha256: Sha256,
            uriEscapePath: service !== "s3",
        });
        const [pathname = "/", search = ""] = path.split("?");
        const request = {
            method,
            protocol: "http:",
            hostname: "127.0.0.1",
            path: pathname,
            headers: { host, ...headers },
            body,
        };
        const signed = await signer.sign({ ...request, query: Object.fromEntries(new URLSearchParams(search)) });
        return plain({ method, path, port: Number(port), headers: { ...signed.headers, ...change } }, body);
    }

    /** A request as it is, over HTTP/1.1. */
    function plain(options: http.RequestOptions, body = "") {
        return new Promise<{ status: number; type: string | undefined; error: string | undefined; body: string }>(
            (resolve, reject) => {
                const sent = http.request(
                    { host: "127.0.0.1", port: new URL(server.endpoint).port, ...options },
                    async (response) => {
                        const { statusCode = 0, headers } = response;
                        resolve({
                            status: statusCode,
                            type: headers["content-type"],
                            error: headers["x-amzn-errortype"] as string | undefined,
                            body: await text(response),
                        });
                    },
                );
                sent.on("error", reject).end(body);
            },
        );
    }

    const target = (operation: string) => ({
        "x-amz-target": `Firehose_20150804.${operation}`,
        "content-type": "application/x-amz-json-1.1",
    });

    describe("tells callers apart", () => {
        it("by the keys that the SDK signs with", async () => {
            const as = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
                new FirehoseClient({ ...server.client, credentials }).send(new ListDeliveryStreamsCommand({}));
            const root = await as(server.client.credentials);
            assert.deepStrictEqual(root.DeliveryStreamNames, [ROOT.arn]);
            const role = await as(iam.credentials(session));
            assert.deepStrictEqual(role.DeliveryStreamNames, [session.arn]);
            await assert.rejects(as({ accessKeyId: "nobody", secretAccessKey: "x" }), {
                name: "UnrecognizedClientException",
                message: "The security token included in the request is invalid.",
            });
            await assert.rejects(as({ accessKeyId: "local", secretAccessKey: "wrong" }), {
                name: "InvalidSignatureException",
                message:
                    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            });
        });

        it("and answers who they are", async () => {
            const { $metadata: _, ...root } = await new STSClient(server.client).send(new GetCallerIdentityCommand({}));
            assert.deepStrictEqual(root, { Arn: ROOT.arn, UserId: ACCOUNT, Account: ACCOUNT });
            const client = new STSClient({ ...server.client, credentials: iam.credentials(session) });
            const { $metadata: __, ...role } = await client.send(new GetCallerIdentityCommand({}));
            assert.deepStrictEqual(role, { Arn: session.arn, UserId: "r:s", Account: ACCOUNT });
        });

        it("and leaves it to deployed APIs and to S3 what those may do who have not signed", async () => {
            const seen = { method: "GET", body: "" };
            const api = await plain({ path: "/_aws/execute-api/abc/v1/streams?a=%20" });
            assert.deepStrictEqual(JSON.parse(api.body), { ...seen, url: "/_aws/execute-api/abc/v1/streams?a=%20" });
            const host = await plain({
                path: "/v1/streams",
                headers: { host: "abc.execute-api.us-east-1.amazonaws.com" },
            });
            assert.deepStrictEqual(JSON.parse(host.body), { ...seen, url: "/v1/streams" });
            assert.equal((await plain({ path: "/bucket/key", method: "PUT" }, "text")).body, "text");
        });
    });

    describe("refuses wrong signatures as each service does", () => {
        const mismatch =
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
        it("JSON services: 400", async () => {
            const options = { headers: target("ListDeliveryStreams"), body: "{}" };
            const type = "application/x-amz-json-1.1";
            assert.deepStrictEqual(await send("firehose", { ...options, secret: "x" }), {
                status: 400,
                type,
                error: "InvalidSignatureException",
                body: JSON.stringify({ __type: "InvalidSignatureException", message: mismatch }),
            });
            assert.deepStrictEqual(await send("kinesis", options), {
                status: 400,
                type,
                error: "InvalidSignatureException",
                body: JSON.stringify({
                    __type: "InvalidSignatureException",
                    message: "Credential should be scoped to correct service: 'firehose'. ",
                }),
            });
            assert.deepStrictEqual(await plain({ method: "POST", headers: options.headers }, "{}"), {
                status: 400,
                type,
                error: "MissingAuthenticationTokenException",
                body: '{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}',
            });
        });

        it("Lambda: 403", async () => {
            const answer = {
                status: 403,
                type: "application/json",
                error: "InvalidSignatureException",
                body: JSON.stringify({ message: mismatch }),
            };
            assert.deepStrictEqual(await send("lambda", { path: "/2015-03-31/functions/f", secret: "x" }), answer);
        });

        it("deployed APIs: they are told, and refuse by themselves", async () => {
            const told = (message: string) => ({
                status: 200,
                type: "application/json",
                error: undefined,
                body: JSON.stringify({
                    method: "POST",
                    url: "/_aws/execute-api/abc/v1/x",
                    refused: message,
                    body: "",
                }),
            });
            assert.deepStrictEqual(
                await send("execute-api", { path: "/_aws/execute-api/abc/v1/x", secret: "x" }),
                told(mismatch),
            );
            assert.deepStrictEqual(
                await send("s3", { path: "/_aws/execute-api/abc/v1/x" }),
                told("Credential should be scoped to correct service: 'execute-api'. "),
            );
        });

        it("STS and S3: XML", async () => {
            const form = {
                headers: { "content-type": "application/x-www-form-urlencoded" },
                body: "Action=GetCallerIdentity",
            };
            const sts = await send("sts", { ...form, key: "nobody" });
            assert.equal(sts.status, 403);
            assert.match(
                sts.body,
                /^<ErrorResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>InvalidClientTokenId<\/Code><Message>The security token included in the request is invalid.<\/Message>/,
            );
            const s3 = await send("s3", { path: "/bucket/key", secret: "x", method: "GET" });
            assert.deepStrictEqual([s3.status, s3.type], [403, "application/xml"]);
            assert.match(
                s3.body,
                /<Code>SignatureDoesNotMatch<\/Code><Message>.* Check your key and signing method.<\/Message>/,
            );
        });

        it("the signatures of version 2", async () => {
            const path = "/bucket/key?AWSAccessKeyId=local&Signature=x&Expires=1795251751";
            for (const request of [{ path }, { path: "/bucket/key", headers: { authorization: "AWS local:x" } }]) {
                const { status, body } = await plain(request);
                assert.equal(status, 400);
                assert.match(
                    body,
                    /<Code>InvalidRequest<\/Code><Message>The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.<\/Message>/,
                );
            }
        });

        it("a body that is not the one signed", async () => {
            const hash = { "x-amz-content-sha256": "0".repeat(64) };
            const s3 = await send("s3", { method: "PUT", path: "/bucket/key", headers: hash, body: "text" });
            assert.equal(s3.status, 400);
            assert.match(s3.body, /<Code>XAmzContentSHA256Mismatch<\/Code>/);
            const json = await send("firehose", { headers: { ...target("ListDeliveryStreams"), ...hash }, body: "{}" });
            assert.deepStrictEqual([json.status, json.error], [400, "InvalidSignatureException"]);
        });
    });

    describe("says what it does not have", () => {
        it("with another error for what AWS has and for what nobody has", async () => {
            const client = new FirehoseClient(server.client);
            await assert.rejects(client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: "s" })), {
                name: "LocalUnsupported",
                message: "firehose:DescribeDeliveryStream is not supported by the local runtime.",
            });
            await assert.rejects(new STSClient(server.client).send(new GetSessionTokenCommand({})), {
                name: "LocalUnsupported",
                message: "sts:GetSessionToken is not supported by the local runtime.",
            });
            const unknown = await send("firehose", { headers: target("Nothing"), body: "{}" });
            assert.deepStrictEqual([unknown.status, unknown.body], [400, '{"__type":"UnknownOperationException"}']);
            const other = await send("x", { headers: { "x-amz-target": "Other_1.Do" }, body: "{}" });
            assert.deepStrictEqual(JSON.parse(other.body), {
                __type: "UnknownOperationException",
                message: 'No local service has the target "Other_1".',
            });
            const sqs = await send("sqs", { path: "/queue", body: "{}" });
            assert.deepStrictEqual(
                [sqs.status, sqs.error, JSON.parse(sqs.body)],
                [501, "LocalUnsupported", { message: 'The service "sqs" is not supported by the local runtime.' }],
            );
        });

        it("and where nothing is served", async () => {
            const nothing = (what: string) => ({
                status: 404,
                type: "application/json",
                error: undefined,
                body: JSON.stringify({ message: `Nothing is served at ${what}.` }),
            });
            assert.deepStrictEqual(await plain({ path: "/_tributary/status?x" }), nothing("GET /_tributary/status"));
            assert.deepStrictEqual(await send("firehose", { path: "/streams" }), nothing("POST /streams"));
        });
    });

    it("reports its own defects, and does not tell clients about them", async () => {
        const failed = { message: "The local runtime failed; its own output says why." };
        const rest = await plain({ path: "/2015-03-31/functions/fails" });
        assert.deepStrictEqual([rest.status, rest.error, JSON.parse(rest.body)], [500, "InternalFailure", failed]);
        const record = '{"DeliveryStreamName":"s","Record":{"Data":""}}';
        const json = await send("firehose", { headers: target("PutRecord"), body: record });
        assert.deepStrictEqual([json.status, JSON.parse(json.body)], [500, { __type: "InternalFailure", ...failed }]);
        assert.deepStrictEqual(defects, ["a defect", "a defect"]);
        const refused = await plain({ path: "/2015-03-31/functions/refuses" });
        assert.deepStrictEqual(refused, {
            status: 429,
            type: "application/json",
            error: "TooManyRequestsException",
            body: '{"message":"Rate exceeded"}',
        });
    });

    it("takes what cannot be decoded for the client's mistake", async () => {
        const handler = (request: HttpRequest) => ({ status: 200, body: decodeURIComponent(request.url) });
        const own = await serve({ http: { s3: handler, lambda: handler } });
        const { port } = new URL(own.endpoint);
        const lambda = await plain({ port, path: "/2015-03-31/functions/%ff" });
        assert.deepStrictEqual([lambda.status, lambda.body], [400, '{"message":"Bad Request"}']);
        const s3 = await plain({ port, path: "/bucket/%" });
        assert.equal(s3.status, 400);
        assert.match(s3.body, /<Code>InvalidURI<\/Code><Message>Couldn&apos;t parse the specified URI.<\/Message>/);
        await own.close();
    });

    it("refuses a body that is too long, whether its length was said before or not", async () => {
        const long = "x".repeat(16 * 1024 * 1024 + 1);
        const message = "The request body is longer than 16777216 bytes.";
        for (const headers of [{ "content-length": String(long.length) }, { "transfer-encoding": "chunked" }]) {
            const answer = await plain({ method: "POST", path: "/_aws/execute-api/abc/v1/x", headers }, long);
            assert.deepStrictEqual([answer.status, JSON.parse(answer.body)], [413, { message }]);
        }
    });

    it("takes requests in absolute form, and a bucket in the host", async () => {
        const absolute = await plain({ path: "http://anything/_aws/execute-api/abc/x" });
        assert.equal(JSON.parse(absolute.body).url, "/_aws/execute-api/abc/x");
        const local = await serve({ http: { s3: echo } });
        const response = await new Promise<http.IncomingMessage>((resolve) =>
            http.get(`${local.endpoint}/a/key?x=1`, { headers: { host: "my.bucket.localhost:4566" } }, resolve),
        );
        assert.equal(JSON.parse(await text(response)).url, "/my.bucket/a/key?x=1");
        await local.close();
    });

    it("tells a handler when an upload breaks off, also while its hash is being checked", async () => {
        let arrive = () => {};
        const arrived = new Promise<void>((resolve) => {
            arrive = resolve;
        });
        let outcome = (_error: string) => {};
        const ended = new Promise<string>((resolve) => {
            outcome = resolve;
        });
        const own = await serve({
            http: {
                async s3(request) {
                    arrive();
                    await text(request.stream).catch((error: Error) => outcome(error.message));
                    return { status: 200 };
                },
            },
        });
        const headers = { host: new URL(own.endpoint).host, "content-length": "1000" };
        const signer = new SignatureV4({
            credentials: own.client.credentials,
            region: "us-east-1",
            service: "s3",
            sha256: Sha256,
            uriEscapePath: false,
        });
        const signed = await signer.sign({
            method: "PUT",
            protocol: "http:",
            hostname: "127.0.0.1",
            path: "/b/k",
            headers,
            body: "x".repeat(1_000),
        });
        const upload = http
            .request(`${own.endpoint}/b/k`, { method: "PUT", headers: signed.headers })
            .on("error", () => undefined);
        upload.write("x".repeat(500));
        await arrived;
        upload.destroy();
        assert.equal(await ended, "aborted");
        await own.close();
    });

    it("answers HEAD with the length of what GET would get", async () => {
        const head = await new Promise<http.IncomingMessage>((resolve) =>
            http.request(`${server.endpoint}/_aws/execute-api/a/b`, { method: "HEAD" }, resolve).end(),
        );
        assert.deepStrictEqual([head.statusCode, head.headers["content-length"]], [200, "57"]);
    });

    it("speaks HTTP/2 on the same port to clients that begin with it", async () => {
        const client = http2.connect(server.endpoint);
        const request = client.request({ ":method": "POST", ":path": "/_aws/execute-api/abc/v1/x" });
        request.end("hello");
        const headers = await new Promise<http2.IncomingHttpHeaders>((resolve) => request.on("response", resolve));
        assert.equal(headers[":status"], 200);
        assert.deepStrictEqual(JSON.parse(await text(request)), {
            method: "POST",
            url: "/_aws/execute-api/abc/v1/x",
            body: "hello",
        });
        await new Promise<void>((resolve) => client.close(resolve));
    });

    it("answers a client that ends its side after the request", async () => {
        const bytes = Buffer.from("GET /_aws/execute-api/a HTTP/1.1\r\nHost: x\r\n\r\n");
        assert.deepStrictEqual(await strike(server.endpoint, { kind: "", bytes, ending: "half-close" }), [200]);
    });

    it("ends requests under way when it closes, and keeps no idle connection", async () => {
        let arrive = () => {};
        const arrived = new Promise<void>((resolve) => {
            arrive = resolve;
        });
        const own = await serve({
            http: {
                async apigateway() {
                    arrive();
                    await late;
                    return { status: 200, body: "done" };
                },
            },
        });
        let release = () => {};
        late = new Promise((resolve) => {
            release = resolve;
        });
        const agent = new http.Agent({ keepAlive: true });
        const answered = new Promise<string>((resolve) =>
            http.get(`${own.endpoint}/_aws/execute-api/a`, { agent }, async (response) =>
                resolve(await text(response)),
            ),
        );
        const silent = net.connect(Number(new URL(own.endpoint).port), "127.0.0.1").on("error", () => undefined);
        const session = http2.connect(own.endpoint).on("error", () => undefined);
        const connected = [silent, session].map((each) => new Promise((resolve) => each.on("connect", resolve)));
        await Promise.all([arrived, ...connected]);
        const hungUp = new Promise((resolve) => silent.on("close", resolve));
        const closed = own.close();
        release();
        assert.equal(await answered, "done");
        await Promise.all([closed, hungUp]);
        await assert.rejects(fetch(own.endpoint));
        agent.destroy();
    });

    it("says which port is in use", async () => {
        const { createServer } = await import(".");
        const { createWire } = await import("../wire");
        const other = createServer({ iam, wire: createWire(() => []) });
        const port = Number(new URL(server.endpoint).port);
        await assert.rejects(other.listen({ port }), {
            message: `Port ${port} of 127.0.0.1 is in use. Stop what listens there, or choose another port (0 takes a free one).`,
        });
    });
});

import * as assert from "node:assert/strict";
import * as net from "node:net";
import { runtimeProcess } from "../support/runtime-process";
import { seeded, sized } from "../support/soak";

const PIPELINES = {
    "web-analytics": {
        auth: { mode: "none", throttle: { rate: 10_000, burst: 5_000 } },
        buffer: { intervalSeconds: 1, sizeMiB: 1 },
    },
};
const COUNT = sized(100_000, 4_000);
const CONCURRENCY = 16;

describe(`${COUNT} malformed requests`, function () {
    this.timeout(30 * 60_000);
    const runtime = runtimeProcess(PIPELINES);
    const statuses = new Map<number, number>();
    const serverErrors: string[] = [];
    let [rssBefore, rssAfter] = [0, 0];

    before(async () => {
        await runtime.start();
        const { endpoint } = await runtime.status();
        const { url = "", stream = "" } = await runtime.outputs("web-analytics");
        const { port } = new URL(endpoint);
        const make = malformed(seeded(5), new URL(url).pathname, stream);
        let sent = 0;
        const worker = async (until: number) => {
            while (sent < until) {
                sent++;
                const request = make();
                const answer = await exchange(Number(port), request);
                const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
                statuses.set(status, (statuses.get(status) ?? 0) + 1);
                if (status >= 500)
                    serverErrors.push(`${request.toString("latin1").slice(0, 300)}\n=> ${answer.slice(0, 300)}`);
            }
        };
        const all = (until: number) => Promise.all(Array.from({ length: CONCURRENCY }, () => worker(until)));
        // The first quarter loads what is loaded late and fills the caches.
        await all(COUNT / 4);
        rssBefore = runtime.rssMib();
        await all(COUNT);
        rssAfter = runtime.rssMib();
    });
    after(() => runtime.remove());

    it("never get a 5xx", () => {
        assert.deepEqual(serverErrors, []);
    });

    it("are answered, or cut off, and are understood now and then", () => {
        assert.ok((statuses.get(400) ?? 0) > 0, `statuses: ${JSON.stringify([...statuses])}`);
        assert.equal([...statuses.values()].reduce((sum, n) => sum + n, 0) >= COUNT, true);
    });

    it("leave the memory flat", () => {
        assert.ok(rssAfter < rssBefore * 1.25 + 32, `resident memory grew from ${rssBefore} to ${rssAfter} MiB`);
    });

    it("leave a runtime that works", async () => {
        const { url, stream } = await runtime.outputs("web-analytics");
        const answer = await (await fetch(`${url}/streams`)).json();
        assert.deepEqual(answer, { DeliveryStreamNames: [stream], HasMoreDeliveryStreams: false });
    });
});

/** Sends bytes on a connection of its own, ends it, and gives what came back within a second. */
function exchange(port: number, request: Buffer): Promise<string> {
    return new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1");
        const chunks: Buffer[] = [];
        const done = () => {
            socket.destroy();
            resolve(Buffer.concat(chunks).toString("latin1"));
        };
        socket.setTimeout(1000, done);
        socket.on("data", (chunk) => chunks.push(chunk));
        socket.on("error", done);
        socket.on("end", done);
        socket.on("close", done);
        socket.end(request);
    });
}

/** Makes requests that are wrong in some way: in bytes, in HTTP, in the path, in the body, in JSON, in their signature. */
function malformed(random: () => number, base: string, stream: string): () => Buffer {
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const bytes = (n: number) => Buffer.from(Array.from({ length: n }, () => Math.floor(random() * 256)));
    const paths = [
        `${base}/streams`,
        `${base}/streams/${stream}/record`,
        `${base}/streams/${stream}/records`,
        `${base}/streams/other/record`,
        `${base}/%`,
        `${base}/%ff%00`,
        "/_aws/execute-api//",
        "/_aws/execute-api/%2e%2e/v1",
        "/",
        "//",
        "/bucket/key",
        "/bucket?list-type=2",
        "/_tributary/nothing",
        "/2015-03-31/functions/x/invocations",
        "/?Action=GetCallerIdentity",
        "/\u00e9",
        `/${"a".repeat(3000)}`,
    ];
    const bodies = [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        '{"records":',
        '{"records":{}}',
        '{"records":[1,null,"x",[],{}]}',
        '{"Data":null}',
        '{"Data":{}}',
        '{"records":[{"data":{"a":1}}]}',
        "\u0000\u0001",
        "[".repeat(50_000),
        `{"a":${"9".repeat(5000)}}`,
        '{"__proto__":{"x":1}}',
        "\xff\xfe",
        '{"DeliveryStreamName":"x","Record":{"Data":"***"}}',
        '{"DeliveryStreamName":1}',
        `{"Data":"${"\\ud800"}"}`,
    ];
    const headers = [
        "X-Amz-Target: Firehose_20150804.PutRecord",
        "X-Amz-Target: Nothing.Nowhere",
        "X-Amz-Target: AmazonAthena.",
        "Authorization: AWS4-HMAC-SHA256 x",
        "Authorization: AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/firehose/aws4_request, SignedHeaders=host, Signature=00",
        "Content-Type: text/plain",
        "Content-Type: application/json; charset=",
        "Content-Encoding: gzip",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "X-Amz-Date: yesterday",
        "Connection: upgrade",
        "Upgrade: h2c",
        `X-Long: ${"v".repeat(20_000)}`,
        "Bad Header",
        ": x",
    ];
    const well = () => {
        const body = pick(bodies);
        const length = random() < 0.8 ? Buffer.byteLength(body) : Math.floor(random() * 100);
        const chosen = Array.from({ length: Math.floor(random() * 4) }, () => pick(headers));
        const lines = [
            `${pick(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "FOO"])} ${pick(paths)} HTTP/1.1`,
            "Host: x",
        ];
        return Buffer.from(
            [...lines, "Content-Type: application/json", `Content-Length: ${length}`, ...chosen, "", body].join("\r\n"),
        );
    };
    const flipped = () => {
        const request = well();
        for (let i = 0; i < 3; i++) request[Math.floor(random() * request.length)] = Math.floor(random() * 256);
        return request;
    };
    const cut = () => {
        const request = well();
        return request.subarray(0, Math.floor(random() * request.length));
    };
    const http2 = () =>
        Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), bytes(Math.floor(random() * 200))]);
    const noise = () => bytes(1 + Math.floor(random() * 300));
    return () => pick([well, well, well, flipped, cut, http2, noise])();
}

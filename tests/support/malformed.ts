import * as net from "node:net";
import { signature } from "./sign";
import { seeded } from "./soak";

/** Bytes that a client sends, and what it does then. */
export interface Malformed {
    readonly kind: string;
    readonly bytes: Buffer;
    /** `wait` for the answer, send a FIN and wait (`half-close`), or go away with a RST (`abort`). */
    readonly ending: "wait" | "half-close" | "abort";
}

/** The service that a target's requests are signed for. */
const SCOPES: Readonly<Record<string, string>> = {
    Firehose_20150804: "firehose",
    AmazonAthena: "athena",
    AWSGlue: "glue",
    Logs_20140328: "logs",
};

const METHODS = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PRI",
    "PR",
    "get",
    "\u0000",
    "",
];
const HOSTILE = [
    "%",
    "%zz",
    "%ff%fe",
    "%00",
    "..%2f..",
    "//",
    "\\",
    "\u00ff",
    "${x}",
    "#if(true)",
    '"',
    "'",
    "\r",
    "?",
    "&&==",
    "*",
];
const AUTHORIZATIONS = [
    "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/firehose/aws4_request",
    "AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0",
    `AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/firehose/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;, Signature=,",
    "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/e",
    "Basic bG9jYWw6bG9jYWw=",
    "Bearer x.y.z",
    "=,=,=",
];
const BODIES = [
    "",
    "{",
    "[]",
    "null",
    '"',
    '{"Data":',
    '{"records":{}}',
    '{"__proto__":{"a":1}}',
    "\ufeff{}",
    "[".repeat(5_000),
];

/** Queries and headers that mean something to S3, with values that mean nothing. */
const QUERIES = [
    "uploads",
    "uploadId=x",
    "uploadId=..%2F..&partNumber=1",
    "list-type=2&max-keys=-1",
    "list-type=2&continuation-token=%00",
    "delete",
    "tagging",
    "versionId=x",
    "partNumber=0&uploadId=x",
    "location",
    "prefix=%zz",
    "x-id=GetObject",
];
const HEADERS = [
    "Range: bytes=9-1",
    "Range: bytes=-",
    "If-Match: *",
    'If-None-Match: "',
    "If-Modified-Since: x",
    "X-Amz-Copy-Source: /../../x",
    "X-Amz-Copy-Source: %",
    "Content-MD5: x",
    "Content-Encoding: aws-chunked",
    "X-Amz-Decoded-Content-Length: x",
    "X-Amz-Invocation-Type: x",
    "X-Amz-Client-Context: %",
    'Content-Type: x/y; charset="',
    "Accept: ,",
];

/** Names that operations know, each with a value that some of them do not take. */
const MEMBERS = [
    "DeliveryStreamName",
    "Record",
    "Records",
    "Data",
    "QueryString",
    "QueryExecutionId",
    "WorkGroup",
    "MaxResults",
    "NextToken",
    "nextToken",
    "limit",
    "logGroupName",
    "logStreamName",
    "filterPattern",
    "DatabaseName",
    "Name",
    "TableInput",
    "Limit",
];
const VALUES: readonly unknown[] = [
    null,
    true,
    -1,
    1e308,
    "",
    "\u0000",
    "x".repeat(2_000),
    "%ff",
    "aGk=",
    "../..",
    "'; --",
    [],
    [null],
    [[]],
    {},
    { Data: "aGk=" },
    [{ Data: "aGk=" }, { Data: 1 }],
    [{}],
    { a: { b: [] } },
];

/**
 * Makes a source of malformed requests, the same ones for the same seed. `paths` are those that the server knows, so that some get deep;
 * `targets` are values of `X-Amz-Target`.
 */
export function malformedRequests(seed: number, paths: readonly string[], targets: readonly string[]): () => Malformed {
    const random = seeded(seed);
    const int = (below: number) => Math.floor(random() * below);
    const pick = <T>(of: readonly T[]): T => of[int(of.length)] as T;
    const noise = (length: number) => Buffer.from(Array.from({ length }, () => int(256)));
    const ending = () => pick<Malformed["ending"]>(["half-close", "half-close", "abort"]);
    const path = () => (random() < 0.5 ? pick(paths) : `/${pick(HOSTILE)}`) + (random() < 0.5 ? pick(HOSTILE) : "");

    function head(headers: readonly string[] = []): string {
        return [
            `${pick(METHODS)} ${path()} HTTP/${pick(["1.1", "1.1", "1.0", "2.0", "9"])}`,
            "Host: x",
            ...headers,
            "",
            "",
        ].join("\r\n");
    }

    function frame(): Buffer {
        const payload = noise(int(40));
        const length = random() < 0.8 ? payload.length : int(1 << 24);
        const start = Buffer.from([
            length >> 16,
            (length >> 8) & 255,
            length & 255,
            int(12),
            int(256),
            0,
            0,
            0,
            int(4),
        ]);
        return Buffer.concat([start, payload]);
    }

    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const kinds: Readonly<Record<string, () => Omit<Malformed, "kind">>> = {
        noise: () => ({ bytes: noise(int(300)), ending: ending() }),
        nothing: () => ({ bytes: Buffer.alloc(0), ending: ending() }),
        head: () => ({ bytes: Buffer.from(head(), "latin1"), ending: ending() }),
        "cut head": () => {
            const whole = Buffer.from(head(), "latin1");
            return { bytes: whole.subarray(0, int(whole.length)), ending: ending() };
        },
        "long header": () => ({ bytes: Buffer.from(head([`X: ${"x".repeat(17_000 + int(20_000))}`])), ending: "wait" }),
        "many headers": () => ({ bytes: Buffer.from(head(Array(3_000).fill("a: b"))), ending: "half-close" }),
        "broken header": () => ({
            bytes: Buffer.from(head([pick(HOSTILE), `: ${pick(HOSTILE)}`]), "latin1"),
            ending: ending(),
        }),
        "wrong length": () => ({
            bytes: Buffer.from(
                head([`Content-Length: ${pick(["-1", "x", "1e9", "99999999999999999999", "5, 6", "12"])}`]) +
                    pick(BODIES),
            ),
            ending: ending(),
        }),
        "broken chunks": () => ({
            bytes: Buffer.from(
                `${head(["Transfer-Encoding: chunked"])}${pick(["z\r\n", "5\r\nab", "ffffffffffffffff\r\n", "3\r\nabcd\r\n0\r\n\r\n"])}`,
            ),
            ending: ending(),
        }),
        body: () => {
            const body = Buffer.from(random() < 0.7 ? pick(BODIES) : noise(int(200)).toString("latin1"));
            const headers = [
                `Content-Length: ${body.length}`,
                `Content-Type: ${pick(["application/json", "application/x-amz-json-1.1", "application/x-www-form-urlencoded", "x"])}`,
                ...(random() < 0.5 ? [`X-Amz-Target: ${random() < 0.7 ? pick(targets) : pick(HOSTILE)}`] : []),
                ...(random() < 0.5 ? [`Authorization: ${pick(AUTHORIZATIONS)}`] : []),
                ...(random() < 0.3 ? [`X-Amz-Date: ${pick(["20261120T120000Z", "x", ""])}`] : []),
                ...(random() < 0.2 ? [`Expect: ${pick(["100-continue", "x"])}`] : []),
                "Connection: close",
            ];
            const start = `${pick(["GET", "POST", "PUT"])} ${path().replace(/[\r ]/g, "")} HTTP/1.1\r\nHost: x`;
            return {
                bytes: Buffer.concat([Buffer.from(`${start}\r\n${headers.join("\r\n")}\r\n\r\n`, "latin1"), body]),
                ending: "wait",
            };
        },
        "wrong frames": () => ({
            bytes: Buffer.concat([
                preface,
                ...(random() < 0.7 ? [settings] : []),
                ...Array.from({ length: int(6) }, frame),
            ]),
            ending: ending(),
        }),
        "cut preface": () => ({ bytes: preface.subarray(0, int(preface.length)), ending: ending() }),
    };
    const names = Object.keys(kinds);
    const host = "127.0.0.1";

    /** A request that is well signed and otherwise as strange as the rest, so that it gets past the door. */
    function signed(): Omit<Malformed, "kind"> {
        const isJson = random() < 0.5;
        const method = isJson ? "POST" : pick(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"]);
        const members = Array.from({ length: int(6) }, () => [pick(MEMBERS), pick(VALUES)]);
        const body = Buffer.from(random() < 0.8 ? JSON.stringify(Object.fromEntries(members)) : pick(BODIES));
        const target = pick(targets);
        const service = isJson
            ? (SCOPES[target.split(".", 1)[0] as string] ?? "x")
            : pick(["s3", "s3", "lambda", "execute-api", "sts"]);
        const where = pick([...paths, `/${pick(HOSTILE)}`, `${pick(paths)}/${pick(HOSTILE)}`]).replace(/[\r ?]/g, "");
        const url = isJson ? "/" : random() < 0.5 ? where : `${where}?${pick(QUERIES)}`;
        const headers = [
            `Host: ${host}`,
            ...Object.entries(signature({ method, url, host, service, body })).map(
                ([name, value]) => `${name}: ${value}`,
            ),
            ...(isJson ? [`X-Amz-Target: ${target}`, "Content-Type: application/x-amz-json-1.1"] : [pick(HEADERS)]),
            `Content-Length: ${body.length}`,
            "Connection: close",
        ];
        const head = Buffer.from(`${method} ${url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`, "latin1");
        return { bytes: Buffer.concat([head, body]), ending: "wait" };
    }

    return () => {
        if (random() < 0.3) return { kind: "signed", ...signed() };
        const kind = pick(names);
        return { kind, ...(kinds[kind] as () => Omit<Malformed, "kind">)() };
    };
}

/** Sends a malformed request and gives the statuses of what comes back: none when the server just hangs up, which is its right. */
export function strike(endpoint: string, { bytes, ending }: Malformed, patienceMs = 5_000): Promise<readonly number[]> {
    const { hostname, port } = new URL(endpoint);
    return new Promise((resolve, reject) => {
        const received: Buffer[] = [];
        const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
        const statuses = () =>
            [
                ...Buffer.concat(received)
                    .toString("latin1")
                    .matchAll(/HTTP\/1\.1 (\d{3}) /g),
            ].map(([, status]) => Number(status));
        socket.setTimeout(patienceMs, () => {
            socket.destroy();
            reject(
                new Error(`No answer in ${patienceMs} ms to ${JSON.stringify(bytes.toString("latin1").slice(0, 500))}`),
            );
        });
        socket.on("data", (chunk) => received.push(chunk));
        socket.on("error", () => undefined);
        socket.on("end", () => socket.end());
        socket.on("close", () => resolve(statuses()));
        socket.write(bytes, () => {
            if (ending === "half-close") socket.end();
            if (ending === "abort") setImmediate(() => socket.resetAndDestroy());
        });
    });
}

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { pipeline, Readable, Transform } from "node:stream";
import { pipeline as piped } from "node:stream/promises";
import { type ServiceError, serviceError } from "../errors";
import type { HttpResponse } from "../services";
import { sha256 } from "./sigv4";
import { ownTurn } from "./turns";

/** A request of either protocol. */
export type Incoming = IncomingMessage | Http2ServerRequest;

/** A response of either protocol. */
export type Outgoing = ServerResponse | Http2ServerResponse;

/** The longest body that is read into memory unless a service says otherwise: PutRecords of Kinesis takes 10 MiB, in base64. */
export const BODY_LIMIT = 16 * 1024 * 1024;

/** Bytes from which on a body takes so long to work on that each has a turn of the event loop to itself. */
const LARGE_BODY = 64 * 1024;

/** The body of a request: read whole, or as a stream. */
export interface Body {
    whole(limit?: number): Promise<Buffer>;
    stream(): Readable;
    /** From here on the body must have this SHA-256, or reading it ends with the error that is made then. */
    expect(hash: string, error: () => ServiceError): void;
}

/** The body of a request. Once it has been read whole it can be read again. */
export function bodyOf(request: Incoming): Body {
    let read: Promise<Buffer> | undefined;
    let expected: { hash: string; error: () => ServiceError } | undefined;
    return {
        async whole(limit = BODY_LIMIT) {
            read ??= readWhole(request, limit).then(inTurn);
            const body = await read;
            if (expected && sha256(body) !== expected.hash) throw expected.error();
            return body;
        },
        stream() {
            const source: Readable = read ? Readable.from(once(read)) : request;
            if (!expected) return source;
            // The reader of the check sees its errors, and those of the source.
            return pipeline(source, hashCheck(expected.hash, expected.error), () => undefined);
        },
        expect: (hash, error) => {
            expected = { hash, error };
        },
    };
}

async function inTurn(body: Buffer): Promise<Buffer> {
    if (body.length >= LARGE_BODY) await ownTurn();
    return body;
}

async function* once(body: Promise<Buffer>): AsyncGenerator<Buffer> {
    yield await body;
}

async function readWhole(request: Incoming, limit: number): Promise<Buffer> {
    const tooLong = () =>
        serviceError("RequestEntityTooLargeException", `The request body is longer than ${limit} bytes.`, 413);
    if (Number(request.headers["content-length"]) > limit) throw tooLong();
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let length = 0;
        request.on("data", (chunk: Buffer) => {
            length += chunk.length;
            if (length <= limit) return void chunks.push(chunk);
            chunks.length = 0;
            reject(tooLong());
        });
        request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
        request.on("error", () => reject(gone()));
        // Every request closes in the end.
        request.on("close", () => request.readableEnded || reject(gone()));
    });
}

/** The client went away before its request was whole: nobody will read this. */
function gone(): ServiceError {
    return serviceError("RequestTimeout", "The connection was closed before the request was complete.");
}

function hashCheck(expected: string, error: () => ServiceError): Transform {
    const hash = createHash("sha256");
    return new Transform({
        transform(chunk: Buffer, _encoding, done) {
            hash.update(chunk);
            done(null, chunk);
        },
        flush: (done) => done(hash.digest("hex") === expected ? null : error()),
    });
}

/** Headers by name in lower case, each as one text. */
export function headersOf(request: Incoming): Record<string, string | undefined> {
    const headers: Record<string, string | undefined> = Object.create(null);
    for (const [name, value] of Object.entries(request.headers))
        if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : value;
    headers.host ??= request.headers[":authority"] as string | undefined;
    return headers;
}

/** Every header as it came, in order; that of HTTP/2 that names the host as HTTP/1.1 has it. */
export function headerLinesOf({ rawHeaders }: Incoming): readonly (readonly [string, string])[] {
    const lines: [string, string][] = [];
    for (let i = 0; i < rawHeaders.length; i += 2) {
        const name = rawHeaders[i] === ":authority" ? "host" : (rawHeaders[i] as string);
        if (!name.startsWith(":")) lines.push([name, rawHeaders[i + 1] as string]);
    }
    return lines;
}

/** Every value of a header as it came, for signatures: Node joins repeated headers, or drops them. */
export function headerValues(request: Incoming, name: string): readonly string[] {
    const { rawHeaders } = request;
    const wanted = name === "host" && request.httpVersionMajor === 2 ? ":authority" : name;
    const values: string[] = [];
    for (let i = 0; i < rawHeaders.length; i += 2)
        if (rawHeaders[i]?.toLowerCase() === wanted) values.push(rawHeaders[i + 1] as string);
    return values;
}

/** Path and query: a request in absolute form has its scheme and host taken off. */
export function urlOf(request: Incoming): string {
    const url = (request.url ?? "/").replace(/^https?:\/\/[^/?]*/i, "").replace(/#.*$/, "");
    return url.startsWith("/") ? url : `/${url}`;
}

/** Sends an answer. What a connection's protocol forbids is left out; a client that has gone away is no error. */
export async function send(request: Incoming, outgoing: Outgoing, answer: HttpResponse): Promise<void> {
    // Both protocols' responses work alike, but their types have nothing in common that can be called.
    const response = outgoing as ServerResponse;
    const { status, body = "" } = answer;
    const isStream = typeof body !== "string" && !Buffer.isBuffer(body);
    if (response.headersSent || response.destroyed) {
        // The client is gone; an object's file must not stay open for it.
        if (isStream) (body as Readable).destroy();
        return;
    }
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(answer.headers ?? {}))
        if (request.httpVersionMajor < 2 || !CONNECTION_HEADERS.has(name.toLowerCase()))
            headers[name.toLowerCase()] = typeof value === "string" ? value : [...value];
    if (!isStream && status !== 204 && status !== 304) headers["content-length"] ??= String(Buffer.byteLength(body));
    response.writeHead(status, headers);
    if (request.method === "HEAD") response.end();
    else if (isStream) await piped(body, response).catch(() => response.destroy());
    else response.end(body);
}

/** What HTTP/2 has no place for. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

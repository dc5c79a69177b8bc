import { createHash, createHmac } from "node:crypto";

const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * Headers that sign a request with the operator's key as SigV4 wants it, at once and whatever the path and the query hold: what the SDK's
 * signer would not send can be signed too.
 */
export function signature(request: { method: string; url: string; host: string; service: string; body: Buffer }) {
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${date.slice(0, 8)}/us-east-1/${request.service}/aws4_request`;
    const [path = "/", query = ""] = request.url.split(/\?(.*)/s);
    const hash = sha256(request.body);
    const headers = `host:${request.host}\nx-amz-content-sha256:${hash}\nx-amz-date:${date}\n`;
    const names = "host;x-amz-content-sha256;x-amz-date";
    const canonical = [request.method, path, query, headers, names, hash].join("\n");
    const key = scope.split("/").reduce<string | Buffer>((from, step) => hmac(from, step), "AWS4local");
    const signed = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString("hex");
    return {
        "X-Amz-Date": date,
        "X-Amz-Content-Sha256": hash,
        Authorization: `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=${names}, Signature=${signed}`,
    };
}

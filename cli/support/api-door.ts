import * as http from "node:http";
import * as https from "node:https";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { ApiEntrance } from "../../components/blocks/entrance";
import { cognitoUser } from "./cognito-user";
import type { Door, Outcome } from "./door";
import { usageError } from "./fail";
import type { PipelineOutputs, RunningStack } from "./stack";

/** Who sends to an API that asks for users: tenants enough to tell apart. Addresses of this domain reach nobody (RFC 2606). */
const TENANTS = ["tenant-1@example.com", "tenant-2@example.com", "tenant-3@example.com"];

/**
 * The way into a pipeline through its REST API. Signs requests when the API asks for IAM, sends the API key (by default the one in the
 * environment variable `TRIBUTARY_API_KEY`) when there is one, and asks in the name of one user after the other when it asks for users.
 */
export function apiDoor(
    stack: RunningStack,
    outputs: PipelineOutputs,
    entrance: ApiEntrance,
    apiKey = process.env.TRIBUTARY_API_KEY,
): Door {
    const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
    const tokens = outputs.auth === "cognito" ? TENANTS.map((email) => cognitoUser(stack, outputs, email)) : [];
    let requests = 0;
    return {
        batch: entrance.batch,
        async send(documents) {
            const request = entrance.request(outputs, documents);
            const url = new URL(`${outputs.url}${request.path}`);
            const headers = {
                "content-type": "application/json",
                ...(apiKey && { "x-api-key": apiKey }),
                ...(tokens.length > 0 && { authorization: await tokens[requests++ % tokens.length]() }),
            };
            const signed = outputs.auth === "iam" ? await sign(stack, request, url, headers) : headers;
            const answer = await exchange(agents, url, request.method, signed, request.body);
            if (!entrance.isMetered && (answer.status === 429 || answer.status === 503))
                return documents.map((): Outcome => "again");
            if (answer.status === 401 || answer.status === 403) {
                throw usageError(
                    `${url} answered ${answer.status} ${answer.body.trim()}. Its auth is "${outputs.auth}".`,
                );
            }
            return entrance.outcomes(answer.status, answer.body, documents.length);
        },
    };
}

async function sign(
    stack: RunningStack,
    request: { readonly method: string; readonly body: string },
    url: URL,
    headers: Record<string, string>,
): Promise<Record<string, string>> {
    const signer = new SignatureV4({
        service: "execute-api",
        region: stack.client.region,
        sha256: Sha256,
        credentials: stack.client.credentials ?? (await ownCredentials()),
    });
    const signed = await signer.sign({
        method: request.method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        headers: { ...headers, host: url.host },
        body: request.body,
    });
    return signed.headers;
}

/** The user's own AWS credentials, from wherever the SDK finds them. */
async function ownCredentials() {
    const { STSClient } = await import("@aws-sdk/client-sts");
    return new STSClient({}).config.credentials();
}

function exchange(
    agents: { readonly http: http.Agent; readonly https: https.Agent },
    url: URL,
    method: string,
    headers: Record<string, string>,
    body: string,
): Promise<{ status: number; body: string }> {
    const secure = url.protocol === "https:";
    return new Promise((resolve, reject) => {
        const options = { method, headers: { ...headers, "content-length": Buffer.byteLength(body) } };
        const request = secure
            ? https.request(url, { ...options, agent: agents.https })
            : http.request(url, { ...options, agent: agents.http });
        request.on("error", reject);
        request.on("response", (response) => {
            const chunks: Buffer[] = [];
            response.on("error", reject);
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () =>
                resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
            );
        });
        request.end(body);
    });
}

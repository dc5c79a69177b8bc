import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiEntrance } from "../../components/blocks/entrance";
import { entrance } from "../../components/web-analytics/entrance";
import { apiDoor } from "./api-door";
import type { PipelineOutputs, RunningStack } from "./stack";

interface Taken {
    readonly method?: string;
    readonly url?: string;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: string;
}

describe("apiDoor", () => {
    let server: http.Server;
    let taken: Taken[];
    let answer: { status: number; body: string };
    let url: string;

    before(async () => {
        server = http.createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk) => chunks.push(chunk));
            request.on("end", () => {
                const { method, url, headers } = request;
                taken.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
                response.writeHead(answer.status).end(answer.body);
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    });
    after(() => {
        server.closeAllConnections();
        server.close();
    });
    beforeEach(() => {
        taken = [];
    });

    const stack: RunningStack = {
        name: "local",
        pipelines: {},
        client: { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } },
    };
    const open = (auth: string, apiKey?: string) => {
        const outputs: PipelineOutputs = { kind: "web-analytics", region: "us-east-1", url, auth, stream: "web" };
        return apiDoor(stack, outputs, entrance.door as ApiEntrance, apiKey);
    };

    it("sends a batch as the pipeline's API takes it, and reads each event's outcome", async () => {
        answer = {
            status: 207,
            body: '{"RequestResponses":[{"RecordId":"1"},{"ErrorCode":"ServiceUnavailableException"}]}',
        };
        assert.deepEqual(await open("none").send(['{"a":1}', "not JSON"]), ["accepted", "again"]);
        assert.deepEqual(
            taken.map(({ method, url, body }) => ({ method, url, body })),
            [
                {
                    method: "PUT",
                    url: "/v1/streams/web/records",
                    body: '{"records":[{"data":"{\\"a\\":1}"},{"data":"not JSON"}]}',
                },
            ],
        );
    });

    for (const status of [429, 503]) {
        it(`takes ${status} for a service that is busy`, async () => {
            answer = { status, body: "{}" };
            assert.deepEqual(await open("none").send(["1", "2"]), ["again", "again"]);
        });
    }

    it("takes 400 for a refusal", async () => {
        answer = { status: 400, body: "{}" };
        assert.deepEqual(await open("none").send(["1"]), ["refused"]);
    });

    it("says how the API lets callers in when it does not", async () => {
        answer = { status: 403, body: '{"message":"Forbidden"}\n' };
        await assert.rejects(open("api-key").send(["1"]), {
            name: "UsageError",
            message: `${url}/streams/web/records answered 403 {"message":"Forbidden"}. Its auth is "api-key".`,
        });
    });

    it("sends the API key", async () => {
        answer = { status: 200, body: '{"RequestResponses":[{}]}' };
        await open("api-key", "the key").send(["1"]);
        assert.equal(taken[0]?.headers["x-api-key"], "the key");
    });

    it("signs for an API that asks for IAM, as API Gateway reads it", async () => {
        answer = { status: 200, body: '{"RequestResponses":[{}]}' };
        await open("iam").send(["1"]);
        const headers = taken[0]?.headers;
        assert.match(
            String(headers?.authorization),
            /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/us-east-1\/execute-api\/aws4_request, SignedHeaders=content-type;host;/,
        );
    });
});

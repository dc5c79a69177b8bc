import * as assert from "node:assert/strict";
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { serve, type TestServer } from "../../tests/support/local";
import { malformedRequests, strike } from "../../tests/support/malformed";
import { SOAK, sized } from "../../tests/support/soak";
import { createSts } from "../sts";

const REQUESTS = sized(100_000, 1_500);
const AT_A_TIME = 20;

describe("the server under malformed requests", () => {
    let server: TestServer;
    const defects: unknown[] = [];
    before(async () => {
        const firehose = {
            target: "Firehose_20150804",
            name: "firehose",
            client: "@aws-sdk/client-firehose",
            operations: { PutRecordBatch: () => ({ FailedPutCount: 0, RequestResponses: [] }) },
        };
        server = await serve({
            jsonServices: [firehose],
            queryServices: [createSts({ place: { account: "000000000000" } } as never)],
            http: {
                apigateway: async (request) => ({ status: 200, body: String((await request.body()).length) }),
                s3: async (request) => ({ status: 200, body: request.stream as NodeJS.ReadableStream }),
                lambda: async (request) => ({ status: 200, body: await request.body(1_000) }),
            },
            report: (defect) => defects.push(defect),
        });
    });
    after(() => server.close(0));

    it(`neither falls nor answers 5xx, ${REQUESTS} times, and its memory stays`, async function () {
        this.timeout(SOAK ? 3_600_000 : 30_000);
        const paths = [
            "/",
            "/_aws/execute-api/abc/v1/streams",
            "/bucket/key",
            "/2015-03-31/functions/f/invocations",
            "/_tributary/x",
        ];
        const next = malformedRequests(7, paths, ["Firehose_20150804.PutRecordBatch", "Firehose_20150804", "."]);
        const counts = new Map<number, number>();
        const memory: number[] = [];
        for (let sent = 0; sent < REQUESTS; sent += AT_A_TIME) {
            const requests = Array.from({ length: AT_A_TIME }, next);
            const answers = await Promise.all(requests.map((request) => strike(server.endpoint, request)));
            answers.forEach((statuses, i) => {
                for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
                if (statuses.some((status) => status >= 500))
                    assert.fail(
                        `${statuses} to ${requests[i]?.kind}: ${JSON.stringify(requests[i]?.bytes.toString("latin1"))}`,
                    );
            });
            if (sent % 1_000 === 0) memory.push(process.memoryUsage().heapUsed / 2 ** 20);
        }
        assert.deepStrictEqual(defects, []);
        assert.ok(
            (counts.get(200) ?? 0) > 0 && (counts.get(400) ?? 0) > 0 && (counts.get(431) ?? 0) > 0,
            `${[...counts]}`,
        );
        const [start = 0, end = 0] = [memory[Math.floor(memory.length / 4)], memory.at(-1)];
        assert.ok(end < start + 64, `the heap grew from ${start} to ${end} MiB`);
        const client = new FirehoseClient(server.client);
        const { FailedPutCount } = await client.send(
            new PutRecordBatchCommand({ DeliveryStreamName: "s", Records: [] }),
        );
        assert.equal(FailedPutCount, 0);
    });
});

import { pageEvents } from "../components/web-analytics/dataset";
import { openApi } from "../components/web-analytics/openapi";
import { ROLE, type TestGateway, testGateway } from "../local/apigateway/test-support";
import { generator } from "../schema/generate";
import { apiModel } from "../schema/json-schema";
import type { Figure } from "./figure";

const ROUNDS = 20;
const REQUESTS_PER_ROUND = 20;
const EVENTS_PER_REQUEST = 500;
const STREAM = "web-analytics-stream-1a2b3c4";

/**
 * Measures the local API Gateway alone, in this process: routing, validation, the request template over 500 events, the response template.
 * The socket before it and Firehose behind it are left out; `local.api_events_per_second` has them all.
 */
export async function apigateway(): Promise<readonly Figure[]> {
    const test = testGateway();
    try {
        await deploy(test);
        test.answer = {
            status: 200,
            body: JSON.stringify({ FailedPutCount: 0, Encrypted: false, RequestResponses: [] }),
        };
        const seconds = [];
        for (let round = -3; round < ROUNDS; round++) {
            const taken = await measure(test);
            // The first rounds are the engine's, to optimize in.
            if (round >= 0) seconds.push(taken);
        }
        const median = seconds.sort((a, b) => a - b)[ROUNDS / 2] as number;
        const events = REQUESTS_PER_ROUND * EVENTS_PER_REQUEST;
        return [
            { name: "apigateway.events_per_second", value: events / median, unit: "events/s", target: 100_000 },
            {
                name: "apigateway.microseconds_per_event",
                value: (median * 1e6) / events,
                unit: "µs",
                target: 10,
                higherIsBetter: false,
            },
        ];
    } finally {
        test.close();
    }
}

async function deploy(test: TestGateway): Promise<void> {
    const model = apiModel(pageEvents);
    const fixed = { title: "bench", stream: STREAM, region: "us-east-1", partition: "aws", roleArn: ROLE };
    await test.deploy(openApi({ ...fixed, auth: "none", origins: [], model }));
}

async function measure(test: TestGateway): Promise<number> {
    const events = generator(pageEvents, { seed: 7 });
    const records = Array.from({ length: EVENTS_PER_REQUEST }, () => ({ data: events.next() }));
    const body = Buffer.from(JSON.stringify({ records }));
    const started = performance.now();
    for (let request = 0; request < REQUESTS_PER_ROUND; request++) {
        const { status } = await test.send("PUT", `/streams/${STREAM}/records`, { body });
        if (status !== 200) throw new Error(`The API answered ${status}.`);
        test.calls.length = 0;
    }
    return (performance.now() - started) / 1000;
}

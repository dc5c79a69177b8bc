import * as assert from "node:assert/strict";
import { mappingProblems } from "./check";
import { mappingConfig } from "./config";
import { reported } from "./response";
import { type Bench, bench, FUNCTION_ARN, QUEUE_ARN, STREAM_ARN } from "./test-support";

const TABLE_STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-11-20T12:00:00.000";

describe("the check of an event-source mapping", () => {
    const base = { functionName: FUNCTION_ARN, eventSourceArn: STREAM_ARN, startingPosition: "TRIM_HORIZON" };

    it("refuses values that AWS refuses, and what the local runtime lacks", () => {
        const cases: readonly [object, string][] = [
            [{ batchSize: 0 }, '"batchSize" must be between 1 and 10000, not 0.'],
            [{ batchSize: 10_001 }, '"batchSize" must be between 1 and 10000, not 10001.'],
            [
                { maximumBatchingWindowInSeconds: 301 },
                '"maximumBatchingWindowInSeconds" must be between 0 and 300, not 301.',
            ],
            [{ parallelizationFactor: 11 }, '"parallelizationFactor" must be between 1 and 10, not 11.'],
            [{ maximumRetryAttempts: -2 }, '"maximumRetryAttempts" must be between -1 and 10000, not -2.'],
            [
                { maximumRecordAgeInSeconds: 59 },
                '"maximumRecordAgeInSeconds" must be -1, or between 60 and 604800, not 59.',
            ],
            [{ startingPosition: undefined }, '"startingPosition" is required for a stream.'],
            [
                { startingPosition: "NOW" },
                '"startingPosition" must be "TRIM_HORIZON" or "LATEST" or "AT_TIMESTAMP", not "NOW".',
            ],
            [
                { startingPosition: "AT_TIMESTAMP", eventSourceArn: TABLE_STREAM },
                '"startingPosition" must be "TRIM_HORIZON" or "LATEST", not "AT_TIMESTAMP".',
            ],
            [
                { startingPosition: "AT_TIMESTAMP" },
                '"startingPositionTimestamp" must be a time in RFC 3339 when "startingPosition" is "AT_TIMESTAMP".',
            ],
            [
                { functionResponseTypes: ["Other"] },
                '"functionResponseTypes" must be "ReportBatchItemFailures", not "Other".',
            ],
            [
                { filterCriteria: { filters: [{ pattern: "{}" }] } },
                '"filterCriteria" of an event-source mapping is not supported by the local runtime.',
            ],
            [
                { tumblingWindowInSeconds: 60 },
                '"tumblingWindowInSeconds" of an event-source mapping is not supported by the local runtime.',
            ],
            [
                { destinationConfig: { onFailure: { destinationArn: "arn:aws:s3:::bucket" } } },
                'The on-failure destination "arn:aws:s3:::bucket" of an event-source mapping is not supported by the local runtime.',
            ],
            [
                { eventSourceArn: QUEUE_ARN },
                `An event-source mapping from "${QUEUE_ARN}" is not supported by the local runtime.`,
            ],
        ];
        for (const [inputs, problem] of cases)
            assert.deepStrictEqual(mappingProblems({ ...base, ...inputs }), [problem]);
        assert.deepStrictEqual(
            mappingProblems({ ...base, tumblingWindowInSeconds: 0, maximumRecordAgeInSeconds: -1 }),
            [],
        );
    });
});

describe("the binding of an event-source mapping", () => {
    let b: Bench;
    beforeEach(async () => {
        b = await bench();
    });
    afterEach(() => b.close());

    it("makes what the real provider makes", async () => {
        const { id, inputs, outputs } = await b.map({ functionName: "consume" });
        assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.deepStrictEqual(outputs, {
            ...inputs,
            arn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${id}`,
            batchSize: 100,
            bisectBatchOnFunctionError: false,
            enabled: true,
            functionArn: FUNCTION_ARN,
            lastModified: "2026-11-20T12:00:00.000Z",
            lastProcessingResult: "No records processed",
            maximumBatchingWindowInSeconds: 0,
            maximumRecordAgeInSeconds: -1,
            maximumRetryAttempts: -1,
            parallelizationFactor: 1,
            region: "us-east-1",
            state: "Enabled",
            stateTransitionReason: "USER_INITIATED",
            tagsAll: {},
            tumblingWindowInSeconds: 0,
            uuid: id,
        });
    });

    it("shows how the mapping went last when it is read", async () => {
        const mapping = await b.map();
        await b.put({ text: "a" });
        b.sources.start();
        await b.sources.idle();
        const read = await b.sources.bindings[mapping.type]?.read?.(mapping);
        assert.equal(read?.outputs.lastProcessingResult, "OK");
    });

    it("has AWS's defaults: endless retries, no age limit", () => {
        const resource = { type: "t", id: "u", inputs: { functionName: "f", eventSourceArn: STREAM_ARN }, outputs: {} };
        const { maxRetries, maxAgeMs, batchSize, parallel, bisects, reportsFailures } = mappingConfig(resource);
        assert.deepStrictEqual(
            { maxRetries, maxAgeMs, batchSize, parallel, bisects, reportsFailures },
            {
                maxRetries: Number.POSITIVE_INFINITY,
                maxAgeMs: Number.POSITIVE_INFINITY,
                batchSize: 100,
                parallel: 1,
                bisects: false,
                reportsFailures: false,
            },
        );
    });
});

describe("the answer of a function that reports failures", () => {
    const entries = ["s0", "s1", "s2", "s3"].map((sequenceNumber) => ({ sequenceNumber }));
    const failures = (...ids: unknown[]) =>
        JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

    it("is success when it names no failure", () => {
        for (const payload of ["", "null", "{}", '{"batchItemFailures":null}', '{"batchItemFailures":[]}'])
            assert.deepStrictEqual(reported(payload, entries), { done: 4 }, payload);
    });

    it("is done up to the lowest failed record, in whatever order the failures stand", () => {
        assert.deepStrictEqual(reported(failures("s3", "s1"), entries), { done: 1 });
        assert.deepStrictEqual(reported(failures("s0"), entries), { done: 0 });
    });

    it("is complete failure when it names what is no record of the batch, or makes no sense", () => {
        const wrongKey = '{"batchItemFailures":[{"sequenceNumber":"s1"}]}';
        for (const payload of [
            failures(""),
            failures(null),
            failures("s9", "s1"),
            wrongKey,
            '"done"',
            "[1]",
            "nonsense",
        ])
            assert.deepStrictEqual(reported(payload, entries), "nonsense", payload);
    });
});

import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { iamWith } from "../../tests/support/local";
import { serviceError } from "../errors";
import {
    type Bench,
    bench,
    FUNCTION_ARN,
    passingTime,
    QUEUE_ARN,
    ROLE_ARN,
    STREAM_ARN,
    type StreamEvent,
    textsIn,
} from "./test-support";

const TO_QUEUE = { destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } } };

describe("event-source mappings of a Kinesis stream", () => {
    const benches: Bench[] = [];
    const benchOf: typeof bench = async (options) => {
        const made = await bench(options);
        benches.push(made);
        return made;
    };
    afterEach(async () => {
        for (const made of benches.splice(0)) await made.close();
    });

    /** A function that keeps what it was called with. */
    function recorder(answer: (texts: readonly string[], event: StreamEvent) => unknown = () => undefined) {
        const calls: (readonly string[])[] = [];
        const consume = (event: StreamEvent) => {
            calls.push(textsIn(event));
            return answer(textsIn(event), event);
        };
        return { calls, consume };
    }

    /** Reports the first record that is one of the bad ones. */
    const reporting =
        (...bad: readonly string[]) =>
        (texts: readonly string[], { Records }: StreamEvent) => ({
            batchItemFailures: Records.filter((_, i) => bad.includes(texts[i] as string)).map(({ kinesis }) => ({
                itemIdentifier: kinesis.sequenceNumber,
            })),
        });

    const throwing =
        (...bad: readonly string[]) =>
        (texts: readonly string[]) => {
            if (texts.some((text) => bad.includes(text))) throw new Error("poison");
        };

    it("call the function with AWS's event", async () => {
        const events: StreamEvent[] = [];
        const b = await benchOf({ consume: (event) => void events.push(event) });
        await b.map();
        await b.put({ key: "c1", text: "one" });
        b.sources.start();
        await b.sources.idle();
        const { sequenceNumber } = events[0]?.Records[0]?.kinesis ?? { sequenceNumber: "" };
        assert.match(sequenceNumber, /^4966\d{52}$/);
        assert.deepStrictEqual(events, [
            {
                Records: [
                    {
                        kinesis: {
                            kinesisSchemaVersion: "1.0",
                            partitionKey: "c1",
                            sequenceNumber,
                            data: "b25l",
                            approximateArrivalTimestamp: Date.UTC(2026, 10, 20, 12) / 1000,
                        },
                        eventSource: "aws:kinesis",
                        eventVersion: "1.0",
                        eventID: `shardId-000000000000:${sequenceNumber}`,
                        eventName: "aws:kinesis:record",
                        invokeIdentityArn: ROLE_ARN,
                        awsRegion: "us-east-1",
                        eventSourceARN: STREAM_ARN,
                    },
                ],
            },
        ]);
    });

    it("call it with no more records than the batch size", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        await b.put(...["a", "b", "c", "d", "e"].map((text) => ({ text })));
        await b.map({ batchSize: 2 });
        b.sources.start();
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["a", "b"], ["c", "d"], ["e"]]);
    });

    it("gather records for as long as the batching window", async () => {
        let called = 0;
        const { calls, consume } = recorder(() => {
            called = b.clock.now();
        });
        const b: Bench = await benchOf({ consume });
        const started = b.clock.now();
        await b.map({ maximumBatchingWindowInSeconds: 5 });
        b.sources.start();
        await b.put({ text: "a" });
        while (b.clock.now() < started + 3000) await b.clock.advance(500);
        await b.put({ text: "b" });
        assert.deepStrictEqual(calls, []);
        await passingTime(b.clock, b.sources.idle());
        assert.deepStrictEqual(calls, [["a", "b"]]);
        assert.ok(called >= started + 5000);
    });

    it("do not wait for the window to end when the batch is full", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        await b.map({ maximumBatchingWindowInSeconds: 300, batchSize: 2 });
        b.sources.start();
        await b.put({ text: "a" }, { text: "b" });
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["a", "b"]]);
    });

    it("never make an event of more than 6 MB", async () => {
        const calls: number[] = [];
        const b = await benchOf({ consume: (event) => void calls.push(event.Records.length) });
        const text = "x".repeat(1_000_000);
        await b.put(...Array.from({ length: 9 }, () => ({ text })));
        await b.map();
        b.sources.start();
        await b.sources.idle();
        assert.deepStrictEqual(calls, [4, 4, 1]);
    });

    it("begin where they are told to", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        await b.put({ text: "old" });
        await b.clock.advance(1000);
        const startingPositionTimestamp = new Date(b.clock.now()).toISOString();
        await b.put({ text: "new" });
        await b.map({ startingPosition: "AT_TIMESTAMP", startingPositionTimestamp });
        await b.map({ startingPosition: "LATEST" });
        b.sources.start();
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["new"]]);
        await b.put({ text: "newest" });
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["new"], ["newest"], ["newest"]]);
    });

    it("go on behind the records that a function has done, and tell the queue of those that are given up", async () => {
        const { calls, consume } = recorder(reporting("bad"));
        const b = await benchOf({ consume });
        await b.put({ text: "good" }, { text: "bad" });
        const mapping = { functionResponseTypes: ["ReportBatchItemFailures"], maximumRetryAttempts: 1, ...TO_QUEUE };
        await b.map(mapping);
        b.sources.start();
        await passingTime(b.clock, b.sources.idle());
        await b.put({ text: "later" });
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["good", "bad"], ["bad"], ["later"]]);
        const [message, ...more] = await b.failures();
        assert.deepStrictEqual(more, []);
        const sequence = message?.KinesisBatchInfo.startSequenceNumber;
        const arrival = "2026-11-20T12:00:00.000Z";
        const { timestamp, ...stable } = message as unknown as { timestamp: string };
        assert.match(timestamp, /^2026-11-20T12:\d\d:\d\d\.\d{3}Z$/);
        assert.deepStrictEqual(stable, {
            requestContext: {
                requestId: "request-2",
                functionArn: FUNCTION_ARN,
                condition: "RetryAttemptsExhausted",
                approximateInvokeCount: 2,
            },
            responseContext: { statusCode: 200, executedVersion: "$LATEST" },
            version: "1.0",
            KinesisBatchInfo: {
                shardId: "shardId-000000000000",
                startSequenceNumber: sequence,
                endSequenceNumber: sequence,
                approximateArrivalOfFirstRecord: arrival,
                approximateArrivalOfLastRecord: arrival,
                batchSize: 1,
                streamArn: STREAM_ARN,
            },
        });
    });

    it("split a batch in two when the function throws, until the poison is alone", async () => {
        const { calls, consume } = recorder(throwing("bad"));
        const b = await benchOf({ consume });
        await b.put(...["a", "b", "bad", "d"].map((text) => ({ text })));
        await b.map({ bisectBatchOnFunctionError: true, maximumRetryAttempts: 0, ...TO_QUEUE });
        b.sources.start();
        await passingTime(b.clock, b.sources.idle());
        assert.deepStrictEqual(calls, [["a", "b", "bad", "d"], ["a", "b"], ["bad", "d"], ["bad"], ["d"]]);
        const failures = await b.failures();
        assert.deepStrictEqual(
            failures.map((each) => (each as unknown as { responseContext: object }).responseContext),
            [{ statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" }],
        );
    });

    it("wait longer before each retry", async () => {
        const times: number[] = [];
        const b: Bench = await benchOf({
            consume: () => {
                times.push(b.clock.now());
                throw new Error("down");
            },
        });
        await b.put({ text: "a" });
        await b.map({ maximumRetryAttempts: 3 });
        b.sources.start();
        await passingTime(b.clock, b.sources.idle(), 50);
        assert.deepStrictEqual(
            times.map((time) => time - (times[0] as number)),
            [0, 50, 150, 350],
        );
    });

    it("give up records that are too old, and call the function with the others", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        await b.put({ text: "old" });
        await b.clock.advance(60_001);
        await b.put({ text: "new" });
        await b.map({ maximumRecordAgeInSeconds: 60, ...TO_QUEUE });
        b.sources.start();
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["new"]]);
        const [message] = await b.failures();
        assert.deepStrictEqual(
            [message?.requestContext.condition, message?.requestContext.approximateInvokeCount],
            ["RecordAgeExceeded", 0],
        );
        assert.equal((message as { responseContext?: object }).responseContext, undefined);
    });

    it("keep the order of each partition key when batches of a shard run side by side", async () => {
        const seen: string[] = [];
        let running = 0;
        let most = 0;
        const b = await benchOf({
            consume: async (event) => {
                most = Math.max(most, ++running);
                for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
                seen.push(...textsIn(event));
                running--;
            },
        });
        const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
        for (let round = 0; round < 20; round++) await b.put(...keys.map((key) => ({ key, text: `${key}${round}` })));
        await b.map({ parallelizationFactor: 4, batchSize: 3 });
        b.sources.start();
        await b.sources.idle();
        assert.equal(seen.length, 160);
        for (const key of keys)
            assert.deepStrictEqual(
                seen.filter((text) => text[0] === key),
                Array.from({ length: 20 }, (_, round) => `${key}${round}`),
            );
        assert.ok(most > 1, "some ran side by side");
    });

    it("read the shards that come from a shard after that shard", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        const stream = b.resources.all("aws:kinesis/stream:Stream")[0] as { inputs: object };
        await b.map({ batchSize: 1 });
        await b.put({ text: "before" }, { text: "before too" });
        const inputs = { ...stream.inputs, shardCount: 2 };
        const binding = b.kinesis.bindings["aws:kinesis/stream:Stream"];
        const updated = await binding?.update?.(stream as never, inputs, "x");
        b.resources.put({
            type: "aws:kinesis/stream:Stream",
            inputs,
            ...(updated as { id: string; outputs: object }),
        } as never);
        await b.put({ text: "after" });
        b.sources.start();
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["before"], ["before too"], ["after"]]);
    });

    it("go on from the last checkpoint after a kill, whatever it interrupts", async () => {
        const kinds = ["invoked", "given up", "checkpointed"] as const;
        for (const killedAt of kinds) {
            const seen: string[] = [];
            const b = await benchOf({
                consume(event) {
                    seen.push(...textsIn(event));
                    throwing("bad")(textsIn(event));
                },
            });
            await b.put(...["a", "bad", "c"].map((text) => ({ text })));
            await b.map({ batchSize: 1, maximumRetryAttempts: 0, ...TO_QUEUE });
            for (let kills = 0; kills < 3; kills++) {
                let steps = kills;
                const killed = b.open({
                    step(_uuid, step) {
                        if (step === killedAt && steps-- === 0) throw new Error("killed");
                    },
                });
                killed.start();
                await passingTime(b.clock, killed.idle());
                await killed.close();
            }
            b.sources.start();
            await passingTime(b.clock, b.sources.idle());
            assert.deepStrictEqual([...new Set(seen)], ["a", "bad", "c"], killedAt);
            const failed = new Set(
                (await b.failures()).map(({ KinesisBatchInfo }) => KinesisBatchInfo.startSequenceNumber),
            );
            assert.equal(failed.size, 1, killedAt);
        }
    });

    it("do not read what they have done again when they start anew", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        await b.put({ text: "a" });
        await b.map();
        b.sources.start();
        await b.sources.idle();
        await b.sources.close();
        const again = b.open();
        again.start();
        await b.put({ text: "b" });
        await again.idle();
        assert.deepStrictEqual(calls, [["a"], ["b"]]);
    });

    it("take a change of their configuration from the next batch on", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        const mapping = await b.map({ batchSize: 1 });
        b.sources.start();
        await b.put({ text: "a" }, { text: "b" });
        await b.sources.idle();
        const inputs = { ...mapping.inputs, batchSize: 10 };
        const updated = await b.sources.bindings[mapping.type]?.update?.(mapping, inputs, "x");
        b.resources.put({ ...mapping, inputs, outputs: updated?.outputs ?? {} });
        await b.put({ text: "c" }, { text: "d" });
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["a"], ["b"], ["c", "d"]]);
    });

    it("stop when they are disabled or deleted, and forget how far they had come", async () => {
        const { calls, consume } = recorder();
        const b = await benchOf({ consume });
        const mapping = await b.map();
        b.sources.start();
        await b.put({ text: "a" });
        await b.sources.idle();
        b.resources.put({ ...mapping, inputs: { ...mapping.inputs, enabled: false } });
        await b.sources.idle();
        await b.put({ text: "b" });
        await b.sources.idle();
        b.resources.put(mapping);
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["a"], ["b"]]);
        await b.sources.bindings[mapping.type]?.delete?.(mapping);
        b.resources.remove(mapping.type, mapping.id);
        await b.put({ text: "c" });
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["a"], ["b"]]);
        assert.deepStrictEqual(fs.readdirSync(path.join(b.place.data, "event-source")), []);
    });

    it("do not run while the function's role lacks a permission, and say which", async () => {
        const { calls, consume } = recorder();
        const lacking = new Set(["kinesis:ListShards", "sqs:SendMessage"]);
        const b = await benchOf({ consume, iam: iamWith((_caller, action) => !lacking.has(action)) });
        const { id } = await b.map(TO_QUEUE);
        await b.put({ text: "a" });
        b.sources.start();
        await b.sources.idle();
        const stream = `Cannot access stream ${STREAM_ARN}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListShards Actions on your stream in IAM.`;
        assert.deepStrictEqual(b.sources.status(), { [id]: `PROBLEM: ${stream}` });
        lacking.delete("kinesis:ListShards");
        await b.clock.advance(1000);
        const send = "The provided execution role does not have permissions to call SendMessage on SQS";
        assert.deepStrictEqual(b.problems, [stream, send]);
        assert.deepStrictEqual(calls, []);
        lacking.clear();
        await b.clock.advance(1000);
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["a"]]);
        assert.deepStrictEqual(b.sources.status(), { [id]: "OK" });
    });

    it("wait while the function is throttled", async () => {
        let calls = 0;
        const lambda = {
            invoke: async () => {
                if (++calls < 3) throw serviceError("TooManyRequestsException", "Rate Exceeded.", 429);
                return { payload: "null", requestId: "r" };
            },
        };
        const b = await benchOf({ lambda });
        await b.put({ text: "a" });
        await b.map({ maximumRetryAttempts: 0, ...TO_QUEUE });
        b.sources.start();
        await passingTime(b.clock, b.sources.idle());
        assert.deepStrictEqual([calls, await b.failures()], [3, []]);
    });

    it("go on when the destination is gone, and say so", async () => {
        const { calls, consume } = recorder(throwing("bad"));
        const b = await benchOf({ consume });
        const [queue] = b.resources.all("aws:sqs/queue:Queue");
        if (queue) await b.sqs.bindings["aws:sqs/queue:Queue"]?.delete?.(queue);
        await b.put({ text: "bad" });
        await b.map({ maximumRetryAttempts: 0, ...TO_QUEUE });
        b.sources.start();
        await passingTime(b.clock, b.sources.idle());
        await b.put({ text: "good" });
        await b.sources.idle();
        assert.deepStrictEqual(calls, [["bad"], ["good"]]);
        assert.deepStrictEqual(b.problems, [
            `The destination ${QUEUE_ARN} did not take what was given up: The specified queue does not exist.`,
        ]);
    });
});

import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { fakeClock } from "../../tests/support/clock";
import { fakeLambda, iamWith, memoryLogs } from "../../tests/support/local";
import type { Properties } from "../resources";
import type { Caller, Services } from "../services";
import { STREAM_TYPE } from "./config";
import type { Firehose } from "./index";
import {
    allOk,
    eventually,
    firehoseFor,
    lambdaProcessor,
    objectsBelow,
    passingTime,
    putAll,
    STREAM,
    s3Inputs,
} from "./test-support";

const START = Date.UTC(2026, 10, 20, 12);
const SHARDS_TYPE = "aws:kinesis/stream:Stream";
const SOURCE = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const ROLE = "arn:aws:iam::000000000000:role/reader";
const ROOT: Caller = { arn: "arn:aws:iam::000000000000:root" };

const STREAM_ID = `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`;

describe("A delivery stream with a Kinesis source", () => {
    const open: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0).reverse()) await end();
    });

    /** A Kinesis stream with a delivery stream behind it that is not started. */
    async function made(block: Properties = {}, own: Partial<Services> = {}, shardCount = 2) {
        const inputs = {
            ...s3Inputs({ bufferingInterval: 0, ...block }),
            kinesisSourceConfiguration: { kinesisStreamArn: SOURCE, roleArn: ROLE },
        };
        const parts = firehoseFor(inputs, own);
        const { services, kinesis } = parts;
        open.push(() => services.place.remove());
        open.push(() => kinesis.close());
        services.resources.remove(STREAM_TYPE, STREAM_ID);
        const shards = async (count: number) => {
            const stream = { name: "orders", shardCount: count };
            const [old] = services.resources.all(SHARDS_TYPE);
            const binding = kinesis.bindings[SHARDS_TYPE];
            const outcome = old
                ? await binding?.update?.(old, stream, "orders")
                : await binding?.create(stream, "orders");
            if (outcome) services.resources.put({ type: SHARDS_TYPE, inputs: stream, ...outcome });
        };
        await shards(shardCount);
        const send = async (texts: readonly string[]) => {
            const put = kinesis.service.operations.PutRecords as (input: object, caller: Caller) => Promise<unknown>;
            const Records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text }));
            if (texts.length > 0) await put({ StreamName: "orders", Records }, ROOT);
        };
        const create = async (firehose: Firehose) => {
            const outcome = await firehose.bindings[STREAM_TYPE]?.create(inputs, "visits");
            if (outcome) services.resources.put({ type: STREAM_TYPE, inputs, ...outcome });
        };
        const started = (firehose: Firehose) => {
            open.push(() => firehose.close());
            firehose.start();
            return firehose;
        };
        const delivered = () =>
            (
                Object.values(objectsBelow(services.s3.objects, "lake/"))
                    .join("")
                    .match(/<[^>]*>/g) ?? []
            ).sort();
        return { ...parts, shards, send, create, started, delivered };
    }

    it("delivers what comes into the stream from then on, from every shard, and what comes while it rests", async () => {
        const { firehose, reopen, create, send, started, delivered, services } = await made({}, {}, 3);
        await send(["<before>"]);
        await create(firehose);
        started(firehose);
        const texts = Array.from({ length: 40 }, (_each, index) => `<${index}>`);
        await send(texts);
        await firehose.flush(STREAM);
        deepStrictEqual(delivered(), [...texts].sort());
        deepStrictEqual(firehose.status()[STREAM], {
            accepted: 40,
            delivered: 40,
            failed: 0,
            dropped: 0,
            pending: 0,
        });
        strictEqual(services.metrics.sum("AWS/Firehose", "DataReadFromKinesisStream.Records"), 40);
        await firehose.close();
        await send(["<later>"]);
        const again = started(reopen());
        await again.idle(STREAM);
        deepStrictEqual(delivered(), [...texts, "<later>"].sort());
    });

    it("gives the function AWS's event, with where each record came from", async () => {
        const events: Record<string, unknown>[] = [];
        const check = (event: Parameters<typeof allOk>[0]) => {
            events.push(event as never);
            return allOk(event);
        };
        const processors = { processingConfiguration: { enabled: true, processors: [lambdaProcessor()] } };
        const clock = fakeClock(START);
        const { firehose, create, send, started } = await made(processors, { clock, lambda: fakeLambda({ check }) }, 1);
        await create(firehose);
        started(firehose);
        await send(["é"]);
        await firehose.flush(STREAM);
        const [event] = events as [Record<string, unknown>];
        const { invocationId: _id, records, ...head } = event;
        deepStrictEqual(Object.keys(event), [
            "invocationId",
            "sourceKinesisStreamArn",
            "deliveryStreamArn",
            "region",
            "records",
        ]);
        deepStrictEqual(head, {
            sourceKinesisStreamArn: SOURCE,
            deliveryStreamArn: STREAM_ID,
            region: "us-east-1",
        });
        const [{ recordId, kinesisRecordMetadata, ...record }] = records as [Record<string, unknown>];
        match(String(recordId), /^\d{62}$/);
        deepStrictEqual(record, {
            approximateArrivalTimestamp: START,
            data: Buffer.from("é").toString("base64"),
        });
        const { sequenceNumber, ...metadata } = kinesisRecordMetadata as Record<string, unknown>;
        match(String(sequenceNumber), /^4966\d{52}$/);
        deepStrictEqual(metadata, {
            subsequenceNumber: 0,
            partitionKey: "é",
            shardId: "shardId-000000000000",
            approximateArrivalTimestamp: START,
        });
    });

    it("takes no puts, and says what it is", async () => {
        const { firehose, create } = await made({}, { clock: fakeClock(START) });
        await create(firehose);
        const message = "This operation is not permitted on KinesisStreamAsSource delivery stream type.";
        await rejects(putAll(firehose, ["a"]), { code: "InvalidArgumentException", message });
        const ask = (operation: string, input: object) =>
            (firehose.service.operations[operation] as (input: object, caller: Caller) => Record<string, unknown>)(
                input,
                ROOT,
            );
        const { DeliveryStreamType, Source } = ask("DescribeDeliveryStream", { DeliveryStreamName: STREAM })
            .DeliveryStreamDescription as Record<string, unknown>;
        deepStrictEqual(
            [DeliveryStreamType, Source],
            [
                "KinesisStreamAsSource",
                {
                    KinesisStreamSourceDescription: {
                        KinesisStreamARN: SOURCE,
                        RoleARN: ROLE,
                        DeliveryStartTimestamp: new Date(START),
                    },
                },
            ],
        );
        const names = (input: object) => ask("ListDeliveryStreams", input).DeliveryStreamNames;
        deepStrictEqual(
            [
                names({}),
                names({ DeliveryStreamType: "KinesisStreamAsSource" }),
                names({ DeliveryStreamType: "DirectPut" }),
            ],
            [[STREAM], [STREAM], []],
        );
    });

    it("is refused without the Kinesis stream", async () => {
        const { firehose, services, create } = await made();
        services.resources.remove(SHARDS_TYPE, SOURCE);
        await rejects(create(firehose), {
            code: "ResourceNotFoundException",
            message: "Stream orders under account 000000000000 not found.",
        });
    });

    for (const missing of ["DescribeStream", "ListShards", "GetShardIterator", "GetRecords"])
        it(`reads nothing while its role lacks kinesis:${missing}, tells its log, and loses nothing`, async () => {
            let allowed = false;
            const clock = fakeClock(START);
            const logs = memoryLogs();
            const iam = iamWith((caller, action) => allowed || !caller.roleArn || action !== `kinesis:${missing}`);
            const log = { enabled: true, logGroupName: "/aws/firehose", logStreamName: "delivery" };
            const { firehose, create, send, started, delivered } = await made(
                { cloudwatchLoggingOptions: log },
                { clock, iam, logs },
            );
            await create(firehose);
            started(firehose);
            await send(["<1>"]);
            const [message] = await eventually(() => {
                const messages = logs.messages("/aws/firehose");
                return messages.length > 0 && messages;
            });
            const { message: sentence, ...rest } = JSON.parse(message as string);
            match(
                sentence,
                new RegExp(`assumed-role/reader/firehose is not authorized to perform: kinesis:${missing} `),
            );
            deepStrictEqual(rest, {
                deliveryStreamARN: STREAM_ID,
                destination: SOURCE,
                deliveryStreamVersionId: 1,
                errorCode: "Kinesis.AccessDeniedException",
            });
            deepStrictEqual(delivered(), []);
            allowed = true;
            const flushed = firehose.flush(STREAM);
            await clock.advance(1000);
            await flushed;
            deepStrictEqual(delivered(), ["<1>"]);
        });

    it("reads no more than its backlog holds, and goes on when there is room", async () => {
        const { services, create, send, reopen, delivered, started } = await made({ bufferingInterval: 60 });
        const firehose = reopen({ backlogBytes: 400 });
        await create(firehose);
        started(firehose);
        const texts = Array.from({ length: 6 }, (_each, index) => `<${index}>`);
        await send(texts.slice(0, 1));
        await eventually(() => firehose.status()[STREAM]?.accepted === 1);
        await send(texts.slice(1));
        strictEqual(firehose.status()[STREAM]?.accepted, 1);
        await passingTime(services.clock, firehose.idle(STREAM));
        deepStrictEqual(delivered(), texts);
    });

    for (const at of ["source:read", "source:copied", "staged", "object:data", "advanced", "trimmed"])
        it(`killed after the step "${at}" loses nothing and doubles nothing`, async () => {
            const { reopen, create, send, started, delivered } = await made();
            const killed = reopen({
                step(_stream, step) {
                    if (step === at) throw new Error("killed");
                },
            });
            await create(killed);
            killed.start();
            const texts = Array.from({ length: 9 }, (_each, index) => `<${index}>`);
            await send(texts);
            await rejects(killed.flush(STREAM), { message: `The delivery stream "${STREAM}" has stopped.` });
            await killed.close();
            const again = started(reopen());
            await again.flush(STREAM);
            deepStrictEqual(delivered(), texts);
        });

    it("keeps every record once through any kills and any number of shards", async () => {
        const at = fc.constantFrom(
            "source:read",
            "source:copied",
            "staged",
            "object:data",
            "advanced",
            "trimmed",
            "none",
        );
        const round = fc.record({
            sent: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
            shards: fc.integer({ min: 1, max: 4 }),
            kill: at,
            isFlushed: fc.boolean(),
        });
        await fc.assert(
            fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
                const { services, reopen, create, send, shards, delivered } = await made();
                const sent: string[] = [];
                await create(reopen());
                for (const { sent: counts, shards: count, kill, isFlushed } of rounds) {
                    const firehose = reopen({
                        step(_stream, step) {
                            if (step === kill) throw new Error("killed");
                        },
                    });
                    firehose.start();
                    for (const count of counts) {
                        const texts = Array.from({ length: count }, (_each, index) => `<${sent.length + index}>`);
                        await send(texts);
                        sent.push(...texts);
                    }
                    await shards(count);
                    if (isFlushed) await firehose.flush(STREAM).catch(() => undefined);
                    await firehose.close();
                }
                const last = reopen();
                last.start();
                await last.flush(STREAM);
                await last.close();
                deepStrictEqual(delivered(), sent.sort());
                services.place.remove();
            }),
            { numRuns: 25, seed: 5 },
        );
    });

    it("reads a stream that was made anew from its beginning", async () => {
        const { firehose, kinesis, services, create, send, shards, started, delivered } = await made();
        await send(["<before>"]);
        await create(firehose);
        started(firehose);
        await send(["<1>"]);
        await firehose.flush(STREAM);
        const [old] = services.resources.all(SHARDS_TYPE);
        if (!old) throw new Error("There is no stream.");
        await kinesis.bindings[SHARDS_TYPE]?.delete?.(old);
        services.resources.remove(SHARDS_TYPE, old.id);
        await shards(1);
        await send(["<2>"]);
        await eventually(() => fs.existsSync(path.join(services.place.data, "kinesis", "orders")));
        const settled = firehose.flush(STREAM);
        await services.clock.advance(1000);
        await settled;
        deepStrictEqual(delivered(), ["<1>", "<2>"]);
    });
});

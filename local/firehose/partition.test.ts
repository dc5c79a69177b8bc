import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { fakeClock } from "../../tests/support/clock";
import { fakeLambda } from "../../tests/support/local";
import type { Properties } from "../resources";
import {
    eventually,
    firehoseFor,
    lambdaProcessor,
    objectsBelow,
    passingTime,
    putAll,
    STREAM,
    s3Inputs,
    type TransformEvent,
} from "./test-support";

const START = Date.UTC(2026, 10, 20, 12);

/** The keys are what the record says. */
const lambda = fakeLambda({
    check: ({ records }: TransformEvent) => ({
        records: records.map(({ recordId, data }) => {
            const { keys: partitionKeys } = JSON.parse(Buffer.from(data, "base64").toString());
            return { recordId, result: "Ok", data, metadata: { partitionKeys } };
        }),
    }),
});

const partitioned = (over: Properties = {}) =>
    s3Inputs({
        dynamicPartitioningConfiguration: { enabled: true },
        processingConfiguration: {
            enabled: true,
            processors: [lambdaProcessor({ BufferIntervalInSeconds: "0" }), { type: "AppendDelimiterToRecord" }],
        },
        prefix: "orders/year=!{partitionKeyFromLambda:year}/!{partitionKeyFromLambda:country}/",
        errorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/",
        bufferingSize: 64,
        bufferingInterval: 60,
        ...over,
    });
const record = (keys: unknown, n: number) => JSON.stringify({ keys, n });

describe("Dynamic partitioning", () => {
    const open: (() => Promise<void>)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0)) await end();
    });
    function started(inputs = partitioned()) {
        const made = firehoseFor(inputs, { lambda, clock: fakeClock(START) });
        made.firehose.start();
        open.push(async () => {
            await made.firehose.close();
            made.services.place.remove();
        });
        return made;
    }
    /** Objects by their folders; each folder has one. */
    const byFolder = (objects: ReadonlyMap<string, Buffer>) =>
        Object.fromEntries(
            Object.entries(objectsBelow(objects, "lake/")).map(([key, body]) => [
                key.slice("lake/".length, key.lastIndexOf("/") + 1),
                body,
            ]),
        );
    const errorsIn = (objects: ReadonlyMap<string, Buffer>, type: string) =>
        Object.values(objectsBelow(objects, `lake/errors/${type}/`)).flatMap((body) =>
            body
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line)),
        );

    it("puts the records of each partition into an object below its prefix, keys as they are", async () => {
        const { firehose, services } = started();
        const rows = [
            record({ year: 2026, country: "Côte d'Ivoire" }, 1),
            record({ year: "2026", country: "Côte d'Ivoire", other: "x" }, 2),
            record({ year: "2025", country: "a/b c" }, 3),
            record({ year: "2025", country: "!{timestamp:yyyy}" }, 4),
        ];
        await putAll(firehose, rows);
        await firehose.flush(STREAM);
        deepStrictEqual(byFolder(services.s3.objects), {
            "orders/year=2026/Côte d'Ivoire/": `${rows[0]}\n${rows[1]}`,
            "orders/year=2025/a/b c/": rows[2],
            "orders/year=2025/!{timestamp:yyyy}/": rows[3],
        });
        const names = [...services.s3.objects.keys()].map((key) => key.slice(key.lastIndexOf("/") + 1));
        for (const name of names) match(name, new RegExp(`^${STREAM}-1-2026-11-20-12-00-00-[0-9a-f-]{36}$`));
        strictEqual(new Set(names).size, 3);
    });

    it("reports records without a key that the prefix names, and delivers the rest", async () => {
        const { firehose, services } = started();
        const bad = [{ year: "2026" }, { year: "", country: "x" }, { year: "2026", country: { a: 1 } }, null, "x"];
        const [good, long] = [
            record({ year: "2026", country: "x" }, 9),
            record({ year: "2026", country: "é".repeat(400) }, 9),
        ];
        await putAll(firehose, [...bad.map((keys) => record(keys, 0)), good, long]);
        await firehose.flush(STREAM);
        deepStrictEqual(byFolder(services.s3.objects)["orders/year=2026/x/"], good);
        const failed = errorsIn(services.s3.objects, "metadata-extraction-failed");
        deepStrictEqual(failed[0], {
            rawData: Buffer.from(record(bad[0], 0)).toString("base64"),
            errorCode: "DynamicPartitioning.MetadataExtractionFailed",
            errorMessage: "partitionKeys values must not be null or empty",
            attemptsMade: 1,
            arrivalTimestamp: START,
            attemptEndingTimestamp: START,
        });
        deepStrictEqual(
            failed.map(({ errorMessage }) => errorMessage),
            [
                ...bad.map(() => "partitionKeys values must not be null or empty"),
                "The partitionKeys make a prefix that is longer than a key may be",
            ],
        );
        deepStrictEqual(firehose.status()[STREAM], { accepted: 7, delivered: 1, failed: 6, dropped: 0, pending: 0 });
    });

    it("has 500 partitions at once, reports what belongs to others, and has room again once they are delivered", async () => {
        const { firehose, services } = started();
        const of = (n: number) => record({ year: "2026", country: `c${n}` }, n);
        await putAll(
            firehose,
            Array.from({ length: 500 }, (_each, n) => of(n)),
        );
        await putAll(firehose, [of(500), of(7), of(501)]);
        await firehose.flush(STREAM);
        strictEqual(Object.keys(objectsBelow(services.s3.objects, "lake/orders/")).length, 500);
        deepStrictEqual(byFolder(services.s3.objects)["orders/year=2026/c7/"], `${of(7)}\n${of(7)}`);
        deepStrictEqual(
            errorsIn(services.s3.objects, "activePartitionExceeded").map(({ rawData, errorCode, errorMessage }) => [
                Buffer.from(rawData, "base64").toString(),
                errorCode,
                errorMessage,
            ]),
            [of(500), of(501)].map((text) => [
                text,
                "DynamicPartitioning.ActivePartitionExceeded",
                "The delivery stream has 500 active partitions, and the record belongs to none of them",
            ]),
        );
        await putAll(firehose, [of(500)]);
        await firehose.flush(STREAM);
        deepStrictEqual(byFolder(services.s3.objects)["orders/year=2026/c500/"], of(500));
    });

    it("waits for its interval however many partitions there are", async () => {
        const { firehose, services } = started();
        await putAll(
            firehose,
            [1, 2, 3].map((n) => record({ year: "2026", country: `c${n}` }, n)),
        );
        await eventually(() => services.metrics.sum("AWS/Firehose", "PartitionCount") === 3);
        await services.clock.advance(59_000);
        strictEqual(services.s3.objects.size, 0);
        await passingTime(services.clock, firehose.idle(STREAM));
        strictEqual(services.s3.objects.size, 3);
    });

    it("writes the same objects again after a kill", async () => {
        const { services, reopen } = firehoseFor(partitioned(), { lambda, clock: fakeClock(START) });
        open.push(async () => services.place.remove());
        let left = 2;
        const killed = reopen({
            step(_stream, step) {
                if (step === "object:data" && --left === 0) throw new Error("killed");
            },
        });
        killed.start();
        const rows = [1, 2, 3].map((n) => record({ year: "2026", country: `c${n}` }, n));
        await putAll(killed, rows);
        await killed.flush(STREAM).catch(() => undefined);
        await killed.close();
        strictEqual(services.s3.objects.size, 2);
        const again = reopen();
        open.unshift(() => again.close());
        again.start();
        await again.flush(STREAM);
        deepStrictEqual([...services.s3.objects.values()].map(String).sort(), rows);
    });
});

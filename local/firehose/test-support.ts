import * as fs from "node:fs";
import type { FakeClock } from "../../tests/support/clock";
import { fakeServices } from "../../tests/support/local";
import { createKinesis } from "../kinesis";
import type { Properties } from "../resources";
import type { Caller, Iceberg, IcebergWrite, Services } from "../services";
import { STREAM_TYPE } from "./config";
import { createFirehose, type FirehoseOptions } from "./index";

/** A row as the {@link FakeIceberg} keeps it. */
export type Row = Readonly<Record<string, unknown>>;

/** An {@link Iceberg} in memory that a test can read and make fail. */
export interface FakeIceberg extends Iceberg {
    /** Rows by location. */
    readonly rows: Map<string, Row[]>;
    /** Number of commits. */
    commits: number;
    /** Called before a write with its documents: throws to make it fail, gives reasons by `__seq` to reject documents. */
    before: (documents: readonly Row[]) => Readonly<Record<number, string>> | undefined;
}

/** Makes a {@link FakeIceberg} with insert, update and delete by keys. */
export function fakeIceberg(): FakeIceberg {
    const summaries = new Map<string, Record<string, string>>();
    const fake: FakeIceberg = {
        rows: new Map(),
        commits: 0,
        before: () => undefined,
        async write(location, write: IcebergWrite & { beforeCommit?: (r: readonly object[]) => Promise<void> }) {
            const lines = fs.readFileSync(write.file, "utf8").trimEnd().split("\n");
            const documents = lines.map((line) => JSON.parse(line) as Row);
            const reasons = fake.before(documents) ?? {};
            const rejected = Object.entries(reasons).map(([seq, reason]) => ({ seq: Number(seq), reason }));
            await write.beforeCommit?.(rejected);
            let rows = fake.rows.get(location) ?? [];
            for (const { __seq, __op, ...row } of documents) {
                if (reasons[__seq as number]) continue;
                const same = (other: Row) => write.uniqueKeys.every((key) => other[key] === row[key]);
                if (__op !== "insert") rows = rows.filter((other) => !same(other));
                if (__op !== "delete") rows = [...rows, row];
            }
            fake.rows.set(location, rows);
            fake.commits++;
            summaries.set(location, { ...summaries.get(location), ...write.summary });
            return { rows: documents.length - rejected.length, rejected };
        },
        summary: async (location, name) => summaries.get(location)?.[name],
    };
    return fake;
}

/** The name of every test's stream. */
export const STREAM = "visits-1234567";

/** Where the test's table is. */
export const LOCATION = "s3://lake/visits";

/** Inputs of a stream to an Iceberg table, with the function `check` before it. */
export function icebergInputs(over: Properties = {}, parameters: Readonly<Record<string, string>> = {}): Properties {
    return {
        name: STREAM,
        destination: "iceberg",
        icebergConfiguration: {
            catalogArn: "arn:aws:glue:us-east-1:000000000000:catalog",
            roleArn: "arn:aws:iam::000000000000:role/delivery",
            bufferingSize: 1,
            bufferingInterval: 60,
            destinationTableConfigurations: [{ databaseName: "web", tableName: "visits" }],
            s3Configuration: {
                roleArn: "arn:aws:iam::000000000000:role/delivery",
                bucketArn: "arn:aws:s3:::lake",
                errorOutputPrefix: "errors/!{timestamp:yyyy/MM/dd/HH}/!{firehose:error-output-type}/",
            },
            cloudwatchLoggingOptions: { enabled: true, logGroupName: "/aws/firehose", logStreamName: "delivery" },
            processingConfiguration: { enabled: true, processors: [lambdaProcessor(parameters)] },
            ...over,
        },
    };
}

/** Inputs of a stream to a bucket, without a function unless one is given. */
export function s3Inputs(over: Properties = {}): Properties {
    return {
        name: STREAM,
        destination: "extended_s3",
        extendedS3Configuration: {
            roleArn: "arn:aws:iam::000000000000:role/delivery",
            bucketArn: "arn:aws:s3:::lake",
            bufferingSize: 1,
            bufferingInterval: 60,
            ...over,
        },
    };
}

/** The processor for the function `check`. */
export function lambdaProcessor(parameters: Readonly<Record<string, string>> = {}) {
    const all = { LambdaArn: "arn:aws:lambda:us-east-1:000000000000:function:check:$LATEST", ...parameters };
    return {
        type: "Lambda",
        parameters: Object.entries(all).map(([parameterName, parameterValue]) => ({ parameterName, parameterValue })),
    };
}

/** An event as the function gets it. */
export interface TransformEvent {
    readonly invocationId: string;
    readonly deliveryStreamArn: string;
    readonly region: string;
    readonly records: readonly {
        readonly recordId: string;
        readonly approximateArrivalTimestamp: number;
        readonly data: string;
    }[];
}

/** The answer that passes every record on. */
export function allOk(event: TransformEvent) {
    return { records: event.records.map(({ recordId, data }) => ({ recordId, result: "Ok", data })) };
}

/** A delivery stream with fakes around it. */
export function firehoseFor(inputs: Properties, own: Partial<Services> = {}, options: FirehoseOptions = {}) {
    const iceberg = fakeIceberg();
    const fakes = fakeServices({ iceberg, ...own });
    const kinesis = createKinesis(fakes);
    const services = { ...fakes, kinesis };
    services.resources.put({
        type: STREAM_TYPE,
        id: `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`,
        inputs,
        outputs: {
            arn: `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`,
            destinationId: "destinationId-000000000001",
            versionId: "1",
        },
    });
    services.resources.put({
        type: "aws:glue/catalogTable:CatalogTable",
        id: "000000000000:web:visits",
        inputs: { databaseName: "web", name: "visits", storageDescriptor: { location: LOCATION } },
    });
    const reopen = (over: FirehoseOptions = {}) =>
        createFirehose(services, {
            onError: (_stream, error) => {
                throw error;
            },
            ...over,
        });
    return { services, iceberg, kinesis, firehose: reopen(options), reopen };
}

/** Puts texts through PutRecordBatch. */
export async function putAll(firehose: ReturnType<typeof createFirehose>, texts: readonly string[]): Promise<void> {
    const put = firehose.service.operations.PutRecordBatch as (input: object, caller: Caller) => Promise<unknown>;
    const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
    await put({ DeliveryStreamName: STREAM, Records }, { arn: "arn:aws:iam::000000000000:root" });
}

/** Waits for something that files decide and not the clock. */
export async function eventually<T>(look: () => T | undefined | false): Promise<T> {
    for (let turn = 0; turn < 2000; turn++) {
        const seen = look();
        if (seen) return seen;
        await new Promise<void>((resolve) => setTimeout(resolve, 1));
    }
    throw new Error("It did not come to that.");
}

/** Lets time pass, a second at a time unless told otherwise, until a promise has settled. */
export async function passingTime<T>(clock: FakeClock, promise: Promise<T>, step = 1000): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
        settled = true;
    });
    while (!settled) {
        await clock.advance(step);
        await new Promise<void>((resolve) => setTimeout(resolve, 1));
    }
    return done;
}

/** The objects below a prefix, as text. */
export function objectsBelow(objects: ReadonlyMap<string, Buffer>, prefix: string): Readonly<Record<string, string>> {
    const below = [...objects].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(below.map(([key, body]) => [key, body.toString()]));
}

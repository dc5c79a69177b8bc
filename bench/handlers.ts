import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { likes } from "../components/likes/dataset";
import { orders } from "../components/orders/dataset";
import { documentRules } from "../components/orders/document-rules";
import { tables } from "../components/orders/tables";
import { pageEvents } from "../components/web-analytics/dataset";
import type { TransformEvent } from "../functions/firehose-events";
import { firehoseProjection } from "../functions/firehose-projection";
import { firehoseToDynamodb } from "../functions/firehose-to-dynamodb";
import { firehoseTransform } from "../functions/firehose-transform";
import type { KinesisEvent } from "../functions/kinesis-events";
import { kinesisToDynamodb } from "../functions/kinesis-to-dynamodb";
import { validatorSource } from "../schema/validator";
import { deployed, type Environment, type Handler, withEnvironment } from "../tests/support/deployed";
import type { Figure } from "./figure";
import { like, order, pageEvent } from "./records";

const ROUNDS = 25;
const BATCHES_PER_ROUND = 30;
const RECORDS_PER_BATCH = 500;

/**
 * Measures each handler as deployed, beside itself as written and beside the floor: what has to be done at least. The three take turns,
 * and each ratio is the median of those of single rounds, so that what else the machine does weighs on all alike.
 */
export async function handlers(): Promise<readonly Figure[]> {
    const rules = documentRules({ first: 2020, last: 2035 });
    const keysOf = (names: readonly string[]) => names.map((name) => ({ name, type: "string" as const }));
    const figures = [
        await compare({
            name: "firehose-transform",
            factory: firehoseTransform,
            options: { dataset: pageEvents, validator: validatorSource(pageEvents) },
            environment: { DATABASE: "lake", TABLE: pageEvents.name },
            event: firehoseEvent(pageEvent),
            floor: ({ records }) => records.map(({ data }) => parsed(data)),
            accepted: ({ records }) => records.filter(({ result }) => result === "Ok").length,
        }),
    ];
    for (const { dataset, columns, each } of Object.values(tables)) {
        figures.push(
            await compare({
                name: `${dataset.name.replace("_", "-")}-transform`,
                factory: firehoseProjection,
                options: { ...rules, columns, each },
                environment: {},
                event: firehoseEvent(order),
                floor: ({ records }) => records.map(({ data }) => written(parsed(data))),
                accepted: ({ records }) => records.filter(({ result }) => result === "Ok").length,
            }),
        );
    }
    return [...figures, ...(await withDynamodb(writers))].flat();

    async function writers() {
        return [
            await compare({
                name: "likes-writer",
                factory: firehoseToDynamodb,
                options: { keys: keysOf(likes.key) },
                environment: { TABLE: "likes" },
                event: firehoseEvent(like),
                floor: ({ records }) => records.map(({ data }) => parsed(data)),
                accepted: ({ records }) => records.filter(({ result }) => result === "Ok").length,
            }),
            await compare({
                name: "orders-consumer",
                factory: kinesisToDynamodb,
                options: { ...rules, keys: keysOf(orders.key), rejectedPrefix: "rejected/" },
                environment: { TABLE: "orders", BUCKET: "bucket" },
                event: kinesisEvent(order),
                floor: ({ Records }) => Records.map(({ kinesis }) => parsed(kinesis.data)),
                accepted: ({ batchItemFailures }) => (batchItemFailures.length === 0 ? RECORDS_PER_BATCH : 0),
            }),
        ];
    }
}

/** A handler, and what it is held against. */
interface Measured<Options, Event, Result> {
    readonly name: string;
    readonly factory: (options: Options) => Handler<Event, Result>;
    readonly options: Options;
    readonly environment: Environment;
    /** A batch. */
    readonly event: Event;
    /** What has to be done at least with a batch. */
    readonly floor: (event: Event) => unknown;
    /** How many records of the batch an answer says are done. */
    readonly accepted: (result: Result) => number;
}

async function compare<Options, Event, Result>({
    name,
    factory,
    options,
    environment,
    event,
    floor,
    accepted,
}: Measured<Options, Event, Result>): Promise<readonly Figure[]> {
    const checked = (handler: Handler<Event, Result>) => async () => {
        if (accepted(await handler(event)) !== RECORDS_PER_BATCH)
            throw new Error(`A record of the benchmark was not accepted by ${name}.`);
    };
    const forms = {
        floor: async () => floor(event),
        written: checked(withEnvironment(environment, () => factory(options))),
        deployed: checked(await deployed(factory, options, environment)),
    };
    const rounds: Record<keyof typeof forms, number>[] = [];
    for (let round = -3; round < ROUNDS; round++) {
        const rates = {
            floor: await rate(forms.floor),
            written: await rate(forms.written),
            deployed: await rate(forms.deployed),
        };
        // The first rounds are the engine's, to optimize in.
        if (round >= 0) rounds.push(rates);
    }
    const figure = (
        figureName: string,
        unit: string,
        value: (rates: (typeof rounds)[0]) => number,
        target?: number,
    ) => ({
        name: `handlers.${name}.${figureName}`,
        value: median(rounds.map(value)),
        unit,
        ...(target !== undefined && { target }),
    });
    return [
        figure("records_per_second", "records/s", ({ deployed }) => deployed),
        figure("deployed_vs_floor", "x", ({ deployed, floor }) => deployed / floor, 0.6),
        figure("deployed_vs_written", "x", ({ deployed, written }) => deployed / written, 0.9),
    ];
}

/** Records a second of one round. */
async function rate(handle: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    for (let batch = 0; batch < BATCHES_PER_ROUND; batch++) await handle();
    return (BATCHES_PER_ROUND * RECORDS_PER_BATCH * 1000) / (performance.now() - start);
}

function parsed(data: string): unknown {
    return JSON.parse(Buffer.from(data, "base64").toString());
}

function written(value: unknown): string {
    return Buffer.from(JSON.stringify(value)).toString("base64");
}

/** Runs something while DynamoDB takes every item at once. */
async function withDynamodb<T>(run: () => Promise<T>): Promise<T> {
    const answer = Promise.resolve({ UnprocessedItems: {} });
    Object.assign(DynamoDBClient.prototype, { send: () => answer });
    try {
        return await run();
    } finally {
        // The one that it inherits comes to light again.
        Reflect.deleteProperty(DynamoDBClient.prototype, "send");
    }
}

/** A batch of different records, each with a newline at its end. */
function firehoseEvent(record: (index: number) => unknown): TransformEvent {
    return {
        records: Array.from({ length: RECORDS_PER_BATCH }, (_, index) => ({
            recordId: `4954698668313554428650745793632162567570019247115678515400${String(index).padStart(4, "0")}`,
            data: Buffer.from(`${JSON.stringify(record(index))}\n`).toString("base64"),
            kinesisRecordMetadata: { sequenceNumber: sequenceNumber(index) },
        })),
    };
}

function kinesisEvent(record: (index: number) => unknown): KinesisEvent {
    return {
        Records: Array.from({ length: RECORDS_PER_BATCH }, (_, index) => ({
            eventID: `shardId-000000000000:${sequenceNumber(index)}`,
            kinesis: {
                sequenceNumber: sequenceNumber(index),
                partitionKey: "key",
                data: Buffer.from(JSON.stringify(record(index))).toString("base64"),
                approximateArrivalTimestamp: 1795000000.123,
            },
        })),
    };
}

function sequenceNumber(index: number): string {
    return `4959033827149025660855969253836157109592157598913658${String(index).padStart(4, "0")}`;
}

function median(values: readonly number[]): number {
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

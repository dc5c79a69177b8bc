import { likes } from "../components/likes/dataset";
import { orders } from "../components/orders/dataset";
import { documentRules } from "../components/orders/document-rules";
import { type OrderTable, tables } from "../components/orders/tables";
import { pageEvents } from "../components/web-analytics/dataset";
import type { Metadata, TransformEvent, TransformResult } from "../functions/firehose-events";
import { firehoseProjection } from "../functions/firehose-projection";
import { firehoseToDynamodb } from "../functions/firehose-to-dynamodb";
import { firehoseTransform } from "../functions/firehose-transform";
import type { KinesisEvent } from "../functions/kinesis-events";
import { kinesisToDynamodb } from "../functions/kinesis-to-dynamodb";
import { validatorSource } from "../schema/validator";
import { like, order, pageEvent } from "./records";

/** Records in the batch that a handler is measured with. */
export const RECORDS = 500;

/** A handler, and what it is held against. */
export interface Measured<Options = never, Event = never, Result = never> {
    readonly factory: (options: Options) => (event: Event) => Promise<Result>;
    readonly options: Options;
    readonly environment: Readonly<Record<string, string>>;
    readonly event: Event;
    /** What has to be done at least with the event. */
    readonly floor: (event: Event) => unknown;
    /** How many of its records an answer says are done. */
    readonly accepted: (result: Result) => number;
}

const rules = documentRules({ first: 2020, last: 2035 });
const keysOf = (names: readonly string[]) => names.map((name) => ({ name, type: "string" as const }));

/** Every handler that is measured, by name. */
export const measuredHandlers: Readonly<Record<string, Measured>> = {
    "firehose-transform": measured({
        factory: firehoseTransform,
        options: { dataset: pageEvents, validator: validatorSource(pageEvents) },
        environment: { DATABASE: "lake", TABLE: pageEvents.name },
        event: firehoseEvent(pageEvent),
        floor: ({ records }) => records.map(({ data }) => parsed(data)),
        accepted: okRecords,
    }),
    ...Object.fromEntries(Object.values(tables).map(projectionTo)),
    "likes-writer": measured({
        factory: firehoseToDynamodb,
        options: { keys: keysOf(likes.key) },
        environment: { TABLE: likes.name },
        event: firehoseEvent(like),
        floor: ({ records }) => records.map(({ data }) => parsed(data)),
        accepted: okRecords,
    }),
    "orders-consumer": measured({
        factory: kinesisToDynamodb,
        options: { ...rules, keys: keysOf(orders.key), rejectedPrefix: "rejected/" },
        environment: { TABLE: orders.name, BUCKET: "bucket" },
        event: kinesisEvent(order),
        floor: ({ Records }) => Records.map(({ kinesis }) => parsed(kinesis.data)),
        accepted: ({ batchItemFailures }) => (batchItemFailures.length === 0 ? RECORDS : 0),
    }),
};

function projectionTo({ dataset, columns, each }: OrderTable): [name: string, handler: Measured] {
    const handler = measured({
        factory: firehoseProjection,
        options: { ...rules, columns, each },
        environment: {},
        event: firehoseEvent(order),
        floor: ({ records }) => records.map(({ data }) => written(parsed(data))),
        accepted: okRecords,
    });
    return [`${dataset.name.replace("_", "-")}-transform`, handler];
}

/** Forgets the types, which the parts of one handler have in common and two handlers have not. */
function measured<Options, Event, Result>(
    handler: Measured<NoInfer<Options>, NoInfer<Event>, NoInfer<Result>> & {
        readonly factory: (options: Options) => (event: Event) => Promise<Result>;
    },
): Measured {
    return handler as unknown as Measured;
}

function okRecords({ records }: TransformResult<Metadata>): number {
    return records.filter(({ result }) => result === "Ok").length;
}

function parsed(data: string): unknown {
    return JSON.parse(Buffer.from(data, "base64").toString());
}

function written(value: unknown): string {
    return Buffer.from(JSON.stringify(value)).toString("base64");
}

/** A batch of different records, each with a newline at its end. */
function firehoseEvent(record: (index: number) => unknown): TransformEvent {
    return {
        records: Array.from({ length: RECORDS }, (_, index) => ({
            recordId: `4954698668313554428650745793632162567570019247115678515400${String(index).padStart(4, "0")}`,
            data: Buffer.from(`${JSON.stringify(record(index))}\n`).toString("base64"),
            kinesisRecordMetadata: { sequenceNumber: sequenceNumber(index) },
        })),
    };
}

function kinesisEvent(record: (index: number) => unknown): KinesisEvent {
    return {
        Records: Array.from({ length: RECORDS }, (_, index) => ({
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

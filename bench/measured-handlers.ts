import { randomInt } from "node:crypto";
import { payments } from "../components/event-lake/dataset";
import { likes } from "../components/likes/dataset";
import { orders } from "../components/orders/dataset";
import { documentRules } from "../components/orders/document-rules";
import { type OrderTable, tables } from "../components/orders/tables";
import { pageEvents } from "../components/web-analytics/dataset";
import { eventSimulator } from "../functions/event-simulator";
import type { Metadata, TransformEvent, TransformResult } from "../functions/firehose-events";
import { firehoseProjection } from "../functions/firehose-projection";
import { firehoseToDynamodb } from "../functions/firehose-to-dynamodb";
import { firehoseTransform } from "../functions/firehose-transform";
import type { KinesisEvent } from "../functions/kinesis-events";
import { kinesisToDynamodb } from "../functions/kinesis-to-dynamodb";
import { randomStrings } from "../functions/random-strings";
import { columnChoices } from "../schema/choices";
import { chooser } from "../schema/choose";
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
    /** How many records the event has. @default {@link RECORDS} */
    readonly records?: number;
    /** What has to be done at least with the event. */
    readonly floor: (event: Event) => unknown;
    /** How many of its records an answer says are done. */
    readonly accepted: (result: Result) => number;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const choices = columnChoices(payments, { seed: 1, now: 0 });
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
    // One request for a hundred strings, the most that there is.
    "random-strings": measured({
        factory: randomStrings,
        options: { origins: [] },
        environment: {},
        event: { queryStringParameters: { chars: "letters", num: "100", len: "20" } },
        records: 100,
        floor: () => JSON.stringify(Array.from({ length: 100 }, letters)),
        accepted: ({ statusCode, body }) => (statusCode === 200 ? (JSON.parse(body) as string[]).length : 0),
    }),
    "event-simulator": measured({
        factory: eventSimulator,
        options: { source: "transactions", detailType: "card-event", columns: choices },
        environment: { BUS: "bus" },
        event: { count: RECORDS, seed: 1 },
        floor: () => {
            const choose = chooser(1);
            return Array.from({ length: RECORDS }, () =>
                JSON.stringify(
                    choices.map((column) => column.choices.map((from) => choose(from as ArrayLike<unknown>))),
                ),
            );
        },
        accepted: ({ sent }) => sent,
    }),
};

function letters(): string {
    return Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

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

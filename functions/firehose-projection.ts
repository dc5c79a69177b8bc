import type { Column } from "../schema/dataset";
import { type DocumentRules, documentCheck } from "./document-check";
import type {
    Partitioning,
    TransformEvent,
    TransformOutcome,
    TransformRecord,
    TransformResult,
} from "./firehose-events";
import { projection } from "./projection";
import { readRecord, writeRecord } from "./record";
import { logRejections, type Rejection } from "./rejection-log";
import { withinLimit } from "./response-limit";

/** Settings of {@link firehoseProjection}. */
export interface FirehoseProjectionOptions extends DocumentRules {
    /** Columns of the rows, each `from` a place in the document. */
    readonly columns: readonly Column[];
    /** The list in the document of which each element makes a row. @default the document makes one */
    readonly each?: string;
}

const TOO_LARGE = ["the answer to Firehose would be larger than 6 MB with it"];

/**
 * Makes the handler that turns each document of a delivery stream into rows of a table, as JSON with a newline behind each, and tells Firehose
 * the day (UTC) they belong to as `year`, `month` and `day`. The rows of one document stay in one record, for Firehose knows no other ids than
 * those it gave. A document that makes no row is `Dropped`. So is one that does not conform: the consumer of the stream, which reads by the
 * same rules, keeps it with its reason, and once is enough. The log has their numbers.
 */
export function firehoseProjection(options: FirehoseProjectionOptions) {
    const check = documentCheck(options);
    const rowsOf = projection(options.columns, options.each);
    const partitioning = byDay();

    return async (event: TransformEvent): Promise<TransformResult<Partitioning>> => {
        const dropped = { empty: 0, rejected: 0 };
        const outcomes = event.records.map((record) => transform(record, dropped));
        const rejections: Rejection[] = [];
        const records = withinLimit(outcomes, (recordId) => rejections.push({ recordId, problems: TOO_LARGE }));
        logRejections(rejections, records.length);
        if (dropped.empty + dropped.rejected > 0) {
            console.info({ outcome: "Dropped", ...dropped, records: records.length });
        }
        return { records };
    };

    function transform(
        { recordId, data, kinesisRecordMetadata }: TransformRecord,
        dropped: { empty: number; rejected: number },
    ): TransformOutcome<Partitioning> {
        const record = readRecord(data);
        const time = "problems" in record ? record : check(record);
        if ("problems" in record || typeof time === "object") {
            dropped.rejected++;
            return { recordId, result: "Dropped" };
        }
        const rows = rowsOf({ document: record.value, sequenceNumber: kinesisRecordMetadata?.sequenceNumber });
        if (rows === "") {
            dropped.empty++;
            return { recordId, result: "Dropped" };
        }
        return { recordId, result: "Ok", data: writeRecord(rows), metadata: partitioning(time) };
    }
}

/** The partition of a time; the same object for a day, since there are thousands of records. */
function byDay(): (time: string) => Partitioning {
    const known = new Map<string, Partitioning>();
    return (time) => {
        const day = time.slice(0, 10);
        const partition = known.get(day) ?? partitionOf(day);
        known.set(day, partition);
        return partition;
    };
}

function partitionOf(date: string): Partitioning {
    const [year = "", month = "", day = ""] = date.split("-");
    return { partitionKeys: { year, month, day } };
}

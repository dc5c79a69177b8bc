import type { Dataset } from "../schema/dataset";
import type { Validator } from "../schema/validator";
import { environment } from "./environment";
import { exactly } from "./exact-json";
import type { Operation, TransformEvent, TransformOutcome, TransformRecord, TransformResult } from "./firehose-events";
import { type ReadRecord, type Rejected, readRecord, rejected, writeRecord } from "./record";
import { logRejections, type Rejection } from "./rejection-log";
import { withinLimit } from "./response-limit";
import { timestampRewriter } from "./timestamps";

/** Settings of {@link firehoseTransform}. */
export interface FirehoseTransformOptions {
    /** What the records are. */
    readonly dataset: Dataset;
    /** `validatorSource(dataset)`. */
    readonly validator: string;
    /** Columns that identify a row. With them a record updates its row unless it asks for something else; without, it can only be appended. @default none */
    readonly uniqueKeys?: readonly string[];
}

const TOO_LARGE = ["the answer to Firehose would be larger than 6 MB with it"];

/**
 * Makes the handler that checks each record of a delivery stream and routes it to the Iceberg table that the environment variables DATABASE
 * and TABLE name. A record may ask for its operation in the field `operation`, which is not delivered, unless the dataset has a column of
 * that name. Timestamps are delivered in UTC. A record that is refused is returned as it came, as `ProcessingFailed`, and the log says why;
 * the other records are unaffected.
 */
export function firehoseTransform(options: FirehoseTransformOptions) {
    const problemsIn = new Function(options.validator)() as Validator;
    const rewriteTimestamps = timestampRewriter(options.dataset.columns);
    const takesOperation = !options.dataset.columns.some(({ name }) => name === "operation");
    const operations: readonly Operation[] = options.uniqueKeys?.length ? ["update", "insert", "delete"] : ["insert"];
    const routes = routesTo(environment("DATABASE"), environment("TABLE"), operations);

    return async (event: TransformEvent): Promise<TransformResult> => {
        const rejections: Rejection[] = [];
        const outcomes = event.records.map((record) => {
            const outcome = transform(record);
            if ("result" in outcome) return outcome;
            const { recordId, data } = record;
            rejections.push({ recordId, problems: outcome.problems });
            return { recordId, result: "ProcessingFailed", data } as const;
        });
        const records = withinLimit(outcomes, (recordId) => rejections.push({ recordId, problems: TOO_LARGE }));
        logRejections(rejections, records.length);
        return { records };
    };

    function transform({ recordId, data }: TransformRecord): TransformOutcome | Rejected {
        const record = readRecord(data);
        if ("problems" in record) return record;
        const problems = problemsIn(record.value);
        if (problems.length > 0) return { problems };
        const asked = takesOperation ? record.value.operation : undefined;
        const metadata = routes.get(asked ?? operations[0]);
        if (metadata === undefined) return rejected(`operation is not ${operations.join(", ")}`);
        if (!rewriteTimestamps(record.value) && asked === undefined) return { recordId, result: "Ok", data, metadata };
        const rewritten = rewrite(record);
        return typeof rewritten === "string" ? { recordId, result: "Ok", data: rewritten, metadata } : rewritten;
    }

    /** Writes a record anew with what must change in it, and all else as it was. */
    function rewrite({ text, value }: ReadRecord): string | Rejected {
        try {
            const record = exactly(text, value) as Record<string, unknown>;
            rewriteTimestamps(record);
            // Undefined is not written. To delete it would slow down what is written.
            if (takesOperation) record.operation = undefined;
            return writeRecord(JSON.stringify(record) + text.slice(text.trimEnd().length));
        } catch {
            // Reading takes any depth, but here the engine is recursive.
            return rejected("nested too deeply to be rewritten");
        }
    }
}

/** What Firehose is told with a record, by operation; the same object for each, since there are thousands of records. */
function routesTo(database: string, table: string, operations: readonly Operation[]) {
    return new Map<unknown, TransformOutcome["metadata"]>(
        operations.map((operation) => [
            operation,
            { otfMetadata: { destinationDatabaseName: database, destinationTableName: table, operation } },
        ]),
    );
}

import type { KeyAttribute } from "./dynamodb-key";
import { dynamodbWriter, type Write } from "./dynamodb-writer";
import { environment } from "./environment";
import type { TransformEvent, TransformOutcome, TransformRecord, TransformResult } from "./firehose-events";
import { itemReader } from "./item-reader";
import { type Rejected, writeRecord } from "./record";
import { logRejections, type Rejection } from "./rejection-log";
import { withinLimit } from "./response-limit";
import { deadlineOf, type LambdaContext } from "./time-left";

/** Settings of {@link firehoseToDynamodb}. */
export interface FirehoseToDynamodbOptions {
    /** Partition key of the table, and sort key if it has one. */
    readonly keys: readonly KeyAttribute[];
}

/** A record that is to be an item. */
interface Accepted extends Write {
    /** The record in base64, with a newline at its end. */
    readonly data: string;
}

const TOO_LARGE = ["the answer to Firehose would be larger than 6 MB with it"];

/**
 * Makes the handler that writes each record of a delivery stream, one JSON object, as an item to the DynamoDB table that the environment
 * variable TABLE names, and passes it on with a newline at its end. Of records with the same key the last is written. A record that is refused,
 * or that DynamoDB did not take within the function's time, is returned as it came, as `ProcessingFailed`, and the log says why; the other
 * records are unaffected. To do it all again gives the same items.
 */
export function firehoseToDynamodb({ keys }: FirehoseToDynamodbOptions) {
    const read = itemReader(keys);
    const write = dynamodbWriter(environment("TABLE"), keys);

    return async (event: TransformEvent, context?: LambdaContext): Promise<TransformResult> => {
        const accepted = event.records.map(accept);
        const failures = await write(accepted, deadlineOf(context));
        const rejections: Rejection[] = [];
        const outcomes = event.records.map(({ recordId, data }, index): TransformOutcome => {
            const failure = failures[index];
            if (!failure) return { recordId, result: "Ok", data: (accepted[index] as Accepted).data };
            rejections.push({ recordId, problems: failure.problems });
            return { recordId, result: "ProcessingFailed", data };
        });
        const records = withinLimit(outcomes, (recordId) => rejections.push({ recordId, problems: TOO_LARGE }));
        logRejections(rejections, records.length);
        return { records };
    };

    function accept({ data }: TransformRecord): Accepted | Rejected {
        const record = read(data);
        if ("problems" in record) return record;
        const { text, key, item } = record;
        return { key, item, data: text.endsWith("\n") ? data : writeRecord(`${text}\n`) };
    }
}

import { type DocumentRules, documentCheck } from "./document-check";
import type { KeyAttribute } from "./dynamodb-key";
import { dynamodbWriter } from "./dynamodb-writer";
import { environment } from "./environment";
import { fieldRenamer } from "./field-renamer";
import { itemReader } from "./item-reader";
import type { KinesisEvent, KinesisRecord, KinesisResult } from "./kinesis-events";
import type { Rejected } from "./record";
import { type RejectedRecord, rejectedDocuments } from "./rejected-documents";
import { logRejections } from "./rejection-log";
import { deadlineOf, type LambdaContext } from "./time-left";

/** Settings of {@link kinesisToDynamodb}. */
export interface KinesisToDynamodbOptions extends DocumentRules {
    /** Partition key of the table, and sort key if it has one. */
    readonly keys: readonly KeyAttribute[];
    /** Folder of the bucket for what is rejected. */
    readonly rejectedPrefix: string;
}

/**
 * Makes the handler that writes each document of a Kinesis stream, whole, as an item to the DynamoDB table that the environment variable TABLE
 * names. Of documents with the same key the last is written, so each key ends as the stream does, however often a batch is delivered.
 * A document that does not conform is kept in the bucket that BUCKET names, with the reason, and delays nothing. The first record that could be
 * neither written nor kept is reported, and Lambda delivers it again with all behind it.
 */
export function kinesisToDynamodb(options: KinesisToDynamodbOptions) {
    const { keys } = options;
    const read = itemReader(keys, { check: documentCheck(options), rename: fieldRenamer(options.aliases) });
    const write = dynamodbWriter(environment("TABLE"), keys);
    const keep = rejectedDocuments(environment("BUCKET"), options.rejectedPrefix);

    return async ({ Records }: KinesisEvent, context?: LambdaContext): Promise<KinesisResult> => {
        const deadline = deadlineOf(context);
        const failures = await write(
            Records.map(({ kinesis }) => read(kinesis.data)),
            deadline,
        );
        const rejected: RejectedRecord[] = [];
        Records.forEach((record, index) => {
            const failure = failures[index];
            if (failure?.isFinal) rejected.push({ record, problems: failure.problems });
        });
        const lost = new Set(await keep(rejected, deadline));
        logRejections(
            rejected.map(({ record, problems }) => ({ recordId: record.eventID, problems })),
            Records.length,
            "Rejected",
        );
        const first = Records.findIndex((record, index) => failures[index]?.isFinal === false || lost.has(record));
        return { batchItemFailures: first < 0 ? [] : [retried(Records[first] as KinesisRecord, failures[first])] };
    };
}

function retried({ eventID, kinesis }: KinesisRecord, failure: Rejected | undefined) {
    console.warn({ outcome: "Retry", from: eventID, problems: failure?.problems });
    return { itemIdentifier: kinesis.sequenceNumber };
}

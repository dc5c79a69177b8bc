import type { MappingConfig } from "./config";
import type { Entry } from "./source";

/** Why records are given up. */
export type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** The last call of the function with the records that are given up. */
export interface LastCall {
    readonly requestId: string;
    readonly functionError: "Unhandled" | undefined;
}

/** What is known of records that are given up. */
export interface GivenUp {
    readonly entries: readonly Entry[];
    readonly shardId: string;
    readonly condition: Condition;
    /** How often the function was called with them. */
    readonly invokes: number;
    readonly last: LastCall | undefined;
}

/**
 * The message that an on-failure queue gets: where the records are, not what they say.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function failureRecord(
    { functionArn, kind, sourceArn }: MappingConfig,
    { entries, shardId, condition, invokes, last }: GivenUp,
    { now, requestId }: { readonly now: number; readonly requestId: string },
): string {
    const [first, end] = [entries[0] as Entry, entries.at(-1) as Entry];
    const time = (ms: number) => new Date(ms).toISOString();
    return JSON.stringify({
        requestContext: {
            requestId: last?.requestId ?? requestId,
            functionArn,
            condition,
            approximateInvokeCount: invokes,
        },
        ...(last && {
            responseContext: {
                statusCode: 200,
                executedVersion: "$LATEST",
                ...(last.functionError && { functionError: last.functionError }),
            },
        }),
        version: "1.0",
        timestamp: time(now),
        [kind === "kinesis" ? "KinesisBatchInfo" : "DDBStreamBatchInfo"]: {
            shardId,
            startSequenceNumber: first.sequenceNumber,
            endSequenceNumber: end.sequenceNumber,
            approximateArrivalOfFirstRecord: time(first.arrival),
            approximateArrivalOfLastRecord: time(end.arrival),
            batchSize: entries.length,
            streamArn: sourceArn,
        },
    });
}

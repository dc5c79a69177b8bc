import type { CatalogTable } from "./config";
import type { Failure } from "./outcome";

/** A record that was not delivered, for the object that reports it. */
export interface FailedRecord {
    /** The record, base64. */
    readonly rawData: string;
    readonly failure: Failure;
    readonly attempts: number;
    /** Milliseconds since 1970, as all times here. */
    readonly arrival: number;
    readonly ended: number;
    /** The function that did not take it. */
    readonly lambdaArn?: string;
}

/**
 * The line of a failed record, with its line feed: members in AWS's order, and `lambdaARN` in its capitals, as captured in an object of
 * us-west-2 on 2026-09-10 (floci-io/floci#3393).
 */
export function errorLine({ rawData, failure, attempts, arrival, ended, lambdaArn }: FailedRecord): string {
    const line = JSON.stringify({
        rawData,
        errorCode: failure.code,
        errorMessage: failure.message,
        attemptsMade: attempts,
        arrivalTimestamp: arrival,
        attemptEndingTimestamp: ended,
        lambdaARN: lambdaArn,
    });
    return `${line}\n`;
}

/**
 * The line of a record that was not converted, with its line feed: members as AWS documents and, in 2026, still names them.
 * https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html, floci-io/floci#3333
 */
export function conversionErrorLine(
    { rawData, failure, attempts, arrival, ended }: Omit<FailedRecord, "lambdaArn">,
    sequenceNumber: string,
    { catalogId, databaseName, tableName, region, versionId, roleArn }: CatalogTable,
): string {
    const line = JSON.stringify({
        attemptsMade: attempts,
        arrivalTimestamp: arrival,
        lastErrorCode: failure.code,
        lastErrorMessage: failure.message,
        attemptEndingTimestamp: ended,
        rawData,
        sequenceNumber,
        subSequenceNumber: null,
        dataCatalogTable: { catalogId, databaseName, tableName, region, versionId, roleArn },
    });
    return `${line}\n`;
}

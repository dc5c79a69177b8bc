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

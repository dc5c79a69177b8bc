import type { Services } from "../services";
import type { StreamConfig } from "./config";
import type { Failure } from "./outcome";

/**
 * Logs a failure to the stream's log group in AWS's words, when logging is on. A log that can't be written stops nothing, as on AWS.
 * https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
 */
export function logFailure(
    { iam, logs }: Pick<Services, "iam" | "logs">,
    stream: StreamConfig,
    destination: string,
    failure: Failure,
    processor?: string,
): void {
    if (!stream.log) return;
    const message = JSON.stringify({
        deliveryStreamARN: stream.arn,
        destination,
        deliveryStreamVersionId: Number(stream.version),
        message: failure.message,
        errorCode: failure.code,
        processor,
    });
    try {
        const caller = iam.assume(stream.roleArn, "firehose.amazonaws.com", stream.arn, "firehose");
        logs.putLogEvents(caller, stream.log.group, stream.log.stream, [message]);
    } catch {
        // The group is missing or the role may not write to it: there is nobody to tell.
    }
}

/** The destination of a stream, as its log names it. */
export function destinationArn(stream: StreamConfig): string {
    return stream.iceberg?.catalogArn || `arn:aws:s3:::${stream.bucket.bucket}`;
}

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Services } from "../services";
import type { BucketConfig, StreamConfig } from "./config";
import type { Delivery } from "./delivery";
import { logFailure } from "./diagnostics";
import type { Failure } from "./outcome";

const compress = promisify(gzip);

/** Longest time between two attempts. */
const MAX_PAUSE_MS = 60_000;

/**
 * Writes an object, again and again until it is written: delivery stands still until then, as on AWS (which gives up after 24 hours).
 * https://docs.aws.amazon.com/firehose/latest/dev/retry.html#dd-retry-s3
 */
export async function putObject(
    { services, signal }: Delivery,
    stream: StreamConfig,
    bucket: BucketConfig,
    key: string,
    body: Buffer,
): Promise<void> {
    const bytes = bucket.gzip ? await compress(body) : body;
    const headers = { contentType: "application/octet-stream", ...(bucket.gzip && { contentEncoding: "gzip" }) };
    for (let pause = 1000; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
        signal.throwIfAborted();
        const error = await attempt(services, stream, bucket, key, bytes, headers);
        const metric = bucket === stream.backup ? "BackupToS3.Success" : "DeliveryToS3.Success";
        services.metrics.put("AWS/Firehose", metric, { DeliveryStreamName: stream.name }, error === undefined ? 1 : 0);
        if (error === undefined) return;
        logFailure(services, stream, `arn:aws:s3:::${bucket.bucket}`, s3Failure(error));
        await services.clock.sleep(pause, signal);
    }
}

async function attempt(
    { iam, s3 }: Pick<Services, "iam" | "s3">,
    stream: StreamConfig,
    bucket: BucketConfig,
    key: string,
    body: Buffer,
    headers: { contentType: string; contentEncoding?: string },
): Promise<unknown> {
    try {
        const caller = iam.assume(bucket.roleArn, "firehose.amazonaws.com", stream.arn, "firehose");
        await s3.putObject(caller, bucket.bucket, key, body, headers);
        return undefined;
    } catch (error) {
        return error ?? new Error("unknown");
    }
}

/** https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html#monitoring-s3-errors */
function s3Failure(error: unknown): Failure {
    const code = (error as { code?: string }).code ?? "InternalError";
    if (code.startsWith("AccessDenied"))
        return {
            code: "S3.AccessDenied",
            message:
                "Access was denied. Ensure that the trust policy for the provided IAM role allows Amazon Data Firehose to assume the role, and the access policy allows access to the S3 bucket.",
        };
    if (code === "NoSuchBucket")
        return {
            code: "S3.NoSuchBucket",
            message:
                "The specified S3 bucket does not exist. Create the bucket or use a different bucket that does exist.",
        };
    return { code: `S3.${code}`, message: error instanceof Error ? error.message : String(error) };
}

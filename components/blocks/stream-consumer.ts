import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link createStreamConsumer}. */
export interface StreamConsumerArgs {
    readonly stream: aws.kinesis.Stream;
    /** Its role may read the stream and send to the queue. It answers with the first record that it could not do. */
    readonly function: aws.lambda.Function;
    /** Where Lambda says which records it has given up. */
    readonly deadLetters: aws.sqs.Queue;
    /** Records in one call at most. */
    readonly batchSize: number;
    /** Seconds for which Lambda waits for a full batch. */
    readonly windowSeconds: number;
    /** Calls under way for one shard. Records with the same partition key stay in order. */
    readonly parallelization: number;
    /** How often a record is delivered again before it is given up. */
    readonly retries: number;
    /** Seconds after which a record is given up however often it has been delivered. */
    readonly maxAgeSeconds: number;
}

/**
 * Has Lambda call a function with the records of a Kinesis stream, from the oldest one on, shard by shard and in order. What the function could
 * not do is delivered again, from the first such record on, until it is given up. By Lambda's own defaults one bad record would hold its
 * shard until all behind it expires. https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
 */
export function createStreamConsumer(
    name: string,
    args: StreamConsumerArgs,
    opts: pulumi.CustomResourceOptions,
): aws.lambda.EventSourceMapping {
    return new aws.lambda.EventSourceMapping(
        name,
        {
            eventSourceArn: args.stream.arn,
            functionName: args.function.arn,
            // The newest would miss what arrives while the mapping is made.
            startingPosition: "TRIM_HORIZON",
            batchSize: args.batchSize,
            maximumBatchingWindowInSeconds: args.windowSeconds,
            parallelizationFactor: args.parallelization,
            functionResponseTypes: ["ReportBatchItemFailures"],
            bisectBatchOnFunctionError: true,
            maximumRetryAttempts: args.retries,
            maximumRecordAgeInSeconds: args.maxAgeSeconds,
            destinationConfig: { onFailure: { destinationArn: args.deadLetters.arn } },
        },
        opts,
    );
}

import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./role";

// What delivery streams have in common, wherever they deliver to.

/** How much a buffer holds, whichever is reached first. */
export interface Buffer {
    readonly intervalSeconds: number;
    readonly sizeMiB: number;
}

/** The function that every record goes through. */
export interface Processor {
    readonly function: aws.lambda.Function;
    readonly buffer: Buffer;
    /** How often Firehose repeats a call that failed before it gives the whole batch up. */
    readonly retries: number;
}

/** How a stream logs to a log stream. */
export function loggingOptions({ logGroupName, name }: aws.cloudwatch.LogStream) {
    return { enabled: true, logGroupName, logStreamName: name };
}

/** The processor of a stream that is a function. */
export function lambdaProcessor({ function: handler, buffer, retries }: Processor) {
    const given = {
        LambdaArn: pulumi.interpolate`${handler.arn}:$LATEST`,
        ...differing(
            {
                NumberOfRetries: retries,
                BufferSizeInMBs: buffer.sizeMiB,
                BufferIntervalInSeconds: buffer.intervalSeconds,
            },
            PROCESSOR_DEFAULTS,
        ),
    };
    return {
        type: "Lambda",
        parameters: Object.entries(given).map(([parameterName, parameterValue]) => ({ parameterName, parameterValue })),
    };
}

/**
 * What Firehose assumes, beside the stream's own role. The provider does not report these values, so to spell them out is a difference that
 * every preview finds again.
 */
const PROCESSOR_DEFAULTS = { NumberOfRetries: 3, BufferSizeInMBs: 1, BufferIntervalInSeconds: 60 };

function differing<T extends Record<string, number>>(values: T, defaults: T): Record<string, string> {
    const entries = Object.entries(values).filter(([key, value]) => value !== defaults[key]);
    return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

/** What a stream's role needs to call its function. */
export function invokeProcessor({ function: handler }: Processor): Statement {
    return {
        actions: ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
        resources: [handler.arn, pulumi.interpolate`${handler.arn}:$LATEST`],
    };
}

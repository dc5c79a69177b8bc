import { isServiceError } from "../errors";
import { lengthOf, type Payload } from "../payload";
import type { Services } from "../services";
import type { Arranger } from "./arranger";
import type { StreamConfig, TransformConfig } from "./config";
import { type Failure, isFailure, MAX_ANSWER_BYTES } from "./outcome";
import type { Records } from "./runs";

/** What the function made of a batch. Where there is neither an answer nor a failure, there is no function, and records stay as they are. */
export interface Transformed {
    /** The function's answer, JSON. */
    readonly answer?: Payload;
    /** What went wrong with the invocation as a whole. */
    readonly failure?: Failure;
    /** Invocations that were made. */
    readonly attempts: number;
    /** When the last one ended, in milliseconds since 1970. */
    readonly ended: number;
}

/** What {@link transform} works with. */
export interface TransformPorts {
    readonly services: Pick<Services, "clock" | "iam" | "lambda" | "place" | "randomHex">;
    readonly event: Arranger["event"];
}

/** Longest time that Firehose waits for a function. https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
const TIMEOUT_MS = 300_000;

/** Time before the first retry; it doubles with each. */
const RETRY_MS = 1_000;

/**
 * Has the stream's function transform some records. An invocation that fails is repeated as often as the stream says; an answer that is
 * malformed is final. It throws only when no event can be made; once the signal aborts, the outcome means nothing.
 */
export async function transform(
    ports: TransformPorts,
    stream: StreamConfig,
    config: TransformConfig,
    records: Records,
    signal: AbortSignal,
): Promise<Transformed> {
    const { clock } = ports.services;
    for (let attempts = 1; ; attempts++) {
        const answer = await invoke(ports, stream, config, records, signal);
        const ended = clock.now();
        if (!isFailure(answer)) return { answer, attempts, ended };
        if (attempts > config.retries || signal.aborted) return { failure: answer, attempts, ended };
        await clock.sleep(RETRY_MS * 2 ** (attempts - 1), signal);
    }
}

/** The function's answer, or why there is none. */
async function invoke(
    { services: { clock, iam, lambda, place, randomHex }, event }: TransformPorts,
    stream: StreamConfig,
    { lambdaArn, roleArn }: TransformConfig,
    records: Records,
    signal: AbortSignal,
): Promise<Payload | Failure> {
    const over = new AbortController();
    const given = AbortSignal.any([signal, over.signal]);
    const head = {
        invocationId: uuid(randomHex(32)),
        ...(stream.source && { sourceKinesisStreamArn: stream.source.arn }),
        deliveryStreamArn: stream.arn,
        region: place.region,
    };
    const payload = await event(head, records);
    try {
        const caller = assume(iam, roleArn, stream.arn);
        const call = lambda.invoke(caller, lambdaArn, payload);
        const answer = await Promise.race([call, clock.sleep(TIMEOUT_MS, given)]);
        if (!answer) return TIMED_OUT;
        return answer.functionError || lengthOf(answer.payload) > MAX_ANSWER_BYTES ? FUNCTION_ERROR : answer.payload;
    } catch (error) {
        return failureOf(error);
    } finally {
        over.abort();
    }
}

function assume(iam: Services["iam"], roleArn: string, streamArn: string): ReturnType<Services["iam"]["assume"]> {
    try {
        return iam.assume(roleArn, "firehose.amazonaws.com", streamArn, "firehose");
    } catch {
        throw Object.assign(new Error(ASSUME_DENIED.message), { failure: ASSUME_DENIED });
    }
}

// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html#monitoring-lambda-errors
const FUNCTION_ERROR: Failure = {
    code: "Lambda.FunctionError",
    message: "The Lambda function was successfully invoked but it returned an error result.",
};
const TIMED_OUT: Failure = {
    code: "Lambda.FunctionTimedOut",
    message: "The Lambda function timed out. Increase the Timeout setting in the Lambda function.",
};
const ASSUME_DENIED: Failure = {
    code: "Lambda.AssumeRoleAccessDenied",
    message:
        "Access was denied. Ensure that the trust policy on the provided IAM role allows Amazon Data Firehose to assume the role.",
};
const BY_CODE: Readonly<Record<string, Failure>> = {
    AccessDeniedException: {
        code: "Lambda.InvokeAccessDenied",
        message: "Access was denied. Ensure that the access policy allows access to the Lambda function.",
    },
    TooManyRequestsException: {
        code: "Lambda.InvokeLimitExceeded",
        message: "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
    },
    ResourceNotFoundException: {
        code: "Lambda.ResourceNotFound",
        message: "The specified Lambda function does not exist. Use a different function that does exist.",
    },
};

function failureOf(error: unknown): Failure {
    if (error instanceof Error && "failure" in error) return error.failure as Failure;
    const code = isServiceError(error) ? error.code : "InternalServerError";
    return BY_CODE[code] ?? { code: `Lambda.${code}`, message: error instanceof Error ? error.message : String(error) };
}

/** Hex digits in the form of a random UUID. */
export function uuid(hex: string): string {
    const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
    return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        variant + hex.slice(17, 20),
        hex.slice(20, 32),
    ].join("-");
}

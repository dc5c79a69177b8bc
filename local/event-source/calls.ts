import { isServiceError } from "../errors";
import { textOf } from "../payload";
import type { Services } from "../services";
import type { Sqs } from "../sqs";
import type { Outcome } from "./batch";
import type { MappingConfig } from "./config";
import { failureRecord, type GivenUp } from "./failure-record";
import { eventOf } from "./lane";
import { type FunctionIdentity, functionNameOf } from "./permissions";
import { reported } from "./response";
import type { Entry } from "./source";
import { uuidOf } from "./uuid";

/** What a mapping calls. */
export type CallServices = Pick<Services, "clock" | "iam" | "lambda" | "metrics" | "randomHex"> & {
    readonly sqs: Pick<Sqs, "send">;
};

/** The calls that a mapping makes. */
export interface Calls {
    /** Calls the function with records. */
    invoke(entries: readonly Entry[], signal: AbortSignal): Promise<Outcome>;
    /** Tells the destination of records that are given up; a sentence comes back when it could not. */
    giveUp(who: FunctionIdentity, lost: GivenUp): string | undefined;
}

/** Makes the {@link Calls} of a mapping. */
export function createCalls(services: CallServices, config: MappingConfig): Calls {
    const { clock, iam, lambda, metrics, randomHex, sqs } = services;
    const { functionArn, destinationArn, uuid } = config;
    const count = (metric: string, value: number) =>
        metrics.put("AWS/Lambda", metric, { EventSourceMappingUUID: uuid }, value);

    /** How many records at the start are done, by what the function answered. */
    function doneOf(payload: string, entries: readonly Entry[]): number {
        if (!config.reportsFailures) return entries.length;
        const said = reported(payload, entries);
        return said === "nonsense" ? 0 : said.done;
    }

    return {
        async invoke(entries, signal) {
            if (signal.aborted) return "stopped";
            const age = clock.now() - (entries.at(-1) as Entry).arrival;
            metrics.put("AWS/Lambda", "IteratorAge", { FunctionName: functionNameOf(functionArn) }, age);
            count("InvokedEventCount", entries.length);
            const answer = await unlessAborted(called(entries), signal);
            if (answer === undefined) return "stopped";
            if (answer === "throttled") return answer;
            const { payload, functionError, requestId } = answer;
            const done = functionError ? 0 : doneOf(textOf(payload), entries);
            if (done < entries.length) count("FailedInvokeEventCount", entries.length - done);
            return { done, called: { requestId, functionError } };
        },
        giveUp({ caller }, lost) {
            count("DroppedEventCount", lost.entries.length);
            if (!destinationArn) return undefined;
            const body = failureRecord(config, lost, { now: clock.now(), requestId: uuidOf(randomHex(32)) });
            try {
                sqs.send(caller, destinationArn, body);
                count("OnFailureDestinationDeliveredEventCount", lost.entries.length);
                return undefined;
            } catch (error) {
                if (!isServiceError(error)) throw error;
                count("DestinationDeliveryFailures", lost.entries.length);
                return `The destination ${destinationArn} did not take what was given up: ${error.message}`;
            }
        },
    };

    async function called(entries: readonly Entry[]) {
        try {
            return await lambda.invoke(iam.root, functionArn, eventOf(entries));
        } catch (error) {
            if (!isServiceError(error)) throw error;
            if (error.code === "TooManyRequestsException") return "throttled" as const;
            // A record that no event can hold is one that the function can't take.
            if (error.code === "RequestTooLargeException")
                return { payload: "", functionError: "Unhandled" as const, requestId: uuidOf(randomHex(32)) };
            throw error;
        }
    }
}

/** What a promise comes to, or undefined as soon as the signal aborts. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    let abort: () => void = () => undefined;
    const aborted = new Promise<undefined>((resolve) => {
        abort = () => resolve(undefined);
        signal.addEventListener("abort", abort);
    });
    try {
        return await Promise.race([promise, aborted]);
    } finally {
        signal.removeEventListener("abort", abort);
        promise.catch(() => undefined);
    }
}

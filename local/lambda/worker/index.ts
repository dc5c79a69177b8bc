import * as v8 from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { handedOver, lengthOf, payloadOf, textOf } from "../../payload";
import { errorPayload, logError, runtimeError } from "./errors";
import { tidyWhenIdle } from "./idle";
import { type Handler, loadHandler } from "./load";
import { patchConsole } from "./log";
import type { Invocation, WorkerMessage, WorkerSettings } from "./messages";

/** Most bytes of an answer: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, with the number in the error's own words. */
const MAX_RESPONSE = 6_291_556;

const settings = workerData as WorkerSettings;
const port = parentPort as NonNullable<typeof parentPort>;
let requestId: string | undefined;

const send = (message: WorkerMessage, handed: ArrayBuffer[] = []) => port.postMessage(message, handed);
const heapBytes = () => v8.getHeapStatistics().used_heap_size;
const fail = (error: unknown) => send({ kind: "error", payload: errorPayload(error), heapBytes: heapBytes() });

patchConsole({ ...settings, requestId: () => requestId, write: (line) => send({ kind: "log", line }) });

process.on("uncaughtException", (error) => {
    logError(settings.logFormat, "Uncaught Exception", error);
    send({ kind: "fatal", payload: errorPayload(error) });
    process.exit(129);
});
process.on("unhandledRejection", (reason) => {
    const error = runtimeError(
        "Runtime.UnhandledPromiseRejection",
        String(reason),
        (reason as Error | undefined)?.stack,
    );
    logError(settings.logFormat, "Unhandled Promise Rejection", error);
    send({ kind: "fatal", payload: errorPayload(error) });
    process.exit(128);
});

/** Loads the handler, and waits for calls. */
function start(): void {
    let handler: Handler;
    try {
        handler = loadHandler(settings);
    } catch (error) {
        logError(settings.logFormat, "Uncaught Exception", error);
        send({ kind: "fatal", payload: errorPayload(error) });
        port.close();
        return;
    }
    const run = tidyWhenIdle();
    port.on("message", (invocation: Invocation) => void run(() => answer(handler, invocation)));
    send({ kind: "ready" });
}

async function answer(handler: Handler, invocation: Invocation): Promise<void> {
    requestId = invocation.requestId;
    let result: unknown;
    try {
        result = await call(handler, JSON.parse(textOf(invocation.payload)), contextOf(invocation));
    } catch (error) {
        logError(settings.logFormat, "Invoke Error", error);
        return fail(error);
    }
    try {
        const payload = payloadOf(JSON.stringify(result) ?? "null");
        if (lengthOf(payload) > MAX_RESPONSE) return fail(tooLong());
        send({ kind: "answer", payload, heapBytes: heapBytes() }, handedOver(payload));
    } catch {
        fail(runtimeError("Runtime.JSONStringifyError", "Unable to stringify response body"));
    }
}

function call(handler: Handler, event: unknown, context: object): unknown {
    if (handler.length < 3) return handler(event, context);
    return new Promise((resolve, reject) => {
        const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
        if (typeof (returned as Promise<unknown> | undefined)?.then === "function") resolve(returned);
    });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId: awsRequestId, functionArn, timeoutMs }: Invocation): object {
    const { env } = process;
    const deadline = performance.now() + timeoutMs;
    return {
        callbackWaitsForEmptyEventLoop: true,
        functionName: env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
        memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
        invokedFunctionArn: functionArn,
        awsRequestId,
        getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
    };
}

function tooLong(): Error {
    const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE} bytes).`;
    return runtimeError("Function.ResponseSizeTooLarge", message, "");
}

start();

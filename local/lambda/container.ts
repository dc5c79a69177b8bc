import * as path from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../clock";
import { handedOver, type Payload } from "../payload";
import { workerProgram } from "../worker-program";
import type { FunctionConfiguration } from "./configuration";
import { INIT_TIMEOUT_MS } from "./model";
import type { Invocation, WorkerMessage, WorkerSettings } from "./worker/messages";

/** How a call ended in its container. */
export interface Ending {
    /** JSON: the handler's answer, or what it threw. */
    readonly payload: Payload;
    readonly status: "success" | "error" | "timeout";
    /** Of an end that the handler had no part in, such as `Runtime.ExitError`. */
    readonly errorType?: string;
    readonly durationMs: number;
    readonly initDurationMs?: number;
    readonly maxMemoryMB: number;
}

/** One execution environment: a worker thread with a handler in it, which takes one call at a time and keeps its state between calls. */
export interface Container {
    /** Runs the handler. Never rejects: whatever happens is an ending. */
    run(invocation: Invocation): Promise<Ending>;
    /** Whether it can take another call. */
    isAlive(): boolean;
    close(): void;
}

/** What a container is started with. */
export interface ContainerOptions {
    readonly clock: Pick<Clock, "sleep">;
    /** The environment variables that the handler sees. */
    readonly variables: Readonly<Record<string, string>>;
    /** Gets each line that the handler logs, during a call or between two. */
    log(line: string): void;
}

/** Most MB of a worker's young generation. With 6, all that streams in takes a twentieth more of the processor; a worker that is idle gives them back. */
const YOUNG_GENERATION_MB = 24;

/** Milliseconds between two looks at how much memory a worker holds. */
const WATCH_MS = 50;

/**
 * MB that V8 lets a worker have beyond the function's memory. Whoever reaches V8's own limit may take the whole process along, so the watch
 * must come first, and takes a while.
 */
const HEADROOM_MB = 1024;

/** An end of a call, as the worker or its death brings it about. */
interface End {
    readonly status: Ending["status"];
    readonly errorType?: string;
    /** JSON, which may have to name the request. */
    readonly payload: Payload | ((requestId: string) => string);
}

/** Starts a container. Its handler begins to load at once. */
export function startContainer(configuration: FunctionConfiguration, options: ContainerOptions): Container {
    const started = performance.now();
    let initDurationMs: number | undefined;
    let maxMemoryMB = 0;
    /** Ends the call that is under way. */
    let end: ((given: End) => void) | undefined;
    /** Why the worker is gone, or soon will be. */
    let death: End | undefined;

    const die = (given: End) => {
        death ??= given;
        end?.(death);
        void worker.terminate();
    };
    const worker = newWorker(configuration, options.variables);
    worker.on("error", ({ message, code }: NodeJS.ErrnoException) => {
        die(exited(code === "ERR_WORKER_OUT_OF_MEMORY" ? KILLED : message));
    });
    worker.on("exit", (code) => die(exited(code === 0 ? undefined : `exit status ${code}`)));
    const ready = new Promise<void>((resolve) => {
        worker.on("message", (message: WorkerMessage) => {
            if (message.kind === "log") return options.log(message.line);
            if (message.kind === "fatal") return die({ status: "error", payload: message.payload });
            if (message.kind === "ready") {
                initDurationMs = performance.now() - started;
                return resolve();
            }
            maxMemoryMB = Math.max(maxMemoryMB, megabytes(message.heapBytes));
            end?.({ status: message.kind === "answer" ? "success" : "error", payload: message.payload });
        });
    });

    /** Waits for something, and ends the worker when that takes longer than `ms` milliseconds. */
    async function within<T>(ms: number, awaited: Promise<T>): Promise<T> {
        const done = new AbortController();
        void options.clock.sleep(ms, done.signal).then(() => {
            if (!done.signal.aborted) die(timedOut(ms));
        });
        const value = await awaited;
        done.abort();
        return value;
    }

    /** Ends the worker when it holds more memory than the function has. */
    async function watch(): Promise<void> {
        const { used_heap_size: heap, external_memory: external } = await worker.getHeapStatistics();
        const most = configuration.memorySize;
        maxMemoryMB = Math.min(most, Math.max(maxMemoryMB, megabytes(heap + external)));
        if (megabytes(heap + external) > most) die(exited(KILLED));
    }

    async function run(invocation: Invocation): Promise<Ending> {
        const { requestId, timeoutMs } = invocation;
        const isCold = initDurationMs === undefined;
        const ended = new Promise<End>((resolve) => {
            end = resolve;
            if (death) resolve(death);
        });
        if (isCold) await within(INIT_TIMEOUT_MS, Promise.race([ready, ended]));
        const begun = performance.now();
        if (!death) worker.postMessage(invocation, handedOver(invocation.payload));
        const { status, errorType, payload } = await within(timeoutMs, ended);
        end = undefined;
        return {
            status,
            payload: typeof payload === "function" ? payload(requestId) : payload,
            ...(errorType && { errorType }),
            durationMs: status === "timeout" ? timeoutMs : performance.now() - begun,
            ...(isCold && initDurationMs !== undefined && { initDurationMs }),
            maxMemoryMB,
        };
    }

    return {
        async run(invocation) {
            // Only a call keeps the process alive, not a worker that waits for one.
            worker.ref();
            // A worker that has just ended rejects.
            const watching = setInterval(() => void watch().catch(() => undefined), WATCH_MS);
            const ending = await run(invocation);
            clearInterval(watching);
            worker.unref();
            return ending;
        },
        isAlive: () => death === undefined,
        close: () => die(exited(undefined)),
    };
}

/** What Lambda says of a process that took too much memory. */
const KILLED = "signal: killed";

function megabytes(bytes: number): number {
    return Math.ceil(bytes / 1024 / 1024);
}

function newWorker(configuration: FunctionConfiguration, variables: ContainerOptions["variables"]): Worker {
    const { files, handler, runtime, logFormat, applicationLogLevel, memorySize, name } = configuration;
    const workerData: WorkerSettings = {
        files,
        handler,
        runtime,
        logFormat,
        logLevel: applicationLogLevel,
        packagesBeside: __filename,
    };
    const worker = new Worker(workerProgram(path.join(__dirname, "worker/index.ts")), {
        eval: true,
        name,
        workerData,
        env: { ...variables },
        // Nothing of this process: neither its arguments nor the compiler that its own code runs with.
        argv: [],
        execArgv: [],
        resourceLimits: {
            maxOldGenerationSizeMb: memorySize + HEADROOM_MB,
            maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        },
    });
    worker.unref();
    return worker;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
function timedOut(ms: number): End {
    const errorType = "Sandbox.Timedout";
    const sentence = `Task timed out after ${(ms / 1000).toFixed(2)} seconds`;
    return {
        status: "timeout",
        payload: (requestId) =>
            JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${sentence}` }),
    };
}

function exited(reason: string | undefined): End {
    const errorType = "Runtime.ExitError";
    const sentence = `Runtime exited ${reason ? `with error: ${reason}` : "without providing a reason"}`;
    return {
        status: "error",
        errorType,
        payload: (requestId) =>
            JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${sentence}` }),
    };
}

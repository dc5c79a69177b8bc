import * as os from "node:os";
import * as path from "node:path";
import { isServiceError, serviceError } from "../errors";
import { lengthOf, type Payload, textOf } from "../payload";
import type { Caller, HttpRequest, HttpResponse, Lambda, Services } from "../services";
import { type Addressed, find } from "./address";
import type { FunctionConfiguration, FunctionResource } from "./configuration";
import type { Ending } from "./container";
import { type Environment, startEnvironment } from "./environment";
import { createEvents } from "./events";
import type { LambdaFaults } from "./faults";
import { MAX_EVENT, MAX_REQUEST } from "./model";
import { createPool, type Pool } from "./pool";
import { restHandler } from "./rest";

/** What the local Lambda needs. */
export type LambdaServices = Pick<Services, "clock" | "place" | "resources" | "iam" | "logs" | "metrics" | "randomHex">;

/** How the local Lambda may differ from what it is by default. */
export interface LambdaOptions {
    /** Most workers of one function; more calls than that wait. @default as many as there are cores, but at least 2 and at most 8 */
    readonly workersPerFunction?: number;
    /** Milliseconds after which a worker that nobody calls is closed. @default 60,000 */
    readonly idleMs?: number;
    /** What goes wrong on purpose, for tests. @default nothing does */
    readonly faults?: LambdaFaults;
}

/** The answer to a call, with the last lines of its log. */
export interface Invoked {
    /** JSON; empty for an asynchronous call. */
    readonly payload: Payload;
    readonly functionError?: "Unhandled";
    readonly requestId: string;
    readonly log: readonly string[];
}

/** A call that the caller may make, and that has not been made yet. */
export interface Call extends Addressed {
    readonly payload: Payload;
    readonly type: "RequestResponse" | "Event";
}

/** The local Lambda. */
export interface LocalLambda extends Lambda {
    /** Answers a request to Lambda's REST API. */
    handle(request: HttpRequest): Promise<HttpResponse>;
    /** Whether the function's policy, made of `aws:lambda/permission:Permission`, lets a service call it on behalf of a resource. */
    permits(functionName: string, principal: string, sourceArn: string): boolean;
    /** Goes on with the asynchronous calls that a former run has not ended. */
    start(): void;
    /** Ends every worker. */
    close(): void;
}

/** Makes the local Lambda: every function runs the very text that goes to AWS, in worker threads. */
export function createLambda(services: LambdaServices, options: LambdaOptions = {}): LocalLambda {
    const { clock, iam, metrics, place, resources, randomHex } = services;
    const pools = createPools(services, options);
    const running = new Map<string, number>();
    const count = (metric: string, functionName: string, value: number) =>
        metrics.put("AWS/Lambda", metric, { FunctionName: functionName }, value);
    const events = createEvents({
        clock,
        resources,
        file: path.join(place.data, "lambda", "events.jsonl"),
        run: async ({ functionName, requestId, payload }) => run(find(services, functionName), requestId, payload),
        drop: ({ functionName }) => count("AsyncEventsDropped", functionName, 1),
    });

    function prepare(
        caller: Caller,
        reference: string,
        payload: Payload,
        type: Call["type"],
        qualifier?: string,
    ): Call {
        const addressed = find(services, reference, qualifier);
        iam.authorize(caller, "lambda:InvokeFunction", addressed.arn);
        const most = type === "Event" ? MAX_EVENT : MAX_REQUEST;
        // A UTF-16 unit is at most three bytes, so short texts need no count.
        if (payload.length * 3 > most && lengthOf(payload) > most) {
            const message = `Request must be smaller than ${most} bytes for the InvokeFunction operation`;
            throw serviceError("RequestTooLargeException", message, 413);
        }
        return { ...addressed, payload, type };
    }

    async function make(call: Call): Promise<Invoked> {
        const requestId = uuidOf(randomHex(32));
        const { configuration, payload, type } = call;
        if (type === "RequestResponse") return run(call, requestId, payload);
        events.accept({ functionName: configuration.name, requestId, payload: textOf(payload) });
        return { payload: "", requestId, log: [] };
    }

    async function run(addressed: Addressed, requestId: string, payload: Payload): Promise<Invoked> {
        const { name } = addressed.configuration;
        enter(addressed.configuration);
        try {
            const { ending, log } = await pools.of(addressed).with((environment) => {
                const lifetime = options.faults?.killed?.(name, textOf(payload));
                if (lifetime === 0) environment.close();
                else if (lifetime) void clock.sleep(lifetime).then(() => environment.close());
                return environment.run(requestId, addressed.arn, payload);
            });
            measure(name, ending);
            const functionError = ending.status === "success" ? {} : ({ functionError: "Unhandled" } as const);
            return { payload: ending.payload, ...functionError, requestId, log };
        } finally {
            running.set(name, (running.get(name) ?? 1) - 1);
        }
    }

    /** Counts a call in, unless there are as many as the function reserves. */
    function enter({ name, reservedConcurrency }: FunctionConfiguration): void {
        const now = running.get(name) ?? 0;
        if (reservedConcurrency !== undefined && now >= reservedConcurrency) {
            count("Throttles", name, 1);
            throw serviceError("TooManyRequestsException", "Rate Exceeded.", 429);
        }
        running.set(name, now + 1);
    }

    function measure(name: string, { status, durationMs }: Ending): void {
        count("Invocations", name, 1);
        count("Errors", name, status === "success" ? 0 : 1);
        count("Duration", name, durationMs);
    }

    return {
        async invoke(caller, functionName, payload, type = "RequestResponse") {
            const { log: _, ...answer } = await make(prepare(caller, functionName, payload, type));
            return answer;
        },
        handle: restHandler(services, { prepare, make }),
        permits(functionName, principal, sourceArn) {
            const { arn } = find(services, functionName);
            try {
                iam.authorize({ arn: principal }, "lambda:InvokeFunction", arn, { "aws:SourceArn": sourceArn });
                return true;
            } catch (error) {
                if (isServiceError(error)) return false;
                throw error;
            }
        },
        start: events.start,
        close() {
            events.close();
            pools.close();
        },
    };
}

/** The execution environments of each function. A function that has changed gets new ones; calls under way end in the old. */
function createPools(services: LambdaServices, options: LambdaOptions) {
    const { clock, resources } = services;
    const most = options.workersPerFunction ?? Math.min(8, Math.max(2, os.availableParallelism()));
    const pools = new Map<FunctionResource, Pool<Environment>>();
    let isClosed = false;

    resources.onChange("aws:lambda/function:Function", () => {
        const current = new Set<unknown>(resources.all("aws:lambda/function:Function"));
        for (const [resource, pool] of pools) {
            if (current.has(resource)) continue;
            pools.delete(resource);
            pool.retire();
        }
    });

    return {
        of({ resource, configuration }: Addressed): Pool<Environment> {
            const known = pools.get(resource);
            if (known) return known;
            const start = () => {
                if (isClosed) throw serviceError("ServiceException", "The local Lambda has been closed.", 500);
                return startEnvironment(services, configuration);
            };
            const pool = createPool({ clock, most, idleMs: options.idleMs ?? 60_000, start });
            pools.set(resource, pool);
            return pool;
        },
        close() {
            isClosed = true;
            for (const pool of pools.values()) pool.close();
        },
    };
}

/** 32 hex digits in the form of a random UUID. */
function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}

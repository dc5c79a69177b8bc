import type { Clock } from "../clock";
import { isServiceError } from "../errors";
import type { Resources } from "../resources";

/** An asynchronous call that has been accepted. */
export interface LambdaEvent {
    readonly functionName: string;
    readonly requestId: string;
    readonly payload: string;
}

/** Asynchronous calls, and their retries. */
export interface Events {
    /** Takes a call; it is run when the caller has its answer. */
    accept(event: LambdaEvent): void;
    /** Gives up what is under way. */
    close(): void;
}

/** What the queue of events is made with. */
export interface EventsOptions {
    readonly clock: Clock;
    readonly resources: Resources;
    /** Runs a call; tells whether the handler failed, and throws when the call could not be made. */
    run(event: LambdaEvent): Promise<{ readonly functionError?: string }>;
    /** Told of a call that is given up. */
    drop(event: LambdaEvent): void;
}

/** Milliseconds before the second try and the third: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_MS = [60_000, 120_000] as const;

/** Milliseconds before a throttled call is tried again, first and at most: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const BACKOFF_MS = { first: 1000, most: 300_000 } as const;

interface EventInvokeConfig {
    readonly functionName: string;
    readonly maximumRetryAttempts?: number;
    readonly maximumEventAgeInSeconds?: number;
}

/**
 * Makes the queue of asynchronous calls. It is kept in memory: on AWS such a call is kept somewhere safe, here a call that was accepted
 * and not yet run is lost when the process ends.
 */
export function createEvents({ clock, resources, run, drop }: EventsOptions): Events {
    const closed = new AbortController();
    const configOf = (functionName: string) => {
        const all = resources.all<EventInvokeConfig>("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig");
        return all.find(({ inputs }) => nameIn(inputs.functionName) === functionName)?.inputs;
    };

    async function deliver(event: LambdaEvent): Promise<void> {
        const accepted = clock.now();
        let failures = 0;
        let backoff: number = BACKOFF_MS.first;
        while (!closed.signal.aborted) {
            const outcome = await attempt(event);
            const { maximumRetryAttempts = 2, maximumEventAgeInSeconds = 21_600 } = configOf(event.functionName) ?? {};
            if (outcome === "done") return;
            if (outcome === "gone" || (outcome === "failed" && failures >= maximumRetryAttempts)) return drop(event);
            const wait = outcome === "failed" ? (RETRY_MS[failures++] ?? BACKOFF_MS.most) : backoff;
            if (outcome === "throttled") backoff = Math.min(backoff * 2, BACKOFF_MS.most);
            if (clock.now() + wait - accepted > maximumEventAgeInSeconds * 1000) return drop(event);
            await clock.sleep(wait, closed.signal);
        }
    }

    async function attempt(event: LambdaEvent): Promise<"done" | "failed" | "throttled" | "gone"> {
        try {
            return (await run(event)).functionError === undefined ? "done" : "failed";
        } catch (error) {
            // Whatever else keeps a call from being made may pass: it waits as a throttled one does.
            const isGone = isServiceError(error) && error.code === "ResourceNotFoundException";
            return isGone ? "gone" : "throttled";
        }
    }

    return {
        accept: (event) => void setImmediate(() => void deliver(event)),
        close: () => closed.abort(),
    };
}

function nameIn(reference: string): string | undefined {
    return reference.replace(/^arn:aws:lambda:[^:]*:\d*:function:/, "").split(":")[0];
}

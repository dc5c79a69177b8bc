import type { Clock } from "../clock";
import { isServiceError } from "../errors";
import { openJournal } from "../journal";
import type { Resources } from "../resources";

/** An asynchronous call that has been accepted. */
export interface LambdaEvent {
    readonly functionName: string;
    readonly requestId: string;
    readonly payload: string;
}

/** Asynchronous calls, and their retries. */
export interface Events {
    /** Takes a call; it is on disk when this returns, and run when the caller has its answer. */
    accept(event: LambdaEvent): void;
    /** Goes on with the calls that a former run has not ended. */
    start(): void;
    /** Stops; what is under way is run again after the next start. */
    close(): void;
}

/** A call that has not ended. */
interface Pending extends LambdaEvent {
    /** The id of its request. */
    readonly id: string;
    /** When it was accepted, in milliseconds since 1970. */
    readonly accepted: number;
    /** How often the handler has failed. */
    readonly failures: number;
}

/** What the queue of events is made with. */
export interface EventsOptions {
    readonly clock: Clock;
    readonly resources: Resources;
    /** File that keeps the calls that have not ended. */
    readonly file: string;
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

/** Makes the queue of asynchronous calls, each of which is run at least once. */
export function createEvents({ clock, resources, file, run, drop }: EventsOptions): Events {
    const closed = new AbortController();
    const journal = openJournal<Pending>(file);
    const configOf = (functionName: string) => {
        const all = resources.all<EventInvokeConfig>("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig");
        return all.find(({ inputs }) => nameIn(inputs.functionName) === functionName)?.inputs;
    };

    async function deliver(event: Pending): Promise<void> {
        const { id, accepted } = event;
        let { failures } = event;
        let backoff: number = BACKOFF_MS.first;
        while (!closed.signal.aborted) {
            const outcome = await attempt(event);
            if (closed.signal.aborted) return;
            const { maximumRetryAttempts = 2, maximumEventAgeInSeconds = 21_600 } = configOf(event.functionName) ?? {};
            if (outcome === "done") return journal.write([{ remove: id }]);
            const isSpent = outcome === "gone" || (outcome === "failed" && failures >= maximumRetryAttempts);
            const wait = outcome === "failed" ? (RETRY_MS[failures++] ?? BACKOFF_MS.most) : backoff;
            if (isSpent || clock.now() + wait - accepted > maximumEventAgeInSeconds * 1000) {
                journal.write([{ remove: id }]);
                return drop(event);
            }
            if (outcome === "failed") journal.write([{ put: { ...event, failures } }]);
            else backoff = Math.min(backoff * 2, BACKOFF_MS.most);
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
        accept(event) {
            const pending = { id: event.requestId, ...event, accepted: clock.now(), failures: 0 };
            journal.write([{ put: pending }]);
            setImmediate(() => void deliver(pending));
        },
        start() {
            for (const pending of [...journal.kept.values()]) void deliver(pending);
        },
        close() {
            if (closed.signal.aborted) return;
            closed.abort();
            journal.close();
        },
    };
}

function nameIn(reference: string): string | undefined {
    return reference.replace(/^arn:aws:lambda:[^:]*:\d*:function:/, "").split(":")[0];
}

import type { FakeClock } from "../../tests/support/clock";
import { fakeLambda, fakeServices, ROOT } from "../../tests/support/local";
import { createDynamoDB } from "../dynamodb";
import { createKinesis } from "../kinesis";
import type { Bindings, Properties } from "../resources";
import type { Iam, Lambda } from "../services";
import { createSqs } from "../sqs";
import { createEventSources, type EventSources } from ".";
import type { MappingOptions } from "./mapping";

/** The ARNs of the test's resources. */
export const STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
export const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:failed";
export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:consume";
export const ROLE_ARN = "arn:aws:iam::000000000000:role/consume";

/** An event as the function gets it. */
export interface StreamEvent {
    readonly Records: readonly {
        readonly eventID: string;
        readonly kinesis: {
            readonly partitionKey: string;
            readonly sequenceNumber: string;
            readonly data: string;
            readonly approximateArrivalTimestamp: number;
        };
    }[];
}

/** A message of the on-failure queue. */
export interface FailureMessage {
    readonly requestContext: { readonly condition: string; readonly approximateInvokeCount: number };
    readonly KinesisBatchInfo: {
        readonly shardId: string;
        readonly startSequenceNumber: string;
        readonly endSequenceNumber: string;
        readonly batchSize: number;
    };
}

/** What a test may replace. */
export interface BenchOptions {
    /** The function `consume`: it gets the parsed event. */
    readonly consume?: (event: StreamEvent) => unknown;
    readonly lambda?: Lambda;
    readonly iam?: Iam;
    readonly shardCount?: number;
}

/** A stream, a function, a queue and the services around them. */
export async function bench({ consume = () => undefined, lambda, iam, shardCount = 1 }: BenchOptions = {}) {
    const functions = fakeLambda({ consume: (event: never) => consume(event) });
    const services = fakeServices({ lambda: lambda ?? functions, ...(iam && { iam }) });
    const kinesis = createKinesis(services);
    const dynamodb = createDynamoDB(services);
    const sqs = createSqs(services);
    const all = { ...services, kinesis, dynamodb, sqs };
    const made: EventSources[] = [];
    const problems: string[] = [];
    const open = (options: MappingOptions = {}) => {
        const sources = createEventSources(all, {
            onProblem: (_uuid, problem) => void problems.push(problem),
            ...options,
        });
        made.push(sources);
        return sources;
    };
    const sources = open();
    const make = async (bindings: Bindings, type: string, inputs: Properties) => {
        const created = await bindings[type]?.create(inputs, "x");
        if (!created) throw new Error(`Nothing makes ${type}.`);
        return services.resources.put({ type, inputs, ...created });
    };
    services.resources.put({
        type: "aws:lambda/function:Function",
        id: "consume",
        inputs: { name: "consume", role: ROLE_ARN },
        outputs: { arn: FUNCTION_ARN },
    });
    await make(kinesis.bindings, "aws:kinesis/stream:Stream", { name: "orders", shardCount });
    await make(sqs.bindings, "aws:sqs/queue:Queue", { name: "failed" });

    return {
        ...all,
        sources,
        open,
        make,
        problems,
        /** Makes a mapping from the stream to the function. */
        map: (inputs: Properties = {}) =>
            make(sources.bindings, "aws:lambda/eventSourceMapping:EventSourceMapping", {
                functionName: FUNCTION_ARN,
                eventSourceArn: STREAM_ARN,
                startingPosition: "TRIM_HORIZON",
                ...inputs,
            }),
        /** Puts texts into the stream, each with its partition key. */
        async put(...records: readonly { readonly key?: string; readonly text: string }[]) {
            const operation = kinesis.service.operations.PutRecords as (
                input: object,
                caller: object,
            ) => Promise<unknown>;
            const Records = records.map(({ key = "k", text }) => ({ PartitionKey: key, Data: Buffer.from(text) }));
            await operation({ StreamName: "orders", Records }, ROOT);
        },
        /** The messages in the on-failure queue. */
        async failures(): Promise<readonly FailureMessage[]> {
            const operation = sqs.service.operations.ReceiveMessage as (
                input: object,
                caller: object,
            ) => Promise<{ Messages?: { Body: string }[] }>;
            const found: FailureMessage[] = [];
            for (;;) {
                const { Messages } = await operation(
                    { QueueUrl: "failed", MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 },
                    ROOT,
                );
                if (!Messages) return found;
                found.push(...Messages.map(({ Body }) => JSON.parse(Body) as FailureMessage));
            }
        },
        async close() {
            for (const each of made) await each.close();
            await kinesis.close();
            await dynamodb.close();
            sqs.close();
            services.place.remove();
        },
    };
}

/** A {@link bench}. */
export type Bench = Awaited<ReturnType<typeof bench>>;

/** The texts in an event. */
export function textsIn(event: StreamEvent): readonly string[] {
    return event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString());
}

/** Lets time pass, some milliseconds at a time, until a promise has settled. */
export async function passingTime<T>(clock: FakeClock, promise: Promise<T>, ms = 200): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
        settled = true;
    });
    while (!settled) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        await clock.advance(ms);
    }
    return done;
}

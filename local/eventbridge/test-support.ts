import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { ReceiveMessageResult } from "@aws-sdk/client-sqs";
import { fakeServices, ROOT, serve } from "../../tests/support/local";
import { isServiceError } from "../errors";
import { createIam } from "../iam";
import { iamBindings } from "../iam/bindings";
import { lambdaBindings } from "../lambda/bindings";
import type { Bindings, Properties } from "../resources";
import type { Caller, Services } from "../services";
import { createSqs } from "../sqs";
import { EVENT_TYPES } from "./config";
import { createEventBridge, type EventBridgeOptions } from "./index";

export const BUS = "lake-1234567";
export const STREAM_ARN = "arn:aws:firehose:us-east-1:000000000000:deliverystream/raw";
export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:merge";
export const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:failed";
export const ROLE_ARN = "arn:aws:iam::000000000000:role/events";

export const RULE_ARN = `arn:aws:events:us-east-1:000000000000:rule/${BUS}/cards`;

/** Everything around a bus that a test looks at: real IAM and queues, and a delivery stream and functions that take what comes. */
export function eventBridgeFor(options: EventBridgeOptions = {}, own: Partial<Services> = {}) {
    const base = fakeServices(own);
    const iam = createIam(base);
    const services = { ...base, iam };
    const records: string[] = [];
    const calls: string[] = [];
    const faults: Error[] = [];
    const failing = () => {
        const fault = faults.shift();
        if (fault) throw fault;
    };
    const all = {
        ...services,
        sqs: createSqs(services),
        firehose: {
            async put(caller: Caller, arn: string, data: Uint8Array) {
                iam.authorize(caller, "firehose:PutRecord", arn);
                failing();
                records.push(Buffer.from(data).toString());
            },
        },
        lambda: {
            async invoke(_caller: Caller, name: string, payload: string, type = "RequestResponse") {
                failing();
                calls.push(`${type} ${name} ${payload}`);
                return { payload: "", requestId: "r" };
            },
            permits(name: string, principal: string, sourceArn: string) {
                try {
                    iam.authorize({ arn: principal }, "lambda:InvokeFunction", name, { "aws:SourceArn": sourceArn });
                    return true;
                } catch (error) {
                    if (isServiceError(error)) return false;
                    throw error;
                }
            },
        },
    };
    let events = createEventBridge(all, options);
    const bindings = (): Bindings => ({
        ...iamBindings(services),
        ...lambdaBindings(services),
        ...all.sqs.bindings,
        ...events.bindings,
    });
    return {
        ...all,
        records,
        calls,
        /** What the next calls of targets throw, one each. */
        faults,
        events: () => events,
        /** Makes a resource as a program does. */
        async make(type: string, inputs: Properties) {
            const binding = bindings()[type];
            if (!binding) throw new Error(`There is no binding for ${type}.`);
            const problems = binding.check?.(inputs) ?? [];
            if (problems.length > 0) throw new Error(problems.join("\n"));
            return services.resources.put({ type, inputs, ...(await binding.create(inputs, "x")) });
        },
        /** Ends, lets something happen, and begins anew with what is on disk. */
        async restart(meanwhile: () => Promise<void> = async () => undefined) {
            await events.close();
            await meanwhile();
            events = createEventBridge(all, options);
            events.start();
        },
    };
}

/** What {@link eventBridgeFor} gives. */
export type Parts = ReturnType<typeof eventBridgeFor>;

/** Makes a role that EventBridge may take and that may do these things. */
export async function makeRole(
    { make }: Parts,
    statements: readonly { readonly Action: string; readonly Resource: string }[],
) {
    const trust = { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sts:AssumeRole" };
    const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
    await make("aws:iam/role:Role", { name: "events", assumeRolePolicy: document(trust) });
    if (statements.length === 0) return;
    const policy = document(...statements.map((statement) => ({ Effect: "Allow", ...statement })));
    await make("aws:iam/rolePolicy:RolePolicy", { name: "own", role: "events", policy });
}

/** Makes a bus with the rule `cards` for events from `transactions`, and this target of it. */
export async function makeRule({ make }: Parts, target: Properties, rule: Properties = {}) {
    await make(EVENT_TYPES.bus, { name: BUS });
    const eventPattern = JSON.stringify({ source: ["transactions"] });
    await make(EVENT_TYPES.rule, { name: "cards", eventBusName: BUS, eventPattern, ...rule });
    await make(EVENT_TYPES.target, { rule: "cards", eventBusName: BUS, targetId: "t", ...target });
}

/** Serves it to an SDK client. */
export async function sdkFor({ events, iam }: Parts) {
    const operations = () => events().service.operations;
    const service = Object.defineProperty({ ...events().service }, "operations", { get: operations });
    const server = await serve({ jsonServices: [service], iam });
    const sdk = new EventBridgeClient(server.client);
    return {
        sdk,
        server,
        async close() {
            sdk.destroy();
            await server.close();
        },
    };
}

/** What is in the queue: the messages' bodies and attributes. */
export async function received({ sqs }: Pick<Parts, "sqs">) {
    const receive = sqs.service.operations.ReceiveMessage as unknown as (
        input: object,
        caller: Caller,
    ) => Promise<ReceiveMessageResult>;
    const input = { QueueUrl: "failed", MaxNumberOfMessages: 10, VisibilityTimeout: 0, MessageAttributeNames: ["All"] };
    const { Messages = [] } = await receive(input, ROOT);
    return Messages.map(({ Body, MessageAttributes = {} }) => ({
        Body: String(Body),
        attributes: Object.fromEntries(
            Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, String(StringValue)]),
        ),
    }));
}

import { EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from "@aws-sdk/client-eventbridge";
import type { Door, Outcome } from "./door";
import type { PipelineOutputs, RunningStack } from "./stack";

/** The way into a pipeline through its event bus: each document is the detail of an event. */
export function busDoor(stack: RunningStack, { bus, source, detailType }: PipelineOutputs): Door {
    const client = new EventBridgeClient(stack.client);
    return {
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        batch: 10,
        async send(documents) {
            const Entries = documents.map((document) => ({
                EventBusName: bus,
                Source: source,
                DetailType: detailType,
                Detail: document,
            }));
            try {
                const answer = await client.send(new PutEventsCommand({ Entries }));
                return (answer.Entries ?? []).map(outcomeOf);
            } catch (error) {
                if (!(error instanceof Error && BUSY.includes(error.name))) throw error;
                return documents.map((): Outcome => "again");
            }
        },
    };
}

/** Errors of entries and of requests that pass by themselves: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
const BUSY: readonly string[] = ["InternalException", "InternalFailure", "ServiceUnavailable", "ThrottlingException"];

function outcomeOf({ ErrorCode: code }: PutEventsResultEntry): Outcome {
    if (code === undefined) return "accepted";
    return BUSY.includes(code) ? "again" : "refused";
}

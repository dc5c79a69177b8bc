import { DescribeRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { eventText } from "../../local/eventbridge/event";
import { compilePattern, matchesEvent } from "../../local/eventbridge/pattern";
import type { Door } from "./door";
import type { PipelineOutputs, RunningStack } from "./stack";

/** A door that counts what goes through it in vain. */
export interface CountingDoor extends Door {
    /** How many documents were taken so far that lead to nothing, because the pipeline asks for others. */
    leftOut(): number;
}

/**
 * Makes a door that knows what becomes of a document behind it: an event bus takes every event, and its rule hands on those that its pattern
 * matches. Behind any other door every document goes on.
 */
export async function countingDoor(door: Door, stack: RunningStack, outputs: PipelineOutputs): Promise<CountingDoor> {
    const goesOn = await filterOf(stack, outputs);
    let leftOut = 0;
    return {
        batch: door.batch,
        async send(documents) {
            const outcomes = await door.send(documents);
            leftOut += documents.filter((text, index) => outcomes[index] === "accepted" && !goesOn(text)).length;
            return outcomes;
        },
        leftOut: () => leftOut,
    };
}

/** Tells whether the rule of a pipeline's bus matches an event with a detail. */
async function filterOf(stack: RunningStack, outputs: PipelineOutputs): Promise<(detail: string) => boolean> {
    const { bus, rule, source = "", detailType = "" } = outputs;
    if (rule === undefined) return () => true;
    const client = new EventBridgeClient(stack.client);
    const { Arn = "", EventPattern = "" } = await client.send(
        new DescribeRuleCommand({ Name: rule, EventBusName: bus }),
    );
    client.destroy();
    const [, , , region = "", account = ""] = Arn.split(":");
    const pattern = compilePattern(EventPattern);
    return (detail) => {
        const parts = { id: "", source, detailType, time: Date.now(), resources: [], detail };
        return matchesEvent(pattern, JSON.parse(eventText({ account, region }, parts)));
    };
}

import type { Entrance } from "../../components/blocks/entrance";
import { apiDoor } from "./api-door";
import { busDoor } from "./bus-door";
import type { Door } from "./door";
import { firehoseDoor } from "./firehose-door";
import type { PipelineOutputs, RunningStack } from "./stack";

/** The way into a pipeline that its kind has. */
export function doorOf(stack: RunningStack, outputs: PipelineOutputs, { door }: Entrance, apiKey?: string): Door {
    if (door === "firehose") return firehoseDoor(stack, outputs);
    return door === "bus" ? busDoor(stack, outputs) : apiDoor(stack, outputs, door, apiKey);
}

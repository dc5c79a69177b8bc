import type * as pulumi from "@pulumi/pulumi";
import { eventSimulator } from "../../functions/event-simulator";
import { columnChoices } from "../../schema/choices";
import { CallbackFunction } from "../blocks/callback-function";
import { literalOf } from "../blocks/event-pattern";
import type { EventRoute } from "../blocks/event-route";
import { handlerSource } from "../blocks/handler-source";
import type { EventLakeArgs } from ".";
import { details } from "./dataset";
import type { EventLakeOptions } from "./options";

/** Makes the function that sends events to a bus, to try the pipeline with. */
export function createSimulator(
    name: string,
    { bus, put }: EventRoute,
    args: EventLakeArgs,
    child: { readonly parent: pulumi.Resource },
): CallbackFunction {
    const columns = columnChoices(details, { seed: 1, now: 0 });
    return new CallbackFunction(
        name,
        {
            handler: handlerSource(eventSimulator, { ...sentAs(args), columns }),
            environment: { BUS: bus.name },
            allow: put,
            memorySize: args.simulator.memoryMiB,
            timeoutSeconds: args.simulator.timeoutSeconds,
            logRetentionDays: args.logRetentionDays,
        },
        child,
    );
}

/** What events must have so that the pattern matches them, where it says so by a text. */
export function sentAs({ pattern }: EventLakeOptions) {
    return {
        source: literalOf(pattern, "source") ?? "transactions",
        detailType: literalOf(pattern, "detail-type") ?? "card-event",
    };
}

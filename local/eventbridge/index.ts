import * as path from "node:path";
import type { Bindings } from "../resources";
import type { JsonService, Services } from "../services";
import { busNameOf } from "./arn";
import { eventBindings } from "./bindings";
import { createBuses, EVENT_TYPES } from "./config";
import type { DeliverServices } from "./deliver";
import { createDeliveries, type DeliveryServices } from "./deliveries";
import { describeOperations } from "./describe";
import { createDispatcher } from "./dispatcher";
import type { BusEvent } from "./event";
import { fieldsOf } from "./fields";
import type { Arrival } from "./log";
import { putEvents } from "./put";
import { openRuleStates } from "./states";

/** What {@link createEventBridge} needs. */
export type EventBridgeServices = Omit<DeliveryServices, "forward"> & Pick<Services, "resources">;

/** Settings of {@link createEventBridge}. */
export interface EventBridgeOptions {
    /** Told of errors that nobody expected, such as a full disk; delivery goes on from what is on disk. @default a warning of the process */
    readonly onError?: (error: unknown) => void;
}

/** Amazon EventBridge: buses, rules that match events, and targets to which they are delivered at least once. */
export interface EventBridge {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** Begins to deliver, with what a former run left on disk. */
    start(): void;
    /** Resolves when every event that was accepted has been tried at each of its targets. */
    idle(): Promise<void>;
    /** Stops delivering; what is accepted stays on disk. */
    close(): Promise<void>;
}

/** Makes the local {@link EventBridge}. */
export function createEventBridge(services: EventBridgeServices, options: EventBridgeOptions = {}): EventBridge {
    const { place, resources } = services;
    const folder = path.join(place.data, "eventbridge");
    const buses = createBuses(services);
    const states = openRuleStates(path.join(folder, "rule-states.json"));
    const forward: DeliverServices["forward"] = (arn, event) =>
        accept([{ ...event, bus: busNameOf(arn), isForwarded: true }]);
    const deliveries = createDeliveries({ ...services, forward }, buses, folder);
    const dispatcher = createDispatcher(services, folder, deal, options.onError ?? warn);

    async function accept(events: readonly BusEvent[]): Promise<void> {
        const arrivals = events.map(routed).filter(({ rules }) => rules.length > 0);
        if (arrivals.length > 0) await dispatcher.accept(arrivals);
    }

    /** Finds the rules of its bus that an event matches. */
    function routed(event: BusEvent): Arrival {
        const rules = (buses.all().get(event.bus)?.rules ?? []).filter(states.isEnabled);
        const fields = rules.length > 0 ? fieldsOf(JSON.parse(event.text)) : new Map();
        const matching = rules.filter(({ pattern }) => pattern?.matches(fields));
        return { event, rules: matching.map(({ name }) => name), archives: [] };
    }

    async function deal({ event, rules }: Arrival): Promise<void> {
        await Promise.all(rules.map((rule) => deliveries.deliver(event, rule)));
    }

    return {
        service: {
            target: "AWSEvents",
            name: "events",
            client: "@aws-sdk/client-eventbridge",
            operations: {
                PutEvents: putEvents({ services, accept }),
                ...describeOperations({
                    services,
                    buses,
                    states,
                    policyOf: (bus) =>
                        resources
                            .all<{ eventBusName?: string; policy: string }>(EVENT_TYPES.busPolicy)
                            .find(({ inputs }) => busNameOf(inputs.eventBusName) === bus)?.inputs.policy,
                }),
            },
        },
        bindings: eventBindings(services, { buses, states }),
        start() {
            deliveries.start();
            dispatcher.start();
        },
        idle: dispatcher.idle,
        async close() {
            await dispatcher.close();
            await deliveries.close();
        },
    };
}

function warn(error: unknown): void {
    process.emitWarning(
        `EventBridge's delivery starts again after an error: ${error instanceof Error ? error.stack : error}`,
    );
}

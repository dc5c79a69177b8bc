import * as path from "node:path";
import type { Bindings } from "../resources";
import { createScheduler } from "../schedule";
import type { JsonService, Services } from "../services";
import { archiveOperations } from "./archive-operations";
import { createArchives } from "./archives";
import { busNameOf, DEFAULT_BUS } from "./arn";
import { eventBindings } from "./bindings";
import { createBuses, EVENT_TYPES } from "./config";
import type { DeliverServices } from "./deliver";
import { createDeliveries, type DeliveryServices } from "./deliveries";
import { describeOperations } from "./describe";
import { createDispatcher } from "./dispatcher";
import { type Announcement, announcedEvent, type BusEvent, scheduledEvent } from "./event";
import { fieldsOf } from "./fields";
import type { Arrival } from "./log";
import { putEvents } from "./put";
import { createReplays } from "./replays";
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
    /** Takes what a service says of itself to the rules of the default bus; it is on disk when this resolves. */
    announce(announcement: Announcement): Promise<void>;
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
    const onError = options.onError ?? warn;
    const dispatcher = createDispatcher(services, folder, deal, onError);

    const archives = createArchives(services, path.join(folder, "archives"));
    const replays = createReplays(services, folder, archives, accept, onError);
    const scheduler = createScheduler(services.clock, () =>
        scheduledRules().map(({ name, schedule }) => ({ schedule, run: (due) => void tick(name, due).catch(onError) })),
    );
    resources.onChange(EVENT_TYPES.rule, scheduler.changed);

    /** The rules of the default bus that have a schedule, and work. */
    function scheduledRules() {
        const rules = buses.all().get(DEFAULT_BUS)?.rules ?? [];
        return rules.flatMap((rule) =>
            rule.schedule && states.isEnabled(rule) ? [{ ...rule, schedule: rule.schedule }] : [],
        );
    }

    /** Sends the targets of a rule the event that tells of the time. */
    async function tick(name: string, due: number): Promise<void> {
        const rule = scheduledRules().find((each) => each.name === name);
        if (rule)
            await dispatcher.accept([{ event: scheduledEvent(services, rule, due), rules: [name], archives: [] }]);
    }

    /** Takes events to the rules that they match, or to those of these ARNs among them. */
    async function accept(events: readonly BusEvent[], only: readonly string[] = []): Promise<void> {
        const arrivals = events.flatMap((event) => routed(event, only));
        if (arrivals.length > 0) await dispatcher.accept(arrivals);
    }

    function changeState(...change: Parameters<typeof states.set>): void {
        states.set(...change);
        scheduler.changed();
    }

    /** Finds the rules and archives of its bus that want an event. What nobody wants ends here. */
    function routed(event: BusEvent, only: readonly string[]): readonly Arrival[] {
        const bus = buses.all().get(event.bus);
        if (!bus) return [];
        const fields = fieldsOf(JSON.parse(event.text));
        const rules = bus.rules
            .filter((rule) => states.isEnabled(rule) && (only.length === 0 || only.includes(rule.arn)))
            .filter(({ pattern }) => pattern?.matches(fields))
            .map(({ name }) => name);
        const kept = event.isReplayed ? [] : archives.wanting(event.bus, fields);
        return rules.length + kept.length > 0 ? [{ event, rules, archives: kept }] : [];
    }

    async function deal({ event, rules, archives: names }: Arrival): Promise<void> {
        await Promise.all([
            ...rules.map((rule) => deliveries.deliver(event, rule)),
            ...names.map((name) => archives.keep(name, event.text)),
        ]);
    }

    return {
        service: {
            target: "AWSEvents",
            name: "events",
            client: "@aws-sdk/client-eventbridge",
            operations: {
                PutEvents: putEvents({ services, accept }),
                ...archiveOperations({ services, archives, replays }),
                ...describeOperations({
                    services,
                    buses,
                    states: { ...states, set: changeState },
                    policyOf: (bus) =>
                        resources
                            .all<{ eventBusName?: string; policy: string }>(EVENT_TYPES.busPolicy)
                            .find(({ inputs }) => busNameOf(inputs.eventBusName) === bus)?.inputs.policy,
                }),
            },
        },
        bindings: eventBindings(services, { buses, states, archives }),
        announce: (announcement) => accept([announcedEvent(services, announcement)]).catch(onError),
        start() {
            deliveries.start();
            dispatcher.start();
            scheduler.start();
            replays.start();
        },
        async idle() {
            await replays.idle();
            await dispatcher.idle();
        },
        async close() {
            await scheduler.close();
            await replays.close();
            await dispatcher.close();
            await deliveries.close();
            await archives.close();
        },
    };
}

function warn(error: unknown): void {
    process.emitWarning(
        `EventBridge's delivery starts again after an error: ${error instanceof Error ? error.stack : error}`,
    );
}

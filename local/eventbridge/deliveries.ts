import type { Services } from "../services";
import type { Bus, Buses, Rule, Target } from "./config";
import { bury, type Exhausted, type GivenUp } from "./dead-letter";
import { type DeliverServices, deliver } from "./deliver";
import type { BusEvent } from "./event";
import { backoffMs, openRetries, type Retry } from "./retries";

/** What deliveries need. */
export type DeliveryServices = DeliverServices & Pick<Services, "clock" | "metrics" | "randomHex">;

/** Deliveries of events to the targets of rules, with retries and dead letters. */
export interface Deliveries {
    /** Delivers an event to the targets of a rule. What fails is on disk, to be tried again, when this resolves. */
    deliver(event: BusEvent, rule: string): Promise<void>;
    /** Whether no delivery waits for another attempt. */
    isIdle(): boolean;
    start(): void;
    close(): Promise<void>;
}

/** Makes the {@link Deliveries}, whose retries are kept in a folder. */
export function createDeliveries(services: DeliveryServices, buses: Buses, folder: string): Deliveries {
    const { clock, metrics, randomHex } = services;
    const retries = openRetries(services, folder, again);

    function ruleOf({ bus }: BusEvent, name: string): Rule | undefined {
        return (buses.all().get(bus) as Bus | undefined)?.rules.find((rule) => rule.name === name);
    }

    /** A rule or target that is gone by now gets no more events. */
    async function again(retry: Retry): Promise<void> {
        const rule = ruleOf(retry.event, retry.rule);
        const target = rule?.targets.find(({ id }) => id === retry.target);
        if (!rule || !target) return retries.remove(retry.id);
        await attempt(rule, target, retry);
    }

    async function attempt(
        rule: Rule,
        target: Target,
        tried: Omit<Retry, "id" | "due"> & { readonly id?: string },
    ): Promise<void> {
        const count = (name: string) => metrics.put("AWS/Events", name, dimensionsOf(rule), 1);
        const { event, id, retries: before } = tried;
        if (id !== undefined) count("RetryInvocationAttempts");
        count("InvocationAttempts");
        const failure = await deliver(services, rule, target, event);
        if (!failure) {
            count("Invocations");
            count("SuccessfulInvocationAttempts");
            if (id !== undefined) retries.remove(id);
            return;
        }
        const now = clock.now();
        const due = now + backoffMs(services, before);
        const exhausted = exhaustedBy(target, before, due - event.ingested);
        if (failure.isPassing && !exhausted)
            return retries.add({ ...tried, id: id ?? randomHex(32), retries: before + 1, due });
        count("Invocations");
        count("FailedInvocations");
        giveUp(rule, target, event, { failure, retries: before, exhausted: failure.isPassing ? exhausted : undefined });
        if (id !== undefined) retries.remove(id);
    }

    function giveUp(rule: Rule, target: Target, { text }: BusEvent, lost: GivenUp): void {
        if (target.deadLetterArn === undefined) return;
        const isBuried = bury(services, target.deadLetterArn, rule, target, text, lost);
        const name = isBuried ? "InvocationsSentToDlq" : "InvocationsFailedToBeSentToDlq";
        metrics.put("AWS/Events", name, dimensionsOf(rule), 1);
    }

    return {
        async deliver(event, name) {
            const rule = ruleOf(event, name);
            if (!rule) return;
            metrics.put("AWS/Events", "TriggeredRules", dimensionsOf(rule), 1);
            await Promise.all(
                rule.targets.map((target) =>
                    attempt(rule, target, { event, rule: name, target: target.id, retries: 0 }),
                ),
            );
        },
        isIdle: retries.isEmpty,
        start: retries.start,
        close: retries.close,
    };
}

/** Which limit keeps a delivery from being tried again when it would be so old by then. */
function exhaustedBy({ maxRetries, maxAgeMs }: Target, retries: number, age: number): Exhausted | undefined {
    if (retries >= maxRetries) return "MaximumRetryAttempts";
    return age > maxAgeMs ? "MaximumEventAgeInSeconds" : undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
function dimensionsOf({ bus, name }: Rule): Readonly<Record<string, string>> {
    return { EventBusName: bus, RuleName: name };
}

import type { Properties, Resource } from "../resources";
import { parseCron, parseRate, type Schedule } from "../schedule";
import type { Services } from "../services";
import { busArn, busNameOf, DEFAULT_BUS, ruleArn } from "./arn";
import { compilePattern, type EventPattern } from "./pattern";

/** Pulumi's types of what EventBridge has. */
export const EVENT_TYPES = {
    bus: "aws:cloudwatch/eventBus:EventBus",
    busPolicy: "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
    rule: "aws:cloudwatch/eventRule:EventRule",
    target: "aws:cloudwatch/eventTarget:EventTarget",
    archive: "aws:cloudwatch/eventArchive:EventArchive",
} as const;

/** The inputs of a bus, as far as the service reads them. */
export interface BusInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly kmsKeyIdentifier?: string;
}

/** The inputs of a rule, as far as the service reads them. */
export interface RuleInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly eventBusName?: string;
    readonly eventPattern?: string;
    readonly scheduleExpression?: string;
    readonly roleArn?: string;
    readonly state?: string;
    readonly isEnabled?: boolean;
}

/** The inputs of a target, as far as the service reads them. */
export interface TargetInputs extends Properties {
    readonly rule: string;
    readonly eventBusName?: string;
    readonly targetId?: string;
    readonly arn: string;
    readonly roleArn?: string;
    readonly input?: string;
    readonly inputPath?: string;
    readonly inputTransformer?: InputTransformer;
    readonly retryPolicy?: { readonly maximumEventAgeInSeconds?: number; readonly maximumRetryAttempts?: number };
    readonly deadLetterConfig?: { readonly arn?: string };
}

/** How a target's input is made of parts of the event. */
export interface InputTransformer {
    readonly inputPaths?: Readonly<Record<string, string>>;
    readonly inputTemplate: string;
}

/** A target, as deliveries need it. */
export interface Target {
    readonly id: string;
    readonly arn: string;
    readonly roleArn: string | undefined;
    readonly inputs: TargetInputs;
    readonly maxAgeMs: number;
    readonly maxRetries: number;
    readonly deadLetterArn: string | undefined;
}

/** A rule, as the service needs it. */
export interface Rule {
    readonly name: string;
    readonly bus: string;
    readonly arn: string;
    readonly inputs: RuleInputs;
    readonly pattern: EventPattern | undefined;
    readonly schedule: Schedule | undefined;
    readonly targets: readonly Target[];
}

/** A bus with its rules in order of their names. */
export interface Bus {
    readonly name: string;
    readonly arn: string;
    /** None for the default bus, which no program makes. */
    readonly inputs: BusInputs | undefined;
    readonly created: string | undefined;
    readonly rules: readonly Rule[];
}

/** Limits of a target's retries, where it says nothing: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html */
const RETRY_DEFAULTS = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 } as const;

/** The buses by name, as the table of resources has them now. */
export interface Buses {
    all(): ReadonlyMap<string, Bus>;
}

/** Reads the {@link Buses} from the table of resources, again whenever one of them has changed. */
export function createBuses({ place, resources }: Pick<Services, "place" | "resources">): Buses {
    const patterns = new WeakMap<Resource<RuleInputs>, EventPattern>();
    let buses: ReadonlyMap<string, Bus> | undefined;
    for (const type of [EVENT_TYPES.bus, EVENT_TYPES.rule, EVENT_TYPES.target])
        resources.onChange(type, () => {
            buses = undefined;
        });

    function patternOf(rule: Resource<RuleInputs>): EventPattern | undefined {
        const { eventPattern } = rule.inputs;
        if (eventPattern === undefined) return undefined;
        const known = patterns.get(rule) ?? compilePattern(eventPattern);
        patterns.set(rule, known);
        return known;
    }

    function rulesOf(bus: string): readonly Rule[] {
        const targets = resources.all<TargetInputs>(EVENT_TYPES.target);
        return resources
            .all<RuleInputs, Properties>(EVENT_TYPES.rule)
            .filter(({ inputs }) => busNameOf(inputs.eventBusName) === bus)
            .map((resource) => ({
                name: resource.inputs.name,
                bus,
                arn: ruleArn(place, bus, resource.inputs.name),
                inputs: resource.inputs,
                pattern: patternOf(resource),
                schedule: scheduleOf(resource.inputs, Number(resource.outputs.scheduledSince ?? 0)),
                targets: targets
                    .filter(
                        ({ inputs: { rule, eventBusName } }) =>
                            rule === resource.inputs.name && busNameOf(eventBusName) === bus,
                    )
                    .map(targetOf),
            }))
            .sort((one, other) => (one.name < other.name ? -1 : 1));
    }

    function read(): ReadonlyMap<string, Bus> {
        const made = resources.all<BusInputs, Properties>(EVENT_TYPES.bus).map(({ inputs, outputs }) => ({
            name: inputs.name,
            inputs,
            created: outputs.createdTime as string | undefined,
        }));
        return new Map(
            [{ name: DEFAULT_BUS, inputs: undefined, created: undefined }, ...made].map((bus) => [
                bus.name,
                { ...bus, arn: busArn(place, bus.name), rules: rulesOf(bus.name) },
            ]),
        );
    }

    return {
        all() {
            buses ??= read();
            return buses;
        },
    };
}

/** The schedule of a rule, or undefined when it has none, or none that AWS would take. */
export function scheduleOf(
    { scheduleExpression }: Pick<RuleInputs, "scheduleExpression">,
    since: number,
): Schedule | undefined {
    if (!scheduleExpression) return undefined;
    return parseCron(scheduleExpression) ?? parseRate(scheduleExpression, since);
}

function targetOf({ inputs, outputs }: Resource<TargetInputs>): Target {
    const { maximumEventAgeInSeconds: age, maximumRetryAttempts: attempts } = inputs.retryPolicy ?? {};
    return {
        id: String(outputs.targetId),
        arn: inputs.arn,
        roleArn: inputs.roleArn,
        inputs,
        maxAgeMs: (age || RETRY_DEFAULTS.maximumEventAgeInSeconds) * 1000,
        maxRetries: attempts ?? RETRY_DEFAULTS.maximumRetryAttempts,
        deadLetterArn: inputs.deadLetterConfig?.arn,
    };
}

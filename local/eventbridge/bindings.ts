import { serviceError } from "../errors";
import type { Binding, Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import type { ArchiveInputs, Archives } from "./archives";
import { busArn, busNameOf, DEFAULT_BUS, eventsArn, ruleArn } from "./arn";
import { archiveProblems, busProblems, jsonProblems, ruleProblems, targetProblems } from "./check";
import { type Buses, EVENT_TYPES, type RuleInputs, type TargetInputs } from "./config";
import { declaredState, type RuleStates } from "./states";

/** What the bindings ask of the service at work. */
export interface EventLife {
    readonly buses: Buses;
    readonly states: RuleStates;
    readonly archives: Archives;
}

type BindingServices = Pick<Services, "clock" | "place" | "randomHex">;

/** Most targets of a rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_TARGETS = 5;

/** The bindings of EventBridge's resource types. */
export function eventBindings(services: BindingServices, life: EventLife): Bindings {
    return {
        [EVENT_TYPES.bus]: busBinding(services, life),
        [EVENT_TYPES.busPolicy]: busPolicyBinding(services, life),
        [EVENT_TYPES.rule]: ruleBinding(services, life),
        [EVENT_TYPES.target]: targetBinding(services, life),
        [EVENT_TYPES.archive]: archiveBinding(services, life),
    };
}

function busBinding({ clock, place }: BindingServices, { buses }: EventLife): Binding {
    const made = (inputs: Properties, createdTime: unknown): Made => {
        const name = String(inputs.name);
        const outputs = {
            region: place.region,
            tagsAll: inputs.tags ?? {},
            ...inputs,
            arn: busArn(place, name),
            createdTime,
        };
        return { id: name, outputs };
    };
    return {
        name: { property: "name", maxLength: 256 },
        check: busProblems,
        create(inputs) {
            if (buses.all().has(String(inputs.name)))
                throw serviceError("ResourceAlreadyExistsException", `Event bus ${inputs.name} already exists.`);
            return made(inputs, new Date(clock.now()).toISOString());
        },
        update: (old, inputs) => made(inputs, old.outputs.createdTime),
    };
}

function busPolicyBinding({ place }: BindingServices, { buses }: EventLife): Binding {
    return {
        check: ({ policy }) => jsonProblems("policy", policy),
        create(inputs) {
            const bus = busNameOf(inputs.eventBusName as string | undefined);
            requireBus(buses, bus);
            return { id: bus, outputs: { region: place.region, eventBusName: DEFAULT_BUS, ...inputs } };
        },
    };
}

function ruleBinding({ clock, place }: BindingServices, { buses, states }: EventLife): Binding {
    /** Rates count from when the rule got its schedule. */
    const made = (properties: Properties, scheduledSince: unknown = clock.now()): Made => {
        const inputs = properties as RuleInputs;
        const bus = busNameOf(inputs.eventBusName);
        const outputs = {
            region: place.region,
            eventBusName: DEFAULT_BUS,
            forceDestroy: false,
            tagsAll: inputs.tags ?? {},
            ...inputs,
            state: declaredState(inputs),
            arn: ruleArn(place, bus, inputs.name),
            scheduledSince,
        };
        return { id: bus === DEFAULT_BUS ? inputs.name : `${bus}/${inputs.name}`, outputs };
    };
    return {
        name: { property: "name", maxLength: 64 },
        check: ruleProblems,
        create(inputs) {
            requireBus(buses, busNameOf((inputs as RuleInputs).eventBusName));
            return made(inputs);
        },
        update: (old, inputs) =>
            old.inputs.scheduleExpression === inputs.scheduleExpression
                ? made(inputs, old.outputs.scheduledSince)
                : made(inputs),
        /** EnableRule and DisableRule are changes that a refresh finds. */
        read({ id, inputs, outputs }) {
            const state = states.of({ arn: String(outputs.arn), inputs: inputs as RuleInputs });
            return { id, outputs: { ...outputs, state } };
        },
        delete(resource) {
            const { name, bus } = namesOf(resource);
            const rule = buses
                .all()
                .get(bus)
                ?.rules.find((each) => each.name === name);
            if (rule && rule.targets.length > 0)
                throw serviceError("ValidationException", "Rule can't be deleted since it has targets.");
            states.forget(ruleArn(place, bus, name));
        },
    };
}

function targetBinding({ place, randomHex }: BindingServices, { buses }: EventLife): Binding {
    const made = (properties: Properties, targetId: string): Made => {
        const inputs = properties as TargetInputs;
        const bus = busNameOf(inputs.eventBusName);
        const outputs = { region: place.region, eventBusName: DEFAULT_BUS, forceDestroy: false, ...inputs, targetId };
        const id = `${inputs.rule}-${targetId}`;
        return { id: bus === DEFAULT_BUS ? id : `${bus}-${id}`, outputs };
    };
    return {
        check: targetProblems,
        create(properties) {
            const inputs = properties as TargetInputs;
            const bus = busNameOf(inputs.eventBusName);
            requireBus(buses, bus);
            const rule = buses
                .all()
                .get(bus)
                ?.rules.find(({ name }) => name === inputs.rule);
            if (!rule)
                throw serviceError(
                    "ResourceNotFoundException",
                    `Rule ${inputs.rule} does not exist on EventBus ${bus}.`,
                );
            if (rule.targets.length >= MAX_TARGETS)
                throw serviceError(
                    "LimitExceededException",
                    "The requested resource exceeds the maximum number allowed.",
                );
            return made(inputs, inputs.targetId ?? `terraform-${randomHex(26)}`);
        },
        update: (old, inputs) => made(inputs, String(old.outputs.targetId)),
    };
}

function archiveBinding({ clock, place }: BindingServices, { buses, archives }: EventLife): Binding {
    const made = (inputs: Properties, createdTime: unknown): Made => {
        const name = String(inputs.name);
        const arn = eventsArn(place, `archive/${name}`);
        return { id: name, outputs: { region: place.region, retentionDays: 0, ...inputs, arn, createdTime } };
    };
    return {
        name: { property: "name", maxLength: 48 },
        check: archiveProblems,
        create(inputs) {
            const { name, eventSourceArn } = inputs as ArchiveInputs;
            requireBus(buses, busNameOf(eventSourceArn));
            if (archives.find(name))
                throw serviceError("ResourceAlreadyExistsException", `Archive ${name} already exists.`);
            return made(inputs, new Date(clock.now()).toISOString());
        },
        update: (old, inputs) => made(inputs, old.outputs.createdTime),
        delete: ({ inputs }) => archives.remove(String(inputs.name)),
    };
}

function requireBus(buses: Buses, name: string): void {
    if (!buses.all().has(name)) throw serviceError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
}

function namesOf({ inputs }: Resource): { readonly name: string; readonly bus: string } {
    const { name, eventBusName } = inputs as RuleInputs;
    return { name, bus: busNameOf(eventBusName) };
}

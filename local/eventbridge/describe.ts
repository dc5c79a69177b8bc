import type {
    DescribeEventBusRequest,
    DescribeRuleRequest,
    EventBus,
    ListEventBusesRequest,
    ListRuleNamesByTargetRequest,
    ListRulesRequest,
    ListTagsForResourceRequest,
    ListTargetsByRuleRequest,
    Rule as RuleShape,
    Target as TargetShape,
    TestEventPatternRequest,
} from "@aws-sdk/client-eventbridge";
import { serviceError } from "../errors";
import type { Caller, Operation, Services } from "../services";
import { busArn, busNameOf, ruleArn } from "./arn";
import type { Bus, Buses, Rule, Target } from "./config";
import { fieldsOf } from "./fields";
import { paged } from "./paging";
import { compilePattern } from "./pattern";
import type { RuleState, RuleStates } from "./states";

/** What the operations on buses and rules need. */
export interface DescribeAccess {
    readonly services: Pick<Services, "iam" | "place">;
    readonly buses: Buses;
    readonly states: RuleStates;
    /** The policy of a bus, as JSON. */
    policyOf(bus: string): string | undefined;
}

/** The operations that look at buses and rules. */
export function describeOperations(access: DescribeAccess): Readonly<Record<string, Operation>> {
    return {
        DescribeEventBus: describeEventBus(access),
        ListEventBuses: listEventBuses(access),
        DescribeRule: describeRule(access),
        ListRules: listRules(access),
        ListTargetsByRule: listTargetsByRule(access),
        ListRuleNamesByTarget: listRuleNamesByTarget(access),
        ListTagsForResource: listTagsForResource(access),
        TestEventPattern: testEventPattern(access),
        EnableRule: changeState(access, "EnableRule", "ENABLED"),
        DisableRule: changeState(access, "DisableRule", "DISABLED"),
    };
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html */
const describeEventBus =
    (access: DescribeAccess) =>
    ({ Name }: DescribeEventBusRequest, caller: Caller) => {
        const name = busNameOf(Name);
        access.services.iam.authorize(caller, "events:DescribeEventBus", busArn(access.services.place, name));
        return describedBus(access, busOf(access, name));
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html */
const listEventBuses =
    (access: DescribeAccess) =>
    ({ NamePrefix: prefix = "", ...page }: ListEventBusesRequest, caller: Caller) => {
        access.services.iam.authorize(caller, "events:ListEventBuses", busArn(access.services.place, "*"));
        const buses = [...access.buses.all().values()].filter(({ name }) => name.startsWith(prefix));
        buses.sort((one, other) => (one.name < other.name ? -1 : 1));
        const { items, more } = paged(buses, page);
        return { EventBuses: items.map((bus) => describedBus(access, bus)), ...more };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html */
const describeRule =
    (access: DescribeAccess) =>
    ({ Name, EventBusName }: DescribeRuleRequest, caller: Caller) => ({
        ...describedRule(access, ruleOf(access, caller, "DescribeRule", Name, EventBusName)),
        CreatedBy: access.services.place.account,
    });

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
const listRules =
    (access: DescribeAccess) =>
    ({ NamePrefix: prefix = "", EventBusName, ...page }: ListRulesRequest, caller: Caller) => {
        const bus = busNameOf(EventBusName);
        access.services.iam.authorize(caller, "events:ListRules", ruleArn(access.services.place, bus, "*"));
        const { items, more } = paged(
            busOf(access, bus).rules.filter(({ name }) => name.startsWith(prefix)),
            page,
        );
        return { Rules: items.map((rule) => describedRule(access, rule)), ...more };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html */
const listTargetsByRule =
    (access: DescribeAccess) =>
    ({ Rule: name, EventBusName, ...page }: ListTargetsByRuleRequest, caller: Caller) => {
        const { items, more } = paged(ruleOf(access, caller, "ListTargetsByRule", name, EventBusName).targets, page);
        return { Targets: items.map(describedTarget), ...more };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html */
const listRuleNamesByTarget =
    (access: DescribeAccess) =>
    ({ TargetArn, EventBusName, ...page }: ListRuleNamesByTargetRequest, caller: Caller) => {
        const bus = busNameOf(EventBusName);
        access.services.iam.authorize(caller, "events:ListRuleNamesByTarget", ruleArn(access.services.place, bus, "*"));
        const rules = busOf(access, bus).rules.filter(({ targets }) => targets.some(({ arn }) => arn === TargetArn));
        const { items, more } = paged(rules, page);
        return { RuleNames: items.map(({ name }) => name), ...more };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html */
const listTagsForResource =
    ({ services, buses }: DescribeAccess) =>
    ({ ResourceARN: arn = "" }: ListTagsForResourceRequest, caller: Caller) => {
        services.iam.authorize(caller, "events:ListTagsForResource", arn);
        const all = [...buses.all().values()].flatMap((bus) => [bus, ...bus.rules]);
        const found = all.find((each) => each.arn === arn);
        if (!found) throw serviceError("ResourceNotFoundException", `Resource ${arn} does not exist.`);
        const tags = (found.inputs?.tags ?? {}) as Readonly<Record<string, string>>;
        return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const testEventPattern =
    ({ services }: DescribeAccess) =>
    ({ EventPattern = "", Event = "" }: TestEventPatternRequest, caller: Caller) => {
        services.iam.authorize(caller, "events:TestEventPattern", "*");
        const pattern = compilePattern(EventPattern);
        return { Result: pattern.matches(fieldsOf(testedEvent(Event))) };
    };

/** What every event has: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const MANDATORY = ["id", "account", "source", "time", "region", "resources", "detail-type"];

function testedEvent(text: string): object {
    let event: unknown;
    try {
        event = JSON.parse(text);
    } catch {
        event = undefined;
    }
    const isEvent =
        typeof event === "object" && event !== null && MANDATORY.every((name) => Object.hasOwn(event as object, name));
    if (!isEvent) throw serviceError("ValidationException", "Parameter Event is not valid.");
    return event as object;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html and https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html */
const changeState =
    (access: DescribeAccess, action: string, state: RuleState) =>
    ({ Name, EventBusName }: DescribeRuleRequest, caller: Caller) => {
        access.states.set(ruleOf(access, caller, action, Name, EventBusName), state);
        return {};
    };

function busOf({ buses }: DescribeAccess, name: string): Bus {
    const bus = buses.all().get(name);
    if (bus) return bus;
    throw serviceError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
}

function ruleOf(
    access: DescribeAccess,
    caller: Caller,
    action: string,
    name: string | undefined,
    reference: string | undefined,
): Rule {
    const bus = busNameOf(reference);
    access.services.iam.authorize(caller, `events:${action}`, ruleArn(access.services.place, bus, String(name)));
    const rule = busOf(access, bus).rules.find((each) => each.name === name);
    if (rule) return rule;
    throw serviceError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${bus}.`);
}

function describedBus({ policyOf }: DescribeAccess, { name, arn, inputs, created }: Bus): EventBus {
    const policy = policyOf(name);
    const time = created === undefined ? {} : { CreationTime: new Date(created), LastModifiedTime: new Date(created) };
    return {
        Name: name,
        Arn: arn,
        ...(inputs?.description !== undefined && { Description: inputs.description }),
        ...(inputs?.kmsKeyIdentifier !== undefined && { KmsKeyIdentifier: inputs.kmsKeyIdentifier }),
        ...(policy !== undefined && { Policy: policy }),
        ...time,
    };
}

function describedRule({ states }: DescribeAccess, rule: Rule): RuleShape {
    const { name, arn, bus, inputs } = rule;
    return {
        Name: name,
        Arn: arn,
        ...(inputs.eventPattern !== undefined && { EventPattern: inputs.eventPattern }),
        ...(inputs.scheduleExpression !== undefined && { ScheduleExpression: inputs.scheduleExpression }),
        State: states.of(rule),
        ...(inputs.description !== undefined && { Description: inputs.description }),
        ...(inputs.roleArn !== undefined && { RoleArn: inputs.roleArn }),
        EventBusName: bus,
    };
}

function describedTarget({ id, arn, roleArn, inputs }: Target): TargetShape {
    const { input, inputPath, inputTransformer, retryPolicy, deadLetterConfig } = inputs;
    return {
        Id: id,
        Arn: arn,
        ...(roleArn !== undefined && { RoleArn: roleArn }),
        ...(input !== undefined && { Input: input }),
        ...(inputPath !== undefined && { InputPath: inputPath }),
        ...(inputTransformer && {
            InputTransformer: {
                InputPathsMap: { ...inputTransformer.inputPaths },
                InputTemplate: inputTransformer.inputTemplate,
            },
        }),
        ...(deadLetterConfig && { DeadLetterConfig: { Arn: deadLetterConfig.arn } }),
        ...(retryPolicy && {
            RetryPolicy: {
                MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
                MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
            },
        }),
    };
}

import { isServiceError, unsupported } from "../errors";
import type { Properties } from "../resources";
import type { ArchiveInputs } from "./archives";
import { busNameOf, DEFAULT_BUS } from "./arn";
import { type BusInputs, type RuleInputs, scheduleOf, type TargetInputs } from "./config";
import { SENDERS, serviceOf } from "./deliver";
import { compilePattern } from "./pattern";

/** Most characters of an event pattern: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
const MAX_PATTERN = 4096;

/** Most parts of an event that an input transformer takes: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
const MAX_INPUT_PATHS = 100;

/** What AWS would refuse in the inputs of a bus beyond its schema, and what the local runtime lacks: a sentence each. */
export function busProblems(properties: Properties): readonly string[] {
    const { name } = properties as BusInputs;
    const lacking = ["eventSourceName", "logConfig"].filter((property) => properties[property] !== undefined);
    return [
        ...lacking.map((property) => unsupported(`"${property}" of an event bus`).message),
        ...(name === DEFAULT_BUS ? [`Event bus ${DEFAULT_BUS} already exists.`] : []),
        ...(name === undefined || /^[/.\-_A-Za-z0-9]+$/.test(name)
            ? []
            : [`"name" may have letters, digits, ".", "-", "_" and "/" only, not "${name}".`]),
    ];
}

/** What AWS would refuse in the inputs of a rule beyond its schema: a sentence each. */
export function ruleProblems(properties: Properties): readonly string[] {
    const { name, eventPattern, scheduleExpression, eventBusName, state } = properties as RuleInputs;
    return [
        ...(name === undefined || /^[.\-_A-Za-z0-9]+$/.test(name)
            ? []
            : [`"name" may have letters, digits, ".", "-" and "_" only, not "${name}".`]),
        ...(state === undefined || STATES.includes(state)
            ? []
            : [`"state" must be one of ${STATES.join(", ")}, not "${state}".`]),
        ...patternProblems(eventPattern),
        ...(scheduleExpression !== undefined && busNameOf(eventBusName) !== DEFAULT_BUS
            ? ["ScheduleExpression is supported only on the default event bus."]
            : []),
        ...(scheduleExpression !== undefined && !scheduleOf({ scheduleExpression }, 0)
            ? [`Parameter ScheduleExpression is not valid: "${scheduleExpression}".`]
            : []),
    ];
}

const STATES: readonly string[] = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

/** AWS's sentence for a pattern that it would refuse. */
export function patternProblems(pattern: string | undefined): readonly string[] {
    if (pattern === undefined) return [];
    if (pattern.length > MAX_PATTERN)
        return [`"eventPattern" may have at most ${MAX_PATTERN} characters, and has ${pattern.length}.`];
    try {
        compilePattern(pattern);
        return [];
    } catch (error) {
        if (isServiceError(error)) return [error.message];
        throw error;
    }
}

/** What AWS would refuse in the inputs of an archive beyond its schema: a sentence each. */
export function archiveProblems(properties: Properties): readonly string[] {
    const { name, eventSourceArn, eventPattern, retentionDays } = properties as Partial<ArchiveInputs>;
    return [
        ...(name === undefined || /^[.\-_A-Za-z0-9]{1,48}$/.test(name)
            ? []
            : [`"name" must be 1 to 48 letters, digits, ".", "-" or "_", not "${name}".`]),
        ...(eventSourceArn === undefined || /^arn:aws:events:[^:]*:\d{12}:event-bus\//.test(eventSourceArn)
            ? []
            : [`"eventSourceArn" must be the ARN of an event bus, not "${eventSourceArn}".`]),
        ...patternProblems(eventPattern),
        ...range("retentionDays", retentionDays, 0, Number.MAX_SAFE_INTEGER),
    ];
}

/** Services whose targets must be called by a role. */
const WITH_ROLE: readonly string[] = ["firehose", "events"];

/** Properties of targets that the local runtime does not call. */
const FOREIGN_TARGETS = [
    "appsyncTarget",
    "batchTarget",
    "ecsTarget",
    "httpTarget",
    "kinesisTarget",
    "redshiftTarget",
    "runCommandTargets",
    "sagemakerPipelineTarget",
    "sqsTarget",
];

/** What AWS would refuse in the inputs of a target beyond its schema, and what the local runtime lacks: a sentence each. */
export function targetProblems(properties: Properties): readonly string[] {
    const { arn, roleArn, targetId, inputTransformer, retryPolicy = {}, deadLetterConfig } = properties as TargetInputs;
    const lacking = FOREIGN_TARGETS.filter((property) => properties[property] !== undefined);
    if (lacking.length > 0) return lacking.map((property) => unsupported(`"${property}" of an event target`).message);
    return [
        ...(arn === undefined ? [] : arnProblems(arn, roleArn)),
        ...(targetId === undefined || /^[.\-_A-Za-z0-9]{1,64}$/.test(targetId)
            ? []
            : [`"targetId" must be 1 to 64 letters, digits, ".", "-" or "_", not "${targetId}".`]),
        ...jsonProblems("input", properties.input),
        ...(Object.keys(inputTransformer?.inputPaths ?? {}).length > MAX_INPUT_PATHS
            ? [`"inputTransformer.inputPaths" may have at most ${MAX_INPUT_PATHS} entries.`]
            : []),
        ...range("retryPolicy.maximumEventAgeInSeconds", retryPolicy.maximumEventAgeInSeconds, 60, 86_400),
        ...range("retryPolicy.maximumRetryAttempts", retryPolicy.maximumRetryAttempts, 0, 185),
        ...(deadLetterConfig?.arn === undefined || /^arn:aws:sqs:[^:]*:\d{12}:[^.]+$/.test(deadLetterConfig.arn)
            ? []
            : [`"deadLetterConfig.arn" must be the ARN of a standard SQS queue, not "${deadLetterConfig.arn}".`]),
    ];
}

function arnProblems(arn: string, roleArn: string | undefined): readonly string[] {
    if (!arn.startsWith("arn:"))
        return [`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`];
    const service = serviceOf(arn);
    if (!Object.hasOwn(SENDERS, service)) return [unsupported(`An event target of the service "${service}"`).message];
    if (WITH_ROLE.includes(service) && roleArn === undefined) return [`RoleArn is required for target ${arn}.`];
    if (service === "lambda" && roleArn !== undefined) return [`RoleArn is not supported for target ${arn}.`];
    return [];
}

/** What is wrong with a property that has to be a JSON text. */
export function jsonProblems(property: string, value: unknown): readonly string[] {
    if (typeof value !== "string") return [];
    try {
        JSON.parse(value);
        return [];
    } catch {
        return [`"${property}" contains an invalid JSON`];
    }
}

/** What is wrong with a number that has to be within a range. */
export function range(path: string, value: number | undefined, least: number, most: number): readonly string[] {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}

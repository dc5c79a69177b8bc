import { unsupported } from "../errors";
import type { Properties } from "../resources";
import { kindOf, type MappingInputs } from "./config";

/** Inputs that would make the mapping behave otherwise on AWS than it does here. */
const LACKING: Readonly<Record<string, string>> = {
    amazonManagedKafkaEventSourceConfig: "An event source of Kafka",
    documentDbEventSourceConfig: "An event source of DocumentDB",
    filterCriteria: '"filterCriteria" of an event-source mapping',
    kmsKeyArn: '"kmsKeyArn" of an event-source mapping',
    provisionedPollerConfig: "An event source of Kafka",
    queues: "An event source of Amazon MQ",
    scalingConfig: '"scalingConfig" of an event-source mapping',
    selfManagedEventSource: "An event source of Kafka",
    selfManagedKafkaEventSourceConfig: "An event source of Kafka",
    sourceAccessConfigurations: '"sourceAccessConfigurations" of an event-source mapping',
    topics: "An event source of Kafka",
    tumblingWindowInSeconds: '"tumblingWindowInSeconds" of an event-source mapping',
};

/** What AWS would refuse in the inputs of a mapping beyond its schema, and what the local runtime lacks: a sentence each. */
export function mappingProblems(properties: Properties): readonly string[] {
    const inputs = properties as unknown as MappingInputs;
    const lacking = unsupportedIn(inputs);
    if (lacking.length > 0) return lacking.map((what) => unsupported(what).message);
    const isDynamo = kindOf(inputs.eventSourceArn ?? "") === "dynamodb";
    return [
        ...startProblems(inputs, isDynamo),
        ...range("batchSize", inputs.batchSize, 1, 10_000),
        ...range("maximumBatchingWindowInSeconds", inputs.maximumBatchingWindowInSeconds, 0, 300),
        ...range("parallelizationFactor", inputs.parallelizationFactor, 1, 10),
        ...range("maximumRetryAttempts", inputs.maximumRetryAttempts, -1, 10_000),
        ...ageProblems(inputs),
        ...(inputs.functionResponseTypes ?? [])
            .filter((type) => type !== "ReportBatchItemFailures")
            .map((type) => `"functionResponseTypes" must be "ReportBatchItemFailures", not "${type}".`),
    ];
}

/** What of the inputs the local runtime lacks. */
export function unsupportedIn(inputs: MappingInputs): string[] {
    const { eventSourceArn: source = "", destinationConfig } = inputs;
    const destination = destinationConfig?.onFailure?.destinationArn;
    return [
        ...Object.keys(LACKING)
            .filter((name) => isGiven(inputs[name]))
            .map((name) => LACKING[name] as string),
        ...(kindOf(source) ? [] : [`An event-source mapping from "${source}"`]),
        ...(destination && !destination.startsWith("arn:aws:sqs:")
            ? [`The on-failure destination "${destination}" of an event-source mapping`]
            : []),
    ];
}

function isGiven(value: unknown): boolean {
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== 0;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
function startProblems({ startingPosition: start, startingPositionTimestamp: time }: MappingInputs, isDynamo: boolean) {
    const allowed = isDynamo ? ["TRIM_HORIZON", "LATEST"] : ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"];
    if (start === undefined) return ['"startingPosition" is required for a stream.'];
    if (!allowed.includes(start))
        return [`"startingPosition" must be ${allowed.map((each) => `"${each}"`).join(" or ")}, not "${start}".`];
    if (start !== "AT_TIMESTAMP") return [];
    if (time !== undefined && !Number.isNaN(Date.parse(time))) return [];
    return ['"startingPositionTimestamp" must be a time in RFC 3339 when "startingPosition" is "AT_TIMESTAMP".'];
}

function ageProblems({ maximumRecordAgeInSeconds: age }: MappingInputs): string[] {
    if (age === undefined || age === -1 || (Number.isInteger(age) && age >= 60 && age <= 604_800)) return [];
    return [`"maximumRecordAgeInSeconds" must be -1, or between 60 and 604800, not ${age}.`];
}

function range(path: string, value: number | undefined, least: number, most: number): string[] {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}

import { formatJavaDate, javaDateProblem } from "./java-date";
import type { PartitionKeys } from "./outcome";

/** What the expressions of a prefix are evaluated with. */
export interface PrefixContext {
    /** Arrival of the oldest record in the object, in milliseconds since 1970. */
    readonly arrival: number;
    /** Name of the time zone of `!{timestamp:...}`. */
    readonly timeZone: string;
    /** Value of `!{firehose:error-output-type}`, such as `processing-failed`. */
    readonly errorType?: string;
    /** Values of `!{partitionKeyFromLambda:...}`. */
    readonly partitionKeys?: PartitionKeys;
    /** Gives the eleven characters of each `!{firehose:random-string}`. */
    random(): string;
}

const EXPRESSION = /!\{([^:}]*):([^}]*)\}/g;
const HOURLY = "!{timestamp:yyyy/MM/dd/HH/}";

/** The prefix of delivered objects: as given, with the hour at its end unless it names a time or a partition itself. */
export function dataPrefix(prefix = ""): string {
    return /!\{(timestamp|partitionKeyFrom\w+):/.test(prefix) ? prefix : prefix + HOURLY;
}

/** The prefix of objects with failed records: as given when it has expressions, else followed by the kind of error and the hour. */
export function errorPrefix(errorOutputPrefix: string | undefined, prefix = ""): string {
    const given = errorOutputPrefix ?? prefix;
    return given.includes("!{") && errorOutputPrefix !== undefined
        ? given
        : `${given}!{firehose:error-output-type}/${HOURLY}`;
}

/** Evaluates a prefix. https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html */
export function evaluatePrefix(prefix: string, context: PrefixContext): string {
    return prefix.replace(EXPRESSION, (_all, namespace: string, value: string) => {
        if (namespace === "partitionKeyFromLambda") return context.partitionKeys?.[value] ?? "";
        if (namespace === "timestamp") return formatJavaDate(value, context.arrival, context.timeZone);
        return value === "error-output-type" ? (context.errorType ?? "") : context.random();
    });
}

/**
 * What AWS refuses in a pair of prefixes, a sentence each. `where` is the path of the block that holds them; its data may be partitioned by
 * keys.
 */
export function prefixProblems(
    where: string,
    { prefix, errorOutputPrefix }: { readonly prefix?: string; readonly errorOutputPrefix?: string },
    isPartitioned = false,
): string[] {
    const problems = [
        ...expressionProblems(`${where}.prefix`, prefix ?? "", isPartitioned),
        ...expressionProblems(`${where}.errorOutputPrefix`, errorOutputPrefix ?? "", false),
    ];
    if (prefix?.includes("!{firehose:error-output-type}"))
        problems.push(
            `"${where}.prefix" can't contain !{firehose:error-output-type}: put it into "errorOutputPrefix".`,
        );
    if (prefix?.includes("!{") && !errorOutputPrefix)
        problems.push(`"${where}.errorOutputPrefix" is required when "${where}.prefix" contains expressions.`);
    if (errorOutputPrefix?.includes("!{") && !errorOutputPrefix.includes("!{firehose:error-output-type}"))
        problems.push(
            `"${where}.errorOutputPrefix" must include !{firehose:error-output-type} when it has expressions.`,
        );
    return problems;
}

function expressionProblems(path: string, prefix: string, isPartitioned: boolean): string[] {
    const problems = [...prefix.matchAll(EXPRESSION)].flatMap(([all, namespace, value = ""]) => {
        const problem = expressionProblem(namespace ?? "", value, isPartitioned);
        return problem ? [`"${path}" has the expression ${all}: ${problem}`] : [];
    });
    if (prefix.replace(EXPRESSION, "").includes("!{"))
        problems.push(`"${path}" has "!{" outside of an expression !{namespace:value}.`);
    if (prefix.length > 1024) problems.push(`"${path}" is longer than 1024 characters.`);
    return problems;
}

function expressionProblem(namespace: string, value: string, isPartitioned: boolean): string | undefined {
    switch (namespace) {
        case "timestamp":
            return javaDateProblem(value) ?? weekYearProblem(value);
        case "firehose":
            return ["error-output-type", "random-string"].includes(value)
                ? undefined
                : "the namespace firehose has error-output-type and random-string only.";
        case "partitionKeyFromQuery":
            return isPartitioned ? "the local runtime takes keys from the function only." : NEEDS_PARTITIONING;
        case "partitionKeyFromLambda":
            if (!isPartitioned) return NEEDS_PARTITIONING;
            return value === "" ? "it names no key." : undefined;
        default:
            return "its namespace must be timestamp, firehose, partitionKeyFromQuery or partitionKeyFromLambda.";
    }
}

const NEEDS_PARTITIONING = "it needs dynamic partitioning.";

/** AWS takes `YYYY`, and around New Year it writes into the folder of another year: nobody means that beside a month or a day. */
function weekYearProblem(pattern: string): string | undefined {
    const letters = pattern.replace(/'[^']*'/g, "");
    if (!letters.includes("Y") || /[we]/.test(letters)) return undefined;
    return "YYYY is the year of the week, another one than yyyy around New Year; use yyyy.";
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A metric that is read from the lines of a log. */
export interface LogMetric {
    readonly namespace: string;
    readonly metric: string;
    /** None: the metric's name is its own. */
    readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Counts the lines of a function's log in which `outcome` is that word, as a metric that an alarm can be set on.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function countOutcomes(
    name: string,
    logGroup: aws.cloudwatch.LogGroup,
    outcome: string,
    opts: pulumi.CustomResourceOptions,
): LogMetric {
    return createMetric(name, logGroup, `{ $.message.outcome = "${outcome}" }`, "1", opts);
}

/** Takes a number of that name out of the lines of a function's log that have it, as a metric that an alarm can be set on. */
export function readNumber(
    name: string,
    logGroup: aws.cloudwatch.LogGroup,
    number: string,
    opts: pulumi.CustomResourceOptions,
): LogMetric {
    return createMetric(name, logGroup, `{ $.message.${number} = * }`, `$.message.${number}`, opts);
}

/** The same for lines that are JSON from their beginning, such as those that a Glue job prints. */
export function readPrintedNumber(
    name: string,
    logGroup: aws.cloudwatch.LogGroup,
    number: string,
    opts: pulumi.CustomResourceOptions,
): LogMetric {
    return createMetric(name, logGroup, `{ $.${number} = * }`, `$.${number}`, opts);
}

function createMetric(
    name: string,
    logGroup: aws.cloudwatch.LogGroup,
    pattern: string,
    value: string,
    opts: pulumi.CustomResourceOptions,
): LogMetric {
    const namespace = pulumi.getProject();
    const metric = `${pulumi.getStack()}-${name}`;
    new aws.cloudwatch.LogMetricFilter(
        name,
        { logGroupName: logGroup.name, pattern, metricTransformation: { namespace, name: metric, value } },
        opts,
    );
    return { namespace, metric, dimensions: {} };
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A metric that counts lines of a log. */
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
    const namespace = pulumi.getProject();
    const metric = `${pulumi.getStack()}-${name}`;
    new aws.cloudwatch.LogMetricFilter(
        name,
        {
            logGroupName: logGroup.name,
            pattern: `{ $.message.outcome = "${outcome}" }`,
            metricTransformation: { namespace, name: metric, value: "1" },
        },
        opts,
    );
    return { namespace, metric, dimensions: {} };
}

import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link createAlarm}. */
export interface AlarmArgs {
    /** ARN of the topic that hears of it. */
    readonly topic: pulumi.Input<string>;
    /** What it means, and what to look at. */
    readonly description: string;
    readonly namespace: string;
    readonly metric: string;
    readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
    /** @default "Sum" */
    readonly statistic?: "Sum" | "Maximum" | "Minimum";
    /** The value from which the alarm rings. @default 1 */
    readonly atLeast?: number;
    /** Rings only when it is so in each of so many hours, and also when there is no value, since there should be one. @default for five minutes */
    readonly hours?: number;
}

/** Makes an alarm that rings when a metric reaches a value within five minutes, and falls silent without data, or that listens for hours. */
export function createAlarm(
    name: string,
    args: AlarmArgs,
    opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
        name,
        {
            alarmDescription: args.description,
            namespace: args.namespace,
            metricName: args.metric,
            dimensions: args.dimensions,
            statistic: args.statistic ?? "Sum",
            comparisonOperator: "GreaterThanOrEqualToThreshold",
            threshold: args.atLeast ?? 1,
            period: args.hours ? 3_600 : 300,
            evaluationPeriods: args.hours ?? 1,
            treatMissingData: args.hours ? "breaching" : "notBreaching",
            alarmActions: [args.topic],
            okActions: [args.topic],
        },
        opts,
    );
}

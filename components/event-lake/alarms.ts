import type * as pulumi from "@pulumi/pulumi";
import { type AlarmArgs, createAlarm } from "../blocks/alarm";
import type { LogMetric } from "../blocks/log-metric";
import type { EventLake, EventLakeArgs } from ".";

/** Makes the alarms of a pipeline: each says what to look at. */
export function createAlarms(
    name: string,
    { route, stream, failures, counts }: EventLake,
    args: EventLakeArgs,
    opts: pulumi.CustomResourceOptions,
): void {
    const rule = {
        namespace: "AWS/Events",
        // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
        dimensions: { EventBusName: route.bus.name, RuleName: route.rule.name },
    };
    const alarms: Readonly<Record<string, Omit<AlarmArgs, "topic">>> = {
        "failed-invocations": {
            ...rule,
            metric: "FailedInvocations",
            description: `${name}: the stream does not take events. Look at the stream, and at the role of the rule's target.`,
        },
        "dead-letters": {
            namespace: "AWS/SQS",
            dimensions: { QueueName: route.deadLetters.queue.name },
            metric: "ApproximateNumberOfMessagesVisible",
            statistic: "Maximum",
            description: `${name}: some events were given up. They are in the queue, each with the reason.`,
        },
        lost: {
            ...rule,
            metric: "InvocationsFailedToBeSentToDlq",
            description: `${name}: some events were given up, and the queue did not take them. Look at the queue's policy.`,
        },
        freshness: {
            namespace: "AWS/Firehose",
            dimensions: { DeliveryStreamName: stream.stream.name },
            metric: "DeliveryToS3.DataFreshness",
            statistic: "Maximum",
            atLeast: args.alarms.freshnessSeconds,
            description: `${name}: events wait too long for their delivery. Look at the log of the stream.`,
        },
        "failed-runs": {
            namespace: "AWS/Events",
            dimensions: { RuleName: failures.rule.name },
            metric: "TriggeredRules",
            description: `${name}: the job or the crawler has failed. The queue of failures says which run, and why. The next one reads what it did not.`,
        },
        rejected: {
            ...(counts.rejected as LogMetric),
            atLeast: args.alarms.rejected,
            description: `${name}: some events become no rows. They are in the bucket, in the folder of errors, each with its reason.`,
        },
    };
    for (const [alarm, alarmArgs] of Object.entries(alarms))
        createAlarm(`${name}-${alarm}`, { topic: args.alarmTopic, ...alarmArgs }, opts);
}

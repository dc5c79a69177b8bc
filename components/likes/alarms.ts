import type * as pulumi from "@pulumi/pulumi";
import { type AlarmArgs, createAlarm } from "../blocks/alarm";
import { countOutcomes } from "../blocks/log-metric";
import type { Likes, LikesArgs } from ".";

/** Makes the alarms of a pipeline: each says what to look at. */
export function createAlarms(name: string, pipeline: Likes, args: LikesArgs, opts: pulumi.CustomResourceOptions): void {
    const stream = { namespace: "AWS/Firehose", dimensions: { DeliveryStreamName: pipeline.stream.stream.name } };
    const writer = { namespace: "AWS/Lambda", dimensions: { FunctionName: pipeline.writer.function.name } };
    const alarms: Readonly<Record<string, Omit<AlarmArgs, "topic">>> = {
        failed: {
            ...countOutcomes(`${name}-failed`, pipeline.writer.logGroup, "ProcessingFailed", opts),
            atLeast: args.alarms.failedRecords,
            description: `${name}: some records were not written to the table. They are in the bucket, in the folder of errors; the writer's log says why.`,
        },
        freshness: {
            ...stream,
            metric: "DeliveryToS3.DataFreshness",
            statistic: "Maximum",
            atLeast: args.alarms.freshnessSeconds,
            description: `${name}: records wait too long for their delivery. Look at the log of the stream.`,
        },
        throttled: {
            ...stream,
            metric: "ThrottledRecords",
            description: `${name}: the stream refuses records because there are too many. Ask for a higher limit.`,
        },
        "writer-errors": {
            ...writer,
            metric: "Errors",
            description: `${name}: the writer fails. Look at its log.`,
        },
        "writer-throttles": {
            ...writer,
            metric: "Throttles",
            description: `${name}: the writer is not let run. Look at the account's concurrency.`,
        },
        "item-throttles": {
            namespace: "AWS/DynamoDB",
            dimensions: { TableName: pipeline.itemTable.table.name },
            metric: "WriteThrottleEvents",
            description: `${name}: DynamoDB refuses items because there are too many. Look for a key that most of them have.`,
        },
    };
    for (const [alarm, alarmArgs] of Object.entries(alarms))
        createAlarm(`${name}-${alarm}`, { topic: args.alarmTopic, ...alarmArgs }, opts);
}

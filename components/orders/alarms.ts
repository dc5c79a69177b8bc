import type * as pulumi from "@pulumi/pulumi";
import { type AlarmArgs, createAlarm } from "../blocks/alarm";
import { countOutcomes } from "../blocks/log-metric";
import { STAGE } from "../blocks/rest-api";
import type { Orders, OrdersArgs } from ".";
import type { Branch } from "./branch";

type Alarms = Readonly<Record<string, Omit<AlarmArgs, "topic">>>;

/** Makes the alarms of a pipeline: each says what to look at. */
export function createAlarms(
    name: string,
    pipeline: Orders,
    args: OrdersArgs,
    opts: pulumi.CustomResourceOptions,
): void {
    const rejected = countOutcomes(`${name}-rejected`, pipeline.consumer.logGroup, "Rejected", opts);
    const alarms: Alarms = {
        rejected: {
            ...rejected,
            description: `${name}: some orders are of no use. They are in the bucket, in the folder of errors, each with its reason.`,
        },
        ...intake(name, pipeline, args),
        ...consumption(name, pipeline, args),
        ...Object.assign(
            {},
            ...Object.entries(pipeline.branches).map(([short, branch]) => delivery(name, short, branch, args)),
        ),
    };
    for (const [alarm, alarmArgs] of Object.entries(alarms))
        createAlarm(`${name}-${alarm}`, { topic: args.alarmTopic, ...alarmArgs }, opts);
}

function intake(name: string, { api, stream }: Orders, { alarms }: OrdersArgs): Alarms {
    const kinesis = { namespace: "AWS/Kinesis", dimensions: { StreamName: stream.stream.name } };
    return {
        "server-errors": {
            namespace: "AWS/ApiGateway",
            dimensions: { ApiName: api.api.name, Stage: STAGE },
            metric: "5XXError",
            atLeast: alarms.serverErrors,
            description: `${name}: the API answers 5xx. Look at the stream and at the API's role.`,
        },
        "write-throttles": {
            ...kinesis,
            metric: "WriteProvisionedThroughputExceeded",
            description: `${name}: the stream refuses orders because there are too many. Give it more shards, or look for a customer who has most of them.`,
        },
        "read-throttles": {
            ...kinesis,
            metric: "ReadProvisionedThroughputExceeded",
            description: `${name}: the stream's five readers want more than its shards give. Give it more shards.`,
        },
    };
}

function consumption(name: string, { consumer, deadLetters, itemTable }: Orders, { alarms }: OrdersArgs): Alarms {
    const calls = { namespace: "AWS/Lambda", dimensions: { FunctionName: consumer.function.name } };
    return {
        "consumer-age": {
            ...calls,
            metric: "IteratorAge",
            statistic: "Maximum",
            atLeast: alarms.iteratorAgeSeconds * 1000,
            description: `${name}: orders wait too long to be written to DynamoDB. Look at the consumer's log.`,
        },
        "consumer-errors": {
            ...calls,
            metric: "Errors",
            description: `${name}: the consumer fails. Look at its log.`,
        },
        "consumer-throttles": {
            ...calls,
            metric: "Throttles",
            description: `${name}: the consumer is not let run. Look at the account's concurrency.`,
        },
        "dead-letters": {
            namespace: "AWS/SQS",
            dimensions: { QueueName: deadLetters.queue.name },
            metric: "ApproximateNumberOfMessagesVisible",
            statistic: "Maximum",
            description: `${name}: some orders were given up. The queue says which, and the stream still has them for a while.`,
        },
        "item-throttles": {
            namespace: "AWS/DynamoDB",
            dimensions: { TableName: itemTable.table.name },
            metric: "WriteThrottleEvents",
            description: `${name}: DynamoDB refuses orders because there are too many. Look for a customer who has most of them.`,
        },
    };
}

function delivery(name: string, short: string, { stream, rows }: Branch, { alarms }: OrdersArgs): Alarms {
    const records = { namespace: "AWS/Firehose", dimensions: { DeliveryStreamName: stream.stream.name } };
    const table = `${name}: ${short}`;
    return {
        [`${short}-freshness`]: {
            ...records,
            metric: "DeliveryToS3.DataFreshness",
            statistic: "Maximum",
            atLeast: alarms.freshnessSeconds,
            description: `${table} wait too long for their delivery. Look at the log of the stream.`,
        },
        [`${short}-conversion`]: {
            ...records,
            metric: "FailedConversion.Records",
            description: `${table} do not fit their table. They are in the bucket, in the folder of errors.`,
        },
        [`${short}-partitions`]: {
            ...records,
            metric: "PartitionCountExceeded",
            statistic: "Maximum",
            description: `${table} are of too many days at once. What is beyond is in the bucket, in the folder of errors.`,
        },
        [`${short}-errors`]: {
            namespace: "AWS/Lambda",
            dimensions: { FunctionName: rows.function.name },
            metric: "Errors",
            description: `${table} cannot be made of orders: the function fails. Look at its log.`,
        },
    };
}

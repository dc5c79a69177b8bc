import type * as pulumi from "@pulumi/pulumi";
import { createAlarm } from "../blocks/alarm";
import { STAGE } from "../blocks/rest-api";
import type { WebAnalytics, WebAnalyticsArgs } from ".";

/** Makes the alarms of a pipeline: each says what to look at. */
export function createAlarms(
    name: string,
    pipeline: WebAnalytics,
    args: WebAnalyticsArgs,
    opts: pulumi.CustomResourceOptions,
): void {
    const stream = { namespace: "AWS/Firehose", dimensions: { DeliveryStreamName: pipeline.stream.stream.name } };
    const check = { namespace: "AWS/Lambda", dimensions: { FunctionName: pipeline.check.function.name } };
    const api = { namespace: "AWS/ApiGateway", dimensions: { ApiName: pipeline.api.api.name, Stage: STAGE } };
    const topic = args.alarmTopic;
    const alarms = {
        freshness: {
            ...stream,
            metric: "DeliveryToIceberg.DataFreshness",
            statistic: "Maximum",
            atLeast: args.alarms.freshnessSeconds,
            description: `${name}: events wait too long for their delivery. Look at the log of the stream.`,
        },
        "failed-rows": {
            ...stream,
            metric: "DeliveryToIceberg.FailedRowCount",
            atLeast: args.alarms.failedRecords,
            description: `${name}: the table did not take some events. They are in the bucket, in the folder of errors.`,
        },
        throttled: {
            ...stream,
            metric: "ThrottledRecords",
            description: `${name}: the stream refuses events because there are too many. Ask for a higher limit.`,
        },
        "check-errors": {
            ...check,
            metric: "Errors",
            description: `${name}: the check function fails. Look at its log.`,
        },
        "check-throttles": {
            ...check,
            metric: "Throttles",
            description: `${name}: the check function is not let run. Look at the account's concurrency.`,
        },
        "server-errors": {
            ...api,
            metric: "5XXError",
            atLeast: args.alarms.serverErrors,
            description: `${name}: the API answers 5xx. Look at the stream and at the API's role.`,
        },
    } as const;
    for (const [alarm, alarmArgs] of Object.entries(alarms))
        createAlarm(`${name}-${alarm}`, { topic, ...alarmArgs }, opts);
}

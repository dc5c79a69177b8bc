import type * as pulumi from "@pulumi/pulumi";
import { type AlarmArgs, createAlarm } from "../blocks/alarm";
import { readNumber } from "../blocks/log-metric";
import { STAGE } from "../blocks/rest-api";
import type { SaasMetering, SaasMeteringArgs } from ".";

type Alarms = Readonly<Record<string, Omit<AlarmArgs, "topic">>>;

/** Makes the alarms of a pipeline: each says what to look at. */
export function createAlarms(
    name: string,
    pipeline: SaasMetering,
    args: SaasMeteringArgs,
    opts: pulumi.CustomResourceOptions,
): void {
    const alarms = { ...serving(name, pipeline, args), ...merging(name, pipeline, args, opts) };
    for (const [alarm, alarmArgs] of Object.entries(alarms))
        createAlarm(`${name}-${alarm}`, { topic: args.alarmTopic, ...alarmArgs }, opts);
}

function serving(name: string, { api, strings, stream }: SaasMetering, { alarms }: SaasMeteringArgs): Alarms {
    const calls = { namespace: "AWS/Lambda", dimensions: { FunctionName: strings.function.name } };
    const lines = { namespace: "AWS/Firehose", dimensions: { DeliveryStreamName: stream.stream.name } };
    return {
        "server-errors": {
            namespace: "AWS/ApiGateway",
            dimensions: { ApiName: api.api.name, Stage: STAGE },
            metric: "5XXError",
            atLeast: alarms.serverErrors,
            description: `${name}: the API answers 5xx. Look at the log of the function behind it.`,
        },
        "strings-errors": {
            ...calls,
            metric: "Errors",
            description: `${name}: the function behind the API fails. Look at its log.`,
        },
        "strings-throttles": {
            ...calls,
            metric: "Throttles",
            description: `${name}: the function behind the API is not let run. Look at the account's concurrency.`,
        },
        throttled: {
            ...lines,
            metric: "ThrottledRecords",
            description: `${name}: the stream refuses log lines because there are too many, and they are not metered. Ask for a higher limit.`,
        },
        freshness: {
            ...lines,
            metric: "DeliveryToS3.DataFreshness",
            statistic: "Maximum",
            atLeast: alarms.freshnessSeconds,
            description: `${name}: log lines wait too long for their delivery. Look at the log of the stream.`,
        },
    };
}

function merging(
    name: string,
    { merge }: SaasMetering,
    { alarms }: SaasMeteringArgs,
    opts: pulumi.CustomResourceOptions,
): Alarms {
    const calls = { namespace: "AWS/Lambda", dimensions: { FunctionName: merge.function.name } };
    return {
        "merge-errors": {
            ...calls,
            metric: "Errors",
            description: `${name}: the merge fails. Its log says which hours and why; the next run tries them again.`,
        },
        "merge-throttles": {
            ...calls,
            metric: "Throttles",
            description: `${name}: the merge is not let run. Look at the account's concurrency.`,
        },
        "merge-behind": {
            ...readNumber(`${name}-behind`, merge.logGroup, "behindSeconds", opts),
            statistic: "Minimum",
            hours: alarms.behindHours,
            description: `${name}: for ${alarms.behindHours} hours no run of the merge has left nothing behind, or none has run. Look at its schedule and its log.`,
        },
        malformed: {
            ...readNumber(`${name}-malformed`, merge.logGroup, "malformed", opts),
            statistic: "Maximum",
            description: `${name}: lines of the access log tell of no request. The named query malformed-lines says in which hours they came.`,
        },
    };
}

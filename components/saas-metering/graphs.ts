import type { Graph } from "../blocks/pipeline";
import { STAGE } from "../blocks/rest-api";
import type { SaasMetering } from ".";

/** What the dashboard shows of a pipeline, in the order in which a request passes. */
export function graphsOf({ api, strings, stream, merge }: SaasMetering): readonly Graph[] {
    const requests = (metric: string) => ["AWS/ApiGateway", metric, "ApiName", api.api.name, "Stage", STAGE];
    const lines = (metric: string) => ["AWS/Firehose", metric, "DeliveryStreamName", stream.stream.name];
    const calls = (metric: string) => ["AWS/Lambda", metric, "FunctionName", strings.function.name];
    const merges = (metric: string) => ["AWS/Lambda", metric, "FunctionName", merge.function.name];
    return [
        { title: "requests", metrics: ["Count", "4XXError", "5XXError"].map(requests) },
        { title: "answers", metrics: ["Invocations", "Errors", "Throttles"].map(calls) },
        { title: "log lines in", metrics: ["IncomingRecords", "ThrottledRecords"].map(lines) },
        { title: "seconds to the bucket", metrics: [lines("DeliveryToS3.DataFreshness")], statistic: "Maximum" },
        { title: "merge", metrics: ["Invocations", "Errors", "Throttles"].map(merges) },
        { title: "milliseconds of a merge", metrics: [merges("Duration")], statistic: "Maximum" },
    ];
}

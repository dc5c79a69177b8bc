import type { Graph } from "../blocks/pipeline";
import { STAGE } from "../blocks/rest-api";
import type { WebAnalytics } from ".";

/** What the dashboard shows of a pipeline, in the order in which an event passes. */
export function graphsOf({ api, stream, check }: WebAnalytics): readonly Graph[] {
    const requests = (metric: string) => ["AWS/ApiGateway", metric, "ApiName", api.api.name, "Stage", STAGE];
    const records = (metric: string) => ["AWS/Firehose", metric, "DeliveryStreamName", stream.stream.name];
    const calls = (metric: string) => ["AWS/Lambda", metric, "FunctionName", check.function.name];
    return [
        { title: "requests", metrics: ["Count", "4XXError", "5XXError"].map(requests) },
        { title: "records in", metrics: ["IncomingRecords", "ThrottledRecords"].map(records) },
        { title: "check", metrics: ["Invocations", "Errors", "Throttles"].map(calls) },
        {
            title: "rows",
            metrics: ["DeliveryToIceberg.SuccessfulRowCount", "DeliveryToIceberg.FailedRowCount"].map(records),
        },
        { title: "seconds to the table", metrics: [records("DeliveryToIceberg.DataFreshness")], statistic: "Maximum" },
    ];
}

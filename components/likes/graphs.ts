import type { Graph } from "../blocks/pipeline";
import type { Likes } from ".";

/** What the dashboard shows of a pipeline, in the order in which a record passes. */
export function graphsOf({ stream, writer, itemTable }: Likes): readonly Graph[] {
    const records = (metric: string) => ["AWS/Firehose", metric, "DeliveryStreamName", stream.stream.name];
    const calls = (metric: string) => ["AWS/Lambda", metric, "FunctionName", writer.function.name];
    const items = (metric: string) => ["AWS/DynamoDB", metric, "TableName", itemTable.table.name];
    return [
        { title: "records in", metrics: ["IncomingRecords", "ThrottledRecords"].map(records) },
        { title: "writer", metrics: ["Invocations", "Errors", "Throttles"].map(calls) },
        { title: "table", metrics: ["ConsumedWriteCapacityUnits", "WriteThrottleEvents"].map(items) },
        { title: "records to S3", metrics: [records("DeliveryToS3.Records")] },
        { title: "seconds to S3", metrics: [records("DeliveryToS3.DataFreshness")], statistic: "Maximum" },
    ];
}

import type { Graph } from "../blocks/pipeline";
import { STAGE } from "../blocks/rest-api";
import type { Orders } from ".";

/** What the dashboard shows of a pipeline, in the order in which an order passes. */
export function graphsOf({ api, stream, consumer, deadLetters, branches }: Orders): readonly Graph[] {
    const requests = (metric: string) => ["AWS/ApiGateway", metric, "ApiName", api.api.name, "Stage", STAGE];
    const stored = (metric: string) => ["AWS/Kinesis", metric, "StreamName", stream.stream.name];
    const calls = (metric: string) => ["AWS/Lambda", metric, "FunctionName", consumer.function.name];
    const deliveries = (metric: string) =>
        Object.values(branches).map(({ stream }) => ["AWS/Firehose", metric, "DeliveryStreamName", stream.stream.name]);
    return [
        { title: "requests", metrics: ["Count", "4XXError", "5XXError"].map(requests) },
        {
            title: "orders in",
            metrics: ["IncomingRecords", "WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded"].map(
                stored,
            ),
        },
        { title: "consumer", metrics: ["Invocations", "Errors", "Throttles"].map(calls) },
        { title: "milliseconds to DynamoDB", metrics: [calls("IteratorAge")], statistic: "Maximum" },
        {
            title: "given up",
            metrics: [
                ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", deadLetters.queue.name],
                ...deliveries("FailedConversion.Records"),
            ],
            statistic: "Maximum",
        },
        { title: "seconds to the tables", metrics: deliveries("DeliveryToS3.DataFreshness"), statistic: "Maximum" },
    ];
}

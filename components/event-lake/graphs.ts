import type { Graph } from "../blocks/pipeline";
import type { EventLake } from ".";

/** What the dashboard shows of a pipeline, in the order in which an event passes. */
export function graphsOf({ route, stream, counts, failures }: EventLake): readonly Graph[] {
    const events = (metric: string) => [
        "AWS/Events",
        metric,
        "EventBusName",
        route.bus.name,
        "RuleName",
        route.rule.name,
    ];
    const records = (metric: string) => ["AWS/Firehose", metric, "DeliveryStreamName", stream.stream.name];
    return [
        { title: "events", metrics: ["MatchedEvents", "Invocations", "FailedInvocations"].map(events) },
        { title: "raw events", metrics: ["IncomingRecords", "DeliveryToS3.Records"].map(records) },
        { title: "seconds to the bucket", metrics: [records("DeliveryToS3.DataFreshness")], statistic: "Maximum" },
        {
            title: "given up",
            metrics: [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", route.deadLetters.queue.name]],
            statistic: "Maximum",
        },
        {
            title: "documents of the job",
            metrics: Object.values(counts).map(({ namespace, metric }) => [namespace, metric]),
        },
        { title: "failed runs", metrics: [["AWS/Events", "TriggeredRules", "RuleName", failures.rule.name]] },
    ];
}

import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import type { Door } from "./door";
import type { PipelineOutputs, RunningStack } from "./stack";

/** The way into a pipeline through its delivery stream: one record for each document, with a newline at its end. */
export function firehoseDoor(stack: RunningStack, { stream }: PipelineOutputs): Door {
    const client = new FirehoseClient(stack.client);
    return {
        // https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
        batch: 500,
        async send(documents) {
            const Records = documents.map((document) => ({ Data: Buffer.from(`${document}\n`) }));
            const command = new PutRecordBatchCommand({ DeliveryStreamName: stream, Records });
            const { RequestResponses = [] } = await client.send(command);
            return RequestResponses.map(({ ErrorCode }) => (ErrorCode ? "again" : "accepted"));
        },
    };
}

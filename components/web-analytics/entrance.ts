import type { Entrance } from "../blocks/entrance";
import { pageEvents } from "./dataset";

/** Events go in by PUT /streams/{name}/records, each as a string, so that broken ones can be sent, too. */
export const entrance: Entrance = {
    dataset: pageEvents,
    door: {
        // https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
        batch: 500,
        request: ({ stream }, documents) => ({
            method: "PUT",
            path: `/streams/${stream}/records`,
            body: JSON.stringify({ records: documents.map((data) => ({ data })) }),
        }),
        outcomes(status, body, count) {
            if (status !== 200 && status !== 207) return Array.from({ length: count }, () => "refused" as const);
            const { RequestResponses } = JSON.parse(body) as { RequestResponses: { ErrorCode?: string }[] };
            return RequestResponses.map(({ ErrorCode }) => (ErrorCode ? "again" : "accepted"));
        },
    },
    delivery: ({ stream }) => stream ?? "",
    found: ({ table }) => ({ sql: `SELECT COUNT(*) AS events FROM "${table}"` }),
    commands: ({ url, auth, stream }, event) => [
        // With `iam`, curl would have to sign; the SDK's own commands below do.
        ...(auth === "none"
            ? [
                  `curl ${url}/streams`,
                  `curl -X PUT ${url}/streams/${stream}/record -H 'content-type: application/json' -d '{"Data":${event}}'`,
              ]
            : []),
        `aws firehose describe-delivery-stream --delivery-stream-name ${stream}`,
        `aws firehose put-record --delivery-stream-name ${stream} --cli-binary-format raw-in-base64-out --record '${JSON.stringify({ Data: event })}'`,
    ],
};

import type { Entrance } from "../blocks/entrance";
import { orders } from "./dataset";

/** Orders go in by POST /orders/batch; what becomes of them is told by the delivery stream that writes their rows. */
export const entrance: Entrance = {
    dataset: orders,
    door: {
        // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
        batch: 500,
        request: (_outputs, documents) => ({
            method: "POST",
            path: "/orders/batch",
            body: `{"orders":[${documents.join(",")}]}`,
        }),
        outcomes(status, body, count) {
            if (status !== 200 && status !== 207) return Array.from({ length: count }, () => "refused" as const);
            const { Records } = JSON.parse(body) as { Records: { ErrorCode?: string }[] };
            return Records.map(({ ErrorCode }) => (ErrorCode ? "again" : "accepted"));
        },
    },
    // A batch is one JSON document, so an order in it can be wrong, but not broken.
    badKinds: ["missing column", "null column", "wrong type", "wrong timestamp"],
    delivery: ({ deliveryStreams }) => deliveryStreams?.orders ?? "",
    found: ({ tables }) => ({ sql: `SELECT COUNT(*) AS orders FROM "${tables?.orders}"` }),
    commands: ({ url, auth, itemTable, stream }, event) => [
        // With `iam`, curl would have to sign; the SDK's own commands below do.
        ...(auth === "none" ? [`curl -X POST ${url}/orders -H 'content-type: application/json' -d '${event}'`] : []),
        `aws dynamodb scan --table-name ${itemTable} --max-items 3`,
        `aws kinesis describe-stream-summary --stream-name ${stream}`,
    ],
};

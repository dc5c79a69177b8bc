import type { ApiEntrance } from "../../stacks/entrance";

/** How `generate` sends events: PUT /streams/{name}/records, each event as a string, so that broken ones can be sent, too. */
export const entrance: ApiEntrance = {
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
};

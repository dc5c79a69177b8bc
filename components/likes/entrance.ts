import type { Entrance } from "../blocks/entrance";
import { likes } from "./dataset";

/** Likes go in by Firehose's own PutRecordBatch; each is an item of the table in the end. */
export const entrance: Entrance = {
    dataset: likes,
    door: "firehose",
    delivery: ({ stream }) => stream ?? "",
    found: ({ itemTable }) => ({ items: itemTable ?? "" }),
    commands: ({ stream, itemTable }, event) => [
        `aws firehose put-record --delivery-stream-name ${stream} --cli-binary-format raw-in-base64-out --record '${JSON.stringify({ Data: `${event}\n` })}'`,
        `aws dynamodb scan --table-name ${itemTable} --max-items 3`,
    ],
};

import * as fs from "node:fs";
import * as path from "node:path";
import type { fakeServices } from "../../tests/support/local";
import type { DynamoDB } from "../dynamodb";
import type { Kinesis } from "../kinesis";
import type { Bindings, Properties, Resource } from "../resources";
import type { Sqs } from "../sqs";

const RESOURCES: readonly (readonly [string, Properties])[] = [
    ["aws:kinesis/stream:Stream", { name: "orders", shardCount: 1 }],
    [
        "aws:dynamodb/table:Table",
        {
            name: "orders",
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            attributes: [
                { name: "id", type: "S" },
                { name: "day", type: "S" },
            ],
            globalSecondaryIndexes: [{ name: "by-day", hashKey: "day", projectionType: "ALL" }],
            streamEnabled: true,
            streamViewType: "NEW_IMAGE",
        },
    ],
    ["aws:sqs/queue:Queue", { name: "failed" }],
];

type Table = Pick<ReturnType<typeof fakeServices>, "resources">;

/** Makes a stream, a table and a queue in a process that is going to be killed, and leaves a note of them in its data folder. */
export async function makeAll(
    services: Table,
    data: string,
    kinesis: Kinesis,
    dynamodb: DynamoDB,
    sqs: Sqs,
): Promise<void> {
    const bindings: Bindings = { ...kinesis.bindings, ...dynamodb.bindings, ...sqs.bindings };
    for (const [type, inputs] of RESOURCES) {
        const made = await bindings[type]?.create(inputs, "x");
        services.resources.put({ type, inputs, ...(made as { id: string }) });
    }
    const all = RESOURCES.flatMap(([type]) => services.resources.all(type));
    fs.writeFileSync(path.join(data, "made.json"), JSON.stringify(all));
}

/** Puts the resources of the killed process into the table of resources, and gives the ARNs of its streams. */
export function knowAll(
    services: Table,
    data: string,
): { readonly streamArn: string; readonly tableStreamArn: string } {
    for (const resource of JSON.parse(fs.readFileSync(path.join(data, "made.json"), "utf8")) as Resource[])
        services.resources.put(resource);
    const output = (type: string, name: string) => String(services.resources.all(type)[0]?.outputs[name]);
    return {
        streamArn: output("aws:kinesis/stream:Stream", "arn"),
        tableStreamArn: output("aws:dynamodb/table:Table", "streamArn"),
    };
}

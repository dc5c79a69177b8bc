import * as fs from "node:fs";
import { fakeServices, ROOT } from "../../tests/support/local";
import { systemClock } from "../clock";
import { createDynamoDB } from "../dynamodb";
import { createKinesis } from "../kinesis";
import type { Operation, Services } from "../services";
import { createSqs } from "../sqs";
import { makeAll } from "./test-support-kill";

/** Writes into a stream, a table and a queue as fast as it can, and tells of each write that was acknowledged, until it is killed. */
async function main(data: string): Promise<void> {
    const base = fakeServices({ clock: systemClock });
    base.place.remove();
    const services = { ...base, place: { ...base.place, data } };
    const [kinesis, dynamodb, sqs] = [createKinesis(services), createDynamoDB(services), createSqs(services)];
    await makeAll(services, data, kinesis, dynamodb, sqs);
    const call = (operations: Readonly<Record<string, Operation>>, name: string, input: object) =>
        (operations[name] as unknown as (input: object, caller: Services["iam"]["root"]) => unknown)(input, ROOT);
    const acknowledged = (what: string) => fs.writeSync(1, `${what}\n`);

    async function writing(write: (n: number) => unknown, what: string): Promise<never> {
        for (let n = 0; ; n++) {
            await write(n);
            acknowledged(`${what} ${n}`);
            await new Promise<void>((resolve) => setImmediate(resolve));
        }
    }

    const item = (n: number) => ({ id: { S: `i${n}` }, day: { S: "mon" } });
    await Promise.all([
        writing(
            (n) =>
                call(kinesis.service.operations, "PutRecord", {
                    StreamName: "orders",
                    PartitionKey: "k",
                    Data: Buffer.from(String(n)),
                }),
            "record",
        ),
        writing((n) => call(dynamodb.service.operations, "PutItem", { TableName: "orders", Item: item(n) }), "item"),
        writing(
            (n) => call(sqs.service.operations, "SendMessage", { QueueUrl: "failed", MessageBody: String(n) }),
            "message",
        ),
    ]);
}

void main(process.argv[2] as string);

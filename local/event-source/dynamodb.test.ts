import * as assert from "node:assert/strict";
import { ROOT } from "../../tests/support/local";
import { type Bench, bench, FUNCTION_ARN, passingTime, QUEUE_ARN } from "./test-support";

const TABLE = {
    name: "orders",
    billingMode: "PAY_PER_REQUEST",
    hashKey: "id",
    attributes: [{ name: "id", type: "S" }],
    streamEnabled: true,
    streamViewType: "NEW_AND_OLD_IMAGES",
};

interface ChangeEvent {
    readonly Records: readonly {
        readonly eventName: string;
        readonly eventSourceARN: string;
        readonly dynamodb: {
            readonly NewImage: { readonly n: { readonly N: string } };
            readonly SequenceNumber: string;
        };
    }[];
}

describe("event-source mappings of a table's stream", () => {
    let b: Bench;
    afterEach(() => b.close());

    async function mapped(consume: (event: ChangeEvent) => unknown, inputs: object = {}) {
        b = await bench({ consume: (event) => consume(event as unknown as ChangeEvent) });
        const table = await b.make(b.dynamodb.bindings, "aws:dynamodb/table:Table", TABLE);
        const put = b.dynamodb.service.operations.PutItem as (input: object, caller: object) => Promise<unknown>;
        await b.make(b.sources.bindings, "aws:lambda/eventSourceMapping:EventSourceMapping", {
            functionName: FUNCTION_ARN,
            eventSourceArn: table.outputs.streamArn,
            startingPosition: "TRIM_HORIZON",
            ...inputs,
        });
        return {
            arn: String(table.outputs.streamArn),
            put: (id: string, n: number) =>
                put({ TableName: "orders", Item: { id: { S: id }, n: { N: String(n) } } }, ROOT),
        };
    }

    it("call the function with each change, in order", async () => {
        const events: ChangeEvent[] = [];
        const { put, arn } = await mapped((event) => void events.push(event));
        for (let n = 0; n < 3; n++) await put("a", n);
        b.sources.start();
        await b.sources.idle();
        const all = events.flatMap(({ Records }) => Records);
        assert.deepStrictEqual(
            all.map(({ eventName, eventSourceARN, dynamodb }) => [eventName, eventSourceARN, dynamodb.NewImage.n.N]),
            [
                ["INSERT", arn, "0"],
                ["MODIFY", arn, "1"],
                ["MODIFY", arn, "2"],
            ],
        );
        await put("a", 3);
        await b.sources.idle();
        assert.equal(events.at(-1)?.Records[0]?.dynamodb.NewImage.n.N, "3");
    });

    it("tell the queue of what they gave up", async () => {
        const { put, arn } = await mapped(
            ({ Records }) => {
                if (Records.some(({ dynamodb }) => dynamodb.NewImage.n.N === "1")) throw new Error("poison");
            },
            {
                bisectBatchOnFunctionError: true,
                maximumRetryAttempts: 0,
                destinationConfig: { onFailure: { destinationArn: QUEUE_ARN } },
            },
        );
        for (let n = 0; n < 3; n++) await put(`k${n}`, n);
        b.sources.start();
        await passingTime(b.clock, b.sources.idle());
        const [message, ...more] = (await b.failures()) as unknown as { DDBStreamBatchInfo: object }[];
        assert.deepStrictEqual(more, []);
        assert.deepStrictEqual(message?.DDBStreamBatchInfo, {
            shardId: "shardId-00000001700000000000-00000000",
            startSequenceNumber: "400000000000000000001",
            endSequenceNumber: "400000000000000000001",
            approximateArrivalOfFirstRecord: "2026-11-20T12:00:00.000Z",
            approximateArrivalOfLastRecord: "2026-11-20T12:00:00.000Z",
            batchSize: 1,
            streamArn: arn,
        });
    });
});

import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import * as orders from "../../components/orders/templates";
import * as webAnalytics from "../../components/web-analytics/templates";
import { rendered, textOf } from "../support/templates";

interface Put {
    readonly DeliveryStreamName: string;
    readonly Record: { readonly Data?: string };
    readonly Records: readonly { readonly Data?: string }[];
}

/** A request to Kinesis: of one record, or of many. */
interface KinesisPut {
    readonly StreamName: string;
    readonly PartitionKey?: string;
    readonly Data?: string;
    readonly Records: readonly { readonly PartitionKey: string; readonly Data: string }[];
}

/** The request to Firehose that a template makes of a body. */
function request(template: string, body: unknown): Put {
    return rendered(template, body).json as Put;
}

/** Texts that are made to break out of a template, or of the JSON that it writes. */
const PARTS = ['"', "\\", "$", "#", "{", "}", "'", "\n", "\r", "\u2028", "é", "/", "$util.x", "#end", "]]", "${a}"];
const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(fc.constantFrom(...PARTS)).map((chosen) => chosen.join("")),
);

function line(text: string): string {
    return text.endsWith("\n") ? text : `${text}\n`;
}

const later = "The stream takes no more at the moment. Send the same again later.";
const unavailable = "The stream cannot be written to at the moment. Send the same again later.";

describe("The request templates of web-analytics", () => {
    for (const [what, body, expected] of [
        ["a string as it is, with a newline", { Data: "plain text" }, "plain text\n"],
        ["a string that ends with a newline unchanged", { Data: '{"a":1}\n' }, '{"a":1}\n'],
        [
            "an object as JSON, with a newline",
            { Data: { a: [1, { b: "c" }], d: null } },
            '{"a":[1,{"b":"c"}],"d":null}\n',
        ],
        ["the lower-case spelling", { data: { a: 1 } }, '{"a":1}\n'],
        ["Data when both spellings are there", { data: "lower", Data: "upper" }, "upper\n"],
        ["an empty string as an empty line, for the check to refuse", { Data: "" }, "\n"],
        ["a number as JSON, for the check to refuse", { Data: 5 }, "5\n"],
        ["null as JSON, for the check to refuse", { Data: null }, "null\n"],
        ["a list as JSON, for the check to refuse", { Data: [{ a: 1 }] }, '[{"a":1}]\n'],
        ["no data when there is none", { other: 1 }, undefined],
    ] as const) {
        it(`pass on ${what}`, () => {
            assert.equal(textOf(request(webAnalytics.recordRequest("web"), body).Record), expected);
        });
    }

    it("name the stream, whatever the body says", () => {
        const put = request(webAnalytics.recordRequest("web"), { Data: "x", DeliveryStreamName: "another" });
        assert.deepEqual(put, { DeliveryStreamName: "web", Record: { Data: Buffer.from("x\n").toString("base64") } });
    });

    it("keep the order of a batch, and each record's own spelling and kind", () => {
        const records = [{ data: { n: 1 } }, { Data: "two\n" }, { data: 3 }, { data: "four" }, {}];
        const texts = request(webAnalytics.recordsRequest("web"), { records }).Records.map(textOf);
        assert.deepEqual(texts, ['{"n":1}\n', "two\n", "3\n", "four\n", undefined]);
    });

    it("carry any string unchanged, and nothing of it into the request", () => {
        const texts = fc.array(hostile, { minLength: 1, maxLength: 4 });
        fc.assert(
            fc.property(texts, (values) => {
                const records = values.flatMap((value) => [{ data: value }, { data: { value } }]);
                const put = request(webAnalytics.recordsRequest("web"), { records });
                assert.deepEqual(Object.keys(put), ["DeliveryStreamName", "Records"]);
                assert.equal(put.DeliveryStreamName, "web");
                const expected = values.flatMap((value) => [line(value), line(JSON.stringify({ value }))]);
                assert.deepEqual(put.Records.map(textOf), expected);
            }),
            { numRuns: 200, seed: 7 },
        );
    });
});

describe("The response templates of web-analytics", () => {
    it("answer 207 when part of a batch was not accepted, with AWS's body", () => {
        const body = { FailedPutCount: 1, Encrypted: true, RequestResponses: [{ RecordId: "a" }, { ErrorCode: "x" }] };
        assert.deepEqual(rendered(webAnalytics.accepted("PutRecordBatch"), body), { json: body, status: 207 });
    });

    it("leave 200 when all of a batch was accepted", () => {
        const body = { FailedPutCount: 0, RequestResponses: [{ RecordId: "a" }] };
        assert.deepEqual(rendered(webAnalytics.accepted("PutRecordBatch"), body), { json: body, status: undefined });
    });

    it("tell of the stream its name, status, type and age, and nothing else", () => {
        const known = { DeliveryStreamName: "web", DeliveryStreamStatus: "ACTIVE", DeliveryStreamType: "DirectPut" };
        const all = { ...known, CreateTimestamp: 1.7e9, Destinations: [{ RoleARN: "arn" }] };
        const { json } = rendered(webAnalytics.accepted("DescribeDeliveryStream"), { DeliveryStreamDescription: all });
        assert.deepEqual(json, { DeliveryStreamDescription: { ...known, CreateTimestamp: 1.7e9 } });
    });

    const tooLong =
        "1 validation error detected: Value at 'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000";
    answerErrors(webAnalytics.failed, [
        ["ServiceUnavailableException", "Slow down.", 429, later],
        ["ThrottlingException", "Rate exceeded", 429, later],
        ["LimitExceededException", "Too many", 429, later],
        ["ServiceUnavailableException", "The service is unavailable.", 503, unavailable],
        ["InternalFailure", "", 503, unavailable],
        ["ResourceNotFoundException", "Firehose web under account 1 not found.", 503, unavailable],
        ["AccessDeniedException", undefined, 503, unavailable],
        ["InvalidArgumentException", "Records size exceeds 4 MB limit", 413, "Records size exceeds 4 MB limit"],
        ["ValidationException", tooLong, 413, tooLong],
        ["com.amazonaws.x#ValidationException", "Value null at 'record.data'", 400, "Value null at 'record.data'"],
        ["SerializationException", 'a "quoted" \\ text', 400, 'a "quoted" \\ text'],
    ]);
});

describe("The request templates of orders", () => {
    const one = (body: unknown) => rendered(orders.orderRequest("shop"), body).json as KinesisPut;
    const many = (body: unknown) => rendered(orders.ordersRequest("shop"), body).json as KinesisPut;

    it("send an order as it came, every digit and blank of it", () => {
        const body = '{ "customer_id": "ann",\n "n": 1.10, "m": 9007199254740993 }';
        const data = Buffer.from(body).toString("base64");
        assert.deepEqual(one(body), { StreamName: "shop", PartitionKey: "ann", Data: data });
    });

    it("name the stream and the key, whatever the body says", () => {
        const forged = { customer_id: "ann", StreamName: "other", PartitionKey: "eve", ExplicitHashKey: "0" };
        assert.deepEqual({ ...one(forged), Data: "" }, { StreamName: "shop", PartitionKey: "ann", Data: "" });
        const { StreamName, Records } = many({ orders: [forged], StreamName: "other" });
        assert.deepEqual(
            [StreamName, Records.map((record) => Object.keys(record))],
            ["shop", [["PartitionKey", "Data"]]],
        );
    });

    for (const [what, customer] of [
        ["none", undefined],
        ["null for one", null],
        ["a number for one", 7],
        ["an object for one", { customer_id: "ann" }],
        ["a list for one", ["ann"]],
        ["an empty one", ""],
        ["one of 257 characters", "x".repeat(257)],
    ] as const) {
        it(`give an order a key that has ${what}, so that it costs the others of its batch nothing`, () => {
            const order = { customer_id: customer, order_id: "1" };
            assert.equal(one(order).PartitionKey, "-");
            const { Records } = many({ orders: [{ customer_id: "ann" }, order, { customer_id: "eve" }] });
            assert.deepEqual(
                Records.map(({ PartitionKey }) => PartitionKey),
                ["ann", "-", "eve"],
            );
            assert.deepEqual(Records.map(textOf), [
                '{"customer_id":"ann"}',
                JSON.stringify(order),
                '{"customer_id":"eve"}',
            ]);
        });
    }

    it("take a customer of 256 characters", () => {
        const customer_id = "é".repeat(256);
        assert.equal(one({ customer_id }).PartitionKey, customer_id);
    });

    it("keep the order of a batch, numbers as they were written, and what is no order", () => {
        const body = '{"orders":[{"customer_id":"a","n":1.10},5,null,"text",[{"customer_id":"b"}],true,{}]}';
        const { Records } = many(body);
        assert.deepEqual(Records.map(textOf), [
            '{"customer_id":"a","n":1.10}',
            "5",
            "null",
            '"text"',
            '[{"customer_id":"b"}]',
            "true",
            "{}",
        ]);
        assert.deepEqual(
            Records.map(({ PartitionKey }) => PartitionKey),
            ["a", "-", "-", "-", "-", "-", "-"],
        );
    });

    it("make no records of an empty batch, for Kinesis to refuse", () => {
        assert.deepEqual(many({ orders: [] }), { StreamName: "shop", Records: [] });
    });

    it("carry any customer into the key and the order unchanged, and nothing of it into the request", () => {
        fc.assert(
            fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (customers) => {
                const sent = customers.map((customer_id) => ({ customer_id, note: customer_id }));
                const keys = customers.map((id) => (id.length > 0 && id.length <= 256 ? id : "-"));
                const put = many({ orders: sent });
                assert.deepEqual(put, {
                    StreamName: "shop",
                    Records: sent.map((order, index) => ({
                        PartitionKey: keys[index],
                        Data: Buffer.from(JSON.stringify(order)).toString("base64"),
                    })),
                });
                assert.deepEqual(one(sent[0]), { StreamName: "shop", ...put.Records[0] });
            }),
            { numRuns: 200, seed: 7 },
        );
    });
});

describe("The response templates of orders", () => {
    const taken = { SequenceNumber: "49", ShardId: "shardId-0" };
    const refused = (code: string) => ({ ErrorCode: code, ErrorMessage: "Rate exceeded under account 123456789012." });
    const throttled = refused("ProvisionedThroughputExceededException");
    const broken = refused("InternalFailure");
    const batch = (...entries: readonly object[]) => {
        const failed = entries.filter((entry) => "ErrorCode" in entry).length;
        return rendered(orders.acceptedBatch, { FailedRecordCount: failed, Records: entries, EncryptionType: "KMS" });
    };
    const { ErrorMessage: _, ...code } = throttled;

    it("tell where an order is, and nothing else", () => {
        const { json, status } = rendered(orders.accepted, { ...taken, EncryptionType: "KMS" });
        assert.deepEqual({ json, status }, { json: taken, status: undefined });
    });

    it("leave 200 when the stream has all of a batch", () => {
        const json = { FailedRecordCount: 0, Records: [taken, taken] };
        assert.deepEqual(batch(taken, taken), { json, status: undefined });
    });

    it("answer 207 when it has a part, and tell of each order, without the account", () => {
        const json = { FailedRecordCount: 1, Records: [taken, code, taken] };
        assert.deepEqual(batch(taken, throttled, taken), { json, status: 207 });
    });

    for (const [what, entries, status] of [
        ["429 when it has none, as there was too much", [throttled, throttled], 429],
        ["429 when it has none, in part as there was too much", [broken, throttled], 429],
        ["503 when it has none, as it is broken", [broken, broken], 503],
    ] as const) {
        it(`answer ${what}`, () => {
            const Records = entries.map(({ ErrorCode }) => ({ ErrorCode }));
            assert.deepEqual(batch(...entries), { json: { FailedRecordCount: 2, Records }, status });
        });
    }

    const tooLarge = "An order may have 1 MiB, and a batch 10 MiB.";
    const longData =
        "1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576";
    const noRecords =
        "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1";
    answerErrors(orders.failed, [
        ["ProvisionedThroughputExceededException", "Rate exceeded for shard shardId-0 in stream shop.", 429, later],
        ["KMSThrottlingException", "Rate exceeded", 429, later],
        ["LimitExceededException", "Rate exceeded", 429, later],
        ["KMSAccessDeniedException", "User: arn:aws:sts::1:assumed-role/api is not authorized", 503, unavailable],
        ["AccessDeniedException", undefined, 503, unavailable],
        ["ResourceNotFoundException", "Stream shop under account 1 not found.", 503, unavailable],
        ["InternalFailure", "", 503, unavailable],
        ["ValidationException", longData, 413, tooLarge],
        ["InvalidArgumentException", "Records size exceeds 10 MB limit", 413, tooLarge],
        ["ValidationException", noRecords, 400, "A batch has 1 to 500 orders."],
        ["com.amazon.coral.service#SerializationException", 'a "quoted" \\ text', 400, 'a "quoted" \\ text'],
    ]);
});

/** What is answered to an error of a service: by its type and message, the status and the sentence. */
type ErrorCase = readonly [type: string, message: string | undefined, status: number, said: string];

function answerErrors(template: string, cases: readonly ErrorCase[]): void {
    for (const [type, message, status, said] of cases) {
        it(`answer ${status} to ${type} with ${message === undefined ? "no message" : `"${message.slice(0, 60)}"`}`, () => {
            const answer = rendered(template, { __type: type, ...(message !== undefined && { message }) });
            assert.deepEqual(answer, { json: { message: said }, status });
        });
    }

    it("answer 503 to an error without a body", () => {
        assert.deepEqual(rendered(template, {}), { json: { message: unavailable }, status: 503 });
    });
}

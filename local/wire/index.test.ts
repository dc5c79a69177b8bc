import * as assert from "node:assert/strict";
import { ROOT } from "../../tests/support/local";
import { serviceError } from "../errors";
import type { JsonService, Operation } from "../services";
import { createWire } from ".";

describe("the wire of JSON services", () => {
    let seen: unknown;
    let answer: unknown;
    const take = (input: unknown) => {
        seen = input;
        if (answer instanceof Error) throw answer;
        return answer;
    };
    const service = (name: string, client: string, ...operations: string[]): JsonService => ({
        target: `${name}_1`,
        name,
        client: `@aws-sdk/client-${client}`,
        operations: Object.fromEntries(operations.map((operation) => [operation, take as Operation])),
    });
    const services = [
        service("firehose", "firehose", "PutRecordBatch", "DescribeDeliveryStream", "NoSuchOperation"),
        service("athena", "athena", "GetQueryExecution", "ListWorkGroups", "StartQueryExecution"),
        service("glue", "glue", "CreateTable"),
        service("logs", "cloudwatch-logs", "PutLogEvents", "CreateLogStream", "DescribeLogGroups"),
    ];
    const defects: unknown[] = [];
    const wire = createWire(
        () => services,
        (defect) => defects.push(defect),
    );

    beforeEach(() => {
        seen = undefined;
        answer = {};
        defects.length = 0;
    });

    async function call(name: string, operation: string, body: unknown) {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        const { status, body: given } = await wire.gateway.call(ROOT, name, operation, text);
        return [status, given === "" ? "" : JSON.parse(given)];
    }

    it("reads a request in the service's own way where that has one, and by the schema what that leaves", async () => {
        const kept = { TableName: "t" };
        const own: JsonService = {
            ...service("own", "dynamodb", "DescribeTable"),
            readers: { DescribeTable: (body) => (body.includes("!") ? kept : undefined) },
        };
        const { gateway } = createWire(() => [own]);
        await gateway.call(ROOT, "own", "DescribeTable", "!");
        assert.equal(seen, kept);
        await gateway.call(ROOT, "own", "DescribeTable", '{"TableName":"t","Unknown":1}');
        assert.deepStrictEqual(seen, { TableName: "t" });
    });

    it("gives operations the types of the SDK, without what AWS does not know", async () => {
        const time = 1_795_176_000.25;
        await call("glue", "CreateTable", {
            DatabaseName: "d",
            TableInput: {
                Name: "t",
                LastAccessTime: time,
                Retention: 1,
                Parameters: { a: "b", none: null, __proto__: "x" },
                PartitionKeys: [null, { Name: "p", Unknown: 1 }],
                StorageDescriptor: { Compressed: false, Location: null },
            },
        });
        assert.deepStrictEqual(seen, {
            DatabaseName: "d",
            TableInput: {
                Name: "t",
                LastAccessTime: new Date(time * 1000),
                Retention: 1,
                Parameters: { a: "b" },
                PartitionKeys: [{ Name: "p" }],
                StorageDescriptor: { Compressed: false },
            },
        });
        await call("firehose", "PutRecordBatch", {
            DeliveryStreamName: "s",
            Records: [{ Data: "aGk=" }, { Data: "" }],
        });
        assert.deepStrictEqual(seen, {
            DeliveryStreamName: "s",
            Records: [{ Data: Buffer.from("hi") }, { Data: Buffer.alloc(0) }],
        });
    });

    it("writes answers as AWS does, without what the SDK does not know", async () => {
        answer = {
            DeliveryStreamDescription: {
                DeliveryStreamName: "s",
                CreateTimestamp: new Date(1_500),
                HasMoreDestinations: false,
                Destinations: [{ DestinationId: "d", Nonsense: 1 }],
                LastUpdateTimestamp: undefined,
                Source: null,
            },
        };
        assert.deepStrictEqual(await call("firehose", "DescribeDeliveryStream", { DeliveryStreamName: "s" }), [
            200,
            {
                DeliveryStreamDescription: {
                    DeliveryStreamName: "s",
                    CreateTimestamp: 1.5,
                    HasMoreDestinations: false,
                    Destinations: [{ DestinationId: "d" }],
                },
            },
        ]);
        answer = undefined;
        assert.deepStrictEqual(await call("logs", "DescribeLogGroups", {}), [200, {}]);
        assert.deepStrictEqual(await call("logs", "CreateLogStream", { logGroupName: "g", logStreamName: "s" }), [
            200,
            "",
        ]);
    });

    describe("refuses wrong types in AWS's words", () => {
        const table: readonly [service: string, operation: string, body: unknown, message: string | undefined][] = [
            ["athena", "ListWorkGroups", { MaxResults: "1" }, "STRING_VALUE can not be converted to an Integer"],
            ["athena", "ListWorkGroups", { MaxResults: true }, "TRUE_VALUE can not be converted to an Integer"],
            ["athena", "ListWorkGroups", { MaxResults: [1] }, "Start of list found where not expected"],
            ["athena", "ListWorkGroups", { MaxResults: {} }, "Start of structure or map found where not expected."],
            ["athena", "ListWorkGroups", { NextToken: 1 }, "NUMBER_VALUE can not be converted to a String"],
            ["athena", "ListWorkGroups", { NextToken: false }, "FALSE_VALUE can not be converted to a String"],
            ["athena", "StartQueryExecution", { ExecutionParameters: "x" }, "Expected list or null"],
            [
                "athena",
                "StartQueryExecution",
                { ExecutionParameters: {} },
                "Start of structure or map found where not expected.",
            ],
            ["athena", "StartQueryExecution", { ResultConfiguration: "x" }, "Expected null"],
            ["athena", "StartQueryExecution", { ResultConfiguration: [] }, "Start of list found where not expected"],
            ["glue", "CreateTable", { TableInput: { Parameters: 1 } }, "Expected map or null"],
            ["glue", "CreateTable", { TableInput: { Parameters: [] } }, "Start of list found where not expected"],
            [
                "glue",
                "CreateTable",
                { TableInput: { LastAccessTime: "now" } },
                "STRING_VALUE can not be converted to milliseconds since epoch",
            ],
            ["firehose", "PutRecordBatch", { Records: [{ Data: 1 }] }, "NUMBER_VALUE can not be converted to a Blob"],
            [
                "firehose",
                "PutRecordBatch",
                { Records: [{ Data: "a" }] },
                "'a' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 1",
            ],
            [
                "firehose",
                "PutRecordBatch",
                { Records: [{ Data: "aa-_" }] },
                "'aa-_' can not be converted to a Blob: Invalid Base64 character: '-'",
            ],
            [
                "firehose",
                "PutRecordBatch",
                { Records: [{ Data: "AAA\u0141" }] },
                "'AAA\u0141' can not be converted to a Blob: Invalid Base64 character: '\u0141'",
            ],
            [
                "firehose",
                "PutRecordBatch",
                { Records: [{ Data: "aa==aaaa" }] },
                "'aa==aaaa' can not be converted to a Blob: Invalid Base64 character: '='",
            ],
            [
                "firehose",
                "PutRecordBatch",
                { Records: [{ Data: "é".repeat(200) }] },
                `'${"é".repeat(100)}...' can not be converted to a Blob: Invalid Base64 character: 'é'`,
            ],
            ["firehose", "PutRecordBatch", "[]", "Start of list found where not expected"],
            ["firehose", "PutRecordBatch", "{", undefined],
            ["firehose", "PutRecordBatch", "", undefined],
            ["firehose", "PutRecordBatch", "null", undefined],
            ["firehose", "PutRecordBatch", '"x"', undefined],
        ];
        for (const [name, operation, body, message] of table)
            it(`${name} ${JSON.stringify(body).slice(0, 60)}`, async () => {
                const wanted = { __type: "SerializationException", ...(message && { Message: message }) };
                assert.deepStrictEqual(await call(name, operation, body), [400, wanted]);
                assert.equal(seen, undefined);
            });
    });

    it("refuses a request that lacks something, with the code of the service", async () => {
        const lacks = (...members: string[]) =>
            `${members.length} validation error${members.length > 1 ? "s" : ""} detected: ${members.map((member) => `Value null at '${member}' failed to satisfy constraint: Member must not be null`).join("; ")}`;
        assert.deepStrictEqual(await call("firehose", "PutRecordBatch", { Records: [{ Data: "" }, {}] }), [
            400,
            { __type: "ValidationException", message: lacks("deliveryStreamName", "records.2.member.data") },
        ]);
        assert.deepStrictEqual(await call("athena", "GetQueryExecution", { QueryExecutionId: null }), [
            400,
            { __type: "InvalidRequestException", Message: lacks("queryExecutionId"), AthenaErrorCode: "INVALID_INPUT" },
        ]);
        assert.deepStrictEqual(
            await call("glue", "CreateTable", { DatabaseName: "d", TableInput: { PartitionKeys: [{}], Name: "t" } }),
            [400, { __type: "InvalidInputException", Message: lacks("tableInput.partitionKeys.1.member.name") }],
        );
        assert.deepStrictEqual(await call("logs", "PutLogEvents", { logStreamName: "s", logEvents: [] }), [
            400,
            { __type: "InvalidParameterException", message: lacks("logGroupName") },
        ]);
    });

    it("answers the errors that operations throw, with all that they say", async () => {
        answer = serviceError("ResourceNotFoundException", "Firehose s not found");
        assert.deepStrictEqual(await call("firehose", "DescribeDeliveryStream", { DeliveryStreamName: "s" }), [
            400,
            { __type: "ResourceNotFoundException", message: "Firehose s not found" },
        ]);
        answer = Object.assign(serviceError("InvalidRequestException", "no"), { AthenaErrorCode: "X" });
        assert.deepStrictEqual(await call("athena", "ListWorkGroups", {}), [
            400,
            { __type: "InvalidRequestException", Message: "no", AthenaErrorCode: "X" },
        ]);
        answer = serviceError("ServiceUnavailableException", "Slow down.", 503);
        assert.equal((await call("firehose", "DescribeDeliveryStream", { DeliveryStreamName: "s" }))[0], 503);
        answer = new RangeError("a defect");
        assert.deepStrictEqual(await call("athena", "ListWorkGroups", {}), [
            500,
            { __type: "InternalFailure", message: "The local runtime failed; its own output says why." },
        ]);
        assert.deepStrictEqual(defects, [answer]);
    });

    it("tells apart what AWS has and we lack from what nobody has", async () => {
        const unsupported = (what: string) => [
            501,
            { __type: "LocalUnsupported", message: `${what} is not supported by the local runtime.` },
        ];
        assert.deepStrictEqual(
            await call("firehose", "ListDeliveryStreams", {}),
            unsupported("firehose:ListDeliveryStreams"),
        );
        assert.deepStrictEqual(await call("kms", "Encrypt", {}), unsupported('The service "kms"'));
        for (const operation of [
            "NoSuchOperation",
            "Nothing",
            "",
            "constructor",
            "__proto__",
            "PutRecordBatchInput",
            "a b",
        ])
            assert.deepStrictEqual(await call("firehose", operation, {}), [
                400,
                { __type: "UnknownOperationException" },
            ]);
    });
});

import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { accepted, failed, recordRequest, recordsRequest } from "../../components/web-analytics/templates";
import { inputVariable, payload, utilVariable } from "../../local/apigateway/variables";
import { compileTemplate } from "../../local/apigateway/velocity/compile";

interface Put {
    readonly DeliveryStreamName: string;
    readonly Record: { readonly Data?: string };
    readonly Records: readonly { readonly Data?: string }[];
}

/** What a template makes of a body, read as JSON, and the status that it sets. */
function rendered(template: string, body: unknown): { json: unknown; status: unknown } {
    const context = { responseOverride: { status: undefined as unknown, header: {} } };
    const input = inputVariable(payload(JSON.stringify(body)), { path: {}, querystring: {}, header: {} });
    const text = compileTemplate(template)({ input, util: utilVariable, context });
    return { json: JSON.parse(text), status: context.responseOverride.status };
}

/** The request to Firehose that a template makes of a body. */
function request(template: string, body: unknown): Put {
    return rendered(template, body).json as Put;
}

function textOf({ Data }: { readonly Data?: string }): string | undefined {
    return Data === undefined ? undefined : Buffer.from(Data, "base64").toString();
}

function line(text: string): string {
    return text.endsWith("\n") ? text : `${text}\n`;
}

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
            assert.equal(textOf(request(recordRequest("web"), body).Record), expected);
        });
    }

    it("name the stream, whatever the body says", () => {
        const put = request(recordRequest("web"), { Data: "x", DeliveryStreamName: "another" });
        assert.deepEqual(put, { DeliveryStreamName: "web", Record: { Data: Buffer.from("x\n").toString("base64") } });
    });

    it("keep the order of a batch, and each record's own spelling and kind", () => {
        const records = [{ data: { n: 1 } }, { Data: "two\n" }, { data: 3 }, { data: "four" }, {}];
        const texts = request(recordsRequest("web"), { records }).Records.map(textOf);
        assert.deepEqual(texts, ['{"n":1}\n', "two\n", "3\n", "four\n", undefined]);
    });

    it("carry any string unchanged, and nothing of it into the request", () => {
        const parts = ['"', "\\", "$", "#", "{", "}", "'", "\n", "\r", "\u2028", "é", "$util.x", "#end", "]]", "${a}"];
        const hostile = fc.array(fc.constantFrom(...parts)).map((chosen) => chosen.join(""));
        const text = fc.oneof(fc.string({ unit: "grapheme" }), hostile);
        const texts = fc.array(text, { minLength: 1, maxLength: 4 });
        fc.assert(
            fc.property(texts, (values) => {
                const records = values.flatMap((value) => [{ data: value }, { data: { value } }]);
                const put = request(recordsRequest("web"), { records });
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
        assert.deepEqual(rendered(accepted("PutRecordBatch"), body), { json: body, status: 207 });
    });

    it("leave 200 when all of a batch was accepted", () => {
        const body = { FailedPutCount: 0, RequestResponses: [{ RecordId: "a" }] };
        assert.deepEqual(rendered(accepted("PutRecordBatch"), body), { json: body, status: undefined });
    });

    it("tell of the stream its name, status, type and age, and nothing else", () => {
        const known = { DeliveryStreamName: "web", DeliveryStreamStatus: "ACTIVE", DeliveryStreamType: "DirectPut" };
        const all = { ...known, CreateTimestamp: 1.7e9, Destinations: [{ RoleARN: "arn" }] };
        const { json } = rendered(accepted("DescribeDeliveryStream"), { DeliveryStreamDescription: all });
        assert.deepEqual(json, { DeliveryStreamDescription: { ...known, CreateTimestamp: 1.7e9 } });
    });

    const later = "The stream takes no more at the moment. Send the same again later.";
    const unavailable = "The stream cannot be written to at the moment. Send the same again later.";
    const tooLong =
        "1 validation error detected: Value at 'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000";
    for (const [type, message, status, said] of [
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
    ] as const) {
        it(`answer ${status} to ${type} with ${message === undefined ? "no message" : `"${message.slice(0, 40)}"`}`, () => {
            const answer = rendered(failed, { __type: type, ...(message !== undefined && { message }) });
            assert.deepEqual(answer, { json: { message: said }, status });
        });
    }

    it("answer 503 to an error without a body", () => {
        assert.deepEqual(rendered(failed, {}), { json: { message: unavailable }, status: 503 });
    });
});

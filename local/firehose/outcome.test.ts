import { deepStrictEqual } from "node:assert/strict";
import { outcomesIn } from "./outcome";

const IDS = ["1", "2"];
const ok = (recordId: string, data = "QQ==") => ({ recordId, result: "Ok", data });
const failed = (code: string, message: string) => ({ result: "Failed", failure: { code, message } });
const fine = { result: "Ok", data: Buffer.from("A") };
const MISSING = failed(
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
);
const TWICE = failed(
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.",
);
const NO_DATA = failed(
    "Lambda.InvalidReturnFormat",
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok.",
);
const NOT_JSON = {
    code: "Lambda.JsonProcessingException",
    message:
        "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the status model required by Amazon Data Firehose.",
};
const WRONG = {
    code: "Lambda.FunctionError",
    message:
        "Check your function and make sure the output is in required format. In addition to that, make sure the processed records contain valid result status of Dropped, Ok, or ProcessingFailed",
};

describe("The answer of a transform function", () => {
    const cases: readonly (readonly [string, unknown, unknown])[] = [
        [
            "in the order of the event",
            { records: [ok("1"), ok("2", "Qg==")] },
            [fine, { result: "Ok", data: Buffer.from("B") }],
        ],
        ["in another order", { records: [ok("2", "Qg=="), ok("1")] }, [fine, { result: "Ok", data: Buffer.from("B") }]],
        [
            "with every result",
            {
                records: [
                    { recordId: "1", result: "Dropped" },
                    { recordId: "2", result: "ProcessingFailed" },
                ],
            },
            [{ result: "Dropped" }, failed("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")],
        ],
        ["with empty data", { records: [ok("1", ""), ok("2")] }, [{ result: "Ok", data: Buffer.from("") }, fine]],
        [
            "with a route",
            { records: [{ ...ok("1"), metadata: { otfMetadata: { operation: "delete" } } }, ok("2")] },
            [{ ...fine, route: { operation: "delete" } }, fine],
        ],
        ["that lacks an id", { records: [ok("2")] }, [MISSING, fine]],
        ["that has an id twice", { records: [ok("1"), ok("1"), ok("2")] }, [TWICE, fine]],
        ["with an id that nobody asked for", { records: [ok("1"), ok("2"), ok("3")] }, [fine, fine]],
        ["with another id instead", { records: [ok("1"), ok("3")] }, [fine, MISSING]],
        ["with Ok and no data", { records: [{ recordId: "1", result: "Ok" }, ok("2")] }, [NO_DATA, fine]],
        ["with Ok and null data", { records: [{ recordId: "1", result: "Ok", data: null }, ok("2")] }, [NO_DATA, fine]],
        ["with an unknown result", { records: [{ ...ok("1"), result: "OK" }, ok("2")] }, WRONG],
        ["without a result", { records: [{ recordId: "1", data: "QQ==" }, ok("2")] }, WRONG],
        ["with data that is not base64", { records: [ok("1", "nonsense!"), ok("2")] }, WRONG],
        ["with data that is base64url", { records: [ok("1", "Pz8_"), ok("2")] }, WRONG],
        ["with data that lacks its padding", { records: [ok("1", "QQ"), ok("2")] }, WRONG],
        ["with data that is no text", { records: [{ recordId: "1", result: "Ok", data: { a: 1 } }, ok("2")] }, WRONG],
        ["with a record that is none", { records: [null, ok("2")] }, WRONG],
        ["without records", {}, WRONG],
        ["with records that are no list", { records: {} }, WRONG],
        ["that is null", null, NOT_JSON],
    ];
    for (const [what, answer, expected] of cases)
        it(`${what} is read as AWS reads it`, () => deepStrictEqual(outcomesIn(JSON.stringify(answer), IDS), expected));

    it("that is not JSON fails the batch", () => deepStrictEqual(outcomesIn("<html>", IDS), NOT_JSON));
});

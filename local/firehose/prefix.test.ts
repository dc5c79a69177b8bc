import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { dataPrefix, errorPrefix, evaluatePrefix, prefixProblems } from "./prefix";

const context = {
    arrival: Date.UTC(2026, 11, 31, 23, 59, 59, 999),
    timeZone: "UTC",
    errorType: "processing-failed",
    random: () => "abcdefghijk",
};
const data = (prefix?: string) => evaluatePrefix(dataPrefix(prefix), context);
const error = (errorOutputPrefix?: string, prefix?: string) =>
    evaluatePrefix(errorPrefix(errorOutputPrefix, prefix), context);

describe("The prefix of an object", () => {
    it("is the hour by default, and the hour after what is given", () => {
        strictEqual(data(), "2026/12/31/23/");
        strictEqual(data("raw/"), "raw/2026/12/31/23/");
        strictEqual(data("kinesis_firehose_input"), "kinesis_firehose_input2026/12/31/23/");
    });

    it("is what it says when it says a time", () => {
        strictEqual(
            data("raw/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"),
            "raw/year=2026/month=12/day=31/",
        );
        strictEqual(data("!{firehose:random-string}/!{timestamp:yyyy}/"), "abcdefghijk/2026/");
    });

    it("evaluates the year of the week as Java does", () => {
        strictEqual(data("year=!{timestamp:YYYY}/day=!{timestamp:dd}/"), "year=2027/day=31/");
    });

    it("names the kind of error", () => {
        strictEqual(error(), "processing-failed/2026/12/31/23/");
        strictEqual(error(undefined, "raw/"), "raw/processing-failed/2026/12/31/23/");
        strictEqual(error("errors/"), "errors/processing-failed/2026/12/31/23/");
        strictEqual(error("errors/!{firehose:error-output-type}/"), "errors/processing-failed/");
        strictEqual(
            error("errors/!{timestamp:yyyy/MM/dd/HH}/!{firehose:error-output-type}/", "ignored/"),
            "errors/2026/12/31/23/processing-failed/",
        );
    });

    for (const [block, problems] of [
        [{}, []],
        [{ prefix: "raw/", errorOutputPrefix: "errors/" }, []],
        [
            { prefix: "raw/!{timestamp:yyyy}/" },
            ['"s3.errorOutputPrefix" is required when "s3.prefix" contains expressions.'],
        ],
        [
            { errorOutputPrefix: "errors/!{timestamp:yyyy}/" },
            ['"s3.errorOutputPrefix" must include !{firehose:error-output-type} when it has expressions.'],
        ],
        [
            {
                prefix: "!{firehose:error-output-type}/",
                errorOutputPrefix: "errors/!{firehose:error-output-type}/",
            },
            ['"s3.prefix" can\'t contain !{firehose:error-output-type}: put it into "errorOutputPrefix".'],
        ],
        [
            { errorOutputPrefix: "errors/!{timestamp:YYYY/MM}/!{firehose:error-output-type}/" },
            [
                '"s3.errorOutputPrefix" has the expression !{timestamp:YYYY/MM}: YYYY is the year of the week, another one than yyyy around New Year; use yyyy.',
            ],
        ],
        [{ errorOutputPrefix: "errors/!{timestamp:YYYY-'W'ww}/!{firehose:error-output-type}/" }, []],
        [
            { errorOutputPrefix: "!{firehose:error-type}/!{firehose:error-output-type}/" },
            [
                '"s3.errorOutputPrefix" has the expression !{firehose:error-type}: the namespace firehose has error-output-type and random-string only.',
            ],
        ],
        [
            { errorOutputPrefix: "!{time:yyyy}/!{firehose:error-output-type}/" },
            [
                '"s3.errorOutputPrefix" has the expression !{time:yyyy}: its namespace must be timestamp, firehose, partitionKeyFromQuery or partitionKeyFromLambda.',
            ],
        ],
        [
            { prefix: "!{partitionKeyFromLambda:year}/", errorOutputPrefix: "errors/" },
            ['"s3.prefix" has the expression !{partitionKeyFromLambda:year}: it needs dynamic partitioning.'],
        ],
        [
            { prefix: "a!{b/", errorOutputPrefix: "e/" },
            ['"s3.prefix" has "!{" outside of an expression !{namespace:value}.'],
        ],
    ] as const)
        it(`with ${JSON.stringify(block)} has ${problems.length} problems`, () =>
            deepStrictEqual(prefixProblems("s3", block), problems));
});

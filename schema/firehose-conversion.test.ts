import * as assert from "node:assert/strict";
import { type Column, defineDataset } from "./dataset";
import { formatConversion } from "./firehose-conversion";
import { everything } from "./testing";

const target = { databaseName: "lake", tableName: "orders", roleArn: "arn:aws:iam::000000000000:role/convert" };

function dataset(...columns: readonly Column[]) {
    return defineDataset({ name: "orders", columns });
}

describe("formatConversion", () => {
    it("turns JSON into Parquet by the columns of the table", () => {
        assert.deepStrictEqual(formatConversion(everything, target), {
            enabled: true,
            inputFormatConfiguration: { deserializer: { openXJsonSerDe: { caseInsensitive: false } } },
            outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "SNAPPY" } } },
            schemaConfiguration: target,
        });
    });

    it("renames keys that differ from their column, and leaves an access log's alone", () => {
        const { inputFormatConfiguration } = formatConversion(
            dataset(
                { name: "details", type: { map: "string" }, from: "purchaise_details" },
                { name: "request_id", type: "string", from: "$context.requestId" },
                { name: "id", type: "string", from: "id" },
            ),
            target,
        );
        assert.deepStrictEqual(inputFormatConfiguration.deserializer, {
            openXJsonSerDe: { caseInsensitive: false, columnToJsonKeyMappings: { details: "purchaise_details" } },
        });
    });

    it("tells Hive's SerDe every form of a stored timestamp, wherever there is one", () => {
        const forms = ["", ".S", ".SS", ".SSS", ".SSSS", ".SSSSS", ".SSSSSS"];
        const timestampFormats = forms.map((fraction) => `yyyy-MM-dd'T'HH:mm:ss${fraction}'Z'`);
        const at = { name: "at", type: "timestamp" } as const;
        for (const column of [
            at,
            { name: "s", type: { struct: [at] } },
            { name: "l", type: { array: { struct: [at] } } },
            { name: "m", type: { map: "timestamp" } },
        ] as const) {
            const converted = formatConversion(dataset(column), target, { serDe: "hive", compression: "GZIP" });
            assert.deepStrictEqual(converted, {
                enabled: true,
                inputFormatConfiguration: { deserializer: { hiveJsonSerDe: { timestampFormats } } },
                outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "GZIP" } } },
                schemaConfiguration: target,
            });
        }
    });

    it("tells Hive's SerDe nothing where there is no timestamp", () => {
        const { inputFormatConfiguration } = formatConversion(dataset({ name: "on", type: "date" }), target, {
            serDe: "hive",
        });
        assert.deepStrictEqual(inputFormatConfiguration.deserializer, { hiveJsonSerDe: {} });
    });

    it("refuses a path, since Firehose sees top-level keys only", () => {
        const nested = dataset({ name: "amount", type: "double", from: "detail.amount.value" });
        assert.throws(() => formatConversion(nested, target), {
            message:
                'Dataset "orders" takes "amount" from "detail.amount.value", and Firehose converts top-level keys only.',
        });
    });

    it("refuses to rename with Hive's SerDe", () => {
        const renamed = dataset({ name: "details", type: "string", from: "purchaise_details" });
        assert.throws(() => formatConversion(renamed, target, { serDe: "hive" }), {
            message: `Dataset "orders" takes "details" from "purchaise_details", and Hive's SerDe cannot rename. Use OpenX.`,
        });
    });
});

import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { defineDataset } from "./dataset";
import { type IcebergType, icebergPartitionSpec, icebergSchema } from "./iceberg";
import { anyDataset, everything } from "./testing";

describe("icebergSchema", () => {
    it("numbers a level before what is below it, and identifies a row by the key", () => {
        const struct = (first: number) => ({
            type: "struct",
            fields: [
                { id: first, name: "zip", required: true, type: "string" },
                { id: first + 1, name: "floor", required: false, type: "int" },
            ],
        });
        assert.deepStrictEqual(icebergSchema(everything), {
            type: "struct",
            fields: [
                { id: 1, name: "id", required: true, type: "string", doc: "What identifies it." },
                { id: 2, name: "kind", required: true, type: "string" },
                { id: 3, name: "code", required: false, type: "string" },
                { id: 4, name: "count", required: true, type: "int" },
                { id: 5, name: "total", required: false, type: "long" },
                { id: 6, name: "ratio", required: true, type: "double" },
                { id: 7, name: "amount", required: true, type: "decimal(10,2)" },
                { id: 8, name: "paid", required: true, type: "boolean" },
                { id: 9, name: "born", required: false, type: "date" },
                { id: 10, name: "timestamp", required: true, type: "timestamp", doc: "When." },
                { id: 11, name: "address", required: true, type: struct(15) },
                {
                    id: 12,
                    name: "tags",
                    required: true,
                    type: { type: "list", "element-id": 17, element: "string", "element-required": true },
                },
                {
                    id: 13,
                    name: "lines",
                    required: false,
                    type: { type: "list", "element-id": 18, element: struct(19), "element-required": true },
                },
                {
                    id: 14,
                    name: "scores",
                    required: true,
                    type: {
                        type: "map",
                        "key-id": 21,
                        key: "string",
                        "value-id": 22,
                        value: "double",
                        "value-required": true,
                    },
                },
            ],
            identifierFieldIds: [1, 10],
        });
    });

    it("gives every field of any dataset an id of its own, from 1 without a gap", () => {
        fc.assert(
            fc.property(anyDataset, (dataset) => {
                const ids = idsIn({ type: "struct", fields: icebergSchema(dataset).fields });
                assert.deepStrictEqual(
                    ids.sort((a, b) => a - b),
                    ids.map((_, i) => i + 1),
                );
            }),
            { seed: 7 },
        );
    });
});

describe("icebergPartitionSpec", () => {
    it("has a field for each partition, named after its column and transform, with ids from 1000", () => {
        assert.deepStrictEqual(icebergPartitionSpec(everything), [
            { name: "kind", sourceId: 2, fieldId: 1000, transform: "identity" },
            { name: "timestamp_day", sourceId: 10, fieldId: 1001, transform: "day" },
            { name: "id_bucket", sourceId: 1, fieldId: 1002, transform: "bucket[16]" },
            { name: "total_trunc", sourceId: 5, fieldId: 1003, transform: "truncate[100]" },
        ]);
    });

    it("knows every transform of time", () => {
        const columns = [{ name: "at", type: "timestamp" }] as const;
        const partitionBy = ["year(at)", "month(at)", "day(at)", "hour(at)"];
        assert.deepStrictEqual(
            icebergPartitionSpec(defineDataset({ name: "d", columns, partitionBy })).map(({ name, transform }) => [
                name,
                transform,
            ]),
            [
                ["at_year", "year"],
                ["at_month", "month"],
                ["at_day", "day"],
                ["at_hour", "hour"],
            ],
        );
    });

    it("is empty for a dataset that is not partitioned", () => {
        assert.deepStrictEqual(
            icebergPartitionSpec(defineDataset({ name: "d", columns: [{ name: "c", type: "int" }] })),
            [],
        );
    });
});

/** Every id in a type, at whatever depth. */
function idsIn(type: IcebergType): number[] {
    if (typeof type === "string") return [];
    return Object.entries(type).flatMap(([key, part]) => {
        if (key.endsWith("-id") || key === "id") return [part as number];
        if (key === "fields") return (part as IcebergType[]).flatMap(idsIn);
        return typeof part === "object" ? idsIn(part as IcebergType) : [];
    });
}

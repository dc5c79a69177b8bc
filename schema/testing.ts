import * as fc from "fast-check";
import { TYPE_KINDS, type TypeKind } from "./column-type";
import { type Column, type ColumnType, type Dataset, defineDataset } from "./dataset";

const address = [
    { name: "zip", type: "string" },
    { name: "floor", type: "int", optional: true },
] as const satisfies readonly Column[];

/** For the tests of one derivation: a dataset with every kind of type, optional and nested ones, partitions and a key. */
export const everything = defineDataset({
    name: "everything",
    doc: "Every kind of column, isn't it?",
    columns: [
        { name: "id", type: "string", doc: "What identifies it." },
        { name: "kind", type: "string", oneOf: ["view", "buy"] },
        { name: "code", type: "string", pattern: "^[A-Z]{2}\\d+$", optional: true },
        { name: "count", type: "int" },
        { name: "total", type: "long", optional: true },
        { name: "ratio", type: "double" },
        { name: "amount", type: "decimal(10,2)" },
        { name: "paid", type: "boolean" },
        { name: "born", type: "date", optional: true },
        { name: "timestamp", type: "timestamp", doc: "When." },
        { name: "address", type: { struct: address } },
        { name: "tags", type: { array: "string" } },
        { name: "lines", type: { array: { struct: address } }, optional: true },
        { name: "scores", type: { map: "double" } },
    ],
    partitionBy: ["kind", "day(timestamp)", "bucket(16, id)", "truncate(100, total)"],
    key: ["id", "timestamp"],
});

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).filter((text) => text !== "constructor");

/** Any column type, nested a few levels deep. */
const anyType: fc.Arbitrary<ColumnType> = fc.letrec<Record<TypeKind | "type", ColumnType>>((tie) => {
    const plain = Object.fromEntries(TYPE_KINDS.map((kind) => [kind, fc.constant(kind as ColumnType)]));
    return {
        ...(plain as Record<TypeKind, fc.Arbitrary<ColumnType>>),
        decimal: fc
            .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
            .map(([precision, scale]): ColumnType => `decimal(${precision},${Math.min(precision, scale)})`),
        struct: columnsOf(tie("type")).map((struct) => ({ struct })),
        array: tie("type").map((array) => ({ array })),
        map: tie("type").map((map) => ({ map })),
        type: fc.oneof({ maxDepth: 3, withCrossShrink: true }, ...TYPE_KINDS.map((kind) => tie(kind))),
    };
}).type;

function columnsOf(type: fc.Arbitrary<ColumnType>): fc.Arbitrary<readonly Column[]> {
    const column = fc.record({ name, type, optional: fc.boolean() });
    return fc.uniqueArray(column, { minLength: 1, maxLength: 6, selector: (entry) => entry.name });
}

/** Any dataset without partitions, key and rules for strings. */
export const anyDataset: fc.Arbitrary<Dataset> = fc.record({ name, columns: columnsOf(anyType) });

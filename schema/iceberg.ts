import { ofType } from "./column-type";
import type { Column, ColumnType, Dataset } from "./dataset";
import { partitionName, partitionsOf } from "./partition";

/** A type in Iceberg's JSON form: a name, or an object where it has parts. https://iceberg.apache.org/spec/#appendix-c-json-serialization */
export type IcebergType = string | { readonly [part: string]: unknown };

/** A field of an Iceberg schema or struct. */
export interface IcebergField {
    readonly id: number;
    readonly name: string;
    readonly required: boolean;
    readonly type: IcebergType;
    readonly doc?: string;
}

/** An Iceberg schema. */
export interface IcebergSchema {
    readonly type: "struct";
    readonly fields: readonly IcebergField[];
    readonly identifierFieldIds: readonly number[];
}

/** One field of an Iceberg partition spec. */
export interface IcebergPartitionField {
    readonly name: string;
    readonly sourceId: number;
    readonly fieldId: number;
    /** `identity`, `day`, `bucket[16]`, ... */
    readonly transform: string;
}

/** The Iceberg schema of a dataset. A `timestamp` is Iceberg's `timestamp` in UTC, which is the one that Athena reads and writes. */
export function icebergSchema(dataset: Dataset): IcebergSchema {
    const fields = icebergFields(dataset.columns, fieldIds());
    const identifierFieldIds = (dataset.key ?? []).map((name) => fieldId(fields, name));
    return { type: "struct", fields, identifierFieldIds };
}

/** The partition spec of a dataset: a field each, ids from 1000, named as Iceberg's own writers name them. */
export function icebergPartitionSpec(dataset: Dataset): readonly IcebergPartitionField[] {
    const { fields } = icebergSchema(dataset);
    return partitionsOf(dataset).map((partition, i) => ({
        name: partitionName(partition),
        sourceId: fieldId(fields, partition.column),
        fieldId: 1000 + i,
        transform: partition.parameter ? `${partition.transform}[${partition.parameter}]` : partition.transform,
    }));
}

function fieldId(fields: readonly IcebergField[], name: string): number {
    return (fields.find((field) => field.name === name) as IcebergField).id;
}

/** Counts 1, 2, 3, ... across a whole schema: an id names one field for ever, at whatever depth. */
function fieldIds(): () => number {
    let last = 0;
    return () => ++last;
}

/** A level gets its ids before what is below it, as Iceberg's own writers number a new table. */
function icebergFields(columns: readonly Column[], nextId: () => number): readonly IcebergField[] {
    const ids = columns.map(nextId);
    return columns.map((column, i) => ({
        id: ids[i],
        name: column.name,
        required: !column.optional,
        type: icebergType(column.type, nextId),
        ...(column.doc && { doc: column.doc }),
    }));
}

function icebergType(type: ColumnType, nextId: () => number): IcebergType {
    return ofType<IcebergType>(type, {
        string: "string",
        int: "int",
        long: "long",
        double: "double",
        boolean: "boolean",
        date: "date",
        timestamp: "timestamp",
        decimal: (precision, scale) => `decimal(${precision},${scale})`,
        struct: (columns) => ({ type: "struct", fields: icebergFields(columns, nextId) }),
        array: (element) => ({
            type: "list",
            "element-id": nextId(),
            element: icebergType(element, nextId),
            "element-required": true,
        }),
        map: (value) => ({
            type: "map",
            "key-id": nextId(),
            key: "string",
            "value-id": nextId(),
            value: icebergType(value, nextId),
            "value-required": true,
        }),
    });
}

import type { Schema } from "./metadata";
import type { PartitionField, PartitionValue } from "./transforms";
import { decimalBytes, transformOf } from "./transforms";
import { decimalOf } from "./types";

/** What a manifest says about a data file or a file of position deletes. https://iceberg.apache.org/spec/#manifests */
export interface DataFile {
    /** 0 for data, 1 for position deletes. */
    readonly content: 0 | 1;
    readonly file_path: string;
    readonly file_format: "PARQUET";
    readonly partition: Readonly<Record<string, PartitionValue>>;
    readonly record_count: number;
    readonly file_size_in_bytes: number;
    readonly column_sizes: Pairs<number> | null;
    readonly value_counts: Pairs<number> | null;
    readonly null_value_counts: Pairs<number> | null;
    readonly lower_bounds: Pairs<Buffer> | null;
    readonly upper_bounds: Pairs<Buffer> | null;
    readonly sort_order_id: number | null;
}

/** A map from field ids, as Avro must spell it: its own maps have only string keys. */
export type Pairs<V> = readonly { readonly key: number; readonly value: V }[];

/** Whether a file was in the table before a snapshot, came with it, or went with it. */
export const STATUS = { existing: 0, added: 1, deleted: 2 } as const;

/** A file in a manifest. */
export interface Entry {
    readonly status: 0 | 1 | 2;
    readonly snapshot_id: number;
    readonly sequence_number: number;
    readonly file_sequence_number: number;
    readonly data_file: DataFile;
}

/** A manifest in a manifest list. https://iceberg.apache.org/spec/#manifest-lists */
export interface Manifest {
    readonly manifest_path: string;
    readonly manifest_length: number;
    readonly partition_spec_id: number;
    /** 0 for data, 1 for deletes. */
    readonly content: 0 | 1;
    readonly sequence_number: number;
    readonly min_sequence_number: number;
    readonly added_snapshot_id: number;
    readonly added_files_count: number;
    readonly existing_files_count: number;
    readonly deleted_files_count: number;
    readonly added_rows_count: number;
    readonly existing_rows_count: number;
    readonly deleted_rows_count: number;
}

/** A field that must be there. */
const field = (id: number, name: string, type: unknown) => ({ name, type, "field-id": id });

/** A field that may be null. */
const optional = (id: number, name: string, type: unknown) => ({
    ...field(id, name, ["null", type]),
    default: null,
});

const pairs = (key: number, value: number, type: string) => ({
    type: "array",
    logicalType: "map",
    items: {
        type: "record",
        name: `k${key}_v${value}`,
        fields: [field(key, "key", "int"), field(value, "value", type)],
    },
});

/** Avro schema of a manifest list. */
export const MANIFEST_LIST_SCHEMA = {
    type: "record",
    name: "manifest_file",
    fields: [
        field(500, "manifest_path", "string"),
        field(501, "manifest_length", "long"),
        field(502, "partition_spec_id", "int"),
        field(517, "content", "int"),
        field(515, "sequence_number", "long"),
        field(516, "min_sequence_number", "long"),
        field(503, "added_snapshot_id", "long"),
        field(504, "added_files_count", "int"),
        field(505, "existing_files_count", "int"),
        field(506, "deleted_files_count", "int"),
        field(512, "added_rows_count", "long"),
        field(513, "existing_rows_count", "long"),
        field(514, "deleted_rows_count", "long"),
    ],
};

/** Avro schema of a manifest: the partition's fields depend on the table. */
export function manifestSchema(schema: Schema, fields: readonly PartitionField[]): object {
    const partition = {
        type: "record",
        name: "r102",
        fields: fields.map((part) => optional(part["field-id"], avroName(part.name), partitionType(schema, part))),
    };
    const file = {
        type: "record",
        name: "r2",
        fields: [
            field(134, "content", "int"),
            field(100, "file_path", "string"),
            field(101, "file_format", "string"),
            field(102, "partition", partition),
            field(103, "record_count", "long"),
            field(104, "file_size_in_bytes", "long"),
            optional(108, "column_sizes", pairs(117, 118, "long")),
            optional(109, "value_counts", pairs(119, 120, "long")),
            optional(110, "null_value_counts", pairs(121, 122, "long")),
            optional(125, "lower_bounds", pairs(126, 127, "bytes")),
            optional(128, "upper_bounds", pairs(129, 130, "bytes")),
            optional(140, "sort_order_id", "int"),
        ],
    };
    return {
        type: "record",
        name: "manifest_entry",
        fields: [
            field(0, "status", "int"),
            optional(1, "snapshot_id", "long"),
            optional(3, "sequence_number", "long"),
            optional(4, "file_sequence_number", "long"),
            field(2, "data_file", file),
        ],
    };
}

/** Avro's type of a partition's values. https://iceberg.apache.org/spec/#avro */
function partitionType(schema: Schema, part: PartitionField): unknown {
    const source = schema.fields.find((candidate) => candidate.id === part["source-id"]);
    const { result } = transformOf(part.transform, source?.type ?? "string");
    const decimal = decimalOf(result);
    if (decimal) {
        const size = decimalBytes(decimal.precision);
        return { type: "fixed", name: `decimal_${part["field-id"]}`, size, logicalType: "decimal", ...decimal };
    }
    if (result === "date") return { type: "int", logicalType: "date" };
    if (!result.startsWith("timestamp")) return result;
    return { type: "long", logicalType: "timestamp-micros", "adjust-to-utc": result === "timestamptz" };
}

/** A name as Avro allows it; others are spelled as Iceberg's own writers spell them: `a b` is `a_x20b`. */
export function avroName(name: string): string {
    const spelled = name.replace(
        /[^A-Za-z0-9_]/g,
        (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    return /^[0-9]/.test(spelled) ? `_${spelled}` : spelled;
}

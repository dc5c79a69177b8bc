import { identifier } from "../duck";
import { unsupported } from "../errors";

/** A type in Iceberg's JSON form. https://iceberg.apache.org/spec/#appendix-c-json-serialization */
export type IcebergType = string | StructType | ListType | MapType;

/** A struct in Iceberg's JSON form. */
export interface StructType {
    readonly type: "struct";
    readonly fields: readonly Field[];
}

/** A list in Iceberg's JSON form. */
export interface ListType {
    readonly type: "list";
    readonly "element-id": number;
    readonly element: IcebergType;
    readonly "element-required": boolean;
}

/** A map in Iceberg's JSON form. */
export interface MapType {
    readonly type: "map";
    readonly "key-id": number;
    readonly key: IcebergType;
    readonly "value-id": number;
    readonly value: IcebergType;
    readonly "value-required": boolean;
}

/** A field of a schema or struct. */
export interface Field {
    readonly id: number;
    readonly name: string;
    readonly required: boolean;
    readonly type: IcebergType;
    readonly doc?: string;
}

/** Primitive types by Iceberg's name: DuckDB's type, and Glue's (which Athena shows). */
const PRIMITIVES: Readonly<Record<string, { readonly duck: string; readonly hive: string }>> = {
    boolean: { duck: "BOOLEAN", hive: "boolean" },
    int: { duck: "INTEGER", hive: "int" },
    long: { duck: "BIGINT", hive: "bigint" },
    float: { duck: "FLOAT", hive: "float" },
    double: { duck: "DOUBLE", hive: "double" },
    date: { duck: "DATE", hive: "date" },
    timestamp: { duck: "TIMESTAMP", hive: "timestamp" },
    timestamptz: { duck: "TIMESTAMPTZ", hive: "timestamp" },
    string: { duck: "VARCHAR", hive: "string" },
};

/** Precision and scale of `decimal(p,s)`, or undefined for any other type. */
export function decimalOf(type: IcebergType): { readonly precision: number; readonly scale: number } | undefined {
    const parts = typeof type === "string" && /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(type);
    return parts ? { precision: Number(parts[1]), scale: Number(parts[2]) } : undefined;
}

/** DuckDB's name of a type. Throws LocalUnsupported for a type that the local runtime cannot store. */
export function duckType(type: IcebergType): string {
    return named(type, {
        primitive: (names) => names.duck,
        decimal: (precision, scale) => `DECIMAL(${precision},${scale})`,
        struct: (fields) => `STRUCT(${fields.map((f) => `${identifier(f.name)} ${duckType(f.type)}`).join(", ")})`,
        list: (element) => `${duckType(element)}[]`,
        map: (key, value) => `MAP(${duckType(key)}, ${duckType(value)})`,
    });
}

/** Glue's name of a type, as Athena's DDL spells it: `struct<zip:string>`. */
export function hiveType(type: IcebergType): string {
    return named(type, {
        primitive: (names) => names.hive,
        decimal: (precision, scale) => `decimal(${precision},${scale})`,
        struct: (fields) => `struct<${fields.map((f) => `${f.name}:${hiveType(f.type)}`).join(",")}>`,
        list: (element) => `array<${hiveType(element)}>`,
        map: (key, value) => `map<${hiveType(key)},${hiveType(value)}>`,
    });
}

interface Names {
    primitive(names: { readonly duck: string; readonly hive: string }): string;
    decimal(precision: number, scale: number): string;
    struct(fields: readonly Field[]): string;
    list(element: IcebergType): string;
    map(key: IcebergType, value: IcebergType): string;
}

function named(type: IcebergType, names: Names): string {
    if (typeof type === "object") {
        if (type.type === "struct") return names.struct(type.fields);
        return type.type === "list" ? names.list(type.element) : names.map(type.key, type.value);
    }
    const decimal = decimalOf(type);
    if (decimal) return names.decimal(decimal.precision, decimal.scale);
    const primitive = Object.hasOwn(PRIMITIVES, type) && PRIMITIVES[type];
    if (!primitive) throw unsupported(`The Iceberg type "${type}"`);
    return names.primitive(primitive);
}

/** The value of the COPY option FIELD_IDS for these fields: Parquet files name their columns by id, as Iceberg asks. */
export function fieldIds(fields: readonly Field[]): string {
    return `{${fields.map((field) => `${identifier(field.name)}: ${idsBelow(field.id, field.type)}`).join(", ")}}`;
}

function idsBelow(id: number, type: IcebergType): string {
    if (typeof type === "string") return String(id);
    const own = `__duckdb_field_id: ${id}`;
    if (type.type === "struct") {
        const parts = type.fields.map((field) => `${identifier(field.name)}: ${idsBelow(field.id, field.type)}`);
        return `{${[own, ...parts].join(", ")}}`;
    }
    if (type.type === "list") return `{${own}, element: ${idsBelow(type["element-id"], type.element)}}`;
    return `{${own}, key: ${idsBelow(type["key-id"], type.key)}, value: ${idsBelow(type["value-id"], type.value)}}`;
}

/** A primitive field at the top or inside structs, with the path by which DuckDB's statistics name it. */
export interface Leaf {
    readonly id: number;
    readonly type: string;
    readonly path: string;
}

/** The fields that have bounds and null counts: primitives that occur once a row. */
export function leaves(fields: readonly Field[], prefix = ""): readonly Leaf[] {
    return fields.flatMap(({ id, name, type }): readonly Leaf[] => {
        const path = prefix + identifier(name);
        if (typeof type === "string") return [{ id, type, path }];
        return type.type === "struct" ? leaves(type.fields, `${path}.`) : [];
    });
}

/** The highest id that a schema uses, at whatever depth. */
export function lastColumnId(fields: readonly Field[]): number {
    const idsOf = (type: IcebergType): readonly number[] => {
        if (typeof type === "string") return [];
        if (type.type === "struct") return type.fields.flatMap((field) => [field.id, ...idsOf(field.type)]);
        if (type.type === "list") return [type["element-id"], ...idsOf(type.element)];
        return [type["key-id"], type["value-id"], ...idsOf(type.key), ...idsOf(type.value)];
    };
    return Math.max(0, ...fields.flatMap((field) => [field.id, ...idsOf(field.type)]));
}

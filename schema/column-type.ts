import type { Column, ColumnType } from "./dataset";

/** Types without a part. */
export const SIMPLE_TYPES = ["string", "int", "long", "double", "boolean", "date", "timestamp"] as const;

/** Every kind of column type. A test makes sure that every derivation is tried with each of them. */
export const TYPE_KINDS = [...SIMPLE_TYPES, "decimal", "struct", "array", "map"] as const;

/** A kind of column type. */
export type TypeKind = (typeof TYPE_KINDS)[number];

/** What a derivation makes of each kind of type. Leaving one out does not compile. */
export type TypeCases<R> = Readonly<Record<(typeof SIMPLE_TYPES)[number], R>> & {
    decimal(precision: number, scale: number): R;
    struct(columns: readonly Column[]): R;
    array(element: ColumnType): R;
    map(value: ColumnType): R;
};

/** The kind of a column type, or undefined for what is none. */
export function kindOf(type: ColumnType): TypeKind | undefined {
    if (typeof type === "string") {
        if (decimalOf(type)) return "decimal";
        return SIMPLE_TYPES.find((simple) => simple === type);
    }
    return (["struct", "array", "map"] as const).find((kind) => kind in type);
}

/** Picks the case of a column type. Every derivation goes through here, so it knows every type or does not compile. */
export function ofType<R>(type: ColumnType, cases: TypeCases<R>): R {
    if (typeof type === "object") {
        if ("struct" in type) return cases.struct(type.struct);
        if ("array" in type) return cases.array(type.array);
        return cases.map(type.map);
    }
    const decimal = decimalOf(type);
    if (decimal) return cases.decimal(decimal.precision, decimal.scale);
    return cases[type as (typeof SIMPLE_TYPES)[number]];
}

/** Precision and scale of a decimal type, or undefined for any other type. */
export function decimalOf(type: ColumnType): { readonly precision: number; readonly scale: number } | undefined {
    const parts = typeof type === "string" && /^decimal\((\d+),(\d+)\)$/.exec(type);
    return parts ? { precision: Number(parts[1]), scale: Number(parts[2]) } : undefined;
}

import type { ColumnType } from "./dataset";

/** A decimal type, whatever its digits. */
type Decimal = `decimal(${string}`;

/** A type that is nothing but its name. */
type SimpleType = Exclude<Extract<ColumnType, string>, Decimal>;

/** A type that is made of others. */
type CompositeType = Exclude<ColumnType, string>;

type KeysOf<T> = T extends unknown ? keyof T : never;

/** A kind of column type, worked out from {@link ColumnType} itself, so that nobody forgets to add one here. */
export type TypeKind = SimpleType | "decimal" | KeysOf<CompositeType>;

/** What a derivation makes of each kind of type: adding a type to {@link ColumnType} makes every derivation that lacks it fail to compile. */
export type TypeCases<R> = Readonly<Record<SimpleType, R>> & {
    decimal(precision: number, scale: number): R;
} & { [K in KeysOf<CompositeType>]: (parts: Extract<CompositeType, Record<K, unknown>>[K]) => R };

const SIMPLE: Readonly<Record<SimpleType, true>> = {
    string: true,
    int: true,
    long: true,
    double: true,
    boolean: true,
    date: true,
    timestamp: true,
};

const COMPOSITE: Readonly<Record<KeysOf<CompositeType>, true>> = { struct: true, array: true, map: true };

/** Every kind of column type. Tests try every derivation with each of them. */
export const TYPE_KINDS = [...Object.keys(SIMPLE), "decimal", ...Object.keys(COMPOSITE)] as readonly TypeKind[];

/** The kind of a column type, or undefined for what is none. */
export function kindOf(type: ColumnType): TypeKind | undefined {
    if (typeof type === "string") {
        if (decimalOf(type)) return "decimal";
        return Object.hasOwn(SIMPLE, type) ? (type as SimpleType) : undefined;
    }
    const [kind, ...others] = Object.keys(type ?? {});
    return others.length === 0 && Object.hasOwn(COMPOSITE, kind) ? (kind as TypeKind) : undefined;
}

/** Picks the case of a column type. Every derivation goes through here, so it knows every type or does not compile. */
export function ofType<R>(type: ColumnType, cases: TypeCases<R>): R {
    if (typeof type === "object") {
        const [kind, parts] = Object.entries(type)[0] as [KeysOf<CompositeType>, never];
        return cases[kind](parts);
    }
    const decimal = decimalOf(type);
    return decimal ? cases.decimal(decimal.precision, decimal.scale) : cases[type as SimpleType];
}

/** Precision and scale of a decimal type, or undefined for any other type. */
export function decimalOf(type: ColumnType): { readonly precision: number; readonly scale: number } | undefined {
    const parts = typeof type === "string" && /^decimal\((\d{1,3}),(\d{1,3})\)$/.exec(type);
    return parts ? { precision: Number(parts[1]), scale: Number(parts[2]) } : undefined;
}

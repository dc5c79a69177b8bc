import type { Column, ColumnType, Dataset } from "./dataset";
import { hiveType } from "./glue";

/** What a Glue job does for one column. Plain data: it is passed to the script as JSON. */
export interface ColumnMapping {
    /** Path of the value in the source document, dots between the keys. */
    readonly source: string;
    /** Column of the result. */
    readonly target: string;
    /** Type of the result in Spark SQL, which spells types as Hive does. */
    readonly type: string;
    /** What happens to the value: `mask` replaces it, `hash` makes it a keyed hash, `drop` leaves the column out. */
    readonly pii: NonNullable<Column["pii"]>;
    /** Whether a document without the value is an error. */
    readonly required: boolean;
}

/**
 * The column mapping of a Glue job that makes a dataset's rows from source documents. Throws for a pii rule within a struct: the job
 * rewrites whole columns, so a rule further down would be forgotten and the clear value kept.
 */
export function columnMapping(dataset: Dataset): readonly ColumnMapping[] {
    return dataset.columns.map((column) => {
        const { name, type, from = name, pii = "keep", optional = false } = column;
        const nested = nestedRule(type, name);
        if (nested) {
            throw new Error(
                `Dataset "${dataset.name}" has a pii rule within a struct, for "${nested}". Make that field a column of its own.`,
            );
        }
        return { source: from, target: name, type: hiveType(type), pii, required: !optional };
    });
}

/** Path of the first field below a column that has a pii rule. */
function nestedRule(type: ColumnType, path: string): string | undefined {
    if (typeof type === "string") return undefined;
    if ("array" in type) return nestedRule(type.array, path);
    if ("map" in type) return nestedRule(type.map, path);
    for (const { name, type: inner, pii = "keep" } of type.struct) {
        const found = pii === "keep" ? nestedRule(inner, `${path}.${name}`) : `${path}.${name}`;
        if (found) return found;
    }
    return undefined;
}

import { decimalOf, kindOf, type TypeKind } from "./column-type";
import type { Column, ColumnType, Dataset } from "./dataset";
import { type Partition, parsePartition, partitionName, type Transform } from "./partition";

/**
 * Names that Glue, Hive and Iceberg all take without quoting or folding. `constructor` is the one such name that every JavaScript object
 * has a value for, so nobody could tell that a record lacks it.
 */
const NAME = /^(?!constructor$)[a-z][a-z0-9_]{0,254}$/;

const NAME_RULE = "A name is a lower-case letter, then up to 254 lower-case letters, digits and _.";

/** Column types that each transform takes. https://iceberg.apache.org/spec/#partition-transforms */
const TRANSFORMS: Readonly<Record<Transform, readonly TypeKind[]>> = {
    identity: ["string", "int", "long", "boolean", "date", "timestamp", "decimal"],
    year: ["date", "timestamp"],
    month: ["date", "timestamp"],
    day: ["date", "timestamp"],
    hour: ["timestamp"],
    bucket: ["string", "int", "long", "date", "timestamp", "decimal"],
    truncate: ["string", "int", "long", "decimal"],
};

/** Kinds that identify a row. Iceberg leaves out floating point. https://iceberg.apache.org/spec/#identifier-field-ids */
const KEYS: readonly TypeKind[] = ["string", "int", "long", "boolean", "date", "timestamp", "decimal"];

/** Throws the first thing that is wrong with a dataset, as one sentence. */
export function check(dataset: Dataset): void {
    if (!NAME.test(dataset.name)) throw new Error(`Dataset "${dataset.name}" cannot have that name. ${NAME_RULE}`);
    const prefix = `Dataset "${dataset.name}"`;
    checkColumns(prefix, "", dataset.columns);
    checkPartitions(prefix, dataset);
    checkKey(prefix, dataset);
}

function checkColumns(prefix: string, parent: string, columns: readonly Column[]): void {
    if (columns.length === 0) throw new Error(`${prefix} has no ${parent ? `fields in "${parent}"` : "columns"}.`);
    const seen = new Set<string>();
    for (const column of columns) {
        const path = parent ? `${parent}.${column.name}` : column.name;
        if (!NAME.test(column.name)) throw new Error(`${prefix} cannot have a column "${path}". ${NAME_RULE}`);
        if (seen.has(column.name)) throw new Error(`${prefix} has the column "${path}" twice.`);
        seen.add(column.name);
        checkType(prefix, path, column.type);
        checkStringRules(prefix, path, column);
    }
}

function checkType(prefix: string, path: string, type: ColumnType): void {
    const kind = kindOf(type);
    if (!kind) throw new Error(`${prefix} gives the column "${path}" the unknown type ${shown(type)}. ${TYPE_RULE}`);
    const decimal = decimalOf(type);
    if (decimal && (decimal.precision < 1 || decimal.precision > 38 || decimal.scale > decimal.precision)) {
        throw new Error(
            `${prefix} gives the column "${path}" the type "${type}". A decimal has 1 to 38 digits, and no more behind the point than in all.`,
        );
    }
    if (typeof type === "string") return;
    if ("struct" in type) checkColumns(prefix, path, type.struct);
    else checkType(prefix, path, "array" in type ? type.array : type.map);
}

const TYPE_RULE =
    "A type is string, int, long, double, boolean, date, timestamp, decimal(p,s), { struct }, { array } or { map }.";

function checkStringRules(prefix: string, path: string, column: Column): void {
    const { type, oneOf, pattern, pii = "keep" } = column;
    for (const [rule, given] of [
        ["oneOf", oneOf !== undefined],
        ["pattern", pattern !== undefined],
        [`pii: "${pii}"`, pii === "mask" || pii === "hash"],
    ] as const) {
        if (given && type !== "string") {
            throw new Error(
                `${prefix} gives the column "${path}" ${rule}, which only a string can have; it is ${shown(type)}.`,
            );
        }
    }
    if (!["keep", "mask", "hash", "drop"].includes(pii)) {
        throw new Error(`${prefix} gives the column "${path}" pii: "${pii}". It is keep, mask, hash or drop.`);
    }
    if (oneOf) checkOneOf(prefix, path, oneOf);
    if (pattern !== undefined) checkPattern(prefix, path, pattern, oneOf ?? []);
}

function checkOneOf(prefix: string, path: string, oneOf: readonly string[]): void {
    if (oneOf.length === 0) throw new Error(`${prefix} gives the column "${path}" a oneOf without values.`);
    const twice = oneOf.find((value, i) => oneOf.indexOf(value) < i);
    if (twice !== undefined)
        throw new Error(`${prefix} gives the column "${path}" the value "${twice}" twice in oneOf.`);
}

function checkPattern(prefix: string, path: string, pattern: string, oneOf: readonly string[]): void {
    const regex = compiled(pattern);
    if (!regex)
        throw new Error(
            `${prefix} gives the column "${path}" the pattern "${pattern}", which is not a regular expression.`,
        );
    const odd = oneOf.find((value) => !regex.test(value));
    if (odd !== undefined) {
        throw new Error(`${prefix} allows "${odd}" in the column "${path}", but its pattern "${pattern}" does not.`);
    }
}

function compiled(pattern: string): RegExp | undefined {
    try {
        return new RegExp(pattern, "u");
    } catch {
        return undefined;
    }
}

function checkPartitions(prefix: string, dataset: Dataset): void {
    const names = new Set<string>();
    for (const text of dataset.partitionBy ?? []) {
        const partition = parsePartition(text);
        if (!partition) {
            throw new Error(
                `${prefix} cannot be partitioned by "${text}". Write a column's name, or year(c), month(c), day(c), hour(c), bucket(n, c) or truncate(n, c).`,
            );
        }
        const column = columnOf(prefix, dataset, partition.column);
        const kind = kindOf(column.type);
        if (!kind || !TRANSFORMS[partition.transform].includes(kind)) {
            throw new Error(
                `${prefix} cannot be partitioned by "${text}": ${partition.transform} takes ${listed(TRANSFORMS[partition.transform])}, and "${column.name}" is ${shown(column.type)}.`,
            );
        }
        checkPartitionName(prefix, dataset, partition, text, names);
    }
}

/** Iceberg names the parts of a partition beside the columns, so they must not meet. */
function checkPartitionName(
    prefix: string,
    dataset: Dataset,
    partition: Partition,
    text: string,
    names: Set<string>,
): void {
    const name = partitionName(partition);
    if (names.has(name)) throw new Error(`${prefix} is partitioned by "${text}" twice.`);
    names.add(name);
    if (partition.transform !== "identity" && dataset.columns.some((column) => column.name === name)) {
        throw new Error(
            `${prefix} cannot be partitioned by "${text}": the partition would be called "${name}", like a column.`,
        );
    }
}

function checkKey(prefix: string, dataset: Dataset): void {
    const seen = new Set<string>();
    for (const name of dataset.key ?? []) {
        const column = columnOf(prefix, dataset, name);
        const kind = kindOf(column.type);
        if (seen.has(name)) throw new Error(`${prefix} has the column "${name}" twice in its key.`);
        seen.add(name);
        if (column.optional)
            throw new Error(`${prefix} has the optional column "${name}" in its key. Every record must have its key.`);
        if (!kind || !KEYS.includes(kind)) {
            throw new Error(
                `${prefix} has the column "${name}" in its key, which is ${shown(column.type)}. A key takes ${listed(KEYS)}.`,
            );
        }
    }
}

function columnOf(prefix: string, dataset: Dataset, name: string): Column {
    const column = dataset.columns.find((candidate) => candidate.name === name);
    if (column) return column;
    throw new Error(
        `${prefix} has no column "${name}". Its columns are: ${dataset.columns.map((c) => c.name).join(", ")}.`,
    );
}

function shown(type: ColumnType): string {
    const kind = kindOf(type);
    return typeof type === "object" && kind ? `${kind === "array" ? "an" : "a"} ${kind}` : JSON.stringify(type);
}

function listed(kinds: readonly TypeKind[]): string {
    return [kinds.slice(0, -1).join(", "), kinds.at(-1)].filter(Boolean).join(" or ");
}

import type { Column, ColumnType, Dataset } from "./dataset";
import { hiveType } from "./glue";
import { partitionsOf } from "./partition";

/** What a Glue job makes of source documents. Plain data: it is passed to the script as JSON, in its argument `--mapping`. */
export interface JobMapping {
    readonly columns: readonly ColumnMapping[];
    /** The column that tells events apart: the same id twice is one row. */
    readonly eventId: string;
    /** The column by whose day, in UTC, rows lie in folders: `year=2026/month=01/day=31`. */
    readonly eventTime: string;
    /** First and last year that an event may be of. Others are errors: no table would look into their folders. */
    readonly years: readonly [first: number, last: number];
}

/** What a Glue job does for one column. */
export interface ColumnMapping {
    /** Paths of the value in the source document, dots between the keys. Of several, the texts that are there are joined by spaces. */
    readonly sources: readonly string[];
    /** Column of the result. */
    readonly target: string;
    /** Type of the result in Spark SQL, which spells types as Hive does. */
    readonly type: string;
    /** What happens to the value: `mask` replaces it, `hash` makes it a keyed hash. A column to `drop` has no mapping. */
    readonly pii: Exclude<NonNullable<Column["pii"]>, "drop">;
    /** Whether a document without the value is an error. */
    readonly required: boolean;
}

/**
 * The mapping of a Glue job that makes a dataset's rows from source documents. The dataset has a key of one text, and is partitioned by the
 * day of a time. Throws one sentence that says what is in the way.
 */
export function jobMapping(dataset: Dataset, { years }: Pick<JobMapping, "years">): JobMapping {
    const [partition, ...furtherPartitions] = partitionsOf(dataset);
    if (partition?.transform !== "day" || furtherPartitions.length > 0)
        throw problem(dataset, 'is not partitioned by the day of its events alone. Write partitionBy: ["day(column)"]');
    const [eventId, ...furtherKeys] = dataset.key ?? [];
    if (eventId === undefined || furtherKeys.length > 0)
        throw problem(dataset, "has no key of one column, by which the job would know an event again");
    checkPlain(dataset, eventId, "string");
    checkPlain(dataset, partition.column, "timestamp");
    return { columns: columnMapping(dataset), eventId, eventTime: partition.column, years };
}

/** Throws unless a column is what the job can go by in each row. */
function checkPlain(dataset: Dataset, name: string, wanted: ColumnType): void {
    const { type, optional, pii = "keep" } = dataset.columns.find((column) => column.name === name) as Column;
    if (type !== wanted || optional || pii !== "keep")
        throw problem(dataset, `needs "${name}" in each event, as a ${wanted} that is kept`);
}

function problem(dataset: Dataset, what: string): Error {
    return new Error(`Dataset "${dataset.name}" ${what}.`);
}

/**
 * The column mapping of a Glue job that makes a dataset's rows from source documents. A column comes `from` one path, or from several with
 * spaces between them when it is a text. Throws for a pii rule within a struct: the job rewrites whole columns, so a rule further down would
 * be forgotten and the clear value kept.
 */
export function columnMapping(dataset: Dataset): readonly ColumnMapping[] {
    return dataset.columns.flatMap((column) => {
        const { name, type, from = name, pii = "keep", optional = false } = column;
        const nested = nestedRule(type, name);
        if (nested)
            throw problem(
                dataset,
                `has a pii rule within a struct, for "${nested}". Make that field a column of its own`,
            );
        const sources = from.split(" ");
        if (sources.length > 1 && type !== "string")
            throw problem(dataset, `makes "${name}" from several values, which only a string can hold`);
        return pii === "drop" ? [] : [{ sources, target: name, type: hiveType(type), pii, required: !optional }];
    });
}

/** The dataset as the job leaves it: without the columns that it drops, and without rules for values that it replaces. */
export function processed(dataset: Dataset): Dataset {
    const columns = dataset.columns.filter(({ pii }) => pii !== "drop").map(processedColumn);
    return { ...dataset, columns };
}

function processedColumn({ from, pii, oneOf, pattern, fake, ...column }: Column): Column {
    if (pii === "mask" || pii === "hash") return column;
    return { ...column, ...(oneOf && { oneOf }), ...(pattern && { pattern }), ...(fake && { fake }) };
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

import type { Dataset } from "./dataset";

/** What a partition does with a column's value, in Iceberg's words. */
export type Transform = "identity" | "year" | "month" | "day" | "hour" | "bucket" | "truncate";

/** One entry of `partitionBy`, read. */
export interface Partition {
    readonly transform: Transform;
    readonly column: string;
    /** Number of buckets, or width of a truncation. */
    readonly parameter?: number;
}

const PATTERN = /^(?:([a-z]\w*)|(year|month|day|hour)\(([a-z]\w*)\)|(bucket|truncate)\(([1-9]\d{0,8}), ?([a-z]\w*)\))$/;

/** Reads one entry of `partitionBy`; undefined when it is neither a column's name nor a transform. */
export function parsePartition(text: string): Partition | undefined {
    const [, column, time, timeColumn, sized, size, sizedColumn] = PATTERN.exec(text) ?? [];
    if (column) return { transform: "identity", column };
    if (time) return { transform: time as Transform, column: timeColumn };
    if (sized) return { transform: sized as Transform, column: sizedColumn, parameter: Number(size) };
    return undefined;
}

/** The partitions of a dataset, outermost first. */
export function partitionsOf(dataset: Dataset): readonly Partition[] {
    return (dataset.partitionBy ?? []).flatMap((text) => parsePartition(text) ?? []);
}

/** What each transform adds to the column's name in the names that Iceberg's own writers give to partitions. */
const SUFFIX: Readonly<Record<Transform, string>> = {
    identity: "",
    year: "_year",
    month: "_month",
    day: "_day",
    hour: "_hour",
    bucket: "_bucket",
    truncate: "_trunc",
};

/** The name of a partition: `event`, `timestamp_day`. */
export function partitionName({ column, transform }: Partition): string {
    return column + SUFFIX[transform];
}

import { ofType, type TypeCases } from "./column-type";
import type { Column, ColumnType, Dataset } from "./dataset";
import { type Partition, partitionsOf } from "./partition";

/** A column of a table in the Glue catalog. */
export interface GlueColumn {
    readonly name: string;
    readonly type: string;
    readonly comment?: string;
}

/** The Hive type of a column type, as Glue and Athena's DDL spell it: `decimal(10,2)`, `struct<zip:string>`. */
export function hiveType(type: ColumnType): string {
    return ofType<string>(type, {
        string: "string",
        int: "int",
        long: "bigint",
        double: "double",
        boolean: "boolean",
        date: "date",
        timestamp: "timestamp",
        decimal: (precision, scale) => `decimal(${precision},${scale})`,
        struct: (columns) => `struct<${columns.map((column) => `${column.name}:${hiveType(column.type)}`).join(",")}>`,
        array: (element) => `array<${hiveType(element)}>`,
        map: (value) => `map<string,${hiveType(value)}>`,
    });
}

/** Columns of a Parquet or JSON table: all but those that the folders hold as partition keys. */
export function glueColumns(dataset: Dataset): readonly GlueColumn[] {
    const keys = partitionsOf(dataset).filter((partition) => partition.transform === "identity");
    return dataset.columns.filter((column) => !keys.some((key) => key.column === column.name)).map(glueColumn);
}

function glueColumn({ name, type, doc }: Column): GlueColumn {
    return { name, type: hiveType(type), ...(doc && { comment: doc }) };
}

/** The folders of each time transform, outermost first. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
    year: ["year"],
    month: ["year", "month"],
    day: ["year", "month", "day"],
    hour: ["year", "month", "day", "hour"],
};

/**
 * Partition keys of a Parquet or JSON table, in the order of the folders. A column partitions by its value; `day(timestamp)` by the folders
 * `year=2026/month=01/day=31` as Firehose writes them, integers in SQL. Hive has no buckets or truncations as folders: they throw.
 */
export function gluePartitionKeys(dataset: Dataset): readonly GlueColumn[] {
    return partitionsOf(dataset).flatMap((partition) => partitionKeys(dataset, partition));
}

function partitionKeys(dataset: Dataset, partition: Partition): readonly GlueColumn[] {
    const { transform, column } = partition;
    if (transform === "identity")
        return dataset.columns.filter((candidate) => candidate.name === column).map(glueColumn);
    const folders = FOLDERS[transform];
    if (!folders) {
        throw new Error(
            `Dataset "${dataset.name}" is partitioned by ${transform}(${column}), which only an Iceberg table can be.`,
        );
    }
    const taken = folders.find((folder) => dataset.columns.some((candidate) => candidate.name === folder));
    if (taken) {
        throw new Error(
            `Dataset "${dataset.name}" has a column "${taken}", so ${transform}(${column}) cannot make folders of that name.`,
        );
    }
    return folders.map((name) => ({ name, type: "int" }));
}

/** What {@link partitionProjection} needs to know beyond the dataset. */
export interface ProjectionOptions {
    /** Folder of the table: `s3://bucket/prefix/`. */
    readonly location: string;
    /**
     * First and last value of each key that is a number or a date: `{ year: "2026,2036" }`, `{ arrived: "2026-01-01,NOW" }`. Athena looks
     * into every folder of the range that a query does not exclude, so keep it close. Months, days and hours need none.
     */
    readonly ranges?: Readonly<Record<string, string>>;
}

/**
 * Table parameters with which Athena works out the partitions by itself, so that nobody has to register them. Throws for a key whose
 * values cannot be foretold. https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function partitionProjection(dataset: Dataset, options: ProjectionOptions): Readonly<Record<string, string>> {
    const keys = gluePartitionKeys(dataset);
    const folders = keys.map(({ name }) => `${name}=\${${name}}/`).join("");
    return Object.fromEntries([
        ["projection.enabled", "true"],
        ...keys.flatMap(({ name }) =>
            Object.entries(projected(dataset, name, options)).map(([rule, value]) => [
                `projection.${name}.${rule}`,
                value,
            ]),
        ),
        ["storage.location.template", `${options.location.replace(/\/*$/, "/")}${folders}`],
    ]);
}

type Projection = Readonly<Record<string, string>>;

/** Folders of time, zero-padded as Firehose writes them. */
const TIME: Readonly<Record<string, Projection>> = {
    month: { type: "integer", range: "1,12", digits: "2" },
    day: { type: "integer", range: "1,31", digits: "2" },
    hour: { type: "integer", range: "0,23", digits: "2" },
};

function projected(dataset: Dataset, key: string, options: ProjectionOptions): Projection {
    const column = dataset.columns.find((candidate) => candidate.name === key);
    if (!column) return TIME[key] ?? { type: "integer", range: rangeOf(dataset, key, options), digits: "4" };
    if (column.optional) {
        throw new Error(
            `Dataset "${dataset.name}" may lack "${key}", and Athena would not find the rows of such a partition.`,
        );
    }
    const range = () => rangeOf(dataset, key, options);
    const unknown = (): never => {
        throw new Error(
            `Dataset "${dataset.name}" is partitioned by "${key}", which Athena cannot project: it is a ${column.type}.`,
        );
    };
    const cases: TypeCases<() => Projection> = {
        string: (): Projection =>
            column.oneOf ? { type: "enum", values: enumOf(dataset, key, column.oneOf) } : { type: "injected" },
        int: () => ({ type: "integer", range: range() }),
        long: () => ({ type: "integer", range: range() }),
        boolean: () => ({ type: "enum", values: "false,true" }),
        date: () => ({ type: "date", range: range(), format: "yyyy-MM-dd" }),
        timestamp: unknown,
        double: unknown,
        decimal: () => unknown,
        struct: () => unknown,
        array: () => unknown,
        map: () => unknown,
    };
    return ofType(column.type, cases)();
}

function rangeOf(dataset: Dataset, key: string, { ranges = {} }: ProjectionOptions): string {
    if (ranges[key]) return ranges[key];
    throw new Error(
        `Dataset "${dataset.name}" needs a range for its partition key "${key}", such as { ${key}: "first,last" }.`,
    );
}

/** Athena splits the list at commas and has no way to quote one. */
function enumOf(dataset: Dataset, key: string, values: readonly string[]): string {
    const odd = values.find((value) => value === "" || value.includes(","));
    if (odd === undefined) return values.join(",");
    throw new Error(
        `Dataset "${dataset.name}" allows "${odd}" in its partition key "${key}", which a list for Athena cannot hold.`,
    );
}

import { check } from "./dataset-check";

/** A type without parts. `decimal(10,2)` has ten digits, two of them behind the point. */
export type ScalarType =
    | "string"
    | "int"
    | "long"
    | "double"
    | "boolean"
    | "date"
    | "timestamp"
    | `decimal(${number},${number})`;

/** The type of a column. Keys of a map are strings. */
export type ColumnType =
    | ScalarType
    | { readonly struct: readonly Column[] }
    | { readonly array: ColumnType }
    | { readonly map: ColumnType };

/** One column of a dataset, or one field of a struct. */
export interface Column {
    /** Lower-case letters, digits and `_`, starting with a letter: what Glue, Hive and Iceberg hold without quoting. */
    readonly name: string;
    readonly type: ColumnType;
    /** Whether a record may lack the column or hold null in it. @default false */
    readonly optional?: boolean;
    /** The only values of a string column. */
    readonly oneOf?: readonly string[];
    /** Regular expression (ECMAScript, unicode) that a string column matches somewhere; anchor it to match the whole. */
    readonly pattern?: string;
    /** Where the value comes from: `$context.requestId` in an access log, `detail.amount.value` in a source document. @default the column's name */
    readonly from?: string;
    /** What becomes of personal data on its way to analysts. @default "keep" */
    readonly pii?: "keep" | "mask" | "hash" | "drop";
    /** One sentence for the people who read the table. */
    readonly doc?: string;
    /** What the generator fills in: a path into faker, with its argument as JSON if need be: `internet.userAgent`, `number.int {"max":5000}`, `helpers.arrayElement ["iOS","Linux"]`. @default something that fits the type */
    readonly fake?: string;
}

/** A dataset as plain data: it survives serialization, and everything else about it is derived. */
export interface Dataset {
    /** Name of the dataset and of its table, by the rules of column names. */
    readonly name: string;
    /** One sentence for the people who read the table. */
    readonly doc?: string;
    readonly columns: readonly Column[];
    /** Columns or transforms, outermost first: `event`, `day(timestamp)`, `bucket(16, user_id)`, `truncate(4, zip)`. @default not partitioned */
    readonly partitionBy?: readonly string[];
    /** Columns that identify a row; the same key twice is one row. @default none: every record is a row */
    readonly key?: readonly string[];
}

/**
 * Declares a dataset, keeping its literal types for {@link RecordOf}. Throws one sentence that names the dataset, the column and the way
 * out when it could not be held by Glue, Athena or Iceberg, or contradicts itself.
 */
export function defineDataset<const D extends Dataset>(dataset: D): D {
    check(dataset);
    return dataset;
}

/**
 * A record of a dataset as TypeScript sees it after JSON.parse. `long` is a number, so only within ±(2^53 - 1), which the validator
 * enforces; a `decimal` may also come as a string, which keeps every digit; `date` and `timestamp` are ISO 8601 strings.
 */
export type RecordOf<D extends Dataset> = Fields<D["columns"]>;

type Fields<C extends readonly Column[]> = Flat<
    { readonly [K in C[number] as K["optional"] extends true ? never : K["name"]]: ValueOf<K> } & {
        readonly [K in C[number] as K["optional"] extends true ? K["name"] : never]?: ValueOf<K> | null;
    }
>;

type ValueOf<C extends Column> = C["oneOf"] extends readonly (infer V)[] ? V : TypeOf<C["type"]>;

type TypeOf<T> = T extends "string" | "date" | "timestamp"
    ? string
    : T extends "int" | "long" | "double"
      ? number
      : T extends "boolean"
        ? boolean
        : T extends `decimal(${string}`
          ? number | string
          : T extends { readonly struct: infer C extends readonly Column[] }
            ? Fields<C>
            : T extends { readonly array: infer E }
              ? readonly TypeOf<E>[]
              : T extends { readonly map: infer V }
                ? { readonly [key: string]: TypeOf<V> }
                : never;

/** Shows an intersection as one object type in editors and errors. */
type Flat<T> = { [K in keyof T]: T[K] };

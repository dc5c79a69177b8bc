import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { firehoseProjection } from "../../functions/firehose-projection";
import type { Bucket } from "../blocks/bucket";
import { CallbackFunction } from "../blocks/callback-function";
import type { DataStream } from "../blocks/data-stream";
import { folderOf } from "../blocks/error-prefix";
import { handlerSource } from "../blocks/handler-source";
import { ParquetTable } from "../blocks/parquet-table";
import { placeOf } from "../blocks/place";
import { S3DeliveryStream } from "../blocks/s3-delivery-stream";
import type { OrdersArgs } from ".";
import { documentRules } from "./document-rules";
import { type OrderTable, tables } from "./tables";

/** What is made for each of the tables. */
export interface Branch {
    /** The function that makes rows of orders. */
    readonly rows: CallbackFunction;
    /** The stream that writes them. */
    readonly stream: S3DeliveryStream;
    readonly table: ParquetTable;
}

/** What all branches have in common. */
interface Trunk {
    readonly stream: DataStream;
    readonly bucket: Bucket;
    readonly database: aws.glue.CatalogDatabase;
}

/** Makes one of the ways from the stream of orders to a table: table, function, delivery stream. */
export function createBranch(
    name: string,
    { dataset, columns, each }: OrderTable,
    trunk: Trunk,
    args: OrdersArgs,
    child: { readonly parent: pulumi.Resource },
): Branch {
    const { bucket } = trunk.bucket;
    const { disposable, lakeFormation, logRetentionDays, transform, years } = args;
    const place = placeOf(child.parent);
    const table = new ParquetTable(
        `${name}-table`,
        {
            dataset,
            database: trunk.database,
            bucket,
            ranges: { year: `${years.first},${years.last}` },
            place,
            disposable,
            transform,
        },
        child,
    );
    const rows = new CallbackFunction(
        `${name}-rows`,
        {
            handler: handlerSource(firehoseProjection, { ...documentRules(years), columns: read(columns), each }),
            memorySize: args.rows.memoryMiB,
            timeoutSeconds: args.rows.timeoutSeconds,
            logRetentionDays,
        },
        child,
    );
    const stream = new S3DeliveryStream(
        `${name}-delivery`,
        {
            place,
            source: trunk.stream,
            buffer: args.buffer,
            processor: { function: rows.function, buffer: args.rows, retries: args.rows.retries },
            bucket,
            prefix: `${dataset.name}/${DAY}`,
            errorPrefix: errorPrefix(args.errors.prefix, dataset.name),
            table,
            // What comes is the same for all branches, and kept once.
            backup: args.sourceBackup !== undefined && dataset === tables.orders.dataset,
            logRetentionDays,
            lakeFormation,
            transform: { stream: transform?.deliveryStream },
        },
        child,
    );
    return { rows, stream, table };
}

/** Folder of a day, by the keys that the functions give with each record: values that a calendar has, and no others. */
const DAY = ["year", "month", "day"].map((key) => `${key}=!{partitionKeyFromLambda:${key}}/`).join("");

/** The table's name behind the folder, so that the errors of the four streams are told apart. */
function errorPrefix(prefix: string, table: string): string {
    const folder = folderOf(prefix);
    return `${folder}${table}/${prefix.slice(folder.length)}`;
}

/** What the function must know of the columns to read them. */
function read(columns: OrderTable["columns"]): OrderTable["columns"] {
    return columns.map(({ name, type, from }) => ({ name, type, from }));
}

/** The same of each branch, by the short names of their tables. */
export function mapped<Value, Result>(
    values: Readonly<Record<string, Value>>,
    map: (value: Value) => Result,
): Readonly<Record<string, Result>> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

import { createHash } from "node:crypto";
import * as path from "node:path";
import type { BucketConfig, StreamConfig } from "./config";
import { readJson, writeJson } from "./files";
import { formatJavaDate } from "./java-date";
import type { PartitionKeys } from "./outcome";
import type { ParquetRows } from "./parquet";
import { dataPrefix, errorPrefix, evaluatePrefix } from "./prefix";
import type { Staging } from "./staging";
import { uuid } from "./transform";

/** What an object in S3 holds. The kinds of error are the values of `!{firehose:error-output-type}`. */
export type ObjectType =
    | "data"
    | "backup"
    | "processing-failed"
    | "iceberg-failed"
    | "metadata-extraction-failed"
    | "format-conversion-failed"
    | "activePartitionExceeded";

/** A file that becomes an object. */
export interface SealedObject {
    readonly type: ObjectType;
    /** Name of the file among the staged ones. */
    readonly file: string;
    readonly key: string;
    /** What its records are partitioned by. */
    readonly partitionKeys?: PartitionKeys;
    /** What is in the file, when that becomes Parquet. */
    readonly rows?: ParquetRows;
    /** Position of its first record, and when that arrived. */
    readonly first: number;
    readonly arrival: number;
    readonly records: number;
    /** Bytes of its records as they came in. */
    readonly bytes: number;
}

/** A file that is committed to a table. */
export interface SealedTable {
    readonly database: string;
    readonly table: string;
    /** Name of the file among the staged ones. */
    readonly file: string;
    readonly first: number;
    readonly arrival: number;
    readonly records: number;
    readonly bytes: number;
    /** Key of the object that reports what the table does not take. */
    readonly errorKey: string;
}

/**
 * Records that are ready to be delivered, once and as they are: what is to be written where, decided before the first of it is written.
 * A delivery that a kill cut short is done again from here, with the same files and keys, and without asking the function again.
 */
export interface Sealed {
    /** Position after the last of its records. */
    readonly to: number;
    readonly records: number;
    readonly dropped: number;
    readonly tables: readonly SealedTable[];
    readonly objects: readonly SealedObject[];
}

/** Where the sealed batch of a stream is kept. */
export function sealedFile(folder: string): string {
    return path.join(folder, "sealed.json");
}

/** The sealed batch that is under way, or undefined. */
export function readSealed(folder: string): Sealed | undefined {
    return readJson<Sealed>(sealedFile(folder));
}

/** Decides where everything staged goes, and keeps the decision. */
export function seal(
    folder: string,
    stream: StreamConfig,
    incarnation: string,
    from: number,
    staging: Staging,
): Sealed {
    const sealed: Sealed = {
        to: from + staging.records,
        records: staging.records,
        dropped: staging.dropped,
        tables: staging.tables().map((table) => ({ ...table, errorKey: tableErrorKey(stream, incarnation, table) })),
        objects: staging.objects().map((object) => ({ ...object, key: objectKey(stream, incarnation, object) })),
    };
    writeJson(sealedFile(folder), sealed);
    return sealed;
}

/** The bucket of an object, by what it holds. */
export function bucketOf(stream: StreamConfig, type: ObjectType): BucketConfig {
    return type === "backup" && stream.backup ? stream.backup : stream.bucket;
}

function objectKey(stream: StreamConfig, incarnation: string, object: Omit<SealedObject, "key">): string {
    const bucket = bucketOf(stream, object.type);
    const isError = object.type !== "data" && object.type !== "backup";
    const prefix = isError ? errorPrefix(bucket.errorOutputPrefix, bucket.prefix) : dataPrefix(bucket.prefix);
    return keyOf(stream, bucket, incarnation, prefix, object.type, object);
}

function tableErrorKey(stream: StreamConfig, incarnation: string, table: Omit<SealedTable, "errorKey">): string {
    const own = stream.iceberg?.tables.find((each) => each.database === table.database && each.table === table.table);
    const prefix = errorPrefix(own?.errorOutputPrefix ?? stream.bucket.errorOutputPrefix, stream.bucket.prefix);
    const seed = `iceberg-failed of ${table.database}.${table.table}`;
    return keyOf(stream, stream.bucket, incarnation, prefix, seed, table, "iceberg-failed");
}

/**
 * `<prefix><stream>-<version>-<time>-<uuid>`, all of it following from the first record, so that a repeated write makes no second object.
 * https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
 */
function keyOf(
    stream: StreamConfig,
    bucket: BucketConfig,
    incarnation: string,
    prefix: string,
    kind: string,
    object: Pick<SealedObject, "first" | "arrival" | "partitionKeys" | "rows">,
    errorType = kind,
): string {
    const { first, arrival } = object;
    const digest = (part: number) =>
        createHash("sha256").update(`${incarnation}/${kind}/${first}/${part}`).digest("hex");
    let randoms = 0;
    const evaluated = evaluatePrefix(prefix, {
        arrival,
        timeZone: bucket.timeZone,
        errorType,
        ...(object.partitionKeys && { partitionKeys: object.partitionKeys }),
        random: () => digest(++randoms).slice(0, 11),
    });
    const time = formatJavaDate("yyyy-MM-dd-HH-mm-ss", arrival, bucket.timeZone);
    const extension = object.rows ? bucket.extension || ".parquet" : bucket.extension;
    return `${evaluated}${stream.name}-${stream.version}-${time}-${uuid(digest(0))}${extension}`;
}

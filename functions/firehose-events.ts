/** What a delivery stream asks of its Lambda function. https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
export interface TransformEvent {
    readonly records: readonly TransformRecord[];
}

/** One record of a {@link TransformEvent}. */
export interface TransformRecord {
    /** Names the record in the answer. */
    readonly recordId: string;
    /** The record in base64. */
    readonly data: string;
    /** Where the record came from, when the stream's source is a Kinesis stream. */
    readonly kinesisRecordMetadata?: { readonly sequenceNumber: string };
}

/** The answer to a {@link TransformEvent}: each record once, by its id. */
export interface TransformResult<M extends Metadata = Routing> {
    readonly records: readonly TransformOutcome<M>[];
}

/** What becomes of one record. https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html */
export interface TransformOutcome<M extends Metadata = Routing> {
    readonly recordId: string;
    /** `Ok` is delivered, `Dropped` is forgotten on purpose, `ProcessingFailed` goes to the error prefix as it came. */
    readonly result: "Ok" | "Dropped" | "ProcessingFailed";
    /** The record in base64; may be missing unless the result is `Ok`. */
    readonly data?: string;
    readonly metadata?: M;
}

/** What Firehose is told with a record. */
export type Metadata = Routing | Partitioning;

/** For a lake of Iceberg tables. */
export interface Routing {
    readonly otfMetadata: Route;
}

/** For a bucket whose prefix names keys: `!{partitionKeyFromLambda:year}`. https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html */
export interface Partitioning {
    readonly partitionKeys: Readonly<Record<string, string>>;
}

/** Where a record goes in a lake of Iceberg tables. https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-format-input-record-different.html */
export interface Route {
    readonly destinationDatabaseName: string;
    readonly destinationTableName: string;
    readonly operation: Operation;
}

/** What a record does to the row with its key. */
export type Operation = "insert" | "update" | "delete";

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
}

/** The answer to a {@link TransformEvent}: each record once, by its id. */
export interface TransformResult {
    readonly records: readonly TransformOutcome[];
}

/** What becomes of one record. https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html */
export interface TransformOutcome {
    readonly recordId: string;
    /** `Ok` is delivered, `Dropped` is forgotten on purpose, `ProcessingFailed` goes to the error prefix as it came. */
    readonly result: "Ok" | "Dropped" | "ProcessingFailed";
    /** The record in base64; may be missing unless the result is `Ok`. */
    readonly data?: string;
    readonly metadata?: { readonly otfMetadata: Route };
}

/** Where a record goes in a lake of Iceberg tables. https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-format-input-record-different.html */
export interface Route {
    readonly destinationDatabaseName: string;
    readonly destinationTableName: string;
    readonly operation: Operation;
}

/** What a record does to the row with its key. */
export type Operation = "insert" | "update" | "delete";

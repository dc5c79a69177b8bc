/** A batch of a Kinesis stream's records, from one shard and in order. https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
export interface KinesisEvent {
    readonly Records: readonly KinesisRecord[];
}

/** One record of a {@link KinesisEvent}. */
export interface KinesisRecord {
    /** Shard and sequence number: `shardId-000000000006:4959…`. */
    readonly eventID: string;
    readonly kinesis: {
        readonly sequenceNumber: string;
        readonly partitionKey: string;
        /** The record in base64. */
        readonly data: string;
        /** When Kinesis got it, in seconds since 1970. */
        readonly approximateArrivalTimestamp: number;
    };
}

/** The first record that is to be delivered again, with all behind it; none when the batch is done. https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html */
export interface KinesisResult {
    readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

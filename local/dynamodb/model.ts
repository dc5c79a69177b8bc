/** A value as DynamoDB writes it in JSON; binary values are base64. */
export type AttributeValue = Readonly<Record<string, unknown>>;

/** An item, or the key of one. */
export type Item = Readonly<Record<string, AttributeValue>>;

interface KeyElement {
    readonly AttributeName: string;
    readonly KeyType: "HASH" | "RANGE";
}

/** An index as DescribeTable shows it. */
export interface IndexDescription {
    readonly IndexName: string;
    readonly KeySchema: readonly KeyElement[];
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
    readonly [more: string]: unknown;
}

/** A table as DescribeTable shows it, which is also what dynalite's actions go by. */
export interface TableDescription {
    readonly TableName: string;
    readonly TableArn: string;
    readonly KeySchema: readonly KeyElement[];
    readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
    readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
    readonly LocalSecondaryIndexes?: readonly IndexDescription[];
    readonly [more: string]: unknown;
}

/** What happened to an item. */
export interface Change {
    readonly table: string;
    readonly before: Item | undefined;
    readonly after: Item | undefined;
}

/** Most bytes of an item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
export const MAX_ITEM_BYTES = 400 * 1024;

/** How long a table's stream keeps a change, in milliseconds: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
export const STREAM_RETENTION_MS = 24 * 3_600_000;

import { ofType } from "./column-type";
import type { ColumnType, Dataset } from "./dataset";

/** The Glue table that a stream converts to, and the role that reads it. `S` is whatever the caller's strings are: `pulumi.Input<string>`. */
export interface ConversionTarget<S> {
    readonly databaseName: S;
    readonly tableName: S;
    readonly roleArn: S;
}

/** Choices of a conversion. */
export interface ConversionOptions {
    /** OpenX coerces values that fit (`"1"` to 1); Hive refuses them. @default "openX" */
    readonly serDe?: "openX" | "hive";
    /** @default "SNAPPY" */
    readonly compression?: "SNAPPY" | "GZIP" | "UNCOMPRESSED";
}

/**
 * `dataFormatConversionConfiguration` of a Firehose stream that turns a dataset's JSON into Parquet. Firehose sees top-level keys only:
 * a column `from` another one is renamed, one `from` a path throws. https://docs.aws.amazon.com/firehose/latest/dev/data-format-conversion-concepts.html
 */
export function formatConversion<S>(dataset: Dataset, target: ConversionTarget<S>, options: ConversionOptions = {}) {
    const { serDe = "openX", compression = "SNAPPY" } = options;
    return {
        enabled: true,
        inputFormatConfiguration: {
            deserializer: serDe === "openX" ? openXJsonSerDe(dataset) : hiveJsonSerDe(dataset),
        },
        outputFormatConfiguration: { serializer: { parquetSerDe: { compression } } },
        schemaConfiguration: { ...target },
    };
}

function openXJsonSerDe(dataset: Dataset) {
    const columnToJsonKeyMappings = renamed(dataset);
    return {
        openXJsonSerDe: {
            // Keys come as the dataset spells them; folding them could make one of two.
            caseInsensitive: false,
            ...(Object.keys(columnToJsonKeyMappings).length > 0 && { columnToJsonKeyMappings }),
        },
    };
}

/** OpenX reads ISO 8601 by itself; Hive has to be told each form that a stored timestamp may have, in Joda's letters. */
function hiveJsonSerDe(dataset: Dataset) {
    const [column, key] = Object.entries(renamed(dataset))[0] ?? [];
    if (column)
        throw new Error(
            `Dataset "${dataset.name}" takes "${column}" from "${key}", and Hive's SerDe cannot rename. Use OpenX.`,
        );
    const timestampFormats = dataset.columns.some(({ type }) => holdsTimestamp(type)) ? TIMESTAMP_FORMATS : [];
    return { hiveJsonSerDe: timestampFormats.length > 0 ? { timestampFormats } : {} };
}

const TIMESTAMP_FORMATS = [0, 1, 2, 3, 4, 5, 6].map(
    (digits) => `yyyy-MM-dd'T'HH:mm:ss${digits ? `.${"S".repeat(digits)}` : ""}'Z'`,
);

function holdsTimestamp(type: ColumnType): boolean {
    return ofType<() => boolean>(type, {
        string: () => false,
        int: () => false,
        long: () => false,
        double: () => false,
        boolean: () => false,
        date: () => false,
        timestamp: () => true,
        decimal: () => () => false,
        struct: (columns) => () => columns.some((column) => holdsTimestamp(column.type)),
        array: (element) => () => holdsTimestamp(element),
        map: (value) => () => holdsTimestamp(value),
    })();
}

/** Columns whose JSON key has another name. What comes from an access log has got the column's name there. */
function renamed(dataset: Dataset): Record<string, string> {
    const mappings: Record<string, string> = {};
    for (const { name, from = name } of dataset.columns) {
        if (from === name || from.startsWith("$context.")) continue;
        if (from.includes(".")) {
            throw new Error(
                `Dataset "${dataset.name}" takes "${name}" from "${from}", and Firehose converts top-level keys only.`,
            );
        }
        mappings[name] = from;
    }
    return mappings;
}

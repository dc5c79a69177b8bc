import type { Properties, Resource, Resources } from "../resources";
import { keysIn } from "./partition";

/** Pulumi's type of a delivery stream. */
export const STREAM_TYPE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

const MIB = 1024 * 1024;

/** Amount of data, or time, after which something is done. */
export interface Buffering {
    readonly bytes: number;
    readonly ms: number;
}

/** Where objects go in S3. */
export interface BucketConfig {
    readonly bucket: string;
    readonly roleArn: string;
    readonly prefix?: string;
    readonly errorOutputPrefix?: string;
    readonly gzip: boolean;
    readonly timeZone: string;
    /** The end of each object's name, with its dot. */
    readonly extension: string;
}

/** The function that transforms the records. */
export interface TransformConfig {
    readonly lambdaArn: string;
    readonly roleArn: string;
    readonly retries: number;
    readonly buffer: Buffering;
}

/** A table that the stream names itself. */
export interface TableConfig {
    readonly database: string;
    readonly table: string;
    readonly uniqueKeys: readonly string[];
    readonly errorOutputPrefix?: string;
}

/** The Iceberg side of a stream. */
export interface IcebergConfig {
    readonly catalogArn: string;
    readonly tables: readonly TableConfig[];
    readonly appendOnly: boolean;
    readonly retryMs: number;
}

/** The table of the catalog that says what the columns of Parquet files are. */
export interface CatalogTable {
    readonly catalogId: string;
    readonly databaseName: string;
    readonly tableName: string;
    readonly region: string;
    readonly versionId: string;
    readonly roleArn: string;
}

/** How JSON becomes Parquet. */
export interface ConversionConfig {
    readonly serDe: "openX" | "hive";
    readonly isCaseInsensitive: boolean;
    readonly dotsAreUnderscores: boolean;
    /** Keys of the JSON by column, where the names differ. */
    readonly mappings: Readonly<Record<string, string>>;
    /** Forms of times in Joda's letters. */
    readonly timestampFormats: readonly string[];
    readonly compression: ParquetCompression;
    readonly table: CatalogTable;
}

/** A codec of Parquet files. */
export type ParquetCompression = "SNAPPY" | "GZIP" | "UNCOMPRESSED";

/** A Kinesis stream, and the role that reads it. */
export interface SourceConfig {
    readonly arn: string;
    readonly roleArn: string;
}

/** A delivery stream, as the service needs it. */
export interface StreamConfig {
    readonly name: string;
    readonly arn: string;
    readonly version: string;
    readonly destination: "extendedS3" | "iceberg";
    readonly roleArn: string;
    /** The Kinesis stream that the records come from; without it, they are put. */
    readonly source?: SourceConfig;
    readonly buffer: Buffering;
    readonly transform?: TransformConfig;
    /** The keys by which records are partitioned: those that the prefix names. */
    readonly partitionKeys?: readonly string[];
    /** How records become Parquet, when they do. */
    readonly conversion?: ConversionConfig;
    /** Whether a line feed stands between the records of an object. */
    readonly delimiter: boolean;
    /** The bucket of the data (S3), or of what could not be delivered (Iceberg). */
    readonly bucket: BucketConfig;
    /** Where every record is kept as it came, when that is asked for. */
    readonly backup?: BucketConfig;
    readonly iceberg?: IcebergConfig;
    /** Where delivery errors are logged. */
    readonly log?: { readonly group: string; readonly stream: string };
}

/** Inputs of a block, read with Pulumi's names. */
export interface DestinationInputs extends Properties {
    readonly roleArn: string;
    readonly bucketArn?: string;
    readonly bufferingSize?: number;
    readonly bufferingInterval?: number;
    readonly prefix?: string;
    readonly errorOutputPrefix?: string;
    readonly compressionFormat?: string;
    readonly customTimeZone?: string;
    readonly fileExtension?: string;
    readonly kmsKeyArn?: string;
    readonly cloudwatchLoggingOptions?: { enabled?: boolean; logGroupName?: string; logStreamName?: string };
    readonly processingConfiguration?: { enabled?: boolean; processors?: readonly ProcessorInputs[] };
    readonly dynamicPartitioningConfiguration?: { enabled?: boolean; retryOptions?: number };
    readonly dataFormatConversionConfiguration?: ConversionInputs;
    readonly s3BackupMode?: string;
    readonly s3BackupConfiguration?: DestinationInputs;
    readonly s3Configuration?: DestinationInputs;
    readonly catalogArn?: string;
    readonly appendOnly?: boolean;
    readonly retryDuration?: number;
    readonly destinationTableConfigurations?: readonly {
        databaseName: string;
        tableName: string;
        uniqueKeys?: readonly string[];
        s3ErrorOutputPrefix?: string;
    }[];
}

/** The block of inputs that describes a conversion. */
export interface ConversionInputs {
    readonly enabled?: boolean;
    readonly inputFormatConfiguration?: {
        readonly deserializer?: {
            readonly openXJsonSerDe?: {
                readonly caseInsensitive?: boolean;
                readonly columnToJsonKeyMappings?: Readonly<Record<string, string>>;
                readonly convertDotsInJsonKeysToUnderscores?: boolean;
            };
            readonly hiveJsonSerDe?: { readonly timestampFormats?: readonly string[] };
        };
    };
    readonly outputFormatConfiguration?: {
        readonly serializer?: {
            readonly parquetSerDe?: { readonly compression?: string };
            readonly orcSerDe?: object;
        };
    };
    readonly schemaConfiguration?: {
        readonly roleArn: string;
        readonly databaseName: string;
        readonly tableName: string;
        readonly catalogId?: string;
        readonly region?: string;
        readonly versionId?: string;
    };
}

/** A processor among the inputs. */
export interface ProcessorInputs {
    readonly type: string;
    readonly parameters?: readonly { parameterName: string; parameterValue: string }[];
}

/** The inputs of a delivery stream, as far as the service reads them. */
export interface StreamInputs extends Properties {
    readonly name?: string;
    readonly destination: string;
    readonly extendedS3Configuration?: DestinationInputs;
    readonly icebergConfiguration?: DestinationInputs;
    readonly kinesisSourceConfiguration?: { readonly kinesisStreamArn: string; readonly roleArn: string };
    readonly mskSourceConfiguration?: unknown;
    readonly serverSideEncryption?: { enabled?: boolean; keyType?: string; keyArn?: string };
    readonly tags?: Readonly<Record<string, string>>;
}

/** A delivery stream in the table of resources. */
export type StreamResource = Resource<StreamInputs, Properties>;

const parsed = new WeakMap<StreamResource, StreamConfig>();

/** The streams of the table by name. */
export function findStream(resources: Resources, name: string): StreamResource | undefined {
    return resources
        .all<StreamInputs>(STREAM_TYPE)
        .find((resource) => (resource.outputs.name ?? resource.inputs.name) === name);
}

/** The configuration in a resource, parsed once. */
export function streamConfig(resource: StreamResource): StreamConfig {
    const known = parsed.get(resource) ?? parse(resource);
    parsed.set(resource, known);
    return known;
}

/** The type of a stream with these inputs, as the API names it. */
export function streamType({ kinesisSourceConfiguration }: StreamInputs): "DirectPut" | "KinesisStreamAsSource" {
    return kinesisSourceConfiguration ? "KinesisStreamAsSource" : "DirectPut";
}

/** The block of inputs that describes the destination. */
export function destinationOf(inputs: StreamInputs): DestinationInputs {
    const block = inputs.destination === "iceberg" ? inputs.icebergConfiguration : inputs.extendedS3Configuration;
    if (!block)
        throw new Error(`The delivery stream "${inputs.name}" has no configuration for "${inputs.destination}".`);
    return block;
}

/** The conversion of a block, unless it has none or it is switched off: one that says nothing of that is on. */
export function conversionOn({ dataFormatConversionConfiguration: block }: DestinationInputs) {
    return block?.enabled === false ? undefined : block;
}

/** The value of a processor's parameter, or undefined. */
export function parameter(processor: ProcessorInputs | undefined, name: string): string | undefined {
    return processor?.parameters?.find(({ parameterName }) => parameterName === name)?.parameterValue;
}

function parse({ inputs, outputs }: StreamResource): StreamConfig {
    const block = destinationOf(inputs);
    const processing = block.processingConfiguration;
    const processors = processing?.enabled === false ? [] : (processing?.processors ?? []);
    const lambda = processors.find(({ type }) => type === "Lambda");
    const bucket = inputs.destination === "iceberg" ? (block.s3Configuration as DestinationInputs) : block;
    return {
        name: String(outputs.name ?? inputs.name),
        arn: String(outputs.arn),
        version: String(outputs.versionId ?? "1"),
        destination: inputs.destination === "iceberg" ? "iceberg" : "extendedS3",
        roleArn: block.roleArn,
        ...sourceConfig(inputs),
        buffer: {
            bytes: (block.bufferingSize ?? defaultSize(block)) * MIB,
            ms: (block.bufferingInterval ?? 300) * 1000,
        },
        ...(lambda && { transform: transformConfig(lambda, block.roleArn) }),
        ...(block.dynamicPartitioningConfiguration?.enabled && { partitionKeys: keysIn(block.prefix ?? "") }),
        ...conversionConfig(block, String(outputs.arn)),
        delimiter: processors.some(({ type }) => type === "AppendDelimiterToRecord"),
        bucket: bucketConfig(bucket),
        ...backupConfig(inputs, block),
        ...(inputs.destination === "iceberg" && { iceberg: icebergConfig(block) }),
        ...logConfig(block),
    };
}

function sourceConfig({ kinesisSourceConfiguration: source }: StreamInputs): Pick<StreamConfig, "source"> {
    return source ? { source: { arn: source.kinesisStreamArn, roleArn: source.roleArn } } : {};
}

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html */
function transformConfig(processor: ProcessorInputs, roleArn: string): TransformConfig {
    return {
        lambdaArn: parameter(processor, "LambdaArn") ?? "",
        roleArn: parameter(processor, "RoleArn") ?? roleArn,
        retries: Number(parameter(processor, "NumberOfRetries") ?? 3),
        buffer: {
            bytes: Number(parameter(processor, "BufferSizeInMBs") ?? 1) * MIB,
            ms: Number(parameter(processor, "BufferIntervalInSeconds") ?? 60) * 1000,
        },
    };
}

/** MiB that a destination buffers when it says nothing. https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html */
export function defaultSize(block: DestinationInputs): number {
    return conversionOn(block) ? 128 : 5;
}

function conversionConfig(block: DestinationInputs, arn: string): Pick<StreamConfig, "conversion"> {
    const on = conversionOn(block);
    if (!on?.schemaConfiguration) return {};
    const [, , , region = "", account = ""] = arn.split(":");
    const { openXJsonSerDe: openX, hiveJsonSerDe: hive } = on.inputFormatConfiguration?.deserializer ?? {};
    const { catalogId, versionId, ...schema } = on.schemaConfiguration;
    const compression = on.outputFormatConfiguration?.serializer?.parquetSerDe?.compression;
    return {
        conversion: {
            serDe: hive ? "hive" : "openX",
            isCaseInsensitive: openX?.caseInsensitive ?? true,
            dotsAreUnderscores: openX?.convertDotsInJsonKeysToUnderscores ?? false,
            mappings: openX?.columnToJsonKeyMappings ?? {},
            timestampFormats: hive?.timestampFormats ?? [],
            compression: (compression ?? "SNAPPY") as ParquetCompression,
            table: {
                region,
                ...schema,
                // The provider writes nothing down as an empty text.
                catalogId: catalogId || account,
                versionId: versionId || "LATEST",
            },
        },
    };
}

function bucketConfig(block: DestinationInputs): BucketConfig {
    const gzip = block.compressionFormat === "GZIP";
    return {
        bucket: (block.bucketArn ?? "").replace(/^arn:[^:]*:s3:::/, ""),
        roleArn: block.roleArn,
        ...(block.prefix !== undefined && { prefix: block.prefix }),
        ...(block.errorOutputPrefix && { errorOutputPrefix: block.errorOutputPrefix }),
        gzip,
        timeZone: block.customTimeZone ?? "UTC",
        extension: block.fileExtension || (gzip ? ".gz" : ""),
    };
}

function backupConfig(inputs: StreamInputs, block: DestinationInputs): { backup?: BucketConfig } {
    if (inputs.destination === "iceberg")
        return block.s3BackupMode === "AllData"
            ? { backup: bucketConfig(block.s3Configuration as DestinationInputs) }
            : {};
    const backup = block.s3BackupMode === "Enabled" ? block.s3BackupConfiguration : undefined;
    return backup ? { backup: bucketConfig(backup) } : {};
}

function icebergConfig(block: DestinationInputs): IcebergConfig {
    return {
        catalogArn: block.catalogArn ?? "",
        tables: (block.destinationTableConfigurations ?? []).map((table) => ({
            database: table.databaseName,
            table: table.tableName,
            uniqueKeys: table.uniqueKeys ?? [],
            ...(table.s3ErrorOutputPrefix && { errorOutputPrefix: table.s3ErrorOutputPrefix }),
        })),
        appendOnly: block.appendOnly ?? false,
        retryMs: (block.retryDuration ?? 300) * 1000,
    };
}

function logConfig(block: DestinationInputs): Pick<StreamConfig, "log"> {
    const { enabled, logGroupName, logStreamName } = block.cloudwatchLoggingOptions ?? {};
    return enabled && logGroupName && logStreamName ? { log: { group: logGroupName, stream: logStreamName } } : {};
}

import type { Caller, Services } from "../services";
import {
    type DestinationInputs,
    defaultSize,
    destinationOf,
    type ProcessorInputs,
    type StreamInputs,
    type StreamResource,
    streamType,
} from "./config";
import type { StreamIdentity } from "./files";
import { nameConstraints, refuse } from "./validation";

/** What DescribeDeliveryStream needs. */
export interface DescribeServices {
    readonly services: Pick<Services, "iam">;
    arn(streamName: string): string;
    /** The stream's resource, or AWS's error when there is none. */
    find(streamName: string): StreamResource;
    identity(streamName: string): StreamIdentity;
}

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_DescribeDeliveryStream.html */
export const describeDeliveryStream =
    ({ services, arn, find, identity }: DescribeServices) =>
    (input: { readonly DeliveryStreamName: string }, caller: Caller) => {
        refuse(nameConstraints(input.DeliveryStreamName));
        const { DeliveryStreamName: name } = input;
        services.iam.authorize(caller, "firehose:DescribeDeliveryStream", arn(name));
        const { inputs, outputs } = find(name);
        const { created, updated } = identity(name);
        const encryption = inputs.serverSideEncryption;
        return {
            DeliveryStreamDescription: {
                DeliveryStreamName: name,
                DeliveryStreamARN: arn(name),
                DeliveryStreamStatus: "ACTIVE",
                DeliveryStreamEncryptionConfiguration: encryption?.enabled
                    ? { Status: "ENABLED", KeyType: encryption.keyType ?? "AWS_OWNED_CMK", KeyARN: encryption.keyArn }
                    : { Status: "DISABLED" },
                DeliveryStreamType: streamType(inputs),
                VersionId: String(outputs.versionId ?? "1"),
                CreateTimestamp: new Date(created),
                LastUpdateTimestamp: updated === undefined ? undefined : new Date(updated),
                Source: source(inputs, created),
                Destinations: [
                    {
                        DestinationId: String(outputs.destinationId ?? "destinationId-000000000001"),
                        ...destination(inputs.destination, destinationOf(inputs)),
                    },
                ],
                HasMoreDestinations: false,
            },
        };
    };

function source({ kinesisSourceConfiguration: kinesis }: StreamInputs, created: number) {
    if (!kinesis) return undefined;
    return {
        KinesisStreamSourceDescription: {
            KinesisStreamARN: kinesis.kinesisStreamArn,
            RoleARN: kinesis.roleArn,
            DeliveryStartTimestamp: new Date(created),
        },
    };
}

function destination(kind: string, block: DestinationInputs) {
    if (kind === "iceberg") return { IcebergDestinationDescription: iceberg(block) };
    return { S3DestinationDescription: s3(block), ExtendedS3DestinationDescription: extendedS3(block) };
}

function iceberg(block: DestinationInputs) {
    return {
        DestinationTableConfigurationList: (block.destinationTableConfigurations ?? []).map((table) => ({
            DestinationDatabaseName: table.databaseName,
            DestinationTableName: table.tableName,
            UniqueKeys: table.uniqueKeys,
            S3ErrorOutputPrefix: table.s3ErrorOutputPrefix,
        })),
        SchemaEvolutionConfiguration: { Enabled: false },
        TableCreationConfiguration: { Enabled: false },
        BufferingHints: bufferingHints(block),
        CloudWatchLoggingOptions: logging(block),
        ProcessingConfiguration: processing(block),
        S3BackupMode: block.s3BackupMode ?? "FailedDataOnly",
        RetryOptions: { DurationInSeconds: block.retryDuration ?? 300 },
        RoleARN: block.roleArn,
        AppendOnly: block.appendOnly ?? false,
        CatalogConfiguration: { CatalogARN: block.catalogArn },
        S3DestinationDescription: s3(block.s3Configuration as DestinationInputs),
    };
}

function extendedS3(block: DestinationInputs) {
    const backup = block.s3BackupConfiguration;
    return {
        ...s3(block),
        ProcessingConfiguration: processing(block),
        S3BackupMode: block.s3BackupMode ?? "Disabled",
        S3BackupDescription: backup && s3(backup),
        DataFormatConversionConfiguration: conversion(block),
        DynamicPartitioningConfiguration: partitioning(block),
        FileExtension: block.fileExtension,
        CustomTimeZone: block.customTimeZone ?? "UTC",
    };
}

function conversion({ dataFormatConversionConfiguration: block }: DestinationInputs) {
    if (!block) return { Enabled: false };
    const { openXJsonSerDe: openX, hiveJsonSerDe: hive } = block.inputFormatConfiguration?.deserializer ?? {};
    const { roleArn, databaseName, tableName, catalogId, region, versionId } = block.schemaConfiguration ?? {};
    return {
        Enabled: block.enabled ?? true,
        InputFormatConfiguration: {
            Deserializer: {
                OpenXJsonSerDe: openX && {
                    CaseInsensitive: openX.caseInsensitive,
                    ColumnToJsonKeyMappings: openX.columnToJsonKeyMappings,
                    ConvertDotsInJsonKeysToUnderscores: openX.convertDotsInJsonKeysToUnderscores,
                },
                HiveJsonSerDe: hive && { TimestampFormats: hive.timestampFormats },
            },
        },
        OutputFormatConfiguration: {
            Serializer: {
                ParquetSerDe: {
                    Compression: block.outputFormatConfiguration?.serializer?.parquetSerDe?.compression ?? "SNAPPY",
                },
            },
        },
        SchemaConfiguration: {
            RoleARN: roleArn,
            DatabaseName: databaseName,
            TableName: tableName,
            CatalogId: catalogId,
            Region: region,
            VersionId: versionId ?? "LATEST",
        },
    };
}

function partitioning({ dynamicPartitioningConfiguration: { enabled, retryOptions } = {} }: DestinationInputs) {
    return enabled ? { Enabled: true, RetryOptions: { DurationInSeconds: retryOptions ?? 300 } } : { Enabled: false };
}

function s3(block: DestinationInputs) {
    return {
        RoleARN: block.roleArn,
        BucketARN: block.bucketArn,
        Prefix: block.prefix,
        ErrorOutputPrefix: block.errorOutputPrefix,
        BufferingHints: bufferingHints(block),
        CompressionFormat: block.compressionFormat ?? "UNCOMPRESSED",
        EncryptionConfiguration: block.kmsKeyArn
            ? { KMSEncryptionConfig: { AWSKMSKeyARN: block.kmsKeyArn } }
            : { NoEncryptionConfig: "NoEncryption" },
        CloudWatchLoggingOptions: logging(block),
    };
}

function bufferingHints(block: DestinationInputs) {
    return { SizeInMBs: block.bufferingSize ?? defaultSize(block), IntervalInSeconds: block.bufferingInterval ?? 300 };
}

function logging({ cloudwatchLoggingOptions: options }: DestinationInputs) {
    return {
        Enabled: options?.enabled ?? false,
        LogGroupName: options?.logGroupName,
        LogStreamName: options?.logStreamName,
    };
}

function processing({ processingConfiguration: { enabled, processors } = {} }: DestinationInputs) {
    if (!processors) return { Enabled: false, Processors: [] };
    return { Enabled: enabled ?? true, Processors: processors.map(processor) };
}

/** AWS shows the parameters of a function that were left out. */
const LAMBDA_DEFAULTS = { NumberOfRetries: "3", BufferSizeInMBs: "1", BufferIntervalInSeconds: "60" };

function processor({ type, parameters = [] }: ProcessorInputs) {
    const given = Object.fromEntries(
        parameters.map(({ parameterName, parameterValue }) => [parameterName, parameterValue]),
    );
    const all: Record<string, string> = type === "Lambda" ? { ...LAMBDA_DEFAULTS, ...given } : given;
    return {
        Type: type,
        Parameters: Object.entries(all).map(([name, value]) => ({ ParameterName: name, ParameterValue: value })),
    };
}

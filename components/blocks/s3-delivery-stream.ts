import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { formatConversion } from "../../schema/firehose-conversion";
import type { DataStream } from "./data-stream";
import { type Buffer, invokeProcessor, lambdaProcessor, loggingOptions, type Processor } from "./delivery-parts";
import { grantTable, type LakeFormation } from "./lake-formation";
import type { ParquetTable } from "./parquet-table";
import type { Place } from "./place";
import { ServiceRole, type Statement } from "./role";
import { SOURCE_INTERVAL, SOURCE_PREFIX } from "./source-backup";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link S3DeliveryStream}. */
export interface S3DeliveryStreamArgs {
    readonly place: Place;
    /** Where records come from. @default producers put them into the stream itself */
    readonly source?: DataStream;
    readonly buffer: Buffer;
    /** The function that every record goes through. @default none: records are written as they come */
    readonly processor?: Processor;
    /** Whether each record gets a newline at its end: EventBridge, for one, gives none. @default false */
    readonly newlines?: boolean;
    readonly bucket: aws.s3.Bucket;
    /**
     * Where in the bucket: a folder, and what stands for the time (`!{timestamp:yyyy/MM/dd/HH}`) or for keys that the function gives with each
     * record (`!{partitionKeyFromLambda:year}`). With keys, buffers are kept for each of their values; that cannot be changed later: the
     * stream is replaced.
     */
    readonly prefix: string;
    /** Where lies what could not be delivered: `errors/!{firehose:error-output-type}/...`. */
    readonly errorPrefix: string;
    /** The table whose columns the records have, and that is written as Parquet. @default records are written as the function gives them */
    readonly table?: ParquetTable;
    /** Whether objects without a table are compressed, each whole, so that a reader has to read all of one. @default false */
    readonly gzip?: boolean;
    /** Whether the bucket keeps every record as it came, too. Firehose does not let a stream go without it later. @default false */
    readonly backup?: boolean;
    /** What the stream's name begins with, before that of the component. API Gateway takes `amazon-apigateway-` only. @default nothing */
    readonly namePrefix?: string;
    readonly logRetentionDays: number;
    readonly lakeFormation: LakeFormation;
    readonly transform?: { readonly stream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs> };
}

/** A Firehose stream to a bucket: producers or Kinesis -> function, if any -> buffer -> objects, as Parquet where there is a table. */
export class S3DeliveryStream extends pulumi.ComponentResource {
    public readonly stream: aws.kinesis.FirehoseDeliveryStream;
    /** Where Firehose says why a delivery failed. */
    public readonly logGroup: aws.cloudwatch.LogGroup;
    /** The role that Firehose works with. */
    public readonly role: ServiceRole;

    constructor(name: string, args: S3DeliveryStreamArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:S3DeliveryStream", name, {}, opts);
        const child = { parent: this };
        const streamName = `${args.namePrefix ?? ""}${name}`;

        this.logGroup = new aws.cloudwatch.LogGroup(`${name}-log`, { retentionInDays: args.logRetentionDays }, child);
        const log = this.createLog(`${name}-s3-log`, "s3");
        const backupLog = args.backup ? this.createLog(`${name}-backup-log`, "backup") : undefined;
        this.role = new ServiceRole(
            `${name}-role`,
            {
                service: "firehose.amazonaws.com",
                // Pulumi makes the stream's physical name from this name and a suffix.
                onlyFor: {
                    account: args.place.account,
                    arn: args.place.arn("firehose", `deliverystream/${streamName}-*`),
                },
                allow: permissions(args, backupLog ? [log, backupLog] : [log]),
            },
            child,
        );
        const granted = args.table
            ? grantTable(name, args.lakeFormation, this.role.role.arn, args.table, child, ["DESCRIBE", "SELECT"])
            : [];
        this.stream = new aws.kinesis.FirehoseDeliveryStream(
            streamName,
            transformed(args.transform?.stream, {
                destination: "extended_s3",
                ...sourceOf(args, this.role.role.arn),
                extendedS3Configuration: this.s3Configuration(args, log, backupLog),
            }),
            // Firehose tries the role out when the stream is made, and fails for minutes without its permissions.
            { ...child, dependsOn: [this.role.policy, ...granted] },
        );

        this.registerOutputs({ stream: this.stream, logGroup: this.logGroup });
    }

    /** What those need who put records into it. */
    public get write(): readonly Statement[] {
        return [{ actions: ["firehose:PutRecord", "firehose:PutRecordBatch"], resources: [this.stream.arn] }];
    }

    private createLog(name: string, stream: string): aws.cloudwatch.LogStream {
        return new aws.cloudwatch.LogStream(name, { logGroupName: this.logGroup.name, name: stream }, { parent: this });
    }

    private s3Configuration(
        args: S3DeliveryStreamArgs,
        log: aws.cloudwatch.LogStream,
        backupLog: aws.cloudwatch.LogStream | undefined,
    ) {
        const roleArn = this.role.role.arn;
        const place = {
            bucketArn: args.bucket.arn,
            roleArn,
            errorOutputPrefix: args.errorPrefix,
            bufferingInterval: args.buffer.intervalSeconds,
            bufferingSize: args.buffer.sizeMiB,
        };
        return {
            ...place,
            prefix: args.prefix,
            // Parquet is compressed by itself, and Firehose refuses to do it twice.
            compressionFormat: args.gzip ? "GZIP" : "UNCOMPRESSED",
            cloudwatchLoggingOptions: loggingOptions(log),
            ...((args.processor || args.newlines) && {
                processingConfiguration: {
                    enabled: true,
                    processors: [
                        ...(args.processor ? [lambdaProcessor(args.processor)] : []),
                        ...(args.newlines ? [NEWLINE] : []),
                    ],
                },
            }),
            ...(args.prefix.includes("!{partitionKeyFrom") && { dynamicPartitioningConfiguration: { enabled: true } }),
            ...(backupLog && {
                s3BackupMode: "Enabled",
                s3BackupConfiguration: {
                    ...place,
                    bufferingInterval: Math.max(args.buffer.intervalSeconds, SOURCE_INTERVAL),
                    prefix: SOURCE_PREFIX,
                    compressionFormat: "GZIP",
                    cloudwatchLoggingOptions: loggingOptions(backupLog),
                },
            }),
            ...(args.table && { dataFormatConversionConfiguration: conversion(args.table, roleArn) }),
        };
    }
}

/** Firehose reads the escape. https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html */
const NEWLINE = {
    type: "AppendDelimiterToRecord",
    parameters: [{ parameterName: "Delimiter", parameterValue: "\\n" }],
};

/** What is put directly is encrypted here; what comes from Kinesis is encrypted there. */
function sourceOf({ source }: S3DeliveryStreamArgs, roleArn: pulumi.Output<string>) {
    return source
        ? { kinesisSourceConfiguration: { kinesisStreamArn: source.stream.arn, roleArn } }
        : { serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" } };
}

function conversion({ dataset, table }: ParquetTable, roleArn: pulumi.Output<string>) {
    return formatConversion<pulumi.Output<string>>(dataset, {
        databaseName: table.databaseName,
        tableName: table.name,
        roleArn,
    });
}

/** https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3 */
function permissions(
    { backup, bucket, prefix, errorPrefix, source, processor, table }: S3DeliveryStreamArgs,
    logs: readonly aws.cloudwatch.LogStream[],
): readonly Statement[] {
    const prefixes = [prefix, errorPrefix, ...(backup ? [SOURCE_PREFIX] : [])];
    const objects = prefixes.map((each) => pulumi.interpolate`${bucket.arn}/${each.split("!{")[0]}*`);
    const versions = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"];
    return [
        ...(source?.read ?? []),
        {
            actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources: [bucket.arn],
        },
        {
            actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            resources: objects,
        },
        ...(table ? [{ actions: versions, resources: table.arns }] : []),
        ...(processor ? [invokeProcessor(processor)] : []),
        { actions: ["logs:PutLogEvents"], resources: logs.map((log) => log.arn) },
    ];
}

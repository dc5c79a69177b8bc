import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Buffer, invokeProcessor, lambdaProcessor, loggingOptions, type Processor } from "./delivery-parts";
import { GET_DATA_ACCESS, type IcebergTable } from "./iceberg-table";
import { grantTable, type LakeFormation } from "./lake-formation";
import type { Place } from "./place";
import { ServiceRole, type Statement } from "./role";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link DeliveryStream}. */
export interface DeliveryStreamArgs {
    readonly place: Place;
    readonly buffer: Buffer;
    readonly processor: Processor;
    /** Where records go. */
    readonly table: IcebergTable;
    /** Columns that identify a row; a record with an `operation` then updates or deletes it. None: records are only appended. */
    readonly uniqueKeys: readonly string[];
    /** Whether Firehose may scale without limit, since rows are only appended. It cannot be changed later: the stream is replaced. */
    readonly appendOnly: boolean;
    /** Holds the records that could not be delivered. */
    readonly bucket: aws.s3.Bucket;
    /** Where in the bucket, with the error and the time in which Firehose got the oldest record: `errors/!{firehose:error-output-type}/...`. */
    readonly errorPrefix: string;
    readonly logRetentionDays: number;
    readonly lakeFormation: LakeFormation;
    readonly transform?: { readonly stream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs> };
}

/** A Firehose stream that is put to directly: producers -> buffer -> function -> Iceberg table, and what fails -> bucket. */
export class DeliveryStream extends pulumi.ComponentResource {
    public readonly stream: aws.kinesis.FirehoseDeliveryStream;
    /** Where Firehose says why a delivery failed. */
    public readonly logGroup: aws.cloudwatch.LogGroup;
    /** The role that Firehose works with. */
    public readonly role: ServiceRole;

    constructor(name: string, args: DeliveryStreamArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:DeliveryStream", name, {}, opts);
        const child = { parent: this };

        this.logGroup = new aws.cloudwatch.LogGroup(`${name}-log`, { retentionInDays: args.logRetentionDays }, child);
        const log = (destination: string) => this.createLog(`${name}-${destination}-log`, destination);
        const [tableLog, errorLog] = [log("table"), log("errors")];
        this.role = new ServiceRole(
            `${name}-role`,
            {
                service: "firehose.amazonaws.com",
                // Pulumi makes the stream's physical name from this name and a suffix.
                onlyFor: { account: args.place.account, arn: args.place.arn("firehose", `deliverystream/${name}-*`) },
                allow: permissions(args, [tableLog, errorLog]),
            },
            child,
        );
        const granted = grantTable(name, args.lakeFormation, this.role.role.arn, args.table, child);
        this.stream = new aws.kinesis.FirehoseDeliveryStream(
            name,
            transformed(args.transform?.stream, {
                destination: "iceberg",
                serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
                icebergConfiguration: this.icebergConfiguration(args, tableLog, errorLog),
            }),
            // Firehose tries the role out when the stream is made, and fails for minutes without its permissions.
            { ...child, dependsOn: [this.role.policy, ...granted] },
        );

        this.registerOutputs({ stream: this.stream, logGroup: this.logGroup });
    }

    private createLog(name: string, stream: string): aws.cloudwatch.LogStream {
        return new aws.cloudwatch.LogStream(name, { logGroupName: this.logGroup.name, name: stream }, { parent: this });
    }

    private icebergConfiguration(
        args: DeliveryStreamArgs,
        tableLog: aws.cloudwatch.LogStream,
        errorLog: aws.cloudwatch.LogStream,
    ) {
        const roleArn = this.role.role.arn;
        const buffering = { bufferingInterval: args.buffer.intervalSeconds, bufferingSize: args.buffer.sizeMiB };
        const { database, table, catalogArn } = args.table;
        return {
            catalogArn,
            roleArn,
            ...buffering,
            appendOnly: args.appendOnly,
            s3BackupMode: "FailedDataOnly",
            cloudwatchLoggingOptions: loggingOptions(tableLog),
            destinationTableConfigurations: [
                {
                    databaseName: database.name,
                    tableName: table.name,
                    ...(args.uniqueKeys.length > 0 && { uniqueKeys: [...args.uniqueKeys] }),
                },
            ],
            processingConfiguration: { enabled: true, processors: [lambdaProcessor(args.processor)] },
            s3Configuration: {
                bucketArn: args.bucket.arn,
                roleArn,
                ...buffering,
                errorOutputPrefix: args.errorPrefix,
                compressionFormat: "UNCOMPRESSED",
                cloudwatchLoggingOptions: loggingOptions(errorLog),
            },
        };
    }
}

/** https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-iceberg */
function permissions(
    { bucket, table, processor, lakeFormation }: DeliveryStreamArgs,
    logs: readonly aws.cloudwatch.LogStream[],
): readonly Statement[] {
    return [
        {
            actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources: [bucket.arn],
        },
        {
            actions: ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources: [pulumi.interpolate`${bucket.arn}/*`],
        },
        { actions: ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"], resources: table.arns },
        invokeProcessor(processor),
        { actions: ["logs:PutLogEvents"], resources: logs.map((log) => log.arn) },
        ...(lakeFormation === "grant" ? [GET_DATA_ACCESS] : []),
    ];
}

import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { firehoseToDynamodb } from "../../functions/firehose-to-dynamodb";
import { Bucket } from "../blocks/bucket";
import { CallbackFunction } from "../blocks/callback-function";
import { folderOf } from "../blocks/error-prefix";
import { handlerSource } from "../blocks/handler-source";
import { ItemTable } from "../blocks/item-table";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { placeOf } from "../blocks/place";
import { S3DeliveryStream } from "../blocks/s3-delivery-stream";
import { sourceExpiry } from "../blocks/source-backup";
import type { Transform } from "../blocks/transform";
import { createAlarms } from "./alarms";
import { graphsOf } from "./graphs";
import { type LikesOptions, likesOptions } from "./options";
import { likesProblems } from "./rules";

/** Arguments of {@link Likes}: its options, what the stack says, and overrides for children. */
export interface LikesArgs extends LikesOptions, StackContext {
    readonly transform?: {
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly stream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs>;
        readonly table?: Transform<aws.dynamodb.TableArgs>;
    };
}

/** Likes: Firehose -> function -> DynamoDB, and a copy to S3. */
export class Likes extends pulumi.ComponentResource implements Pipeline {
    /** The table that holds one item for each key. */
    public readonly itemTable: ItemTable;
    /** The function that writes every record to the table. */
    public readonly writer: CallbackFunction;
    /** The stream that records are put to. */
    public readonly stream: S3DeliveryStream;
    /** Holds what was written to the table, and what could not be. */
    public readonly bucket: Bucket;
    public readonly details: Pipeline["details"];
    public readonly graphs: readonly Graph[];

    constructor(name: string, args: LikesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:pipelines:Likes", name, {}, opts);
        const child = { parent: this };
        const place = placeOf(this);
        const { disposable, lakeFormation, logRetentionDays, transform } = args;
        const { partitionKey, sortKey } = args.table;

        this.itemTable = new ItemTable(
            `${name}-items`,
            { keys: [partitionKey, sortKey], changes: true, disposable, transform },
            child,
        );
        this.writer = new CallbackFunction(
            `${name}-writer`,
            {
                handler: handlerSource(firehoseToDynamodb, {
                    keys: sortKey ? [partitionKey, sortKey] : [partitionKey],
                }),
                environment: { TABLE: this.itemTable.table.name },
                allow: this.itemTable.write,
                memorySize: args.writer.memoryMiB,
                timeoutSeconds: args.writer.timeoutSeconds,
                logRetentionDays,
            },
            child,
        );
        this.bucket = new Bucket(
            `${name}-bucket`,
            {
                disposable,
                expire: {
                    [folderOf(args.errors.prefix)]: args.errors.retentionDays,
                    ...sourceExpiry(args.sourceBackup),
                },
                transform: transform?.bucket,
            },
            child,
        );
        this.stream = new S3DeliveryStream(
            `${name}-stream`,
            {
                place,
                buffer: args.buffer,
                processor: { function: this.writer.function, buffer: args.writer, retries: args.writer.retries },
                bucket: this.bucket.bucket,
                prefix: args.prefix,
                errorPrefix: args.errors.prefix,
                backup: args.sourceBackup !== undefined,
                logRetentionDays,
                lakeFormation,
                transform,
            },
            child,
        );
        createAlarms(name, this, args, child);

        this.graphs = graphsOf(this);
        this.details = {
            region: place.region,
            stream: this.stream.stream.name,
            itemTable: this.itemTable.table.name,
            partitionKey: partitionKey.name,
            ...(sortKey && { sortKey: sortKey.name }),
            bucket: this.bucket.bucket.bucket,
            functions: { writer: this.writer.function.name },
            logs: { writer: this.writer.logGroup.name, stream: this.stream.logGroup.name },
        };
        this.registerOutputs(this.details);
    }
}

/** likes, as the registry knows it. */
export const likes: PipelineKind<LikesOptions> = {
    options: likesOptions,
    problems: likesProblems,
    create: (name, options, context, opts) => new Likes(name, { ...options, ...context }, opts),
};

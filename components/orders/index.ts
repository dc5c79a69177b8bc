import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { kinesisToDynamodb } from "../../functions/kinesis-to-dynamodb";
import { Bucket } from "../blocks/bucket";
import { CallbackFunction } from "../blocks/callback-function";
import { Crawler } from "../blocks/crawler";
import { DataStream } from "../blocks/data-stream";
import { DeadLetterQueue } from "../blocks/dead-letter-queue";
import { folderOf } from "../blocks/error-prefix";
import { handlerSource } from "../blocks/handler-source";
import { ItemTable, type KeyAttribute } from "../blocks/item-table";
import { sqlName } from "../blocks/names";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { placeOf } from "../blocks/place";
import type { RestApi } from "../blocks/rest-api";
import { sourceExpiry } from "../blocks/source-backup";
import { createStreamConsumer } from "../blocks/stream-consumer";
import type { Transform } from "../blocks/transform";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import { createAlarms } from "./alarms";
import { createApi } from "./api";
import { type Branch, createBranch, mapped } from "./branch";
import { orders as dataset } from "./dataset";
import { detailsOf } from "./details";
import { documentRules } from "./document-rules";
import { graphsOf } from "./graphs";
import { type OrdersOptions, ordersOptions } from "./options";
import { queries } from "./queries";
import { ordersProblems } from "./rules";
import { tables } from "./tables";

/** Arguments of {@link Orders}: its options, what the stack says, and overrides for children. */
export interface OrdersArgs extends OrdersOptions, StackContext {
    readonly transform?: {
        readonly api?: Transform<aws.apigateway.RestApiArgs>;
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly stream?: Transform<aws.kinesis.StreamArgs>;
        readonly itemTable?: Transform<aws.dynamodb.TableArgs>;
        readonly deliveryStream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs>;
        readonly table?: Transform<aws.glue.CatalogTableArgs>;
    };
}

/** Orders: REST API -> Kinesis -> function -> DynamoDB, and from Kinesis four times Firehose -> function -> Parquet tables. */
export class Orders extends pulumi.ComponentResource implements Pipeline {
    /** The API that takes orders. */
    public readonly api: RestApi;
    /** The stream that all else reads. */
    public readonly stream: DataStream;
    /** The function that writes orders to DynamoDB. */
    public readonly consumer: CallbackFunction;
    /** Each order as it was sent last. */
    public readonly itemTable: ItemTable;
    /** Tells which orders Lambda has given up. */
    public readonly deadLetters: DeadLetterQueue;
    /** Holds the tables' files, what was rejected, and what could not be delivered. */
    public readonly bucket: Bucket;
    public readonly database: aws.glue.CatalogDatabase;
    /** By the short names of the tables. */
    public readonly branches: Readonly<Record<string, Branch>>;
    public readonly crawler: Crawler;
    /** Where the orders are asked for. */
    public readonly workgroup: Workgroup;
    public readonly url: pulumi.Output<string>;
    public readonly details: Pipeline["details"];
    public readonly graphs: readonly Graph[];

    constructor(name: string, args: OrdersArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:pipelines:Orders", name, {}, opts);
        const child = { parent: this };
        const data = { ...child, protect: !args.disposable };
        const place = placeOf(this);
        const { disposable, lakeFormation, transform } = args;

        this.stream = new DataStream(
            `${name}-stream`,
            {
                shards: args.stream.shards,
                retentionHours: args.stream.retentionHours,
                ownKey: args.stream.key === "own",
                disposable,
                transform: transform,
            },
            child,
        );
        this.api = createApi(`${name}-api`, this.stream, args, child);
        this.bucket = this.createBucket(`${name}-bucket`, args);
        this.itemTable = new ItemTable(
            `${name}-items`,
            { keys: KEYS, disposable, transform: { table: transform?.itemTable } },
            child,
        );
        this.deadLetters = new DeadLetterQueue(`${name}-dead-letters`, {}, child);
        this.consumer = this.createConsumer(`${name}-consumer`, args);
        createStreamConsumer(
            `${name}-consumer-source`,
            {
                ...args.consumer,
                stream: this.stream.stream,
                function: this.consumer.function,
                deadLetters: this.deadLetters.queue,
            },
            child,
        );
        this.database = new aws.glue.CatalogDatabase(`${name}-database`, { name: sqlName(name) }, data);
        this.branches = Object.fromEntries(
            Object.entries(tables).map(([short, table]) => [
                short,
                createBranch(`${name}-${short}`, table, this, args, child),
            ]),
        );
        const bucket = this.bucket.bucket;
        this.crawler = new Crawler(
            `${name}-crawler`,
            {
                place,
                database: this.database,
                tables: mapped(this.branches, ({ table }) => table),
                bucket,
                schedule: args.crawler.schedule,
                lakeFormation,
            },
            child,
        );
        this.workgroup = new Workgroup(
            `${name}-workgroup`,
            { bucket, database: this.database, queries, scanLimitGiB: args.queries.scanLimitGiB, disposable },
            child,
        );
        createAlarms(name, this, args, child);

        this.url = this.api.url;
        this.graphs = graphsOf(this);
        this.details = detailsOf(this, args, place);
        this.registerOutputs(this.details);
    }

    private createBucket(name: string, { disposable, errors, queries, sourceBackup, transform }: OrdersArgs): Bucket {
        return new Bucket(
            name,
            {
                disposable,
                expire: {
                    [folderOf(errors.prefix)]: errors.retentionDays,
                    [RESULTS]: queries.resultRetentionDays,
                    ...sourceExpiry(sourceBackup),
                },
                transform: transform?.bucket,
            },
            { parent: this },
        );
    }

    private createConsumer(name: string, args: OrdersArgs): CallbackFunction {
        const { bucket } = this.bucket;
        const rejectedPrefix = `${folderOf(args.errors.prefix)}rejected/`;
        return new CallbackFunction(
            name,
            {
                handler: handlerSource(kinesisToDynamodb, { ...documentRules(args.years), keys: KEYS, rejectedPrefix }),
                environment: { TABLE: this.itemTable.table.name, BUCKET: bucket.bucket },
                allow: [
                    ...this.stream.read,
                    ...this.itemTable.write,
                    ...this.deadLetters.send,
                    { actions: ["s3:PutObject"], resources: [pulumi.interpolate`${bucket.arn}/${rejectedPrefix}*`] },
                ],
                memorySize: args.consumer.memoryMiB,
                timeoutSeconds: args.consumer.timeoutSeconds,
                logRetentionDays: args.logRetentionDays,
            },
            { parent: this },
        );
    }
}

/** orders, as the registry knows it. */
export const orders: PipelineKind<OrdersOptions> = {
    options: ordersOptions,
    problems: ordersProblems,
    create: (name, options, context, opts) => new Orders(name, { ...options, ...context }, opts),
};

const [CUSTOMER, ORDER] = dataset.key.map((key): KeyAttribute => ({ name: key, type: "string" }));
const KEYS = [CUSTOMER as KeyAttribute, ORDER as KeyAttribute] as const;

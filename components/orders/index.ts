import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { firehoseProjection } from "../../functions/firehose-projection";
import { kinesisToDynamodb } from "../../functions/kinesis-to-dynamodb";
import { access } from "../blocks/api-problems";
import { Bucket } from "../blocks/bucket";
import { CallbackFunction } from "../blocks/callback-function";
import { Crawler } from "../blocks/crawler";
import { DataStream } from "../blocks/data-stream";
import { DeadLetterQueue } from "../blocks/dead-letter-queue";
import { folderOf } from "../blocks/error-prefix";
import { handlerSource } from "../blocks/handler-source";
import { ItemTable, type KeyAttribute } from "../blocks/item-table";
import { sqlName } from "../blocks/names";
import { ParquetTable } from "../blocks/parquet-table";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { type Place, placeOf } from "../blocks/place";
import { RestApi } from "../blocks/rest-api";
import { ServiceRole } from "../blocks/role";
import { S3DeliveryStream } from "../blocks/s3-delivery-stream";
import { createStreamConsumer } from "../blocks/stream-consumer";
import type { Transform } from "../blocks/transform";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import { createAlarms } from "./alarms";
import { orders as dataset } from "./dataset";
import { documentRules } from "./document-rules";
import { graphsOf } from "./graphs";
import { openApi } from "./openapi";
import { type OrdersOptions, ordersOptions } from "./options";
import { queries } from "./queries";
import { ordersProblems } from "./rules";
import { type OrderTable, tables } from "./tables";

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

/** What is made for each of the tables. */
export interface Branch {
    /** The function that makes rows of orders. */
    readonly rows: CallbackFunction;
    /** The stream that writes them. */
    readonly stream: S3DeliveryStream;
    readonly table: ParquetTable;
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
        this.api = this.createApi(`${name}-api`, args, place);
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
                this.createBranch(`${name}-${short}`, table, args, place),
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
        this.details = this.describe(args, place);
        this.registerOutputs(this.details);
    }

    private createApi(name: string, args: OrdersArgs, { region, partition }: Place): RestApi {
        const child = { parent: this };
        const { stream } = this.stream;
        // API Gateway does not say for whom it uses an integration's role, so a condition on that would keep it out:
        // https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
        const { role, policy } = new ServiceRole(
            `${name}-role`,
            { service: "apigateway.amazonaws.com", allow: this.stream.write },
            child,
        );
        const body = pulumi
            .all([stream.name, role.arn, region, partition])
            .apply(([streamName, roleArn, regionName, partitionName]) =>
                JSON.stringify(
                    openApi({
                        title: name,
                        stream: streamName,
                        region: regionName,
                        partition: partitionName,
                        roleArn,
                        auth: args.auth.mode,
                        origins: args.cors?.origins ?? [],
                    }),
                ),
            );
        return new RestApi(
            name,
            { description: "Takes orders.", body, ...access(args.auth), transform: args.transform },
            { ...child, dependsOn: policy },
        );
    }

    private createBucket(name: string, { disposable, errors, queries, transform }: OrdersArgs): Bucket {
        return new Bucket(
            name,
            {
                disposable,
                expire: { [folderOf(errors.prefix)]: errors.retentionDays, [RESULTS]: queries.resultRetentionDays },
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

    private createBranch(name: string, { dataset, columns, each }: OrderTable, args: OrdersArgs, place: Place): Branch {
        const child = { parent: this };
        const { bucket } = this.bucket;
        const { disposable, lakeFormation, logRetentionDays, transform, years } = args;
        const table = new ParquetTable(
            `${name}-table`,
            {
                dataset,
                database: this.database,
                bucket,
                ranges: { year: `${years.first},${years.last}` },
                place,
                disposable,
                transform: transform,
            },
            child,
        );
        const rows = new CallbackFunction(
            `${name}-rows`,
            {
                handler: handlerSource(firehoseProjection, { ...documentRules(years), columns: read(columns), each }),
                memorySize: args.rows.memoryMiB,
                timeoutSeconds: args.rows.timeoutSeconds,
                logRetentionDays,
            },
            child,
        );
        const stream = new S3DeliveryStream(
            `${name}-delivery`,
            {
                place,
                source: this.stream,
                buffer: args.buffer,
                processor: { function: rows.function, buffer: args.rows, retries: args.rows.retries },
                bucket,
                prefix: `${dataset.name}/${DAY}`,
                errorPrefix: errorPrefix(args.errors.prefix, dataset.name),
                table,
                logRetentionDays,
                lakeFormation,
                transform: { stream: transform?.deliveryStream },
            },
            child,
        );
        return { rows, stream, table };
    }

    private describe({ auth }: OrdersArgs, { region }: Place): Pipeline["details"] {
        return {
            region,
            url: this.api.url,
            auth: auth.mode,
            stream: this.stream.stream.name,
            deliveryStreams: mapped(this.branches, ({ stream }) => stream.stream.name),
            itemTable: this.itemTable.table.name,
            database: this.database.name,
            tables: mapped(this.branches, ({ table }) => table.table.name),
            bucket: this.bucket.bucket.bucket,
            deadLetters: this.deadLetters.queue.url,
            crawler: this.crawler.crawler.name,
            workgroup: this.workgroup.workgroup.name,
            functions: {
                consumer: this.consumer.function.name,
                ...mapped(this.branches, ({ rows }) => rows.function.name),
            },
            logs: {
                consumer: this.consumer.logGroup.name,
                ...mapped(this.branches, ({ rows }) => rows.logGroup.name),
            },
            queries: Object.keys(queries),
            ...(this.api.key && { apiKeyId: this.api.key.id }),
        };
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

/** Folder of a day, by the keys that the functions give with each record: values that a calendar has, and no others. */
const DAY = ["year", "month", "day"].map((key) => `${key}=!{partitionKeyFromLambda:${key}}/`).join("");

/** The table's name behind the folder, so that the errors of the four streams are told apart. */
function errorPrefix(prefix: string, table: string): string {
    const folder = folderOf(prefix);
    return `${folder}${table}/${prefix.slice(folder.length)}`;
}

/** What the function must know of the columns to read them. */
function read(columns: OrderTable["columns"]): OrderTable["columns"] {
    return columns.map(({ name, type, from }) => ({ name, type, from }));
}

function mapped<Value, Result>(
    values: Readonly<Record<string, Value>>,
    map: (value: Value) => Result,
): Readonly<Record<string, Result>> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

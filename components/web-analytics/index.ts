import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { firehoseTransform } from "../../functions/firehose-transform";
import type { Dataset } from "../../schema/dataset";
import { apiModel } from "../../schema/json-schema";
import { validatorSource } from "../../schema/validator";
import { access } from "../blocks/api-problems";
import { Bucket } from "../blocks/bucket";
import { CallbackFunction, type CallbackFunctionArgs } from "../blocks/callback-function";
import { DeliveryStream } from "../blocks/delivery-stream";
import { folderOf } from "../blocks/error-prefix";
import { handlerSource } from "../blocks/handler-source";
import { IcebergTable } from "../blocks/iceberg-table";
import { sqlName } from "../blocks/names";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { type Place, placeOf } from "../blocks/place";
import { RestApi } from "../blocks/rest-api";
import { ServiceRole } from "../blocks/role";
import type { Transform } from "../blocks/transform";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import { createAlarms } from "./alarms";
import { graphsOf } from "./graphs";
import { openApi } from "./openapi";
import { datasetOf, isAppendOnly, type WebAnalyticsOptions, webAnalyticsOptions } from "./options";
import { queries } from "./queries";
import { webAnalyticsProblems } from "./rules";

/** Arguments of {@link WebAnalytics}: its options, what the stack says, and overrides for children. */
export interface WebAnalyticsArgs extends WebAnalyticsOptions, StackContext {
    readonly transform?: {
        readonly api?: Transform<aws.apigateway.RestApiArgs>;
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly check?: CallbackFunctionArgs["transform"];
        readonly stream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs>;
        readonly table?: Transform<aws.glue.CatalogTableArgs>;
    };
}

/** Page events: REST API -> Firehose -> check function -> Iceberg table. */
export class WebAnalytics extends pulumi.ComponentResource implements Pipeline {
    /** The API that takes events. */
    public readonly api: RestApi;
    /** The stream behind it, which may be put to directly as well. */
    public readonly stream: DeliveryStream;
    /** The function that checks every event. */
    public readonly check: CallbackFunction;
    /** The table that holds the events. */
    public readonly table: IcebergTable;
    /** Holds the table's files, and what could not be delivered. */
    public readonly bucket: Bucket;
    /** Where the events are asked for. */
    public readonly workgroup: Workgroup;
    public readonly url: pulumi.Output<string>;
    public readonly details: Pipeline["details"];
    public readonly graphs: readonly Graph[];

    constructor(name: string, args: WebAnalyticsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:pipelines:WebAnalytics", name, {}, opts);
        const child = { parent: this };
        const place = placeOf(this);
        const dataset = datasetOf(args);
        const { disposable, lakeFormation, logRetentionDays, transform } = args;

        this.bucket = new Bucket(
            `${name}-bucket`,
            {
                disposable,
                expire: {
                    [folderOf(args.errors.prefix)]: args.errors.retentionDays,
                    [RESULTS]: args.queries.resultRetentionDays,
                },
                transform: transform?.bucket,
            },
            child,
        );
        const bucket = this.bucket.bucket;
        this.table = new IcebergTable(
            `${name}-table`,
            {
                ...args.table,
                dataset,
                databaseName: sqlName(name),
                bucket,
                place,
                lakeFormation,
                disposable,
                transform,
            },
            child,
        );
        this.check = this.createCheck(`${name}-check`, args, dataset);
        this.stream = new DeliveryStream(
            `${name}-stream`,
            {
                place,
                buffer: args.buffer,
                processor: { function: this.check.function, buffer: args.check, retries: args.check.retries },
                table: this.table,
                uniqueKeys: args.uniqueKeys,
                appendOnly: isAppendOnly(args),
                bucket,
                errorPrefix: args.errors.prefix,
                logRetentionDays,
                lakeFormation,
                transform,
            },
            child,
        );
        this.api = this.createApi(`${name}-api`, args, dataset, place);
        this.workgroup = new Workgroup(
            `${name}-workgroup`,
            { bucket, database: this.table.database, queries, scanLimitGiB: args.queries.scanLimitGiB, disposable },
            child,
        );
        createAlarms(name, this, args, child);

        this.url = this.api.url;
        this.graphs = graphsOf(this);
        this.details = this.describe(args, place);
        this.registerOutputs(this.details);
    }

    private createCheck(name: string, args: WebAnalyticsArgs, dataset: Dataset): CallbackFunction {
        const { database, table } = this.table;
        return new CallbackFunction(
            name,
            {
                handler: handlerSource(firehoseTransform, {
                    dataset,
                    validator: validatorSource(dataset),
                    uniqueKeys: args.uniqueKeys,
                }),
                environment: { DATABASE: database.name, TABLE: table.name },
                memorySize: args.check.memoryMiB,
                timeoutSeconds: args.check.timeoutSeconds,
                logRetentionDays: args.logRetentionDays,
                transform: args.transform?.check,
            },
            { parent: this },
        );
    }

    private createApi(name: string, args: WebAnalyticsArgs, dataset: Dataset, { region, partition }: Place): RestApi {
        const child = { parent: this };
        const { stream } = this.stream;
        // API Gateway does not say for whom it uses an integration's role, so a condition on that would keep it out:
        // https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
        const { role, policy } = new ServiceRole(
            `${name}-role`,
            {
                service: "apigateway.amazonaws.com",
                allow: [
                    {
                        actions: ["firehose:DescribeDeliveryStream", "firehose:PutRecord", "firehose:PutRecordBatch"],
                        resources: [stream.arn],
                    },
                ],
            },
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
                        model: apiModel(dataset),
                    }),
                ),
            );
        return new RestApi(
            name,
            { description: "Takes page events.", body, ...access(args.auth), transform: args.transform },
            { ...child, dependsOn: policy },
        );
    }

    private describe({ auth }: WebAnalyticsArgs, { region }: Place): Pipeline["details"] {
        return {
            region,
            url: this.api.url,
            auth: auth.mode,
            stream: this.stream.stream.name,
            database: this.table.database.name,
            table: this.table.table.name,
            bucket: this.bucket.bucket.bucket,
            workgroup: this.workgroup.workgroup.name,
            functions: { check: this.check.function.name },
            logs: { check: this.check.logGroup.name, stream: this.stream.logGroup.name },
            queries: Object.keys(queries),
            ...(this.api.key && { apiKeyId: this.api.key.id }),
        };
    }
}

/** web-analytics, as the registry knows it. */
export const webAnalytics: PipelineKind<WebAnalyticsOptions> = {
    options: webAnalyticsOptions,
    problems: webAnalyticsProblems,
    create: (name, options, context, opts) => new WebAnalytics(name, { ...options, ...context }, opts),
};

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { mergeAccessLog } from "../../functions/merge-access-log";
import type { MergedColumn } from "../../functions/merge-statements";
import { randomStrings } from "../../functions/random-strings";
import { accessLogFormat } from "../../schema/access-log";
import { Bucket } from "../blocks/bucket";
import { CallbackFunction } from "../blocks/callback-function";
import { folderOf } from "../blocks/error-prefix";
import { handlerSource } from "../blocks/handler-source";
import { grantTables } from "../blocks/lake-formation";
import { sqlName } from "../blocks/names";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { type Place, placeOf } from "../blocks/place";
import { RestApi, STAGE } from "../blocks/rest-api";
import { S3DeliveryStream } from "../blocks/s3-delivery-stream";
import { createSchedule } from "../blocks/schedule";
import type { Transform } from "../blocks/transform";
import { UserPool } from "../blocks/user-pool";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import { createAlarms } from "./alarms";
import { accessLog, REQUEST_TIME, runs, TENANT, usage } from "./dataset";
import { graphsOf } from "./graphs";
import { mergePermissions } from "./merge-permissions";
import { openApi, PATH } from "./openapi";
import { type SaasMeteringOptions, saasMeteringOptions } from "./options";
import { queries } from "./queries";
import { saasMeteringProblems } from "./rules";
import { CONTENTS, createTables, type Tables } from "./tables";

/** Arguments of {@link SaasMetering}: its options, what the stack says, and overrides for children. */
export interface SaasMeteringArgs extends SaasMeteringOptions, StackContext {
    readonly transform?: {
        readonly pool?: Transform<aws.cognito.UserPoolArgs>;
        readonly client?: Transform<aws.cognito.UserPoolClientArgs>;
        readonly api?: Transform<aws.apigateway.RestApiArgs>;
        readonly stream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs>;
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly table?: Transform<aws.glue.CatalogTableArgs>;
    };
}

/** A metered API: users -> REST API -> function; access log -> Firehose -> S3 -> hourly merge -> Parquet table of usage. */
export class SaasMetering extends pulumi.ComponentResource implements Pipeline {
    /** The tenants, and the client by which they sign in. */
    public readonly users: UserPool;
    /** The function that answers. */
    public readonly strings: CallbackFunction;
    /** The API that is metered. */
    public readonly api: RestApi;
    /** The stream that takes the API's access log. */
    public readonly stream: S3DeliveryStream;
    /** Holds the log as it came, the usage, and what could not be delivered. */
    public readonly bucket: Bucket;
    public readonly database: aws.glue.CatalogDatabase;
    public readonly tables: Tables;
    /** The function that makes usage of the log. */
    public readonly merge: CallbackFunction;
    /** Where usage is asked for. */
    public readonly workgroup: Workgroup;
    public readonly url: pulumi.Output<string>;
    public readonly details: Pipeline["details"];
    public readonly graphs: readonly Graph[];

    constructor(name: string, args: SaasMeteringArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:pipelines:SaasMetering", name, {}, opts);
        const child = { parent: this };
        const place = placeOf(this);
        const { disposable, transform } = args;

        this.users = new UserPool(`${name}-users`, { ...args.users, disposable, transform }, child);
        this.strings = this.createStrings(`${name}-strings`, args);
        this.bucket = this.createBucket(`${name}-bucket`, args);
        this.stream = this.createStream(`${name}-log`, args, place);
        this.api = this.createApi(`${name}-api`, args, place);
        const bucket = this.bucket.bucket;
        this.database = new aws.glue.CatalogDatabase(
            `${name}-database`,
            { name: sqlName(name) },
            { ...child, protect: !disposable },
        );
        this.tables = createTables(
            name,
            { database: this.database, bucket, place, years: args.years, disposable, transform },
            child,
        );
        this.workgroup = new Workgroup(
            `${name}-workgroup`,
            { bucket, database: this.database, queries, scanLimitGiB: args.queries.scanLimitGiB, disposable },
            child,
        );
        this.merge = this.createMerge(`${name}-merge`, args, place);
        createAlarms(name, this, args, child);

        this.url = this.api.url;
        this.graphs = graphsOf(this);
        this.details = this.describe(place);
        this.registerOutputs(this.details);
    }

    private createStrings(name: string, { api, cors, logRetentionDays }: SaasMeteringArgs): CallbackFunction {
        return new CallbackFunction(
            name,
            {
                handler: handlerSource(randomStrings, { origins: cors?.origins ?? [] }),
                memorySize: api.memoryMiB,
                timeoutSeconds: api.timeoutSeconds,
                logRetentionDays,
            },
            { parent: this },
        );
    }

    private createBucket(
        name: string,
        { disposable, raw, errors, queries, merge, transform }: SaasMeteringArgs,
    ): Bucket {
        return new Bucket(
            name,
            {
                disposable,
                expire: {
                    [`${accessLog.name}/`]: raw.retentionDays,
                    // What is known about a folder is of use as long as the merge looks at it.
                    [CONTENTS]: Math.ceil(merge.latenessHours / 24) + 1,
                    [folderOf(errors.prefix)]: errors.retentionDays,
                    [RESULTS]: queries.resultRetentionDays,
                },
                transform: transform?.bucket,
            },
            { parent: this },
        );
    }

    private createStream(name: string, args: SaasMeteringArgs, place: Place): S3DeliveryStream {
        return new S3DeliveryStream(
            name,
            {
                namePrefix: "amazon-apigateway-",
                place,
                buffer: args.buffer,
                bucket: this.bucket.bucket,
                prefix: `${accessLog.name}/${ARRIVAL}`,
                errorPrefix: args.errors.prefix,
                gzip: true,
                logRetentionDays: args.logRetentionDays,
                lakeFormation: args.lakeFormation,
                transform: args.transform,
            },
            { parent: this },
        );
    }

    private createApi(name: string, args: SaasMeteringArgs, { region, partition }: Place): RestApi {
        const child = { parent: this };
        const body = pulumi
            .all([this.users.pool.arn, this.strings.function.arn, region, partition])
            .apply(([userPoolArn, functionArn, regionName, partitionName]) =>
                JSON.stringify(
                    openApi({
                        title: name,
                        region: regionName,
                        partition: partitionName,
                        userPoolArn,
                        functionArn,
                        origins: args.cors?.origins ?? [],
                    }),
                ),
            );
        const api = new RestApi(
            name,
            {
                description: "Gives random strings to those who signed up.",
                body,
                throttle: args.throttle,
                accessLog: { destinationArn: this.stream.stream.arn, format: accessLogFormat(accessLog) },
                transform: args.transform,
            },
            child,
        );
        new aws.lambda.Permission(
            `${name}-permission`,
            {
                action: "lambda:InvokeFunction",
                function: this.strings.function.name,
                principal: "apigateway.amazonaws.com",
                sourceArn: pulumi.interpolate`${api.api.executionArn}/${STAGE}/GET${PATH}`,
            },
            child,
        );
        return api;
    }

    private createMerge(name: string, args: SaasMeteringArgs, place: Place): CallbackFunction {
        const child = { parent: this };
        const merge = new CallbackFunction(
            name,
            {
                handler: handlerSource(mergeAccessLog, {
                    tables: {
                        raw: accessLog.name,
                        merged: usage.name,
                        runs: runs.name,
                        columns: MERGED_COLUMNS,
                        key: usage.key[0],
                        time: REQUEST_TIME,
                        sortBy: TENANT,
                    },
                    rawPrefix: `${accessLog.name}/`,
                    mergedPrefix: `${usage.name}/`,
                    contentsPrefix: CONTENTS,
                    latenessHours: args.merge.latenessHours,
                }),
                environment: {
                    WORKGROUP: this.workgroup.workgroup.name,
                    DATABASE: this.database.name,
                    BUCKET: this.bucket.bucket.bucket,
                },
                allow: mergePermissions(this, args, place),
                memorySize: args.merge.memoryMiB,
                timeoutSeconds: args.merge.timeoutSeconds,
                logRetentionDays: args.logRetentionDays,
            },
            child,
        );
        const { accessLog: log, usage: merged, runs: written } = this.tables;
        grantTables(
            name,
            args.lakeFormation,
            merge.role.arn,
            {
                database: this.database,
                tables: { "access-log": log, usage: merged, runs: written },
                writable: ["usage"],
            },
            ["DESCRIBE", "SELECT"],
            child,
        );
        createSchedule(
            `${name}-schedule`,
            {
                description: "Merges the access log into usage.",
                expression: args.merge.schedule,
                function: merge.function,
            },
            child,
        );
        return merge;
    }

    private describe({ region }: Place): Pipeline["details"] {
        return {
            region,
            url: this.api.url,
            auth: "cognito",
            userPoolId: this.users.pool.id,
            userPoolClientId: this.users.client.id,
            stream: this.stream.stream.name,
            database: this.database.name,
            table: this.tables.usage.table.name,
            tables: { accessLog: this.tables.accessLog.table.name, usage: this.tables.usage.table.name },
            bucket: this.bucket.bucket.bucket,
            workgroup: this.workgroup.workgroup.name,
            functions: { strings: this.strings.function.name, merge: this.merge.function.name },
            logs: {
                strings: this.strings.logGroup.name,
                merge: this.merge.logGroup.name,
                stream: this.stream.logGroup.name,
            },
            queries: Object.keys(queries),
        };
    }
}

/** saas-metering, as the registry knows it. */
export const saasMetering: PipelineKind<SaasMeteringOptions> = {
    options: saasMeteringOptions,
    problems: saasMeteringProblems,
    create: (name, options, context, opts) => new SaasMetering(name, { ...options, ...context }, opts),
};

/** Folder of the hour (UTC) in which Firehose got the oldest line of a file. */
const ARRIVAL = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/";

/** What the function must know of the columns. */
const MERGED_COLUMNS: readonly MergedColumn[] = usage.columns.map(({ name, type }) => ({ name, type }));

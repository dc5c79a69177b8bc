import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "../blocks/bucket";
import type { CallbackFunction } from "../blocks/callback-function";
import { Crawler } from "../blocks/crawler";
import { folderOf } from "../blocks/error-prefix";
import { EventRoute } from "../blocks/event-route";
import { GLUE, type GlueJob } from "../blocks/glue-job";
import { JobSchedule } from "../blocks/job-schedule";
import { type LogMetric, readPrintedNumber } from "../blocks/log-metric";
import { sqlName } from "../blocks/names";
import { ParquetTable } from "../blocks/parquet-table";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { placeOf } from "../blocks/place";
import { RunFailures } from "../blocks/run-failures";
import { S3DeliveryStream } from "../blocks/s3-delivery-stream";
import type { Transform } from "../blocks/transform";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import { createRoles, LakeAccess, type Roles } from "./access";
import { createAlarms } from "./alarms";
import { cardEvents } from "./dataset";
import { detailsOf } from "./details";
import { graphsOf } from "./graphs";
import { createJob } from "./job";
import { type EventLakeOptions, eventLakeOptions } from "./options";
import { RAW, RAW_PREFIX } from "./places";
import { queries } from "./queries";
import { eventLakeProblems } from "./rules";
import { createSimulator } from "./simulator";

/** Arguments of {@link EventLake}: its options, what the stack says, and overrides for children. */
export interface EventLakeArgs extends EventLakeOptions, StackContext {
    readonly transform?: {
        readonly bucket?: Transform<aws.s3.BucketArgs>;
        readonly stream?: Transform<aws.kinesis.FirehoseDeliveryStreamArgs>;
        readonly bus?: Transform<aws.cloudwatch.EventBusArgs>;
        readonly rule?: Transform<aws.cloudwatch.EventRuleArgs>;
        readonly job?: Transform<aws.glue.JobArgs>;
        readonly table?: Transform<aws.glue.CatalogTableArgs>;
    };
}

/** Payments by card: EventBridge -> Firehose -> raw events in S3 -> Glue job -> Parquet table without personal data, governed by Lake Formation. */
export class EventLake extends pulumi.ComponentResource implements Pipeline {
    /** Holds the raw events, the rows made of them, and what could not be delivered or read. */
    public readonly bucket: Bucket;
    /** The stream that writes the raw events. */
    public readonly stream: S3DeliveryStream;
    /** The bus that takes events, and the way from there to the stream. */
    public readonly route: EventRoute;
    /** Sends events to try the pipeline with. */
    public readonly simulator: CallbackFunction;
    /** Who may see what, where Lake Formation is used. */
    public readonly roles?: Roles;
    public readonly database: aws.glue.CatalogDatabase;
    public readonly table: ParquetTable;
    /** The key that card numbers are hashed with. The job makes it when it runs first: nobody else ever knows it. */
    public readonly key: aws.secretsmanager.Secret;
    /** Makes rows of raw events. */
    public readonly job: GlueJob;
    /** What the job says of its documents: read, written, duplicates, rejected. */
    public readonly counts: Readonly<Record<string, LogMetric>>;
    public readonly crawler: Crawler;
    public readonly schedule: JobSchedule;
    public readonly failures: RunFailures;
    /** Where the payments are asked for by those who may read the bucket. */
    public readonly workgroup: Workgroup;
    /** What the roles see. */
    public readonly access?: LakeAccess;
    public readonly details: Pipeline["details"];
    public readonly graphs: readonly Graph[];

    constructor(name: string, args: EventLakeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:pipelines:EventLake", name, {}, opts);
        const child = { parent: this };
        const data = { ...child, protect: !args.disposable };
        const place = placeOf(this);
        const { disposable, lakeFormation, logRetentionDays, transform, years } = args;

        this.bucket = this.createBucket(`${name}-bucket`, args);
        const { bucket } = this.bucket;
        this.stream = new S3DeliveryStream(
            `${name}-stream`,
            {
                place,
                buffer: args.buffer,
                newlines: true,
                bucket,
                prefix: RAW_PREFIX,
                errorPrefix: args.errors.prefix,
                gzip: true,
                logRetentionDays,
                lakeFormation,
                transform,
            },
            child,
        );
        this.route = new EventRoute(
            name,
            {
                ...args.delivery,
                pattern: args.pattern,
                stream: this.stream,
                account: place.account,
                archiveDays: args.archive?.retentionDays,
                disposable,
                transform,
            },
            child,
        );
        this.simulator = createSimulator(`${name}-simulator`, this.route, args, child);
        this.roles = lakeFormation === "grant" ? createRoles(name, args.access, place, child) : undefined;
        this.database = new aws.glue.CatalogDatabase(
            `${name}-database`,
            { name: sqlName(name), ...(this.roles && { createTableDefaultPermissions: [onlyTo(this.roles)] }) },
            data,
        );
        this.table = new ParquetTable(
            `${name}-table`,
            {
                dataset: cardEvents,
                database: this.database,
                bucket,
                ranges: { year: `${years.first},${years.last}` },
                place,
                disposable,
                transform,
            },
            child,
        );
        this.key = new aws.secretsmanager.Secret(
            `${name}-key`,
            {
                description: `${name}: the key that card numbers are hashed with. The job makes it.`,
                recoveryWindowInDays: disposable ? 0 : 30,
            },
            data,
        );
        this.job = createJob(`${name}-job`, this, args, child);
        this.counts = Object.fromEntries(
            ["read", "written", "duplicates", "rejected"].map((count) => [
                count,
                readPrintedNumber(`${name}-${count}`, this.job.log, count, child),
            ]),
        );
        this.crawler = new Crawler(
            `${name}-crawler`,
            { place, database: this.database, tables: { events: this.table }, bucket, lakeFormation },
            child,
        );
        this.schedule = new JobSchedule(
            `${name}-workflow`,
            { job: this.job, crawler: this.crawler, schedule: args.job.schedule },
            child,
        );
        this.failures = new RunFailures(
            `${name}-failures`,
            { job: this.job.job, crawler: this.crawler.crawler },
            child,
        );
        this.workgroup = new Workgroup(
            `${name}-workgroup`,
            { bucket, database: this.database, queries, scanLimitGiB: args.queries.scanLimitGiB, disposable },
            child,
        );
        if (this.roles) {
            const { access, queries: limits } = args;
            this.access = new LakeAccess(
                name,
                {
                    access,
                    queries: limits,
                    roles: this.roles,
                    table: this.table,
                    bucket: this.bucket,
                    crawler: this.crawler,
                    place,
                    disposable,
                },
                child,
            );
        }
        createAlarms(name, this, args, child);

        this.graphs = graphsOf(this);
        this.details = detailsOf(this, args, place);
        this.registerOutputs(this.details);
    }

    private createBucket(name: string, { disposable, errors, raw, queries: limits, transform }: EventLakeArgs): Bucket {
        return new Bucket(
            name,
            {
                disposable,
                expire: {
                    [RAW]: raw.retentionDays,
                    [folderOf(errors.prefix)]: errors.retentionDays,
                    [`${GLUE}temp/`]: 1,
                    [RESULTS]: limits.resultRetentionDays,
                },
                transform: transform?.bucket,
            },
            { parent: this },
        );
    }
}

/** event-lake, as the registry knows it. */
export const eventLake: PipelineKind<EventLakeOptions> = {
    options: eventLakeOptions,
    problems: eventLakeProblems,
    create: (name, options, context, opts) => new EventLake(name, { ...options, ...context }, opts),
};

/**
 * Lake Formation gives new tables of a database to whom the database says: to all of IAM's principals when it says nothing, and the provider
 * cannot say "to nobody". https://github.com/hashicorp/terraform-provider-aws/pull/43226
 */
function onlyTo(roles: Roles) {
    return { permissions: ["SELECT"], principal: { dataLakePrincipalIdentifier: roles["data-engineer"].arn } };
}

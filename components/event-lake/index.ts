import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { eventSimulator } from "../../functions/event-simulator";
import { columnChoices } from "../../schema/choices";
import { jobMapping } from "../../schema/glue-job";
import { Bucket } from "../blocks/bucket";
import { CallbackFunction } from "../blocks/callback-function";
import { Crawler } from "../blocks/crawler";
import { folderOf } from "../blocks/error-prefix";
import { literalOf } from "../blocks/event-pattern";
import { EventRoute } from "../blocks/event-route";
import { GLUE, GlueJob } from "../blocks/glue-job";
import { handlerSource } from "../blocks/handler-source";
import { JobSchedule } from "../blocks/job-schedule";
import { type LogMetric, readPrintedNumber } from "../blocks/log-metric";
import { sqlName } from "../blocks/names";
import { ParquetTable } from "../blocks/parquet-table";
import type { Graph, Pipeline, PipelineKind, StackContext } from "../blocks/pipeline";
import { type Place, placeOf } from "../blocks/place";
import { RunFailures } from "../blocks/run-failures";
import { S3DeliveryStream } from "../blocks/s3-delivery-stream";
import type { Transform } from "../blocks/transform";
import { RESULTS, Workgroup } from "../blocks/workgroup";
import { createRoles, LakeAccess, ROLES, type Roles } from "./access";
import { createAlarms } from "./alarms";
import { cardEvents, details, payments } from "./dataset";
import { graphsOf } from "./graphs";
import { type EventLakeOptions, eventLakeOptions } from "./options";
import { RAW, RAW_PREFIX } from "./places";
import { queries } from "./queries";
import { eventLakeProblems } from "./rules";

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
        this.simulator = this.createSimulator(`${name}-simulator`, args);
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
        this.job = this.createJob(`${name}-job`, args);
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
        this.details = this.describe(args, place);
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

    private createSimulator(name: string, args: EventLakeArgs): CallbackFunction {
        const columns = columnChoices(details, { seed: 1, now: 0 });
        return new CallbackFunction(
            name,
            {
                handler: handlerSource(eventSimulator, { ...sentAs(args), columns }),
                environment: { BUS: this.route.bus.name },
                allow: this.route.put,
                memorySize: args.simulator.memoryMiB,
                timeoutSeconds: args.simulator.timeoutSeconds,
                logRetentionDays: args.logRetentionDays,
            },
            { parent: this },
        );
    }

    private createJob(name: string, { errors, job, logRetentionDays, transform, years }: EventLakeArgs): GlueJob {
        const { bucket } = this.bucket;
        const rejected = `${folderOf(errors.prefix)}rejected`;
        const at = (folder: string) => pulumi.interpolate`s3://${bucket.bucket}/${folder}/`;
        const objects = (prefix: string) => pulumi.interpolate`${bucket.arn}/${prefix}*`;
        return new GlueJob(
            name,
            {
                script: "lake_job.py",
                bucket,
                parameters: {
                    mapping: JSON.stringify(jobMapping(payments, { years: [years.first, years.last] })),
                    source: at(RAW.slice(0, -1)),
                    target: at(cardEvents.name),
                    errors: at(rejected),
                    lookback_days: String(job.lookbackDays),
                    secret_id: this.key.arn,
                },
                allow: [
                    { actions: ["s3:GetObject"], resources: [objects(RAW)] },
                    {
                        // Spark writes beside the place and renames. Without a slash, since it also marks the folder itself as one.
                        actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        resources: [objects(cardEvents.name), objects(rejected)],
                    },
                    {
                        actions: ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                        resources: [this.key.arn],
                    },
                ],
                workers: job.workers,
                timeoutMinutes: job.timeoutMinutes,
                logRetentionDays,
                transform,
            },
            { parent: this },
        );
    }

    private describe(args: EventLakeArgs, { region }: Place): Pipeline["details"] {
        const { access, roles } = this;
        return {
            region,
            bus: this.route.bus.name,
            ...sentAs(args),
            rule: this.route.rule.name,
            ...(this.route.archive && { archive: this.route.archive.name }),
            deadLetters: this.route.deadLetters.queue.url,
            stream: this.stream.stream.name,
            bucket: this.bucket.bucket.bucket,
            key: this.key.arn,
            job: this.job.job.name,
            workflow: this.schedule.workflow.name,
            crawler: this.crawler.crawler.name,
            failures: this.failures.queue.queue.url,
            database: this.database.name,
            table: this.table.table.name,
            workgroup: this.workgroup.workgroup.name,
            queries: Object.keys(queries),
            functions: { simulator: this.simulator.function.name },
            logs: {
                simulator: this.simulator.logGroup.name,
                stream: this.stream.logGroup.name,
                job: this.job.log.name,
            },
            ...(access &&
                roles && {
                    roles: Object.fromEntries(ROLES.map((role) => [role, roles[role].arn])),
                    workgroups: Object.fromEntries(ROLES.map((role) => [role, access.workgroups[role].workgroup.name])),
                }),
        };
    }
}

/** event-lake, as the registry knows it. */
export const eventLake: PipelineKind<EventLakeOptions> = {
    options: eventLakeOptions,
    problems: eventLakeProblems,
    create: (name, options, context, opts) => new EventLake(name, { ...options, ...context }, opts),
};

/** What events must have so that the pattern matches them, where it says so by a text. */
function sentAs({ pattern }: EventLakeOptions) {
    return {
        source: literalOf(pattern, "source") ?? "transactions",
        detailType: literalOf(pattern, "detail-type") ?? "card-event",
    };
}

/**
 * Lake Formation gives new tables of a database to whom the database says: to all of IAM's principals when it says nothing, and the provider
 * cannot say "to nobody". https://github.com/hashicorp/terraform-provider-aws/pull/43226
 */
function onlyTo(roles: Roles) {
    return { permissions: ["SELECT"], principal: { dataLakePrincipalIdentifier: roles["data-engineer"].arn } };
}

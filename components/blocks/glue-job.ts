import * as fs from "node:fs";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ServiceRole, type Statement } from "./role";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link GlueJob}. */
export interface GlueJobArgs {
    /** The script, a file in functions/. */
    readonly script: string;
    /** Holds the script, and what Spark puts aside while it works, below `glue/`. */
    readonly bucket: aws.s3.Bucket;
    /** What the script is told, by the names of its parameters. */
    readonly parameters: Readonly<Record<string, pulumi.Input<string>>>;
    /** What the script may do besides reading itself and writing its log. */
    readonly allow: readonly Statement[];
    /** Most workers at once. Glue begins with two, and adds some when there is work for them. */
    readonly workers: number;
    /** Minutes after which a run is ended. */
    readonly timeoutMinutes: number;
    readonly logRetentionDays: number;
    readonly transform?: { readonly job?: Transform<aws.glue.JobArgs> };
}

/** Folder of a bucket for the scripts and temporary files of jobs. */
export const GLUE = "glue/";

/** A Glue job that reads each file of its source once: script -> role -> job, with logs of its own. */
export class GlueJob extends pulumi.ComponentResource {
    public readonly job: aws.glue.Job;
    /** What the script prints; Spark's own words are in the log beside it. */
    public readonly log: aws.cloudwatch.LogGroup;

    constructor(name: string, args: GlueJobArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:GlueJob", name, {}, opts);
        const child = { parent: this };

        const script = new aws.s3.BucketObjectv2(
            `${name}-script`,
            {
                bucket: args.bucket.bucket,
                key: `${GLUE}scripts/${args.script}`,
                content: fs.readFileSync(path.join(__dirname, "../../functions", args.script), "utf8"),
                contentType: "text/x-python",
            },
            child,
        );
        // Glue's own groups are one for all jobs of the account, and kept for ever.
        const prefix = `/aws-glue/jobs/${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
        const [output, error] = ["output", "error"].map(
            (log) =>
                new aws.cloudwatch.LogGroup(
                    `${name}-${log}-log`,
                    { name: `${prefix}/${log}`, retentionInDays: args.logRetentionDays },
                    child,
                ),
        ) as [aws.cloudwatch.LogGroup, aws.cloudwatch.LogGroup];
        this.log = output;
        const { role, policy } = new ServiceRole(
            `${name}-role`,
            { service: "glue.amazonaws.com", allow: [...permissions(args, script, [output, error]), ...args.allow] },
            child,
        );
        this.job = new aws.glue.Job(
            name,
            transformed(args.transform?.job, {
                roleArn: role.arn,
                command: {
                    scriptLocation: pulumi.interpolate`s3://${script.bucket}/${script.key}`,
                    pythonVersion: "3",
                },
                glueVersion: "5.0",
                workerType: "G.1X",
                numberOfWorkers: args.workers,
                timeout: args.timeoutMinutes,
                // Two runs would read the same files, and bookmarks would break. What failed is read again by the next run.
                executionProperty: { maxConcurrentRuns: 1 },
                maxRetries: 0,
                defaultArguments: { ...own(args, prefix), ...parametersOf(args) },
            }),
            { ...child, dependsOn: policy },
        );

        this.registerOutputs({ job: this.job, log: this.log });
    }
}

/** What Glue itself is told. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html */
function own({ bucket }: GlueJobArgs, logs: string): Readonly<Record<string, pulumi.Input<string>>> {
    return {
        "--job-bookmark-option": "job-bookmark-enable",
        "--enable-auto-scaling": "true",
        "--custom-logGroup-prefix": logs,
        "--TempDir": pulumi.interpolate`s3://${bucket.bucket}/${GLUE}temp/`,
    };
}

function parametersOf({ parameters }: GlueJobArgs): Readonly<Record<string, pulumi.Input<string>>> {
    return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`--${name}`, value]));
}

/** https://docs.aws.amazon.com/glue/latest/dg/getting-started-min-privs-job.html */
function permissions(
    { bucket }: GlueJobArgs,
    script: aws.s3.BucketObjectv2,
    logs: readonly aws.cloudwatch.LogGroup[],
): readonly Statement[] {
    return [
        { actions: ["s3:GetObject"], resources: [pulumi.interpolate`${bucket.arn}/${script.key}`] },
        { actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [bucket.arn] },
        {
            actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources: [pulumi.interpolate`${bucket.arn}/${GLUE}temp/*`],
        },
        {
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: logs.map(({ arn }) => pulumi.interpolate`${arn}:*`),
        },
    ];
}

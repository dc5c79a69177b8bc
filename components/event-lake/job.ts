import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { jobMapping } from "../../schema/glue-job";
import type { Bucket } from "../blocks/bucket";
import { folderOf } from "../blocks/error-prefix";
import { GlueJob } from "../blocks/glue-job";
import type { EventLakeArgs } from ".";
import { cardEvents, payments } from "./dataset";
import { RAW } from "./places";

/** What the job reads and writes. */
interface Lake {
    readonly bucket: Bucket;
    /** The key that card numbers are hashed with. */
    readonly key: aws.secretsmanager.Secret;
}

/** Makes the job that turns raw events into rows. */
export function createJob(
    name: string,
    lake: Lake,
    { errors, job, logRetentionDays, transform, years }: EventLakeArgs,
    child: { readonly parent: pulumi.Resource },
): GlueJob {
    const { bucket } = lake.bucket;
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
                secret_id: lake.key.arn,
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
                    resources: [lake.key.arn],
                },
            ],
            workers: job.workers,
            timeoutMinutes: job.timeoutMinutes,
            logRetentionDays,
            transform,
        },
        child,
    );
}

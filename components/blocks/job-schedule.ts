import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Crawler } from "./crawler";
import type { GlueJob } from "./glue-job";

/** Arguments of {@link JobSchedule}. */
export interface JobScheduleArgs {
    readonly job: GlueJob;
    /** Looks at what the job wrote. */
    readonly crawler: Crawler;
    /** When the job runs, such as `cron(0 * * * ? *)`, in UTC. */
    readonly schedule: string;
}

/** A Glue workflow: by schedule the job, and when it has succeeded the crawler. */
export class JobSchedule extends pulumi.ComponentResource {
    public readonly workflow: aws.glue.Workflow;

    constructor(name: string, { job, crawler, schedule }: JobScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:JobSchedule", name, {}, opts);
        const child = { parent: this };

        this.workflow = new aws.glue.Workflow(name, { maxConcurrentRuns: 1 }, child);
        const workflowName = this.workflow.name;
        new aws.glue.Trigger(
            `${name}-start`,
            { workflowName, type: "SCHEDULED", schedule, actions: [{ jobName: job.job.name }], startOnCreation: true },
            child,
        );
        new aws.glue.Trigger(
            `${name}-crawl`,
            {
                workflowName,
                type: "CONDITIONAL",
                predicate: { conditions: [{ jobName: job.job.name, state: "SUCCEEDED" }] },
                actions: [{ crawlerName: crawler.crawler.name }],
                startOnCreation: true,
            },
            child,
        );

        this.registerOutputs({ workflow: this.workflow });
    }
}

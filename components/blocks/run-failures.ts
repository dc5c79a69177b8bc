import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetterQueue } from "./dead-letter-queue";

/** Arguments of {@link RunFailures}. */
export interface RunFailuresArgs {
    readonly job: aws.glue.Job;
    readonly crawler: aws.glue.Crawler;
}

/**
 * What Glue says of runs that failed: rule on the account's own bus -> queue. The rule is counted in a metric that an alarm can be set on, and
 * the queue has the reasons. https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
 */
export class RunFailures extends pulumi.ComponentResource {
    public readonly rule: aws.cloudwatch.EventRule;
    public readonly queue: DeadLetterQueue;

    constructor(name: string, { job, crawler }: RunFailuresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:RunFailures", name, {}, opts);
        const child = { parent: this };

        this.rule = new aws.cloudwatch.EventRule(
            `${name}-rule`,
            {
                eventPattern: pulumi.jsonStringify({
                    source: ["aws.glue"],
                    "detail-type": ["Glue Job State Change", "Glue Crawler State Change"],
                    detail: {
                        $or: [
                            { jobName: [job.name], state: ["FAILED", "TIMEOUT", "STOPPED"] },
                            { crawlerName: [crawler.name], state: ["Failed"] },
                        ],
                    },
                }),
            },
            child,
        );
        this.queue = new DeadLetterQueue(`${name}-queue`, { rules: [this.rule.arn] }, child);
        new aws.cloudwatch.EventTarget(`${name}-target`, { rule: this.rule.name, arn: this.queue.queue.arn }, child);

        this.registerOutputs({ rule: this.rule, queue: this.queue });
    }
}

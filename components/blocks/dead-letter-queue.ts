import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./role";

/** Seconds for which SQS keeps a message at the longest: 14 days. */
const RETENTION = 14 * 86_400;

/** Arguments of {@link DeadLetterQueue}. */
export interface DeadLetterQueueArgs {
    /** The EventBridge rules whose targets' events it gets, by ARN: EventBridge works without a role there. @default none */
    readonly rules?: readonly pulumi.Input<string>[];
}

/** A queue for what a service has given up, encrypted and for TLS only. Nothing reads it but who looks into what went wrong. */
export class DeadLetterQueue extends pulumi.ComponentResource {
    public readonly queue: aws.sqs.Queue;

    constructor(name: string, args: DeadLetterQueueArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:DeadLetterQueue", name, {}, opts);
        const child = { parent: this };

        this.queue = new aws.sqs.Queue(name, { messageRetentionSeconds: RETENTION, sqsManagedSseEnabled: true }, child);
        new aws.sqs.QueuePolicy(
            `${name}-policy`,
            { queueUrl: this.queue.url, policy: policyOf(this.queue.arn, args) },
            child,
        );

        this.registerOutputs({ queue: this.queue });
    }

    /** What those need who put into it. */
    public get send(): readonly Statement[] {
        return [{ actions: ["sqs:SendMessage"], resources: [this.queue.arn] }];
    }
}

function policyOf(arn: pulumi.Output<string>, { rules = [] }: DeadLetterQueueArgs): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "DenyWithoutTls",
                Effect: "Deny",
                Principal: "*",
                Action: "sqs:*",
                Resource: arn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
            // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
            ...rules.map((rule) => ({
                Effect: "Allow",
                Principal: { Service: "events.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: arn,
                Condition: { ArnEquals: { "aws:SourceArn": rule } },
            })),
        ],
    });
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetterQueue } from "./dead-letter-queue";
import type { StackContext } from "./pipeline";
import { ServiceRole, type Statement } from "./role";
import type { S3DeliveryStream } from "./s3-delivery-stream";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link EventRoute}. */
export interface EventRouteArgs extends Pick<StackContext, "disposable"> {
    /** Which events of the bus are meant. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
    readonly pattern: Readonly<Record<string, unknown>>;
    /** Where they go. */
    readonly stream: S3DeliveryStream;
    readonly account: pulumi.Input<string>;
    /** How often EventBridge tries again when the stream does not take an event. */
    readonly retries: number;
    /** Seconds after which it gives the event up however often it has tried. */
    readonly maxAgeSeconds: number;
    /** Days for which the events can be replayed. @default they cannot */
    readonly archiveDays?: number;
    readonly transform?: {
        readonly bus?: Transform<aws.cloudwatch.EventBusArgs>;
        readonly rule?: Transform<aws.cloudwatch.EventRuleArgs>;
    };
}

/** An event bus of its own, and what leads its events to a stream: bus -> archive, bus -> rule -> stream, and to a queue what was given up. */
export class EventRoute extends pulumi.ComponentResource {
    public readonly bus: aws.cloudwatch.EventBus;
    /** Keeps the events as they came, where there is one. */
    public readonly archive?: aws.cloudwatch.EventArchive;
    public readonly rule: aws.cloudwatch.EventRule;
    /** Holds the events that the stream did not take. */
    public readonly deadLetters: DeadLetterQueue;

    constructor(name: string, args: EventRouteArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:EventRoute", name, {}, opts);
        const child = { parent: this };
        const eventPattern = JSON.stringify(args.pattern);

        this.bus = new aws.cloudwatch.EventBus(`${name}-bus`, transformed(args.transform?.bus, {}), child);
        if (args.archiveDays !== undefined) {
            this.archive = new aws.cloudwatch.EventArchive(
                `${name}-archive`,
                { eventSourceArn: this.bus.arn, eventPattern, retentionDays: args.archiveDays },
                { ...child, protect: !args.disposable },
            );
        }
        this.rule = new aws.cloudwatch.EventRule(
            `${name}-rule`,
            transformed(args.transform?.rule, { eventBusName: this.bus.name, eventPattern }),
            child,
        );
        this.deadLetters = new DeadLetterQueue(`${name}-dead-letters`, { rules: [this.rule.arn] }, child);
        const { role, policy } = new ServiceRole(
            `${name}-role`,
            {
                service: "events.amazonaws.com",
                // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
                onlyFor: { account: args.account, arn: this.rule.arn },
                allow: args.stream.write,
            },
            child,
        );
        new aws.cloudwatch.EventTarget(
            `${name}-target`,
            {
                eventBusName: this.bus.name,
                rule: this.rule.name,
                arn: args.stream.stream.arn,
                roleArn: role.arn,
                retryPolicy: {
                    maximumRetryAttempts: args.retries,
                    maximumEventAgeInSeconds: args.maxAgeSeconds,
                },
                deadLetterConfig: { arn: this.deadLetters.queue.arn },
            },
            { ...child, dependsOn: policy },
        );

        this.registerOutputs({ bus: this.bus, rule: this.rule });
    }

    /** What those need who send events. */
    public get put(): readonly Statement[] {
        return [{ actions: ["events:PutEvents"], resources: [this.bus.arn] }];
    }
}

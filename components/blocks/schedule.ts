import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link createSchedule}. */
export interface ScheduleArgs {
    readonly description: string;
    /** `cron(10 * * * ? *)` or `rate(1 hour)`, in UTC. */
    readonly expression: string;
    readonly function: aws.lambda.Function;
}

/** Has EventBridge call a function by a schedule: rule -> target, and the permission for that rule alone. */
export function createSchedule(name: string, args: ScheduleArgs, opts: pulumi.CustomResourceOptions): void {
    const rule = new aws.cloudwatch.EventRule(
        name,
        { description: args.description, scheduleExpression: args.expression },
        opts,
    );
    const permission = new aws.lambda.Permission(
        `${name}-permission`,
        {
            action: "lambda:InvokeFunction",
            function: args.function.name,
            principal: "events.amazonaws.com",
            sourceArn: rule.arn,
        },
        opts,
    );
    new aws.cloudwatch.EventTarget(
        `${name}-target`,
        { rule: rule.name, arn: args.function.arn },
        { ...opts, dependsOn: permission },
    );
}

import type * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";

/** What the stack tells each of its pipelines. */
export interface StackContext {
    /** Whether data may be deleted with the stack. */
    readonly disposable: boolean;
    /** Days that logs are kept. */
    readonly logRetentionDays: number;
    /** Whether roles get Lake Formation grants beside their IAM policies. */
    readonly lakeFormation: "off" | "grant";
    /** ARN of the topic that alarms are sent to. */
    readonly alarmTopic: pulumi.Input<string>;
}

/** A problem with one pipeline's options: where, and a sentence with the fix in it. */
export interface Problem {
    /** Keys below the pipeline's options, such as `["auth", "throttle"]`. */
    readonly path: readonly string[];
    readonly message: string;
}

/** A graph of the stack's dashboard. */
export interface Graph {
    readonly title: string;
    /** CloudWatch metrics: namespace, name, then dimension names and values in turn. */
    readonly metrics: readonly (readonly pulumi.Input<string>[])[];
    /** @default "Sum" */
    readonly statistic?: "Sum" | "Maximum" | "Average";
}

/** A pipeline that has been made. */
export interface Pipeline extends pulumi.ComponentResource {
    /** Where events go in over HTTP, when the pipeline has an API. */
    readonly url?: pulumi.Output<string>;
    /** What a user needs to work with the pipeline, by name. */
    readonly details: Readonly<Record<string, pulumi.Input<unknown>>>;
    /** What the stack's dashboard shows of it. */
    readonly graphs: readonly Graph[];
}

/** A kind of pipeline: what the registry has one line for. */
export interface PipelineKind<Options = unknown> {
    /** The options with their ranges and defaults. */
    readonly options: z.ZodType<Options>;
    /** What AWS would refuse, or worse accept, in options that are each within their range. */
    problems(options: Options): readonly Problem[];
    /** Makes the pipeline. */
    create(name: string, options: Options, context: StackContext, opts?: pulumi.ComponentResourceOptions): Pipeline;
}

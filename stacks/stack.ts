import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createDashboard } from "./dashboard";
import { registry } from "./registry";
import type { Settings } from "./settings";
import { tagged } from "./tags";

/** What a stack gives: `pulumi stack output endpoints`. */
export interface StackOutputs {
    /** What a user needs of each pipeline, by instance. */
    readonly pipelines: Readonly<Record<string, Readonly<Record<string, pulumi.Input<unknown>>>>>;
    /** Where events go in over HTTP, by instance. */
    readonly endpoints: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Makes everything that a stack's settings ask for: topic for alarms -> pipelines -> dashboard. */
export function createStack(settings: Settings): StackOutputs {
    const common = { project: pulumi.getProject(), stack: pulumi.getStack(), ...settings.tags };
    const alarmTopic = createAlarmTopic(settings.alarmEmail, { transformations: [tagged(common)] }).arn;
    const made = settings.pipelines.map(({ name, kind, options }) => {
        const opts = { transformations: [tagged({ pipeline: name, ...common })] };
        return { name, kind, pipeline: registry[kind].create(name, options, { ...settings, alarmTopic }, opts) };
    });
    createDashboard("dashboard", made);
    return {
        pipelines: Object.fromEntries(made.map(({ name, kind, pipeline }) => [name, { kind, ...pipeline.details }])),
        endpoints: Object.fromEntries(
            made.flatMap(({ name, pipeline }) => (pipeline.url ? [[name, pipeline.url]] : [])),
        ),
    };
}

/** The topic is not encrypted: alarms cannot write to one that is with AWS's own key, and they say nothing of the data. */
function createAlarmTopic(email: string, opts: pulumi.CustomResourceOptions): aws.sns.Topic {
    const topic = new aws.sns.Topic("alarms", {}, opts);
    if (email)
        new aws.sns.TopicSubscription("alarms-email", { topic: topic.arn, protocol: "email", endpoint: email }, opts);
    return topic;
}

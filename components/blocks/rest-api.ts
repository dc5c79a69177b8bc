import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "./transform";

/** How many requests an API takes. */
export interface Throttle {
    /** Requests per second, in the long run. */
    readonly rate: number;
    /** Requests at once. */
    readonly burst: number;
}

/** Requests that one key has in a period. */
export interface Quota {
    readonly limit: number;
    readonly period: "DAY" | "WEEK" | "MONTH";
}

/** Arguments of {@link RestApi}. */
export interface RestApiArgs {
    readonly description: string;
    /** The whole API as an OpenAPI 3.0 document with Amazon's extensions, as JSON text. */
    readonly body: pulumi.Input<string>;
    /** @default the account's throttle */
    readonly throttle?: Throttle;
    /** Makes a key, and a usage plan that lets it in. @default no key is made */
    readonly key?: { readonly throttle?: Throttle; readonly quota?: Quota };
    /** Where a line for every request goes, and what it holds. @default nowhere */
    readonly accessLog?: { readonly destinationArn: pulumi.Input<string>; readonly format: string };
    readonly transform?: { readonly api?: Transform<aws.apigateway.RestApiArgs> };
}

/** Name of the one stage. */
export const STAGE = "v1";

/** A regional REST API: document -> deployment, a new one for each new document -> stage `v1`, with throttle and metrics, and a key if asked for. */
export class RestApi extends pulumi.ComponentResource {
    public readonly api: aws.apigateway.RestApi;
    public readonly stage: aws.apigateway.Stage;
    /** The key, when one was asked for. */
    public readonly key?: aws.apigateway.ApiKey;
    /** The URL of the stage. */
    public readonly url: pulumi.Output<string>;

    constructor(name: string, args: RestApiArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:RestApi", name, {}, opts);
        const child = { parent: this };

        this.api = new aws.apigateway.RestApi(
            name,
            transformed(args.transform?.api, {
                description: args.description,
                body: args.body,
                endpointConfiguration: { types: "REGIONAL" },
            }),
            child,
        );
        const deployment = new aws.apigateway.Deployment(
            `${name}-deployment`,
            { restApi: this.api.id, triggers: { body: pulumi.output(args.body).apply(sha256) } },
            child,
        );
        this.stage = new aws.apigateway.Stage(
            `${name}-stage`,
            {
                restApi: this.api.id,
                deployment: deployment.id,
                stageName: STAGE,
                accessLogSettings: args.accessLog,
            },
            child,
        );
        new aws.apigateway.MethodSettings(
            `${name}-settings`,
            {
                restApi: this.api.id,
                stageName: this.stage.stageName,
                methodPath: "*/*",
                settings: settings(args.throttle),
            },
            child,
        );
        this.key = args.key && this.createKey(name, args.key);
        this.url = this.stage.invokeUrl;

        this.registerOutputs({ api: this.api, stage: this.stage, url: this.url });
    }

    private createKey(name: string, { throttle, quota }: NonNullable<RestApiArgs["key"]>): aws.apigateway.ApiKey {
        const child = { parent: this };
        const key = new aws.apigateway.ApiKey(`${name}-key`, {}, child);
        const plan = new aws.apigateway.UsagePlan(
            `${name}-plan`,
            {
                apiStages: [{ apiId: this.api.id, stage: this.stage.stageName }],
                throttleSettings: throttle && { rateLimit: throttle.rate, burstLimit: throttle.burst },
                quotaSettings: quota,
            },
            child,
        );
        new aws.apigateway.UsagePlanKey(
            `${name}-plan-key`,
            { keyId: key.id, keyType: "API_KEY", usagePlanId: plan.id },
            child,
        );
        return key;
    }
}

/** Execution logs stay off: they need a role that is set once for the whole account, which is not this program's to set. */
function settings(throttle: Throttle | undefined) {
    return {
        metricsEnabled: true,
        loggingLevel: "OFF",
        ...(throttle && { throttlingRateLimit: throttle.rate, throttlingBurstLimit: throttle.burst }),
    };
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { noPackages } from "./code-paths";
import type { HandlerSource } from "./handler-source";

/** A permission of a function's role. */
export interface Allow {
    /** Actions such as `dynamodb:BatchWriteItem`. */
    readonly actions: readonly string[];
    /** ARNs that the actions are allowed on. */
    readonly resources: readonly pulumi.Input<string>[];
}

/** Arguments of {@link CallbackFunction}. */
export interface CallbackFunctionArgs {
    /** The handler: `handlerSource(factory, options)`. */
    readonly handler: HandlerSource;
    /** What the handler may do, besides writing its own log. @default nothing */
    readonly allow?: readonly Allow[];
    /** Environment variables: what the handler must know and the program learns only while it deploys. @default none */
    readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Memory in MiB; a full processor core comes at 1,769. @default 512 */
    readonly memorySize?: pulumi.Input<number>;
    /** Seconds after which a call is ended. @default 60 */
    readonly timeoutSeconds?: pulumi.Input<number>;
    /** Calls that may run at once. @default the account's unreserved concurrency */
    readonly reservedConcurrency?: pulumi.Input<number>;
    /** Days that the log is kept. @default 30 */
    readonly logRetentionDays?: pulumi.Input<number>;
    /** Tags of every resource made here that takes tags. @default none */
    readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** A handler as a Lambda function with a role of its own and a log that expires: role -> log group -> permissions -> function. */
export class CallbackFunction extends pulumi.ComponentResource {
    /** The role that the function runs with. */
    public readonly role: aws.iam.Role;
    /** Where the function logs, as JSON lines. */
    public readonly logGroup: aws.cloudwatch.LogGroup;
    /** The function. */
    public readonly function: aws.lambda.CallbackFunction<unknown, unknown>;

    constructor(name: string, args: CallbackFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:CallbackFunction", name, {}, opts);
        const child = { parent: this };

        this.role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy: trust(this), tags: args.tags }, child);
        this.logGroup = new aws.cloudwatch.LogGroup(
            `${name}-log`,
            {
                name: `/aws/lambda/${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
                retentionInDays: args.logRetentionDays ?? 30,
                tags: args.tags,
            },
            child,
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-policy`,
            { role: this.role.id, policy: permissions(this.logGroup, args.allow ?? []) },
            child,
        );
        this.function = new aws.lambda.CallbackFunction(
            name,
            {
                callbackFactory: callbackFactory(args.handler),
                codePathOptions: noPackages(),
                role: this.role,
                runtime: "nodejs24.x",
                architectures: ["arm64"],
                memorySize: args.memorySize ?? 512,
                timeout: args.timeoutSeconds ?? 60,
                reservedConcurrentExecutions: args.reservedConcurrency,
                environment: args.environment && { variables: args.environment },
                loggingConfig: {
                    logFormat: "JSON",
                    applicationLogLevel: "INFO",
                    systemLogLevel: "WARN",
                    logGroup: this.logGroup.name,
                },
                tags: args.tags,
            },
            { ...child, dependsOn: [policy] },
        );

        this.registerOutputs({ role: this.role, logGroup: this.logGroup, function: this.function });
    }
}

function callbackFactory({ factory, text, options }: HandlerSource): aws.lambda.CallbackFactory<unknown, unknown> {
    return () => {
        const module = { exports: {} as Record<string, (options: unknown) => aws.lambda.Callback<unknown, unknown>> };
        new Function("module", "require", text)(module, require);
        return module.exports[factory](options);
    };
}

function trust(parent: pulumi.Resource): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Effect: "Allow",
                Principal: { Service: "lambda.amazonaws.com" },
                Action: "sts:AssumeRole",
                Condition: {
                    StringEquals: { "aws:SourceAccount": aws.getCallerIdentityOutput({}, { parent }).accountId },
                },
            },
        ],
    });
}

/** The log group's own ARN names no stream: `:*` stands for its streams, whose names Lambda makes up. */
function permissions(logGroup: aws.cloudwatch.LogGroup, allow: readonly Allow[]): pulumi.Output<string> {
    const statements: readonly Allow[] = [
        { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [pulumi.interpolate`${logGroup.arn}:*`] },
        ...allow,
    ];
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: statements.map(({ actions, resources }) => ({
            Effect: "Allow",
            Action: actions,
            Resource: resources,
        })),
    });
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { noPackages } from "./code-paths";
import type { HandlerSource } from "./handler-source";
import { placeOf } from "./place";
import { ServiceRole, type Statement } from "./role";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link CallbackFunction}. */
export interface CallbackFunctionArgs {
    /** The handler: `handlerSource(factory, options)`. */
    readonly handler: HandlerSource;
    /** What the handler may do besides writing its log. @default nothing */
    readonly allow?: readonly Statement[];
    /** What the handler must know and the program learns only while it deploys, as environment variables. @default none */
    readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Memory in MiB. The processor comes with it: a whole core at 1,769. @default 512 */
    readonly memorySize?: pulumi.Input<number>;
    /** Seconds after which a call is ended. @default 60 */
    readonly timeoutSeconds?: pulumi.Input<number>;
    /** How many calls may run at once, taken from what the account has. @default as many as the account has left */
    readonly reservedConcurrency?: pulumi.Input<number>;
    /** Days that the log is kept. @default 30 */
    readonly logRetentionDays?: pulumi.Input<number>;
    /** Overrides for the resources made here. */
    readonly transform?: {
        readonly logGroup?: Transform<aws.cloudwatch.LogGroupArgs>;
        readonly function?: Transform<FunctionArgs>;
    };
}

type FunctionArgs = aws.lambda.CallbackFunctionArgs<unknown, unknown>;

/** A handler as a Lambda function that may do what it is allowed and no more: log -> role -> function. */
export class CallbackFunction extends pulumi.ComponentResource {
    /** Where the function logs, as lines of JSON. */
    public readonly logGroup: aws.cloudwatch.LogGroup;
    /** The role that the function works with. */
    public readonly role: aws.iam.Role;
    public readonly function: aws.lambda.Function;

    constructor(name: string, args: CallbackFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:CallbackFunction", name, {}, opts);
        const child = { parent: this };

        this.logGroup = new aws.cloudwatch.LogGroup(
            `${name}-log`,
            transformed(args.transform?.logGroup, {
                // Named here, not after the function, so that it is there before the function logs. Lambda would make one that is kept for ever.
                name: `/aws/lambda/${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
                retentionInDays: args.logRetentionDays ?? 30,
            }),
            child,
        );
        const { role, policy } = new ServiceRole(
            `${name}-role`,
            {
                service: "lambda.amazonaws.com",
                // The account and not the function, whose ARN is known only once it has a role. AWS does the same in
                // https://github.com/aws/agent-toolkit-for-aws (deploying-custom-domain-rest-api, lambda-trust-policy.json).
                onlyFor: { account: placeOf(this).account },
                allow: [writeTo(this.logGroup), ...(args.allow ?? [])],
            },
            child,
        );
        this.role = role;
        this.function = new aws.lambda.CallbackFunction(
            name,
            transformed(args.transform?.function, functionArgs(args, role, this.logGroup)),
            // Lambda refuses a function whose role may not do yet what the function needs.
            { ...child, dependsOn: policy },
        );

        this.registerOutputs({ logGroup: this.logGroup, role: this.role, function: this.function });
    }
}

/** `:*` stands for the streams of the log group, which are all that it holds, and whose names Lambda makes up. */
function writeTo(logGroup: aws.cloudwatch.LogGroup): Statement {
    return {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [pulumi.interpolate`${logGroup.arn}:*`],
    };
}

function functionArgs(args: CallbackFunctionArgs, role: aws.iam.Role, logGroup: aws.cloudwatch.LogGroup): FunctionArgs {
    return {
        callbackFactory: callbackFactory(args.handler),
        codePathOptions: noPackages(),
        role,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        memorySize: args.memorySize ?? 512,
        timeout: args.timeoutSeconds ?? 60,
        reservedConcurrentExecutions: args.reservedConcurrency,
        environment: args.environment && { variables: args.environment },
        loggingConfig: {
            logGroup: logGroup.name,
            logFormat: "JSON",
            applicationLogLevel: "INFO",
            // Metrics count and time the calls; only what went wrong with one is worth a line.
            systemLogLevel: "WARN",
        },
    };
}

/**
 * Runs when a container starts. Pulumi puts each function that it serializes into a `with` block, in which the engine optimizes nothing; so
 * the handler is captured as text, and compiled here, outside of all blocks. Nothing but strings and plain data is captured.
 */
function callbackFactory({ factory, text, options }: HandlerSource): aws.lambda.CallbackFactory<unknown, unknown> {
    return () => {
        const module = { exports: {} as Record<string, (options: unknown) => aws.lambda.Callback<unknown, unknown>> };
        new Function("module", "require", text)(module, require);
        return module.exports[factory](options);
    };
}

import { isServiceError, serviceError } from "../errors";
import type { Payload } from "../payload";
import type { Caller, Services } from "../services";
import type { FunctionConfiguration } from "./configuration";
import { type Ending, startContainer } from "./container";
import { endLines, startLines } from "./platform-log";

/** What an execution environment needs. */
export type EnvironmentServices = Pick<Services, "clock" | "iam" | "logs" | "place" | "randomHex">;

/** A call that has ended, and the last lines of its log. */
export interface Run {
    readonly ending: Ending;
    readonly log: readonly string[];
}

/** An execution environment: a container that acts as the function's role, and has a log stream of its own. */
export interface Environment {
    run(requestId: string, functionArn: string, payload: Payload): Promise<Run>;
    isAlive(): boolean;
    close(): void;
}

/** Lines of a call that are held back before they are written to the log. */
const MOST_LINES = 200;

/** Starts an execution environment. Throws when Lambda may not assume the function's role. */
export function startEnvironment(services: EnvironmentServices, configuration: FunctionConfiguration): Environment {
    const { clock, logs } = services;
    const role = assumeRole(services, configuration);
    const logStream = logStreamOf(services, configuration);
    let written: readonly string[] = [];
    let lines: string[] = [];

    function flush(): void {
        try {
            if (lines.length > 0) logs.putLogEvents(role, configuration.logGroup, logStream, lines);
        } catch (error) {
            // As on AWS, a function that may not log, or whose log group is gone, works without a log.
            if (!isServiceError(error)) throw error;
        }
        written = lines;
        lines = [];
    }

    const container = startContainer(configuration, {
        clock,
        variables: variablesOf(services, configuration, role, logStream),
        log(line) {
            lines.push(line);
            if (lines.length >= MOST_LINES) flush();
        },
    });
    return {
        isAlive: container.isAlive,
        close() {
            container.close();
            flush();
        },
        async run(requestId, functionArn, payload) {
            written = [];
            lines.push(...startLines(configuration, requestId, clock.now()));
            const { timeoutMs } = configuration;
            const ending = await container.run({ requestId, payload, functionArn, timeoutMs });
            lines.push(...endLines(configuration, { requestId, ...ending }, clock.now()));
            const log = [...written, ...lines];
            flush();
            return { ending, log };
        },
    };
}

function assumeRole({ iam }: EnvironmentServices, { role, arn, name }: FunctionConfiguration): Caller {
    try {
        return iam.assume(role, "lambda.amazonaws.com", arn, name);
    } catch (error) {
        if (!isServiceError(error)) throw error;
        const message = "The role defined for the function cannot be assumed by Lambda.";
        throw serviceError("AccessDeniedException", message, 403);
    }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html */
function logStreamOf({ clock, randomHex }: EnvironmentServices, { logStreamPrefix }: FunctionConfiguration): string {
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    return `${day}/${logStreamPrefix}[$LATEST]${randomHex(32)}`;
}

/**
 * The environment variables that a function sees: Lambda's own, the role's credentials, and those that the program gave it. Nothing of this
 * process's environment is among them. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
function variablesOf(
    { iam, place }: EnvironmentServices,
    configuration: FunctionConfiguration,
    role: Caller,
    logStream: string,
): Record<string, string> {
    const { accessKeyId, secretAccessKey, sessionToken } = iam.credentials(role);
    return {
        LANG: "en_US.UTF-8",
        PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        TZ: ":UTC",
        ...configuration.variables,
        _HANDLER: configuration.handler,
        AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
        AWS_REGION: place.region,
        AWS_DEFAULT_REGION: place.region,
        AWS_LAMBDA_FUNCTION_NAME: configuration.name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySize),
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroup,
        AWS_LAMBDA_LOG_STREAM_NAME: logStream,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
        // What makes the SDK in the function talk to this runtime instead of AWS.
        AWS_ENDPOINT_URL: place.endpoint(),
        LAMBDA_TASK_ROOT: "/var/task",
        LAMBDA_RUNTIME_DIR: "/var/runtime",
    };
}

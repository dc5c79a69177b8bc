/** Most bytes of a synchronous call's payload: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_REQUEST = 6_291_456;

/** Most bytes of an asynchronous call's payload: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_EVENT = 1_048_576;

/** Milliseconds that loading a handler may take: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
export const INIT_TIMEOUT_MS = 10_000;

/** Most bytes of the environment variables, as JSON: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_ENVIRONMENT = 4096;

/** Seconds that a call may take: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const TIMEOUT = { least: 1, most: 900 } as const;

/** Memory in MB: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const MEMORY = { least: 128, most: 10_240 } as const;

/** The runtimes that run here. The Node that runs them is the one that runs everything else. */
export const RUNTIMES = ["nodejs22.x", "nodejs24.x"] as const;

/** Bytes of the log that a caller may ask for: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const LOG_TAIL = 4096;

/** Names that a function's own variables may not have: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
export const RESERVED_VARIABLES: readonly string[] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

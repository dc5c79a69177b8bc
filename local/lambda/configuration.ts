import type { Resource } from "../resources";

/** Inputs of `aws:lambda/function:Function`, as far as the local Lambda reads them. */
export interface FunctionInputs {
    readonly name: string;
    readonly role: string;
    readonly handler?: string;
    readonly runtime?: string;
    readonly code?: { readonly archive?: Readonly<Record<string, string>> };
    readonly timeout?: number;
    readonly memorySize?: number;
    readonly description?: string;
    readonly architectures?: readonly string[];
    readonly environment?: { readonly variables?: Readonly<Record<string, string>> };
    readonly reservedConcurrentExecutions?: number;
    readonly loggingConfig?: {
        readonly logFormat: "Text" | "JSON";
        readonly logGroup?: string;
        readonly applicationLogLevel?: string;
        readonly systemLogLevel?: string;
    };
}

/** A function's outputs, as far as the local Lambda reads them. */
export interface FunctionOutputs {
    readonly arn: string;
    readonly lastModified: string;
    readonly codeSha256: string;
    readonly sourceCodeSize: number;
}

/** A function, as the program declared it. */
export type FunctionResource = Resource<FunctionInputs, FunctionOutputs>;

/** What is known of a function, with everything that the program left out filled in. */
export interface FunctionConfiguration {
    readonly name: string;
    readonly arn: string;
    readonly role: string;
    readonly handler: string;
    readonly runtime: string;
    readonly files: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    /** MB. */
    readonly memorySize: number;
    readonly variables: Readonly<Record<string, string>>;
    /** How many calls may run at once; undefined when the account's limit is all there is. */
    readonly reservedConcurrency: number | undefined;
    readonly logFormat: "Text" | "JSON";
    readonly logGroup: string;
    /** What comes before a log stream's number: a log group of its own has streams of one function only. */
    readonly logStreamPrefix: string;
    readonly applicationLogLevel: string;
    readonly systemLogLevel: string;
}

const known = new WeakMap<FunctionResource, FunctionConfiguration>();

/** The configuration of a function's resource. */
export function configurationOf(resource: FunctionResource): FunctionConfiguration {
    const cached = known.get(resource);
    if (cached) return cached;
    const configuration = parse(resource);
    known.set(resource, configuration);
    return configuration;
}

function parse({ inputs, outputs }: FunctionResource): FunctionConfiguration {
    const { name, loggingConfig } = inputs;
    const ownGroup = `/aws/lambda/${name}`;
    const logGroup = loggingConfig?.logGroup || ownGroup;
    const reserved = inputs.reservedConcurrentExecutions ?? -1;
    return {
        name,
        arn: outputs.arn,
        role: inputs.role,
        handler: inputs.handler ?? "",
        runtime: inputs.runtime ?? "",
        files: inputs.code?.archive ?? {},
        timeoutMs: (inputs.timeout ?? 3) * 1000,
        memorySize: inputs.memorySize ?? 128,
        variables: inputs.environment?.variables ?? {},
        reservedConcurrency: reserved < 0 ? undefined : reserved,
        logFormat: loggingConfig?.logFormat ?? "Text",
        logGroup,
        logStreamPrefix: logGroup === ownGroup ? "" : name,
        applicationLogLevel: loggingConfig?.applicationLogLevel || "INFO",
        systemLogLevel: loggingConfig?.systemLogLevel || "INFO",
    };
}

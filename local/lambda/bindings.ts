import { createHash } from "node:crypto";
import { isServiceError, serviceError, unsupported } from "../errors";
import type { Binding, Bindings, Made, Properties } from "../resources";
import type { Services } from "../services";
import type { FunctionInputs } from "./configuration";
import { MAX_ENVIRONMENT, MEMORY, RESERVED_VARIABLES, RUNTIMES, TIMEOUT } from "./model";

/** Bindings of Lambda's resource types. */
export function lambdaBindings(services: Pick<Services, "clock" | "iam" | "place">): Bindings {
    return {
        "aws:lambda/function:Function": functionBinding(services),
        "aws:lambda/permission:Permission": permissionBinding,
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": eventInvokeConfigBinding,
    };
}

function functionBinding({ clock, iam, place }: Pick<Services, "clock" | "iam" | "place">): Binding {
    const invokeArn = (arn: string) =>
        `arn:aws:apigateway:${place.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    const create = (properties: Properties): Made => {
        const inputs = properties as unknown as FunctionInputs;
        refuseUnsupported(properties);
        const { name } = inputs;
        const arn = `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;
        requireRole(iam, inputs.role, arn, name);
        const code = JSON.stringify(Object.entries(inputs.code?.archive ?? {}).sort());
        // Of the code, not of a zip file, which is never made; it changes when the code does.
        const codeSha256 = createHash("sha256").update(code).digest("base64");
        const outputs = {
            architectures: ["x86_64"],
            ephemeralStorage: { size: 512 },
            memorySize: 128,
            packageType: "Zip",
            publish: false,
            region: place.region,
            reservedConcurrentExecutions: -1,
            skipDestroy: false,
            sourceCodeHash: codeSha256,
            timeout: 3,
            tracingConfig: { mode: "PassThrough" },
            tagsAll: properties.tags ?? {},
            ...properties,
            loggingConfig: loggingConfigOf(inputs),
            arn,
            codeSha256,
            invokeArn: invokeArn(arn),
            lastModified: new Date(clock.now()).toISOString().replace("Z", "+0000"),
            qualifiedArn: `${arn}:$LATEST`,
            qualifiedInvokeArn: invokeArn(`${arn}:$LATEST`),
            sourceCodeSize: Buffer.byteLength(code),
            version: "$LATEST",
        };
        return { id: name, outputs };
    };
    return { name: { property: "name", maxLength: 64 }, check: functionProblems, create };
}

/** Lambda refuses a function whose role it cannot take, when the function is made. */
function requireRole(iam: Services["iam"], role: string, arn: string, name: string): void {
    try {
        iam.assume(role, "lambda.amazonaws.com", arn, name);
    } catch (error) {
        if (!isServiceError(error)) throw error;
        const message = "The role defined for the function cannot be assumed by Lambda.";
        throw serviceError("InvalidParameterValueException", message);
    }
}

function loggingConfigOf({ name, loggingConfig }: FunctionInputs): object {
    const given = { logFormat: "Text", logGroup: `/aws/lambda/${name}`, ...loggingConfig };
    return given.logFormat === "JSON" ? { applicationLogLevel: "INFO", systemLogLevel: "INFO", ...given } : given;
}

/** Inputs that would make the function behave otherwise on AWS than it does here. */
function refuseUnsupported(inputs: Properties): void {
    for (const property of [
        "codeSigningConfigArn",
        "deadLetterConfig",
        "durableConfig",
        "fileSystemConfig",
        "imageUri",
        "layers",
        "s3Bucket",
        "snapStart",
        "vpcConfig",
    ]) {
        if (inputs[property] !== undefined) throw unsupported(`"${property}" of a Lambda function`);
    }
    if (inputs.publish === true) throw unsupported("A published version of a Lambda function");
}

function functionProblems(properties: Properties): readonly string[] {
    const inputs = properties as unknown as FunctionInputs;
    return [
        ...codeProblems(inputs),
        ...range("timeout", inputs.timeout, TIMEOUT),
        ...range("memorySize", inputs.memorySize, MEMORY),
        ...variableProblems(inputs.environment?.variables ?? {}),
        ...loggingProblems(inputs.loggingConfig),
    ];
}

function codeProblems({ runtime, handler, code }: FunctionInputs): readonly string[] {
    if (!code) return [];
    const problems: string[] = [];
    if (!RUNTIMES.some((each) => each === runtime)) {
        problems.push(`The runtime "${runtime}" does not run locally. Those that do are: ${RUNTIMES.join(", ")}.`);
    }
    const file = /^(.+)\.[^.]+$/.exec(handler ?? "")?.[1];
    if (file === undefined) return [...problems, `The handler "${handler}" must have the form "<file>.<export>".`];
    const files = Object.keys(code.archive ?? {});
    if (!files.some((each) => each === `${file}.js` || each === `${file}.cjs`)) {
        problems.push(
            `The code has no file "${file}.js" for the handler "${handler}". Its files are: ${files.join(", ")}.`,
        );
    }
    return problems;
}

function range(name: string, value: number | undefined, { least, most }: { least: number; most: number }) {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`expected ${name} to be in the range (${least} - ${most}), got ${value}`];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function variableProblems(variables: Readonly<Record<string, string>>): readonly string[] {
    const names = Object.keys(variables);
    const problems = names
        .filter((name) => !/^[a-zA-Z]([a-zA-Z0-9_])+$/.test(name))
        .map(
            (name) =>
                `"${name}" is no name for an environment variable: a letter, then letters, digits and "_", at least two in all.`,
        );
    const reserved = names.filter((name) => RESERVED_VARIABLES.includes(name));
    if (reserved.length > 0) {
        problems.push(
            `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
        );
    }
    const size = Buffer.byteLength(JSON.stringify(variables));
    if (size > MAX_ENVIRONMENT) {
        problems.push(
            `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit: ${size} bytes.`,
        );
    }
    return problems;
}

function loggingProblems(config: FunctionInputs["loggingConfig"]): readonly string[] {
    if (config?.logFormat !== "Text" || (!config.applicationLogLevel && !config.systemLogLevel)) return [];
    return ["loggingConfig: log levels can be chosen only where logFormat is JSON."];
}

const permissionBinding: Binding = {
    name: { property: "statementId", maxLength: 100 },
    create: (inputs) => ({ id: String(inputs.statementId), outputs: { ...inputs } }),
};

const eventInvokeConfigBinding: Binding = {
    check: ({ maximumRetryAttempts, maximumEventAgeInSeconds }) => [
        ...range("maximumRetryAttempts", maximumRetryAttempts as number | undefined, { least: 0, most: 2 }),
        ...range("maximumEventAgeInSeconds", maximumEventAgeInSeconds as number | undefined, {
            least: 60,
            most: 21_600,
        }),
    ],
    create(inputs) {
        if (inputs.destinationConfig) throw unsupported("A destination of a function's asynchronous calls");
        const { functionName, qualifier } = inputs as Readonly<Record<string, string>>;
        return {
            id: qualifier === undefined ? String(functionName) : `${functionName}:${qualifier}`,
            outputs: { maximumRetryAttempts: 2, ...inputs },
        };
    },
};

import { isServiceError, serviceError, unsupported } from "../errors";
import { textOf } from "../payload";
import type { Caller, HttpRequest, HttpResponse } from "../services";
import type { Call, Invoked, LambdaServices } from ".";
import { find } from "./address";
import { configurationOf, type FunctionResource } from "./configuration";
import { LOG_TAIL, MAX_REQUEST } from "./model";

/** How the REST API makes calls: what may be refused first, then the call. */
export interface Calls {
    prepare(caller: Caller, reference: string, payload: string, type: Call["type"], qualifier?: string): Call;
    make(call: Call): Promise<Invoked>;
}

/** Makes the handler of Lambda's REST API: Invoke, and what tells of functions. */
export function restHandler(services: LambdaServices, calls: Calls) {
    return async (request: HttpRequest): Promise<HttpResponse> => {
        try {
            return await answer(services, calls, request);
        } catch (error) {
            if (!isServiceError(error)) throw error;
            const { code, message, status } = error;
            const isDenied = code.startsWith("AccessDenied");
            const headers = {
                "content-type": "application/json",
                "x-amzn-errortype": isDenied ? "AccessDeniedException" : code,
            };
            const body = isDenied
                ? { Message: message }
                : { Type: status < 500 ? "User" : "Service", message, Message: message };
            return { status: isDenied ? 403 : status, headers, body: JSON.stringify(body) };
        }
    };
}

async function answer(services: LambdaServices, calls: Calls, request: HttpRequest): Promise<HttpResponse> {
    const { method, caller } = request;
    if (!caller) throw serviceError("MissingAuthenticationTokenException", "Missing Authentication Token", 403);
    const [path = "", queryText] = request.url.split("?");
    const query = new URLSearchParams(queryText);
    const [, version, collection, reference, part, ...more] = path.split("/").map(decodeURIComponent);
    const operation =
        `${method} ${version}/${collection} ${reference ? "one" : "all"} ${[part, ...more].join("/")}`.trim();
    const qualifier = query.get("Qualifier") ?? undefined;
    switch (operation) {
        case "POST 2015-03-31/functions one invocations":
            return invoke(calls, caller, request, reference ?? "", qualifier);
        case "GET 2015-03-31/functions one":
            return json({ ...getFunction(services, caller, "lambda:GetFunction", reference ?? "", qualifier) });
        case "GET 2015-03-31/functions one configuration":
            return json(
                getFunction(services, caller, "lambda:GetFunctionConfiguration", reference ?? "", qualifier)
                    .Configuration,
            );
        case "GET 2015-03-31/functions all":
            return json(listFunctions(services, caller));
        default:
            throw unsupported(`The Lambda request ${method} ${path}`);
    }
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
async function invoke(
    { prepare, make }: Calls,
    caller: Caller,
    { headers, body }: HttpRequest,
    reference: string,
    qualifier: string | undefined,
): Promise<HttpResponse> {
    const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
    // One byte more than a payload may have, so that it is Lambda who refuses the payload.
    const payload = String(await body(2 * MAX_REQUEST)) || "{}";
    const call = prepare(caller, reference, payload, type === "Event" ? "Event" : "RequestResponse", qualifier);
    requireJson(payload);
    if (type === "DryRun") return { status: 204 };
    const { payload: answered, functionError, requestId, log } = await make(call);
    const wantsLog = headers["x-amz-log-type"] === "Tail" && type === "RequestResponse";
    return {
        status: type === "Event" ? 202 : 200,
        headers: {
            "content-type": "application/json",
            "x-amzn-requestid": requestId,
            ...(type !== "Event" && { "x-amz-executed-version": "$LATEST" }),
            ...(functionError && { "x-amz-function-error": functionError }),
            ...(wantsLog && { "x-amz-log-result": tailOf(log) }),
        },
        body: textOf(answered),
    };
}

function requireJson(payload: string): void {
    try {
        JSON.parse(payload);
    } catch (error) {
        const { message } = error as Error;
        const sentence = `Could not parse request body into json: Could not parse payload into json: ${message}`;
        throw serviceError("InvalidRequestContentException", sentence);
    }
}

function tailOf(log: readonly string[]): string {
    const text = Buffer.from(log.map((line) => `${line}\n`).join(""));
    return text.subarray(Math.max(0, text.length - LOG_TAIL)).toString("base64");
}

function json(value: object): HttpResponse {
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html, without the address of the code, which is nowhere to be fetched. */
function getFunction(services: LambdaServices, caller: Caller, action: string, reference: string, qualifier?: string) {
    const { resource, arn } = find(services, reference, qualifier);
    services.iam.authorize(caller, action, arn);
    return { Configuration: describe(resource, arn), Code: { RepositoryType: "S3" } };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
function listFunctions({ iam, resources }: LambdaServices, caller: Caller) {
    iam.authorize(caller, "lambda:ListFunctions", "*");
    const all = resources.all("aws:lambda/function:Function") as unknown as readonly FunctionResource[];
    return { Functions: all.map((resource) => describe(resource, resource.outputs.arn)) };
}

function describe(resource: FunctionResource, arn: string) {
    const { inputs, outputs } = resource;
    const configuration = configurationOf(resource);
    const { logFormat, logGroup, applicationLogLevel, systemLogLevel } = configuration;
    return {
        FunctionName: configuration.name,
        FunctionArn: arn,
        Runtime: configuration.runtime,
        Role: configuration.role,
        Handler: configuration.handler,
        CodeSize: outputs.sourceCodeSize,
        CodeSha256: outputs.codeSha256,
        Description: inputs.description ?? "",
        Timeout: configuration.timeoutMs / 1000,
        MemorySize: configuration.memorySize,
        LastModified: outputs.lastModified,
        Version: "$LATEST",
        ...(inputs.environment && { Environment: { Variables: configuration.variables } }),
        TracingConfig: { Mode: "PassThrough" },
        State: "Active",
        LastUpdateStatus: "Successful",
        PackageType: "Zip",
        Architectures: inputs.architectures ?? ["x86_64"],
        EphemeralStorage: { Size: 512 },
        LoggingConfig: {
            LogFormat: logFormat,
            LogGroup: logGroup,
            ...(logFormat === "JSON" && { ApplicationLogLevel: applicationLogLevel, SystemLogLevel: systemLogLevel }),
        },
    };
}

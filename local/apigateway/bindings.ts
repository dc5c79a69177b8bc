import { isServiceError, serviceError, unsupported } from "../errors";
import type { Binding, Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { accessLogProblems, streamOf } from "./access-log";
import { createDeployments } from "./deployments";
import { importApi } from "./import";
import { object, type Problems } from "./import-document";
import { importGatewayResponse } from "./import-gateway-responses";
import type { StageInputs } from "./stages";
import { ACCOUNT_RATE } from "./throttle";

/** What the bindings need. */
export type ApiGatewayBindingServices = Pick<Services, "clock" | "place" | "resources" | "iam" | "randomHex">;

/** Bindings of the resource types of `aws:apigateway` that a REST API of an OpenAPI document needs. */
export function apiGatewayBindings(services: ApiGatewayBindingServices): Bindings {
    return {
        "aws:apigateway/account:Account": account(services),
        "aws:apigateway/apiKey:ApiKey": apiKey(services),
        "aws:apigateway/deployment:Deployment": deployment(services),
        "aws:apigateway/methodSettings:MethodSettings": methodSettings(services),
        "aws:apigateway/response:Response": response(),
        "aws:apigateway/restApi:RestApi": restApi(services),
        "aws:apigateway/stage:Stage": stage(services),
        "aws:apigateway/usagePlan:UsagePlan": usagePlan(services),
        "aws:apigateway/usagePlanKey:UsagePlanKey": usagePlanKey(services),
    };
}

/** Outputs of a resource that is updated in place: what it was given when it was made, and the new inputs. */
function keep(made: (id: string, inputs: Properties, old?: Resource) => Properties): Pick<Required<Binding>, "update"> {
    return { update: (old, inputs): Made => ({ id: old.id, outputs: { ...inputs, ...made(old.id, inputs, old) } }) };
}

function timestamp({ clock }: ApiGatewayBindingServices): string {
    return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The sentences of an error that a check found. */
function sentences(part: () => void): readonly string[] {
    try {
        part();
        return [];
    } catch (error) {
        if (isServiceError(error)) return [error.message];
        throw error;
    }
}

function restApi(services: ApiGatewayBindingServices): Binding {
    const { place, randomHex } = services;
    const outputs = (id: string, inputs: Properties, old?: Resource): Properties => ({
        apiKeySource: inputs.apiKeySource ?? "HEADER",
        arn: `arn:aws:apigateway:${place.region}::/restapis/${id}`,
        createdDate: old?.outputs.createdDate ?? timestamp(services),
        executionArn: `arn:aws:execute-api:${place.region}:${place.account}:${id}`,
        rootResourceId: old?.outputs.rootResourceId ?? randomHex(10),
    });
    return {
        name: { property: "name", maxLength: 1024 },
        check: (inputs) =>
            sentences(() => {
                refuseOptions(inputs);
                if (typeof inputs.body === "string") importApi(inputs.body, place.region);
            }),
        create(inputs) {
            const id = randomHex(10);
            return { id, outputs: { ...inputs, ...outputs(id, inputs) } };
        },
        ...keep(outputs),
    };
}

/** Throws for options of a REST API that change what it does and that the local runtime lacks. */
function refuseOptions(inputs: Properties): void {
    const { types } = object(inputs.endpointConfiguration);
    if ([types].flat().includes("PRIVATE")) throw unsupported("A private REST API");
    if (inputs.apiKeySource === "AUTHORIZER") throw unsupported("The API key source AUTHORIZER");
    if (inputs.policy) throw unsupported("A resource policy of a REST API");
    if (Array.isArray(inputs.binaryMediaTypes) && inputs.binaryMediaTypes.length > 0)
        throw unsupported("A REST API with binary media types");
    if (!["undefined", "", "-1"].includes(String(inputs.minimumCompressionSize)))
        throw unsupported("A REST API with compression");
    if (inputs.putRestApiMode === "merge") throw unsupported("The mode merge of putting a REST API");
    if (Object.keys(object(inputs.parameters)).length > 0) throw unsupported("Parameters of the import of a REST API");
}

function deployment(services: ApiGatewayBindingServices): Binding {
    const { randomHex, resources } = services;
    const deployments = createDeployments(services);
    return {
        create(inputs) {
            const id = randomHex(6);
            deployments.save(id, String(inputs.restApi));
            return { id, outputs: { ...inputs, createdDate: timestamp(services) } };
        },
        ...keep((_id, _inputs, old) => ({ createdDate: old?.outputs.createdDate })),
        delete({ id }) {
            const stages = resources.all<StageInputs>("aws:apigateway/stage:Stage");
            if (stages.some(({ inputs }) => inputs.deployment === id)) {
                throw serviceError(
                    "BadRequestException",
                    "Active stages pointing to this deployment must be moved or deleted",
                );
            }
            deployments.remove(id);
        },
    };
}

function stage(services: ApiGatewayBindingServices): Binding {
    const { place } = services;
    const outputs = (_id: string, inputs: Properties): Properties => {
        const path = `${inputs.restApi}/${inputs.stageName}`;
        return {
            arn: `arn:aws:apigateway:${place.region}::/restapis/${inputs.restApi}/stages/${inputs.stageName}`,
            executionArn: `arn:aws:execute-api:${place.region}:${place.account}:${path}`,
            invokeUrl: `${place.endpoint()}/_aws/execute-api/${path}`,
            webAclArn: "",
        };
    };
    return {
        check: checkStage,
        create(inputs) {
            const { destinationArn } = object(inputs.accessLogSettings);
            if (destinationArn !== undefined && streamOf(String(destinationArn)) === undefined)
                requireLoggingRole(services);
            const id = `ags-${inputs.restApi}-${inputs.stageName}`;
            return { id, outputs: { ...inputs, ...outputs(id, inputs) } };
        },
        ...keep(outputs),
        // The port may have changed since the stage was made.
        read: ({ id, inputs, outputs: old }) => ({ id, outputs: { ...old, ...outputs(id, inputs) } }),
    };
}

function checkStage(inputs: Properties): readonly string[] {
    const lacking = sentences(() => {
        if (inputs.cacheClusterEnabled) throw unsupported("A stage with a cache");
        if (inputs.canarySettings) throw unsupported("A canary release of a stage");
        if (inputs.clientCertificateId) throw unsupported("A client certificate of a stage");
    });
    const problems = [...lacking];
    if (!/^\w{1,128}$/.test(String(inputs.stageName).replaceAll("-", "_"))) {
        problems.push("Stage name only allows a-zA-Z0-9_- and is at most 128 characters long");
    }
    if (inputs.accessLogSettings) problems.push(...accessLogProblems(inputs.accessLogSettings));
    return problems;
}

/** A stage may write logs only when the account says with which role. */
function requireLoggingRole({ resources }: ApiGatewayBindingServices): void {
    const accounts = resources.all<{ cloudwatchRoleArn?: string }>("aws:apigateway/account:Account");
    if (accounts.some(({ inputs }) => inputs.cloudwatchRoleArn)) return;
    throw serviceError(
        "BadRequestException",
        "CloudWatch Logs role ARN must be set in account settings to enable logging",
    );
}

function methodSettings(services: ApiGatewayBindingServices): Binding {
    return {
        check: ({ settings }) =>
            sentences(() => {
                if (object(settings).cachingEnabled) throw unsupported("Caching of a method");
            }),
        create(inputs) {
            const level = object(inputs.settings).loggingLevel;
            if (level !== undefined && level !== "OFF") requireLoggingRole(services);
            return { id: `${inputs.restApi}-${inputs.stageName}-${inputs.methodPath}`, outputs: { ...inputs } };
        },
        ...keep(() => ({})),
    };
}

function response(): Binding {
    return {
        check({ responseType, statusCode, responseParameters, responseTemplates }) {
            const problems: Problems = [];
            importGatewayResponse(
                String(responseType),
                { statusCode, responseParameters, responseTemplates },
                problems,
            );
            return problems;
        },
        create: (inputs) => ({ id: `aggr-${inputs.restApiId}-${inputs.responseType}`, outputs: { ...inputs } }),
        ...keep(() => ({})),
    };
}

function apiKey(services: ApiGatewayBindingServices): Binding {
    const { place, randomHex } = services;
    const outputs = (id: string, inputs: Properties, old?: Resource): Properties => ({
        arn: `arn:aws:apigateway:${place.region}::/apikeys/${id}`,
        createdDate: old?.outputs.createdDate ?? timestamp(services),
        lastUpdatedDate: timestamp(services),
        enabled: inputs.enabled ?? true,
        value: inputs.value ?? old?.outputs.value ?? randomHex(40),
    });
    return {
        name: { property: "name", maxLength: 1024 },
        check({ value }) {
            const wrong = typeof value === "string" && (value.length < 20 || value.length > 128);
            return wrong ? ["API Key value should be at least 20 characters and at most 128 characters"] : [];
        },
        create(inputs) {
            const id = randomHex(10);
            return { id, outputs: { ...inputs, ...outputs(id, inputs) } };
        },
        ...keep(outputs),
    };
}

function usagePlan({ place, randomHex }: ApiGatewayBindingServices): Binding {
    const outputs = (id: string): Properties => ({ arn: `arn:aws:apigateway:${place.region}::/usageplans/${id}` });
    return {
        name: { property: "name", maxLength: 1024 },
        create(inputs) {
            const id = randomHex(6);
            return { id, outputs: { ...inputs, ...outputs(id) } };
        },
        ...keep(outputs),
    };
}

function usagePlanKey({ resources }: ApiGatewayBindingServices): Binding {
    return {
        check: ({ keyType }) =>
            keyType === "API_KEY" ? [] : [`Invalid key type: ${keyType}. Valid values are: API_KEY`],
        create(inputs) {
            const key = resources.get("aws:apigateway/apiKey:ApiKey", String(inputs.keyId));
            if (!key) throw serviceError("NotFoundException", "Invalid API Key identifier specified", 404);
            if (!resources.get("aws:apigateway/usagePlan:UsagePlan", String(inputs.usagePlanId))) {
                throw serviceError("NotFoundException", "Invalid Usage Plan ID specified", 404);
            }
            const { name, value } = key.outputs;
            return { id: key.id, outputs: { ...inputs, name, value } };
        },
    };
}

/** The settings of API Gateway in the account: the role it writes logs with. */
function account({ iam, place }: ApiGatewayBindingServices): Binding {
    const made = (inputs: Properties): Made => {
        if (inputs.cloudwatchRoleArn) checkRole(String(inputs.cloudwatchRoleArn));
        const throttleSettings = [{ burstLimit: ACCOUNT_RATE.burst, rateLimit: ACCOUNT_RATE.rate }];
        return {
            id: "api-gateway-account",
            outputs: { ...inputs, apiKeyVersion: "4", features: ["UsagePlans"], throttleSettings },
        };
    };
    const checkRole = (role: string) => {
        try {
            iam.assume(
                role,
                "apigateway.amazonaws.com",
                `arn:aws:apigateway:${place.region}::/account`,
                "BackplaneAssumeRoleSession",
            );
        } catch {
            throw serviceError(
                "BadRequestException",
                "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
            );
        }
    };
    return { create: made, update: (_old, inputs) => made(inputs) };
}

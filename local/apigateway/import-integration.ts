import { unsupported } from "../errors";
import { type At, type Json, object, refuseUnknown, stringOf } from "./import-document";
import { type Declared, importMappings, importTemplates, type Report } from "./import-mapping";
import type { Backend, Integration, IntegrationResponse } from "./model";

const INTEGRATION_KEYS =
    "type uri httpMethod credentials passthroughBehavior requestParameters requestTemplates responses timeoutInMillis connectionType";
const RESPONSE_KEYS = "statusCode responseParameters responseTemplates";
const PASSTHROUGH = ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"] as const;

/** Shortest and longest time that an integration may take, in milliseconds. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const TIMEOUT = { least: 50, most: 29_000 };

/** Imports `x-amazon-apigateway-integration`. What AWS would refuse is added to the problems. */
export function importIntegration(value: unknown, method: At & Declared): Integration {
    const { httpMethod, path, problems } = method;
    const integration = object(value);
    const report: Report = (problem) =>
        problems.push(`Unable to put integration on '${httpMethod}' for resource at path '${path}': ${problem}`);
    refuseUnknown(`integration of ${httpMethod} ${path}`, integration, INTEGRATION_KEYS);
    if (value === undefined) report("No integration defined for method");
    const { requestTemplates, requestParameters, responses } = integration;
    return {
        backend: value === undefined ? { type: "mock" } : importBackend(integration, method.region, report),
        ...importBehavior(integration, report),
        requestTemplates: importTemplates(requestTemplates, report),
        requestParameters: importMappings(requestParameters, "integration.request", method, report),
        responses: Object.entries(object(responses)).map(([pattern, response]) =>
            importResponse(pattern, object(response), method),
        ),
    };
}

function importBehavior(integration: Json, report: Report): Pick<Integration, "passthrough" | "timeoutMillis"> {
    const behavior = (stringOf(integration, "passthroughBehavior") || "WHEN_NO_MATCH").toUpperCase();
    const passthrough = PASSTHROUGH.find((known) => known === behavior);
    if (!passthrough) report(`Invalid passthrough behavior specified: ${behavior}`);
    const timeoutMillis = Number(integration.timeoutInMillis ?? TIMEOUT.most);
    if (!(timeoutMillis >= TIMEOUT.least && timeoutMillis <= TIMEOUT.most)) {
        report(`Timeout should be between ${TIMEOUT.least} ms and ${TIMEOUT.most} ms`);
    }
    return { passthrough: passthrough ?? "NEVER", timeoutMillis };
}

function importBackend(integration: Json, ownRegion: string, report: Report): Backend {
    const type = stringOf(integration, "type").toLowerCase();
    if (type === "mock") return { type };
    if (type !== "aws" && type !== "aws_proxy") throw unsupported(`An integration of the type ${type || "(none)"}`);
    if (stringOf(integration, "connectionType") === "VPC_LINK") throw unsupported("An integration through a VPC link");
    if (stringOf(integration, "httpMethod") === "") report("Enumeration value for HttpMethod must be non-empty");
    const credentials = importCredentials(stringOf(integration, "credentials"), report);
    const uri = stringOf(integration, "uri");
    const [, region, service, rest = ""] = /^arn:aws:apigateway:([^:]+):([^:]+):(.+)$/.exec(uri) ?? [];
    if (region === undefined || service === undefined) {
        report("Invalid ARN specified in the request");
        return { type: "mock" };
    }
    if (region !== ownRegion) throw unsupported(`An integration with the region ${region}`);
    const lambda = service === "lambda" && /^path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(rest);
    if (lambda) return { type: "lambda", proxy: type === "aws_proxy", functionArn: lambda[1] as string, credentials };
    const action = /^action\/(\w+)$/.exec(rest)?.[1];
    if (type === "aws_proxy" || !action) throw unsupported(`An integration of the type ${type} with ${uri}`);
    if (credentials === undefined) report("Role ARN must be specified for AWS integrations");
    return { type: "action", service, action, credentials: credentials ?? "" };
}

function importCredentials(arn: string, report: Report): string | undefined {
    if (arn === "") return undefined;
    if (arn === "arn:aws:iam::*:user/*") throw unsupported("An integration with the caller's own credentials");
    if (!/^arn:aws:iam::\d{12}:role\/.+/.test(arn)) report("Invalid ARN specified in the request");
    return arn;
}

function importResponse(key: string, response: Json, method: At & Declared): IntegrationResponse {
    const { httpMethod, path, problems } = method;
    const report: Report = (problem) =>
        problems.push(
            `Unable to put integration response on '${httpMethod}' for resource at path '${path}': ${problem}`,
        );
    refuseUnknown(`integration responses of ${httpMethod} ${path}`, response, RESPONSE_KEYS);
    const statusCode = stringOf(response, "statusCode");
    if (!method.responses.has(statusCode)) {
        report(`Invalid status code or no method response defined: ${statusCode}`);
    }
    const templates = importTemplates(response.responseTemplates, report);
    return {
        pattern: key === "default" ? undefined : importPattern(key, report),
        statusCode,
        // An empty template passes the backend's body through.
        templates: new Map([...templates].filter(([, template]) => !template.empty)),
        parameters: importMappings(response.responseParameters, "method.response", method, report, statusCode),
    };
}

/** A selection pattern matches as a whole; a dot in it matches no line break. */
function importPattern(pattern: string, report: Report): RegExp | undefined {
    try {
        return new RegExp(`^(?:${pattern})$`);
    } catch {
        report(`Invalid selection pattern specified: ${pattern}`);
        return undefined;
    }
}

import { unsupported } from "../errors";
import type { Where } from "./import";
import { attempt, type Json, object, type Problems, refuseUnknown, stringEntries, strings } from "./import-document";
import { type Mapping, parseSource } from "./mapping";
import type { Backend, Integration, IntegrationResponse, Location } from "./model";
import { compileTemplate, type Template } from "./velocity/compile";

/** What a method declares: mappings may use nothing else. */
interface Declared extends Where {
    readonly parameters: readonly { readonly location: Location; readonly name: string }[];
    readonly responses: ReadonlyMap<string, ReadonlySet<string>>;
}

const INTEGRATION_KEYS =
    "type uri httpMethod credentials passthroughBehavior requestParameters requestTemplates responses timeoutInMillis connectionType";
const RESPONSE_KEYS = "statusCode responseParameters responseTemplates";

/** Imports `x-amazon-apigateway-integration`. What AWS would refuse is added to the problems. */
export function importIntegration(value: unknown, method: Declared, problems: Problems): Integration {
    const integration = object(value);
    const heading = `Unable to put integration on '${method.httpMethod}' for resource at path '${method.path}'`;
    refuseUnknown(`integration of ${method.httpMethod} ${method.path}`, integration, INTEGRATION_KEYS);
    if (value === undefined) problems.push(`${heading}: No integration defined for method`);
    const passthrough = (
        strings(integration, "passthroughBehavior") || "WHEN_NO_MATCH"
    ).toUpperCase() as Integration["passthrough"];
    if (!["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].includes(passthrough)) {
        problems.push(`${heading}: Invalid passthrough behavior specified: ${passthrough}`);
    }
    const timeoutMillis = Number(integration.timeoutInMillis ?? 29_000);
    if (!(timeoutMillis >= 50 && timeoutMillis <= 300_000))
        problems.push(`${heading}: Timeout should be between 50 ms and 29000 ms`);
    return {
        backend: value === undefined ? { type: "mock" } : importBackend(integration, method, heading, problems),
        passthrough,
        timeoutMillis,
        requestTemplates: importTemplates(integration.requestTemplates, heading, problems),
        requestParameters: importMappings(
            integration.requestParameters,
            "integration.request",
            method,
            heading,
            problems,
        ),
        responses: Object.entries(object(integration.responses)).map(([pattern, response]) =>
            importResponse(pattern, object(response), method, problems),
        ),
    };
}

function importBackend(integration: Json, method: Declared, heading: string, problems: Problems): Backend {
    const type = strings(integration, "type").toLowerCase();
    if (type === "mock") return { type };
    if (type !== "aws" && type !== "aws_proxy") throw unsupported(`An integration of the type ${type || "(none)"}`);
    if (strings(integration, "connectionType").toUpperCase() === "VPC_LINK")
        throw unsupported("An integration through a VPC link");
    const uri = strings(integration, "uri");
    if (strings(integration, "httpMethod") === "")
        problems.push(`${heading}: Enumeration value for HttpMethod must be non-empty`);
    const credentials = strings(integration, "credentials") || undefined;
    if (credentials?.includes(":*:") || credentials?.includes("${"))
        throw unsupported(`Integration credentials such as ${credentials}`);
    const [, region, service, rest = ""] = /^arn:aws:apigateway:([^:]*):([^:]*):(.*)$/.exec(uri) ?? [];
    if (region === undefined || service === undefined) {
        problems.push(`${heading}: Invalid ARN specified in the request`);
        return { type: "mock" };
    }
    if (region !== method.region) throw unsupported(`An integration with the region ${region}`);
    const lambda = /^path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(rest);
    if (service === "lambda" && lambda) {
        return { type: "lambda", proxy: type === "aws_proxy", functionArn: lambda[1] as string, credentials };
    }
    const action = /^action\/(\w+)$/.exec(rest)?.[1];
    if (type === "aws_proxy" || action === undefined)
        throw unsupported(`An integration of the type ${type} with ${uri}`);
    if (credentials === undefined) problems.push(`${heading}: Role ARN must be specified for AWS integrations`);
    else if (!/^arn:aws:iam::\d{12}:role\/.+/.test(credentials))
        problems.push(`${heading}: Invalid ARN specified in the request`);
    return { type: "action", service, action, credentials: credentials ?? "" };
}

function importTemplates(value: unknown, heading: string, problems: Problems): ReadonlyMap<string, Template> {
    const templates = new Map<string, Template>();
    for (const [type, source] of stringEntries(value)) {
        attempt(`${heading}: Invalid mapping template for ${type}`, problems, () => {
            templates.set(type.toLowerCase(), compileTemplate(source));
        });
    }
    return templates;
}

function importResponse(key: string, response: Json, method: Declared, problems: Problems): IntegrationResponse {
    const heading = `Unable to put integration response on '${method.httpMethod}' for resource at path '${method.path}'`;
    refuseUnknown(`integration responses of ${method.httpMethod} ${method.path}`, response, RESPONSE_KEYS);
    const statusCode = strings(response, "statusCode");
    if (!method.responses.has(statusCode))
        problems.push(`${heading}: Invalid status code or no method response defined: ${statusCode}`);
    let pattern: RegExp | undefined;
    if (key !== "default") {
        attempt(`${heading}: Invalid selection pattern specified`, problems, () => {
            pattern = new RegExp(`^(?:${key})$`);
        });
    }
    return {
        pattern,
        statusCode,
        // An empty response template passes the backend's body through.
        templates: importTemplates(
            Object.fromEntries(stringEntries(response.responseTemplates).filter(([, source]) => source !== "")),
            heading,
            problems,
        ),
        parameters: importMappings(
            response.responseParameters,
            "method.response",
            method,
            heading,
            problems,
            statusCode,
        ),
    };
}

/** Imports parameter mappings; a target or source that the method does not declare is AWS's problem with them. */
function importMappings(
    value: unknown,
    side: "integration.request" | "method.response",
    method: Declared,
    heading: string,
    problems: Problems,
    statusCode?: string,
): readonly Mapping[] {
    return stringEntries(value).flatMap(([target, expression]) => {
        const [, location = "", name = ""] =
            new RegExp(`^${side.replace(".", "\\.")}\\.(header|querystring|path)\\.(.+)$`).exec(target) ?? [];
        const source = parseSource(expression);
        const declared =
            statusCode === undefined ||
            (location === "header" && method.responses.get(statusCode)?.has(name.toLowerCase()));
        if (location && declared && source && (source.from !== "parameter" || isDeclared(source, method))) {
            return [{ target: { location, name }, source }];
        }
        const [kind, offender] = location && declared ? ["expression", expression] : ["expression parameter", target];
        problems.push(
            `${heading}: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping ${kind} specified: ${offender}]`,
        );
        return [];
    });
}

function isDeclared({ location, name }: { location: Location; name: string }, method: Declared): boolean {
    if (location === "path" && method.segments.some((segment) => "parameter" in segment && segment.parameter === name))
        return true;
    const same = (other: string) =>
        location === "header" ? other.toLowerCase() === name.toLowerCase() : other === name;
    return method.parameters.some((parameter) => parameter.location === location && same(parameter.name));
}

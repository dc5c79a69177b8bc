import { createHash } from "node:crypto";
import { serviceError } from "../errors";
import { attempt, type Document, type Json, object, type Problems, refuseUnknown, strings } from "./import-document";
import { importGatewayResponses } from "./import-gateway-responses";
import { importIntegration } from "./import-integration";
import type { Api, Location, Method, Route, Segment } from "./model";
import { type ModelValidator, modelValidator } from "./model-validator";

const DOCUMENT_KEYS =
    "openapi info servers paths components security tags externalDocs x-amazon-apigateway-request-validator x-amazon-apigateway-request-validators x-amazon-apigateway-gateway-responses x-amazon-apigateway-api-key-source x-amazon-apigateway-documentation x-amazon-apigateway-importexport-version x-amazon-apigateway-endpoint-configuration";
const OPERATION_KEYS =
    "tags summary description externalDocs operationId parameters requestBody responses deprecated security servers x-amazon-apigateway-integration x-amazon-apigateway-request-validator x-amazon-apigateway-auth";
const METHODS: ReadonlyMap<string, string> = new Map([
    ...["get", "put", "post", "delete", "patch", "head", "options"].map((name) => [name, name.toUpperCase()] as const),
    ["x-amazon-apigateway-any-method", "ANY"],
]);

/**
 * Imports an OpenAPI 3.0 document with AWS's extensions as PutRestApi does. Throws `BadRequestException` with every problem that AWS would
 * refuse, or `LocalUnsupported` for what AWS has and the local runtime lacks.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export function importApi(body: string, region: string): Api {
    const document = parseDocument(body);
    refuseUnknown("document", document, DOCUMENT_KEYS);
    const problems: string[] = [];
    const paths = Object.entries(object(document.paths));
    const routes = paths.map(([path, item]) => importRoute(document, path, object(item), region, problems));
    const gatewayResponses = importGatewayResponses(
        object(document["x-amazon-apigateway-gateway-responses"]),
        problems,
    );
    problems.push(...siblingProblems(routes));
    if (problems.length > 0) throw importError(problems);
    return { routes, gatewayResponses };
}

/** The error of an import, with AWS's heading over the problems. */
function importError(problems: readonly string[]): Error {
    return serviceError("BadRequestException", `Errors found during import:\n\t${problems.join("\n\t")}`);
}

function parseDocument(body: string): Document {
    let parsed: unknown;
    try {
        parsed = JSON.parse(body);
    } catch {
        throw serviceError("BadRequestException", "Invalid OpenAPI input: the body is not a JSON document.");
    }
    const document = object(parsed);
    if (!/^3\.0\.\d+$/.test(String(document.openapi))) {
        throw serviceError("BadRequestException", 'Invalid OpenAPI input: the version in "openapi" has to be 3.0.x.');
    }
    return document;
}

function importRoute(document: Document, path: string, item: Json, region: string, problems: Problems): Route {
    const { parameters, ...operations } = item;
    refuseUnknown(`path ${path}`, operations, [...METHODS.keys(), "summary", "description"].join(" "));
    const segments = importPath(path, problems);
    const methods = new Map<string, Method>();
    for (const [key, httpMethod] of METHODS) {
        if (!(key in operations)) continue;
        const operation = object(operations[key]);
        const all = [...((parameters as Json[]) ?? []), ...((operation.parameters as Json[]) ?? [])];
        const where = { path, httpMethod, segments, region };
        methods.set(httpMethod, importMethod(document, { ...operation, parameters: all }, where, problems));
    }
    const resourceId = createHash("sha256").update(path).digest("hex").slice(0, 6);
    return { path, resourceId, segments, methods };
}

/** Where in the document something is. */
export interface Where {
    readonly path: string;
    readonly httpMethod: string;
    readonly segments: readonly Segment[];
    readonly region: string;
}

function importPath(path: string, problems: Problems): readonly Segment[] {
    const parts = path === "/" ? [] : path.slice(1).split("/");
    return parts.map((part) => {
        const parameter = /^\{([a-zA-Z0-9._-]+)(\+?)\}$/.exec(part);
        if (parameter) return { parameter: parameter[1] as string, greedy: parameter[2] === "+" };
        if (!/^[a-zA-Z0-9._:-]+$/.test(part)) {
            problems.push(
                `Unable to create resource at path '${path}': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.`,
            );
        }
        return { literal: part };
    });
}

/** API Gateway has at most one parameter below a resource. */
function siblingProblems(routes: readonly Route[]): readonly string[] {
    const names = new Map<string, string>();
    const problems = new Set<string>();
    for (const { path, segments } of routes) {
        let parent = "";
        for (const segment of segments) {
            const part = "literal" in segment ? segment.literal : `{${segment.parameter}${segment.greedy ? "+" : ""}}`;
            const known = names.get(parent);
            if ("parameter" in segment) {
                if (known !== undefined && known !== part) {
                    problems.add(
                        `Unable to create resource at path '${path}': A sibling (${known}) of this resource already has a variable path part -- only one is allowed`,
                    );
                } else names.set(parent, part);
            }
            parent += `/${part}`;
        }
    }
    return [...problems];
}

function importMethod(document: Document, operation: Json, where: Where, problems: Problems): Method {
    const { path, httpMethod } = where;
    refuseUnknown(`${httpMethod} ${path}`, operation, OPERATION_KEYS);
    refuseReferences(operation, `${httpMethod} ${path}`);
    const validator = requestValidator(document, operation, where, problems);
    const responses = importResponses(object(operation.responses));
    const parameters = (operation.parameters as Json[]).map((parameter) => importParameter(parameter));
    return {
        ...importSecurity(document, operation, where, problems),
        required: validator.parameters ? parameters.filter((parameter) => parameter.required) : [],
        models: validator.body ? importModels(document, operation, where, problems) : new Map<string, ModelValidator>(),
        integration: importIntegration(
            operation["x-amazon-apigateway-integration"],
            { ...where, parameters, responses },
            problems,
        ),
        responses,
    };
}

/** Parts of a method that stand elsewhere in the document: API Gateway's import does not follow most of them either. */
function refuseReferences(operation: Json, method: string): void {
    const parts = {
        responses: Object.values(object(operation.responses)),
        parameters: operation.parameters as unknown[],
    };
    for (const [name, values] of Object.entries({ ...parts, "request body": [operation.requestBody] })) {
        if (values.some((value) => "$ref" in object(value))) refuseUnknown(`${name} of ${method}`, { $ref: 1 }, "");
    }
}

function importParameter(parameter: Json): { location: Location; name: string; required: boolean } {
    const location = parameter.in === "query" ? "querystring" : (parameter.in as Location);
    return { location, name: String(parameter.name), required: parameter.required === true };
}

/** Headers of each response, in lower case. */
function importResponses(responses: Json): ReadonlyMap<string, ReadonlySet<string>> {
    const headers = (response: unknown) =>
        Object.keys(object(object(response).headers)).map((name) => name.toLowerCase());
    return new Map(Object.entries(responses).map(([status, response]) => [status, new Set(headers(response))]));
}

function requestValidator(document: Document, operation: Json, { path, httpMethod }: Where, problems: Problems) {
    const name =
        operation["x-amazon-apigateway-request-validator"] ?? document["x-amazon-apigateway-request-validator"];
    if (name === undefined) return { body: false, parameters: false };
    const validators = object(document["x-amazon-apigateway-request-validators"]);
    if (!Object.hasOwn(validators, String(name))) {
        problems.push(
            `Unable to create method '${httpMethod}' at path '${path}': Request validator '${name}' is not defined`,
        );
    }
    const validator = object(validators[String(name)]);
    return { body: validator.validateRequestBody === true, parameters: validator.validateRequestParameters === true };
}

function importModels(
    document: Document,
    operation: Json,
    where: Where,
    problems: Problems,
): ReadonlyMap<string, ModelValidator> {
    const schemas = object(object(document.components).schemas);
    const models = new Map<string, ModelValidator>();
    for (const [type, media] of Object.entries(object(object(operation.requestBody).content))) {
        const { schema } = object(media);
        if (schema === undefined) continue;
        attempt(`Unable to create model for '${where.httpMethod}' at path '${where.path}'`, problems, () => {
            models.set(type.toLowerCase(), modelValidator(schema, schemas));
        });
    }
    return models;
}

/** Security of a method: what its own `security` names. AWS ignores `security` of the document itself. */
function importSecurity(document: Document, operation: Json, where: Where, problems: Problems) {
    const schemes = object(object(document.components).securitySchemes);
    const auth = object(operation["x-amazon-apigateway-auth"]).type;
    if (auth !== undefined && auth !== "NONE" && auth !== "AWS_IAM")
        refuseUnknown("x-amazon-apigateway-auth", { [String(auth)]: 1 }, "");
    let authorization: Method["authorization"] = auth === "AWS_IAM" ? "AWS_IAM" : "NONE";
    let apiKeyRequired = false;
    for (const name of ((operation.security as Json[]) ?? []).flatMap((requirement) => Object.keys(requirement))) {
        const scheme = object(schemes[name]);
        if (!Object.hasOwn(schemes, name)) {
            problems.push(
                `Unable to create method '${where.httpMethod}' at path '${where.path}': Security scheme '${name}' is not defined`,
            );
        } else if (scheme["x-amazon-apigateway-authtype"] === "awsSigv4") authorization = "AWS_IAM";
        else if (scheme.type === "apiKey" && strings(scheme, "name").toLowerCase() === "x-api-key")
            apiKeyRequired = true;
        else
            refuseUnknown(
                "security schemes",
                { [`${name} (${scheme["x-amazon-apigateway-authtype"] ?? scheme.type})`]: 1 },
                "",
            );
    }
    return { authorization, apiKeyRequired };
}

import { createHash } from "node:crypto";
import { serviceError } from "../errors";
import { type At, type Json, list, object, type Problems, refuseUnknown } from "./import-document";
import { importGatewayResponses } from "./import-gateway-responses";
import { importMethod } from "./import-method";
import type { Api, Method, Route, Segment } from "./model";

const DOCUMENT_KEYS =
    "openapi info servers paths components security tags externalDocs x-amazon-apigateway-request-validator x-amazon-apigateway-request-validators x-amazon-apigateway-gateway-responses x-amazon-apigateway-api-key-source x-amazon-apigateway-documentation x-amazon-apigateway-importexport-version x-amazon-apigateway-endpoint-configuration";
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
    const routes = Object.entries(object(document.paths)).map(([path, item]) =>
        importRoute(path, object(item), { document, region, problems }),
    );
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

function parseDocument(body: string): Json {
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

function importRoute(path: string, item: Json, shared: Pick<At, "document" | "region" | "problems">): Route {
    const { parameters, ...operations } = item;
    refuseUnknown(`path ${path}`, operations, [...METHODS.keys(), "summary", "description"].join(" "));
    const segments = importPath(path, shared.problems);
    const methods = new Map<string, Method>();
    for (const [key, httpMethod] of METHODS) {
        if (!(key in operations)) continue;
        const operation = object(operations[key]);
        const all = { ...operation, parameters: [...list(parameters), ...list(operation.parameters)] };
        methods.set(httpMethod, importMethod(all, { ...shared, path, httpMethod, segments }));
    }
    const resourceId = createHash("sha256").update(path).digest("hex").slice(0, 6);
    return { path, resourceId, segments, methods };
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

import { unsupported } from "../errors";
import { type At, attempt, type Json, list, object, refuseUnknown } from "./import-document";
import { importIntegration } from "./import-integration";
import { importSecurity } from "./import-security";
import type { Location, Method } from "./model";
import { type ModelValidator, modelValidator } from "./model-validator";

const OPERATION_KEYS =
    "tags summary description externalDocs operationId parameters requestBody responses deprecated security servers x-amazon-apigateway-integration x-amazon-apigateway-request-validator x-amazon-apigateway-auth";

/** Imports an operation, whose parameters include those of its path. What AWS would refuse is added to the problems. */
export function importMethod(operation: Json, at: At): Method {
    const { path, httpMethod } = at;
    refuseUnknown(`${httpMethod} ${path}`, operation, OPERATION_KEYS);
    refuseReferences(operation, at);
    const validator = requestValidator(operation, at);
    const responses = importResponses(object(operation.responses));
    const parameters = list(operation.parameters).map(importParameter);
    return {
        ...importSecurity(operation, at),
        required: validator.parameters ? parameters.filter(({ required }) => required) : [],
        models: validator.body ? importModels(operation, at) : new Map<string, ModelValidator>(),
        integration: importIntegration(operation["x-amazon-apigateway-integration"], { ...at, parameters, responses }),
        responses,
    };
}

/** Parts of a method that stand elsewhere in the document are not followed. */
function refuseReferences(operation: Json, { path, httpMethod }: At): void {
    const responses = Object.values(object(operation.responses)).map(object);
    const parts = [...responses, ...list(operation.parameters), object(operation.requestBody)];
    const reference = parts.find((part) => "$ref" in part);
    if (reference) throw unsupported(`The reference ${reference.$ref} in ${httpMethod} ${path} of an OpenAPI document`);
}

function importParameter(parameter: Json): { location: Location; name: string; required: boolean } {
    const location = parameter.in === "query" ? "querystring" : (parameter.in as Location);
    return { location, name: String(parameter.name), required: parameter.required === true };
}

/** Names of the headers of each response, in lower case. */
function importResponses(responses: Json): ReadonlyMap<string, ReadonlySet<string>> {
    const headers = (response: unknown) => Object.keys(object(object(response).headers));
    const entries = Object.entries(responses).map(
        ([status, response]) => [status, new Set(headers(response).map((name) => name.toLowerCase()))] as const,
    );
    return new Map(entries);
}

function requestValidator(operation: Json, { document, path, httpMethod, problems }: At) {
    const key = "x-amazon-apigateway-request-validator";
    const name = operation[key] ?? document[key];
    if (name === undefined) return { body: false, parameters: false };
    const validators = object(document["x-amazon-apigateway-request-validators"]);
    const heading = `Unable to create method '${httpMethod}' at path '${path}'`;
    if (!Object.hasOwn(validators, String(name)))
        problems.push(`${heading}: Request validator '${name}' is not defined`);
    const validator = object(validators[String(name)]);
    return { body: validator.validateRequestBody === true, parameters: validator.validateRequestParameters === true };
}

function importModels(operation: Json, { document, path, httpMethod, problems }: At): Method["models"] {
    const schemas = object(object(document.components).schemas);
    const models = new Map<string, ModelValidator>();
    for (const [type, media] of Object.entries(object(object(operation.requestBody).content))) {
        const { schema } = object(media);
        if (schema === undefined) continue;
        attempt(`Unable to create model for '${httpMethod}' at path '${path}'`, problems, () => {
            models.set(type.toLowerCase(), modelValidator(schema, schemas));
        });
    }
    return models;
}

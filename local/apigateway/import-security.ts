import { unsupported } from "../errors";
import { type At, type Json, list, object, type Problems, refuseUnknown, stringOf } from "./import-document";
import type { Method, TokenAuthorizer } from "./model";

const AUTHORIZER_KEYS =
    "type providerARNs identitySource identityValidationExpression authorizerResultTtlInSeconds authorizerUri authorizerCredentials";

/**
 * Security of a method: what its own `security` names. That of the document itself does nothing on AWS
 * (https://github.com/amazon-archives/aws-apigateway-importer/issues/204).
 */
export function importSecurity(
    operation: Json,
    { document, path, httpMethod, problems }: At,
): Pick<Method, "authorization" | "apiKeyRequired"> {
    const schemes = object(object(document.components).securitySchemes);
    const auth = object(operation["x-amazon-apigateway-auth"]).type ?? "NONE";
    if (auth !== "NONE" && auth !== "AWS_IAM") throw unsupported(`The authorization ${auth} of a method`);
    let authorization: Method["authorization"] = auth;
    let apiKeyRequired = false;
    for (const [name, scopes] of list(operation.security).flatMap(Object.entries)) {
        const scheme = object(schemes[name]);
        const kind = kindOf(name, scheme);
        if (!Object.hasOwn(schemes, name)) {
            const heading = `Unable to create method '${httpMethod}' at path '${path}'`;
            problems.push(`${heading}: Security scheme '${name}' is not defined`);
        } else if (kind === "API_KEY") apiKeyRequired = true;
        else if (kind === "COGNITO_USER_POOLS") authorization = importAuthorizer(name, scheme, scopes, problems);
        else if (kind === "AWS_IAM") authorization = kind;
    }
    return { authorization, apiKeyRequired };
}

function kindOf(name: string, scheme: Json): "AWS_IAM" | "API_KEY" | "COGNITO_USER_POOLS" | undefined {
    const kind = scheme["x-amazon-apigateway-authtype"] ?? scheme.type;
    const authorizer = object(scheme["x-amazon-apigateway-authorizer"]).type;
    if (kind === "cognito_user_pools" || authorizer === "cognito_user_pools") return "COGNITO_USER_POOLS";
    if (kind === "awsSigv4") return "AWS_IAM";
    if (kind === "apiKey" && stringOf(scheme, "name").toLowerCase() === "x-api-key") return "API_KEY";
    if (kind === undefined) return undefined;
    throw unsupported(`The security scheme ${name} (${authorizer ?? kind})`);
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html */
function importAuthorizer(name: string, scheme: Json, scopes: unknown, problems: Problems): TokenAuthorizer {
    const authorizer = object(scheme["x-amazon-apigateway-authorizer"]);
    refuseUnknown(`authorizer ${name}`, authorizer, AUTHORIZER_KEYS);
    const wrong = (what: string) => problems.push(`Unable to create authorizer '${name}': ${what}`);
    const poolArns = Array.isArray(authorizer.providerARNs) ? authorizer.providerARNs.map(String) : [];
    if (poolArns.length === 0) wrong("Provider ARNs are required for authorizers of type COGNITO_USER_POOLS");
    for (const arn of poolArns) {
        if (!/^arn:aws[\w-]*:cognito-idp:[\w-]+:\d{12}:userpool\/[\w-]+_[0-9a-zA-Z]+$/.test(arn))
            wrong(`Invalid provider ARN: ${arn}`);
    }
    const source = /^method\.request\.header\.(.+)$/.exec(stringOf(authorizer, "identitySource"))?.[1];
    if (authorizer.identitySource !== undefined && !source)
        wrong(`Invalid identity source: ${authorizer.identitySource}`);
    return {
        poolArns,
        header: (source ?? (stringOf(scheme, "name") || "Authorization")).toLowerCase(),
        audience: importExpression(authorizer.identityValidationExpression, wrong),
        scopes: Array.isArray(scopes) ? scopes.map(String) : [],
    };
}

/** The whole text has to match, as with `matches` in Java. */
function importExpression(expression: unknown, wrong: (what: string) => void): RegExp | undefined {
    if (expression === undefined || expression === "") return undefined;
    try {
        return new RegExp(`^(?:${expression})$`);
    } catch {
        wrong(`Invalid identity validation expression: ${expression}`);
        return undefined;
    }
}

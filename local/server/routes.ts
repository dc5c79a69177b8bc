/** Which kind of handler a request is for. */
export type Route =
    | "apigateway"
    | "apigatewayControl"
    | "cognito"
    | "status"
    | "json"
    | "lambda"
    | "query"
    | "s3"
    | "unclaimed";

/** What of a request decides where it goes. */
export interface Destination {
    readonly method: string;
    /** Path and query. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    /** The service in the scope of the request's signature; empty when it has none. */
    readonly service: string;
}

/**
 * Where a request goes. Deployed APIs and the status page are known by their path or host; then the signature decides, since a bucket may
 * have any name; then the shape of the request. What nobody else claims is S3's, unless it is signed for another service.
 */
export function routeOf({ method, url, headers, service }: Destination): Route {
    if (url.startsWith("/_aws/execute-api/") || /^[a-z0-9]+\.execute-api\./i.test(headers.host ?? ""))
        return "apigateway";
    if (url.startsWith("/_tributary/")) return "status";
    // No bucket has an underscore in its name.
    if (/^\/[\w-]+_[0-9a-zA-Z]+\/\.well-known\/(jwks\.json|openid-configuration)(\?|$)/.test(url)) return "cognito";
    if (service === "s3") return "s3";
    if (service === "apigateway") return "apigatewayControl";
    if (headers["x-amz-target"] !== undefined || targetOfPath(service, url)) return "json";
    if (isQuery(method, url, headers)) return "query";
    if (/^\/20\d\d-\d\d-\d\d\/(functions|event-source-mappings)\b/.test(url)) return "lambda";
    return service === "" ? "s3" : "unclaimed";
}

/** The target that a path stands for, where a service has nothing in its paths but the names of its operations: Lake Formation. */
export function targetOfPath(service: string, url: string): string | undefined {
    const [, operation] = /^\/([A-Z]\w+)$/.exec(url) ?? [];
    return service === "lakeformation" && operation ? `AWSLakeFormation.${operation}` : undefined;
}

function isQuery(method: string, url: string, headers: Destination["headers"]): boolean {
    const [path, query = ""] = url.split("?", 2);
    if (path !== "/") return false;
    if (method === "POST") return /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
    return /(^|&)Action=/.test(query);
}

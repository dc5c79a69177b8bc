type Json = Readonly<Record<string, unknown>>;

const ALLOW_ORIGIN = "Access-Control-Allow-Origin";
const REQUEST_HEADERS = "Authorization,Content-Type,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token,X-Api-Key";

/** Headers that an answer must declare so that pages of these origins may read it. */
export function corsHeaders(origins: readonly string[]): readonly string[] {
    return origins.length === 0 ? [] : [ALLOW_ORIGIN, "Vary"];
}

/** Those headers' values where they do not depend on the request: one origin, or all. */
export function corsParameters(origins: readonly string[]): Json {
    if (origins.length === 0) return {};
    const header = (name: string) => `method.response.header.${name}`;
    return {
        [header("Vary")]: "'Origin'",
        ...(origins.length === 1 && { [header(ALLOW_ORIGIN)]: `'${origins[0]}'` }),
    };
}

/** A response template that, where there are several origins, also answers with the one that asks. What a client sends is compared, never repeated. */
export function withOrigin(origins: readonly string[], template: string): string {
    if (origins.length < 2) return template;
    const choices = origins.map(
        (origin) =>
            `#if($origin == "${origin}")#set($context.responseOverride.header.${ALLOW_ORIGIN} = "${origin}")#end`,
    );
    // HTTP/2 clients send names of headers in lower case.
    const asks = `#set($origin = $input.params("Origin"))#if($origin == "")#set($origin = $input.params("origin"))#end`;
    return asks + choices.join("") + template;
}

/** The answer to a browser that asks which methods of a path it may use. */
export function preflight(origins: readonly string[], path: Json): Json {
    const methods = ["get", "put", "post"].filter((method) => method in path).map((method) => method.toUpperCase());
    const values = {
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Allow-Methods": [...methods, "OPTIONS"].join(","),
        "Access-Control-Max-Age": "7200",
    };
    const names = [...corsHeaders(origins), ...Object.keys(values)];
    const fixed = Object.entries(values).map(([name, value]) => [`method.response.header.${name}`, `'${value}'`]);
    return {
        responses: {
            "204": {
                description: "204",
                headers: Object.fromEntries(names.map((name) => [name, { schema: { type: "string" } }])),
            },
        },
        "x-amazon-apigateway-integration": {
            type: "mock",
            // Another content type has no template, which would be answered 500 otherwise.
            passthroughBehavior: "never",
            requestTemplates: { "application/json": JSON.stringify({ statusCode: 204 }) },
            responses: {
                default: {
                    statusCode: "204",
                    responseParameters: { ...corsParameters(origins), ...Object.fromEntries(fixed) },
                    responseTemplates: { "application/json": withOrigin(origins, "") },
                },
            },
        },
    };
}

/**
 * What API Gateway itself answers: with the problems of an invalid body, and 503 when it could not reach what is behind it. These templates cannot
 * choose among several origins, and tell nothing of the data, so then any page may read them.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export function gatewayResponses(origins: readonly string[], behind = "stream"): Json {
    const responseParameters =
        origins.length === 0
            ? {}
            : { [`gatewayresponse.header.${ALLOW_ORIGIN}`]: `'${origins.length === 1 ? origins[0] : "*"}'` };
    const message = (text: string) => ({ "application/json": JSON.stringify({ message: text }) });
    const unavailable = {
        statusCode: "503",
        responseParameters,
        responseTemplates: message(`The ${behind} cannot be reached at the moment. Send the same again later.`),
    };
    return {
        DEFAULT_4XX: { responseParameters },
        DEFAULT_5XX: { responseParameters },
        BAD_REQUEST_BODY: {
            statusCode: "400",
            responseParameters,
            responseTemplates: {
                "application/json":
                    '{"message":$context.error.messageString,"problems":"$context.error.validationErrorString"}',
            },
        },
        INTEGRATION_FAILURE: unavailable,
        INTEGRATION_TIMEOUT: unavailable,
        // The role cannot be assumed yet, or no longer.
        API_CONFIGURATION_ERROR: unavailable,
    };
}

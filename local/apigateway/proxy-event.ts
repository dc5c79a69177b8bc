import type { Exchange } from "./exchange";

/** The event of the format 1.0. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format */
export function proxyEvent(exchange: Exchange) {
    const { request, route, parameters, context, stageVariables, query, path, body } = exchange;
    const { requestOverride: _r, responseOverride: _s, error: _e, authorizer, identity, ...rest } = context;
    const headers = headersOf(exchange);
    return {
        resource: route.path,
        path,
        httpMethod: request.method,
        headers: orNull(Object.fromEntries(headers)),
        multiValueHeaders: orNull(lists(headers)),
        queryStringParameters: orNull(parameters.querystring),
        multiValueQueryStringParameters: orNull(lists(query)),
        pathParameters: orNull(parameters.path),
        stageVariables: orNull(stageVariables),
        requestContext: {
            ...rest,
            ...(authorizer.claims !== undefined && { authorizer: { claims: authorizer.claims } }),
            identity: { ...NOBODY, ...identity, userAgent: identity.userAgent || null },
        },
        body: body.text === "" ? null : body.text,
        isBase64Encoded: false,
    };
}

type Entries = readonly (readonly [string, string])[];

/** The client's headers, and those by which API Gateway tells where the request came from. */
function headersOf({ request, context }: Exchange): Entries {
    const lines = request.headerLines();
    const own = lines.filter(([name]) => !/^x-(forwarded-(for|port|proto)|amzn-trace-id)$/i.test(name));
    const before = lines.filter(([name]) => /^x-forwarded-for$/i.test(name)).map(([, value]) => value);
    const time = Math.floor(Number(context.requestTimeEpoch) / 1000).toString(16);
    const port = /:(\d+)$/.exec(String(context.domainName))?.[1] ?? "80";
    return [
        ...own,
        ["X-Amzn-Trace-Id", `Root=1-${time}-${context.requestId.replaceAll("-", "").slice(0, 24)}`],
        ["X-Forwarded-For", [...before, request.sourceIp].join(", ")],
        ["X-Forwarded-Port", port],
        ["X-Forwarded-Proto", "http"],
    ];
}

/** Every value of each name; a name may be any text, that of a property of every object too. */
function lists(entries: Entries): Readonly<Record<string, readonly string[]>> {
    const all = new Map<string, string[]>();
    for (const [name, value] of entries) all.set(name, [...(all.get(name) ?? []), value]);
    return Object.fromEntries(all);
}

function orNull<T extends object>(map: T): T | null {
    return Object.keys(map).length > 0 ? map : null;
}

const NOBODY = {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    user: null,
};

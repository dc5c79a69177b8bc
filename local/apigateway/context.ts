import type { Place } from "../services";
import type { Route } from "./model";

/** `$context`: what templates, mappings, gateway responses and access logs know of a request. Templates write to the two overrides. */
export type Context = Record<string, unknown> & {
    readonly requestId: string;
    readonly authorizer: Record<string, unknown>;
    readonly identity: Record<string, unknown>;
    readonly error: Record<string, string>;
    readonly responseOverride: { status?: unknown; readonly header: Record<string, unknown> };
};

/** What a context is made from. */
export interface ContextInput {
    readonly place: Pick<Place, "account" | "endpoint">;
    readonly requestId: string;
    readonly extendedRequestId: string;
    /** Milliseconds since 1970. */
    readonly now: number;
    readonly apiId: string;
    readonly stage: string;
    readonly deploymentId: string;
    readonly method: string;
    /** Path of the request below the stage, as it came. */
    readonly path: string;
    readonly sourceIp: string;
    readonly headers: Readonly<Record<string, string>>;
}

/** Makes the context of a request. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference */
export function createContext(input: ContextInput): Context {
    const domainName = input.headers.host ?? new URL(input.place.endpoint()).host;
    const context = {
        accountId: input.place.account,
        apiId: input.apiId,
        authorizer: {},
        deploymentId: input.deploymentId,
        domainName,
        domainPrefix: domainName.split(".")[0] ?? domainName,
        error: {},
        extendedRequestId: input.extendedRequestId,
        httpMethod: input.method,
        identity: { sourceIp: input.sourceIp, userAgent: input.headers["user-agent"] ?? "" },
        path: `/${input.stage}${input.path}`,
        protocol: "HTTP/1.1",
        requestId: input.requestId,
        requestOverride: { header: {}, path: {}, querystring: {} },
        requestTime: commonLogTime(input.now),
        requestTimeEpoch: input.now,
        responseOverride: { header: {} },
        stage: input.stage,
    };
    return context;
}

/** Adds what is known once the route is. */
export function setRoute(context: Record<string, unknown>, route: Route): void {
    context.resourceId = route.resourceId;
    context.resourcePath = route.path;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `dd/MMM/yyyy:HH:mm:ss +0000`. https://httpd.apache.org/docs/1.3/logs.html#common */
function commonLogTime(now: number): string {
    const [date = "", time = ""] = new Date(now).toISOString().split("T");
    const [year, month, day] = date.split("-");
    return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

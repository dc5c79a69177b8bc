import { type Column, defineDataset } from "../../schema/dataset";

/** Requests that were served, one row for each: what tenants are billed by. */
export const usage = defineDataset({
    name: "usage",
    doc: "Requests that were served, each once.",
    columns: [
        {
            name: "request_id",
            type: "string",
            from: "$context.requestId",
            doc: "Which request: an id that API Gateway gives.",
        },
        {
            name: "tenant",
            type: "string",
            optional: true,
            // The user's own id. A name that users choose could hold a quote, and make the line say something else.
            from: "$context.authorizer.claims.sub",
            doc: "Who asked, by the id in the user pool; nobody, when the request came without a valid token.",
        },
        { name: "request_time", type: "timestamp", from: "$context.requestTimeEpoch", doc: "When, in UTC." },
        { name: "http_method", type: "string", from: "$context.httpMethod", doc: "Method." },
        {
            name: "resource_path",
            type: "string",
            optional: true,
            from: "$context.resourcePath",
            doc: "Resource of the API; nothing, when it has none at that path.",
        },
        { name: "status", type: "int", optional: true, from: "$context.status", doc: "Status of the answer." },
        {
            name: "error",
            type: "string",
            optional: true,
            from: "$context.error.responseType",
            doc: "Why API Gateway itself refused, such as UNAUTHORIZED or THROTTLED.",
        },
        {
            name: "response_bytes",
            type: "long",
            optional: true,
            from: "$context.responseLength",
            doc: "Length of the answer.",
        },
        {
            name: "latency_ms",
            type: "int",
            optional: true,
            from: "$context.responseLatency",
            doc: "Milliseconds until the answer.",
        },
        { name: "ip", type: "string", optional: true, from: "$context.identity.sourceIp", doc: "Address that asked." },
        {
            name: "protocol",
            type: "string",
            optional: true,
            from: "$context.protocol",
            doc: "Protocol of the request.",
        },
    ],
    partitionBy: ["hour(request_time)"],
    key: ["request_id"],
});

/** The column that says whose a request is. */
export const TENANT = "tenant";

/** The column that says when it came. */
export const REQUEST_TIME = "request_time";

/** The same as API Gateway logs it, a line for each request: every value is text, `-` where there is none. */
export const accessLog = defineDataset({
    name: "access_log",
    doc: "Lines of the access log as they came, by the hour of their arrival.",
    columns: usage.columns.map((column: Column) => ({ ...column, type: "string" as const })),
});

/** What the runs of the merge function have written, published or not. */
export const runs = defineDataset({
    name: "usage_runs",
    doc: "What runs of the merge function have written, to be counted before it is published.",
    columns: [...usage.columns.map(({ from: _, ...column }: Column) => column), { name: "run", type: "string" }],
    partitionBy: ["run"],
});

/** What the API is asked for, one document for the parameters of each request. */
export const stringRequests = defineDataset({
    name: "string_requests",
    doc: "Requests for random strings.",
    columns: [
        {
            name: "chars",
            type: "string",
            optional: true,
            oneOf: ["letters", "lowercase", "uppercase", "digits"],
            doc: "Of which characters.",
        },
        { name: "num", type: "int", fake: 'number.int {"min":1,"max":5}', doc: "How many strings." },
        { name: "len", type: "int", fake: 'number.int {"min":1,"max":20}', doc: "How long each is." },
    ],
});

import type { Column, Dataset } from "./dataset";

/**
 * Variables whose values hold no quote, backslash or control character, whatever a client sends. API Gateway writes values into the line as
 * they are (DataBiosphere/azul#4348), so any other variable would let a client break the line, or add a field and be billed as somebody else:
 * a user agent, a path, an error message, and the name that a user has chosen (`cognito:username`); `sub` is Cognito's own id of that user.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export const SAFE_VARIABLES: readonly string[] = [
    "$context.requestId",
    "$context.extendedRequestId",
    "$context.requestTime",
    "$context.requestTimeEpoch",
    "$context.accountId",
    "$context.apiId",
    "$context.stage",
    "$context.httpMethod",
    "$context.resourceId",
    "$context.resourcePath",
    "$context.protocol",
    "$context.status",
    "$context.responseLength",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.integrationStatus",
    "$context.identity.sourceIp",
    "$context.identity.user",
    "$context.identity.userArn",
    "$context.identity.caller",
    "$context.identity.accountId",
    "$context.identity.apiKeyId",
    "$context.authorizer.claims['sub']",
    "$context.authorizer.claims['aud']",
    "$context.authorizer.claims['iss']",
    "$context.authorizer.claims.sub",
    "$context.authorizer.claims.aud",
    "$context.authorizer.claims.iss",
    "$context.error.responseType",
    "$context.waf.status",
    "$context.xrayTraceId",
];

/**
 * Access-log format of an API Gateway stage that writes a dataset's records, one JSON document per line. Every value is quoted, numbers too:
 * what API Gateway cannot resolve is `-`, which is JSON only within quotes. So every column is a string. The line feed at the end is part of
 * the format, since Firehose adds none. Throws for a column without a variable, for one that is no string, for a variable that a client can
 * fill with quotes, and when the request id is missing, without which API Gateway refuses the format.
 */
export function accessLogFormat(dataset: Dataset): string {
    const fields = dataset.columns.map((column) => [column.name, variableOf(dataset, column)] as const);
    if (
        !fields.some(([, variable]) => variable === "$context.requestId" || variable === "$context.extendedRequestId")
    ) {
        throw new Error(
            `Dataset "${dataset.name}" has no column from "$context.requestId", without which API Gateway takes no access log.`,
        );
    }
    return `{${fields.map(([name, variable]) => `"${name}":"${variable}"`).join(",")}}\n`;
}

function variableOf(dataset: Dataset, { name, type, from }: Column): string {
    const column = `Dataset "${dataset.name}" writes the column "${name}"`;
    if (!from?.startsWith("$context.")) {
        throw new Error(`${column} to an access log, so it needs a from such as "$context.requestId".`);
    }
    if (type !== "string") {
        throw new Error(
            `${column} to an access log, so it must be a string: a value that is missing is written as "-".`,
        );
    }
    if (!SAFE_VARIABLES.includes(from)) {
        throw new Error(
            `${column} from "${from}", which may hold quotes that API Gateway does not escape. Safe are: ${SAFE_VARIABLES.join(", ")}.`,
        );
    }
    return from;
}

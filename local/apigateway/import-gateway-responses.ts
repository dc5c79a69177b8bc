import { GATEWAY_RESPONSES } from "./gateway-responses";
import { type Json, object, type Problems, refuseUnknown, stringEntries } from "./import-document";
import { invalid } from "./import-mapping";
import { type Mapping, parseSource } from "./mapping";
import type { GatewayResponse } from "./model";

/** Imports `x-amazon-apigateway-gateway-responses`. What AWS would refuse is added to the problems. */
export function importGatewayResponses(responses: Json, problems: Problems): ReadonlyMap<string, GatewayResponse> {
    const types = new Set([...Object.keys(GATEWAY_RESPONSES), "DEFAULT_4XX", "DEFAULT_5XX"]);
    const imported = new Map<string, GatewayResponse>();
    for (const [type, value] of Object.entries(responses)) {
        if (!types.has(type)) problems.push(`Unable to put gateway response '${type}': Invalid response type`);
        imported.set(type, importGatewayResponse(type, object(value), problems));
    }
    return imported;
}

/** Imports one gateway response, from the document or from a resource of its own. */
export function importGatewayResponse(type: string, response: Json, problems: Problems): GatewayResponse {
    refuseUnknown(`gateway response ${type}`, response, "statusCode responseParameters responseTemplates");
    const { statusCode, responseParameters, responseTemplates } = response;
    if (statusCode !== undefined && !/^[1-5]\d\d$/.test(String(statusCode))) {
        problems.push(`Unable to put gateway response '${type}': Invalid status code specified: ${statusCode}`);
    }
    const headers = stringEntries(responseParameters).flatMap(([target, expression]) =>
        importHeader(type, target, expression, problems),
    );
    return {
        statusCode: statusCode === undefined ? undefined : Number(statusCode),
        headers,
        templates: new Map(stringEntries(responseTemplates)),
    };
}

function importHeader(type: string, target: string, expression: string, problems: Problems): readonly Mapping[] {
    const name = /^gatewayresponse\.header\.(.+)$/.exec(target)?.[1];
    const source = parseSource(expression);
    if (name !== undefined && source && source.from !== "body" && source.from !== "header") {
        return [{ target: { location: "header", name }, source }];
    }
    const offender = name === undefined ? target : expression;
    problems.push(
        `Unable to put gateway response '${type}': ${invalid(`Invalid mapping expression specified: ${offender}`)}`,
    );
    return [];
}

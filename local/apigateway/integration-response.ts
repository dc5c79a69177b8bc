import type { Answer, Exchange } from "./exchange";
import { gatewayFailure, headerValue } from "./gateway-responses";
import { type BackendAnswer, isProxy } from "./integrations";
import { readSource } from "./mapping";
import type { IntegrationResponse } from "./model";
import { proxyAnswer } from "./proxy-answer";
import { inputVariable, payload, utilVariable } from "./variables";
import type { Template } from "./velocity/compile";
import { text } from "./velocity/values";

/** Makes the method's answer from the backend's: selects the integration response, applies its mappings, its template and the overrides. */
export function methodAnswer(exchange: Exchange, answer: BackendAnswer): Answer {
    const { integration } = exchange.method;
    if (isProxy(integration)) return proxyAnswer(answer);
    const response = select(integration.responses, answer);
    const body = payload(answer.body);
    const [contentType, template] = choose(response.templates, exchange.parameters.header.accept);
    const headers: Record<string, string> = { "Content-Type": contentType };
    for (const { target, source } of response.parameters) {
        const value = readSource(source, { ...exchange, body, headers: answer.headers });
        if (value !== undefined) setHeader(headers, target.name, value);
    }
    const { context, stageVariables, parameters } = exchange;
    const variables = { input: inputVariable(body, parameters), util: utilVariable, context, stageVariables };
    const rendered = template ? template(variables) : answer.body;
    for (const [name, value] of Object.entries(context.responseOverride.header)) setHeader(headers, name, text(value));
    return { status: statusOf(context.responseOverride.status ?? response.statusCode), headers, body: rendered };
}

function select(responses: readonly IntegrationResponse[], { selector, status }: BackendAnswer): IntegrationResponse {
    const matching = selector === undefined ? undefined : responses.find(({ pattern }) => pattern?.test(selector));
    const response = matching ?? responses.find(({ pattern }) => pattern === undefined);
    if (response) return response;
    const reason = `No match for output mapping and no default output mapping configured. Endpoint Response Status Code: ${status}`;
    throw gatewayFailure("API_CONFIGURATION_ERROR", { reason });
}

/** The template of the accepted content type, else that of JSON, else the first, with its type. Without a template, the answer is called JSON. */
function choose(templates: ReadonlyMap<string, Template>, accept: string | undefined): readonly [string, Template?] {
    for (const type of [
        accept?.split(/[,;]/)[0]?.trim().toLowerCase() ?? "",
        "application/json",
        ...templates.keys(),
    ]) {
        const template = templates.get(type);
        if (template) return [type, template];
    }
    return ["application/json"];
}

function setHeader(headers: Record<string, string>, name: string, value: string): void {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
        throw gatewayFailure("API_CONFIGURATION_ERROR", { reason: `Invalid header name: ${name}` });
    const known = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase());
    headers[known ?? name] = headerValue(value);
}

function statusOf(value: unknown): number {
    const status = Number(text(value));
    if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
    throw gatewayFailure("API_CONFIGURATION_ERROR", { reason: `Invalid status code: ${text(value)}` });
}

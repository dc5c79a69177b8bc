import { inputVariable, payload, utilVariable } from "../../local/apigateway/variables";
import { compileTemplate } from "../../local/apigateway/velocity/compile";

/** What a template of an API makes of a body, read as JSON, and the status that it sets. A body that is a text is taken as it is. */
export function rendered(template: string, body: unknown): { readonly json: unknown; readonly status: unknown } {
    const context = { responseOverride: { status: undefined as unknown, header: {} } };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const input = inputVariable(payload(text), { path: {}, querystring: {}, header: {} });
    const answer = compileTemplate(template)({ input, util: utilVariable, context });
    return { json: JSON.parse(answer), status: context.responseOverride.status };
}

/** The text of a record's data in base64. */
export function textOf({ Data }: { readonly Data?: string }): string | undefined {
    return Data === undefined ? undefined : Buffer.from(Data, "base64").toString();
}

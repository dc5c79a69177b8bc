import { apiModel, type JsonSchema } from "../../schema/json-schema";
import { apiDocument, call, type Json, operation, type ServiceApiInputs } from "../blocks/api-document";
import { aliases, orders } from "./dataset";
import { accepted, acceptedBatch, failed, orderRequest, ordersRequest } from "./templates";

/** What {@link openApi} makes a document from. */
export interface OpenApiInputs extends ServiceApiInputs {
    /** Physical name of the stream that the API writes to. */
    readonly stream: string;
}

/** The whole API. Which stream an order goes to, and by which key, is not the client's to say. */
export function openApi(inputs: OpenApiInputs): Json {
    const { stream } = inputs;
    const put = (action: string, request: string, answer: string) =>
        call(inputs, `kinesis:action/${action}`, { request, accepted: answer, failed });
    const one = put("PutRecord", orderRequest(stream), accepted);
    const many = put("PutRecords", ordersRequest(stream), acceptedBatch);
    const paths = {
        "/orders": { post: operation(inputs, one, { model: "Order" }) },
        "/orders/batch": { post: operation(inputs, many, { model: "Orders" }) },
    };
    return apiDocument(inputs, paths, { Order: orderModel(), Orders: ORDERS });
}

/** The orders of a batch have no schema here: one that is wrong must not cost the others. */
const ORDERS: JsonSchema = {
    type: "object",
    required: ["orders"],
    properties: { orders: { type: "array", items: {} } },
};

/** A field that may come under another name is not required under its own: a model cannot say "one of the two". */
function orderModel(): JsonSchema {
    const model = apiModel(orders);
    const properties = model.properties as Readonly<Record<string, JsonSchema>>;
    const renamed = Object.entries(aliases).map(([alias, name]) => [alias, properties[name]]);
    const names: readonly string[] = Object.values(aliases);
    return {
        ...model,
        required: (model.required as readonly string[]).filter((name) => !names.includes(name)),
        properties: { ...properties, ...Object.fromEntries(renamed) },
    };
}

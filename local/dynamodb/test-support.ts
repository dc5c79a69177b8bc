import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { fakeServices, serve } from "../../tests/support/local";
import type { Properties, Resource } from "../resources";
import type { Iam } from "../services";
import { TABLE_TYPE } from "./config";
import { createDynamoDB, type DynamoDB, type DynamoDBOptions } from "./index";

/** Inputs of the table of most tests. */
export const ORDERS: Properties = {
    name: "orders",
    billingMode: "PAY_PER_REQUEST",
    hashKey: "customer",
    rangeKey: "order",
    attributes: [
        { name: "customer", type: "S" },
        { name: "order", type: "S" },
    ],
};

/** A server of local DynamoDB, with a client of the SDK. */
export async function dynamoBench({ iam, ...options }: DynamoDBOptions & { readonly iam?: Iam } = {}) {
    const services = fakeServices(iam ? { iam } : {});
    let dynamodb: DynamoDB = createDynamoDB(services, options);
    const server = await serve({
        jsonServices: [
            {
                ...dynamodb.service,
                get operations() {
                    return dynamodb.service.operations;
                },
            },
        ],
        ...(iam && { iam }),
    });
    const client = new DynamoDBClient(server.client);
    return {
        services,
        client,
        clock: services.clock,
        endpoint: server.endpoint,
        dynamodb: () => dynamodb,
        async table(inputs: Properties = {}): Promise<Resource> {
            const all = { ...ORDERS, ...inputs };
            const made = await dynamodb.bindings[TABLE_TYPE]?.create(all, "x");
            return services.resources.put({ type: TABLE_TYPE, inputs: all, ...(made as { id: string }) });
        },
        async update(old: Resource, inputs: Properties): Promise<Resource> {
            const all = { ...old.inputs, ...inputs };
            const made = await dynamodb.bindings[TABLE_TYPE]?.update?.(old, all, "x");
            return services.resources.put({ type: TABLE_TYPE, inputs: all, ...(made as { id: string }) });
        },
        async remove(table: Resource): Promise<void> {
            await dynamodb.bindings[TABLE_TYPE]?.delete?.(table);
            services.resources.remove(table.type, table.id);
        },
        /** Goes on as another process would, from what is on disk. */
        async restart(): Promise<void> {
            await dynamodb.close();
            dynamodb = createDynamoDB(services, options);
        },
        async close(): Promise<void> {
            client.destroy();
            await server.close();
            await dynamodb.close();
            services.place.remove();
        },
    };
}

/** A {@link dynamoBench}. */
export type DynamoBench = Awaited<ReturnType<typeof dynamoBench>>;

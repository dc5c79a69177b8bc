import { KinesisClient } from "@aws-sdk/client-kinesis";
import { fakeServices, serve } from "../../tests/support/local";
import type { Properties, Resource } from "../resources";
import type { Iam } from "../services";
import { STREAM_TYPE } from "./config";
import { createKinesis, type Kinesis, type KinesisOptions } from "./index";

/** A server of local Kinesis, with a client of the SDK. */
export async function kinesisBench({ iam, ...options }: KinesisOptions & { readonly iam?: Iam } = {}) {
    const services = fakeServices(iam ? { iam } : {});
    let kinesis: Kinesis = createKinesis(services, options);
    const server = await serve({
        jsonServices: [
            {
                ...kinesis.service,
                get operations() {
                    return kinesis.service.operations;
                },
            },
        ],
        ...(iam && { iam }),
    });
    const client = new KinesisClient(server.client);
    return {
        services,
        client,
        clock: services.clock,
        endpoint: server.endpoint,
        kinesis: () => kinesis,
        /** Makes a stream; one shard unless told otherwise. */
        async stream(name: string, inputs: Properties = { shardCount: 1 }): Promise<Resource> {
            const made = await kinesis.bindings[STREAM_TYPE]?.create({ name, ...inputs }, name);
            return services.resources.put({
                type: STREAM_TYPE,
                inputs: { name, ...inputs },
                ...(made as { id: string }),
            });
        },
        /** Changes a stream's inputs. */
        async update(old: Resource, inputs: Properties): Promise<Resource> {
            const all = { ...old.inputs, ...inputs };
            const made = await kinesis.bindings[STREAM_TYPE]?.update?.(old, all, "x");
            return services.resources.put({ type: STREAM_TYPE, inputs: all, ...(made as { id: string }) });
        },
        /** Goes on as another process would, from what is on disk. */
        async restart(): Promise<void> {
            await kinesis.close();
            kinesis = createKinesis(services, options);
        },
        async close(): Promise<void> {
            client.destroy();
            await kinesis.close();
            await server.close();
            services.place.remove();
        },
    };
}

/** A {@link kinesisBench}. */
export type KinesisBench = Awaited<ReturnType<typeof kinesisBench>>;

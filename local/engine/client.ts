import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { DeleteRequest, ReadRequest, type ReadResponse, UpdateRequest } from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** A live resource as the engine names it. */
export interface EngineResource {
    readonly urn: string;
    readonly id: string;
}

/** Properties that keep a resource from being deleted, and their values when it may be. */
const DELETABLE: Readonly<Record<string, string | boolean>> = {
    forceDestroy: true,
    deletionProtection: "INACTIVE",
    deletionProtectionEnabled: false,
};

/**
 * Deletes resources through the provider protocol, as the engine would, last one first, with what is in them and whatever keeps them from being
 * deleted. Rejects at the first that cannot be deleted.
 */
export async function deleteResources(providerPort: number, resources: readonly EngineResource[]): Promise<void> {
    const client = new ResourceProviderClient(`127.0.0.1:${providerPort}`, grpc.credentials.createInsecure());
    try {
        for (const { urn, id } of [...resources].reverse()) {
            const found = await called<ReadResponse>((done) =>
                client.read(new ReadRequest().setUrn(urn).setId(id), done),
            );
            const guards = Object.entries(DELETABLE).filter(([name]) =>
                found.getProperties()?.getFieldsMap().has(name),
            );
            if (guards.length > 0) {
                const inputs = { ...found.getInputs()?.toJavaScript(), ...Object.fromEntries(guards) };
                const request = new UpdateRequest().setUrn(urn).setId(id).setNews(Struct.fromJavaScript(inputs));
                await called((done) => client.update(request, done));
            }
            await called((done) => client.delete(new DeleteRequest().setUrn(urn).setId(id), done));
        }
    } finally {
        client.close();
    }
}

/** Makes one call, and rejects with the provider's own sentence. */
function called<Response>(call: (done: grpc.requestCallback<Response>) => void): Promise<Response> {
    return new Promise((resolve, reject) => {
        call((error, response) => (error ? reject(new Error(error.details)) : resolve(response as Response)));
    });
}

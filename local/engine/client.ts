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
 * Deletes resources through the provider protocol, as the engine would, last one first; what refuses to go because of what is in it, or is kept
 * from being deleted, goes all the same. Rejects at the first that cannot be deleted.
 */
export async function deleteResources(providerPort: number, resources: readonly EngineResource[]): Promise<void> {
    const client = new ResourceProviderClient(`127.0.0.1:${providerPort}`, grpc.credentials.createInsecure());
    const remove = ({ urn, id }: EngineResource) =>
        called((done) => client.delete(new DeleteRequest().setUrn(urn).setId(id), done));
    try {
        for (const resource of [...resources].reverse()) {
            await remove(resource).catch(async () => {
                await unlock(client, resource);
                await remove(resource);
            });
        }
    } finally {
        client.close();
    }
}

async function unlock(client: ResourceProviderClient, { urn, id }: EngineResource): Promise<void> {
    const request = new ReadRequest().setUrn(urn).setId(id);
    const found = await called<ReadResponse>((done) => client.read(request, done));
    const guards = Object.entries(DELETABLE).filter(([name]) => found.getProperties()?.getFieldsMap().has(name));
    const inputs = { ...found.getInputs()?.toJavaScript(), ...Object.fromEntries(guards) };
    const update = new UpdateRequest().setUrn(urn).setId(id).setNews(Struct.fromJavaScript(inputs));
    await called((done) => client.update(update, done));
}

/** Makes one call, and rejects with the provider's own sentence. */
function called<Response>(call: (done: grpc.requestCallback<Response>) => void): Promise<Response> {
    return new Promise((resolve, reject) => {
        call((error, response) => (error ? reject(new Error(error.details)) : resolve(response as Response)));
    });
}

import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { DeleteRequest } from "@pulumi/pulumi/proto/provider_pb";

/** A live resource as the engine names it. */
export interface EngineResource {
    readonly urn: string;
    readonly id: string;
}

/** Deletes resources through the provider protocol, as the engine would, last one first. Rejects at the first that cannot be deleted. */
export async function deleteResources(providerPort: number, resources: readonly EngineResource[]): Promise<void> {
    const client = new ResourceProviderClient(`127.0.0.1:${providerPort}`, grpc.credentials.createInsecure());
    try {
        for (const { urn, id } of [...resources].reverse()) {
            const request = new DeleteRequest().setUrn(urn).setId(id);
            await new Promise<void>((resolve, reject) => {
                client.delete(request, (error) => (error ? reject(new Error(error.details)) : resolve()));
            });
        }
    } finally {
        client.close();
    }
}

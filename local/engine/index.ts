import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Provider } from "../provider";
import { providerService } from "./service";

/** The provider protocol, served on loopback for Pulumi's own engine to attach to (`PULUMI_DEBUG_PROVIDERS=aws:<port>`). */
export interface EngineDoor {
    readonly port: number;
    /** Lets the calls under way end, for some seconds, and takes no more. */
    close(): Promise<void>;
}

/** The engine sends a function's text and a table's schema whole; 400 MiB is what Pulumi's own providers accept. */
const MAX_MESSAGE = 400 * 1024 * 1024;

/** What a call may still take when the door closes. None does much; an engine that was killed may have left one open. */
const GRACE_MS = 5000;

/** Serves the local provider of a region to Pulumi's engine, on a free port. */
export async function serveProvider(provider: Provider, region: string): Promise<EngineDoor> {
    const server = new grpc.Server({ "grpc.max_receive_message_length": MAX_MESSAGE });
    server.addService(ResourceProviderService, providerService(provider, region));
    const bound = await new Promise<number>((resolve, reject) => {
        const done = (error: Error | null, number: number) => (error ? reject(error) : resolve(number));
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), done);
    });
    const close = async () => {
        const force = setTimeout(() => server.forceShutdown(), GRACE_MS);
        await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
        clearTimeout(force);
    };
    return { port: bound, close };
}

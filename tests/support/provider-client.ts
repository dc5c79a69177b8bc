import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../../local/resources";

/** A change of a resource as the engine is told of it. */
export interface WireDiff {
    readonly changes: "none" | "some";
    readonly replaces: readonly string[];
    readonly deleteBeforeReplace: boolean;
    /** Kind of each change, by its path: `UPDATE`, `ADD_REPLACE`. */
    readonly detailed: Readonly<Record<string, string>>;
}

/** The provider protocol as Pulumi's engine speaks it, values in the wire's own form. Each call rejects with the provider's sentence. */
export interface ProviderClient {
    check(urn: string, inputs: Properties, old?: Properties): Promise<{ inputs: Properties; failures: string[] }>;
    diff(urn: string, id: string, old: Properties, inputs: Properties): Promise<WireDiff>;
    create(urn: string, inputs: Properties, preview?: boolean): Promise<{ id: string; outputs: Properties }>;
    read(
        urn: string,
        id: string,
        inputs?: Properties,
    ): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined>;
    update(urn: string, id: string, old: Properties, inputs: Properties, preview?: boolean): Promise<Properties>;
    delete(urn: string, id: string): Promise<void>;
    invoke(token: string, args: Properties): Promise<Properties>;
    /** Resolves at the end of a list; rejects with what the provider says of it. */
    list(token: string): Promise<void>;
    /** Any other call. */
    call<Response>(method: keyof ResourceProviderClient, request: unknown): Promise<Response>;
    close(): void;
}

/** Seven digits of a name are made of the seed that the engine gives. */
const SEED = Buffer.from("1a2b3c4d5e6f", "hex");

/** Connects to a provider on loopback. `seed` gives what the engine would draw at random for each check. */
export function providerClient(port: number, seed: () => Buffer = () => SEED): ProviderClient {
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const call = <Response>(method: keyof ResourceProviderClient, request: unknown) =>
        new Promise<Response>((resolve, reject) => {
            const send = client[method] as (request: unknown, done: (e: Error | null, r: Response) => void) => void;
            send.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
        });
    return {
        call,
        async check(urn, inputs, old) {
            const request = new provider.CheckRequest().setUrn(urn).setNews(struct(inputs)).setRandomseed(seed());
            if (old) request.setOlds(struct(old));
            const response = await call<provider.CheckResponse>("check", request);
            const failures = response.getFailuresList().map((failure) => failure.getReason());
            return { inputs: plain(response.getInputs()), failures };
        },
        async diff(urn, id, old, inputs) {
            const request = new provider.DiffRequest().setUrn(urn).setId(id).setNews(struct(inputs));
            const response = await call<provider.DiffResponse>("diff", request.setOldInputs(struct(old)));
            const kinds = Object.keys(provider.PropertyDiff.Kind);
            const detailed: Record<string, string> = {};
            response.getDetaileddiffMap().forEach((diff, path) => {
                detailed[path] = kinds[diff.getKind()] ?? String(diff.getKind());
            });
            return {
                changes: response.getChanges() === provider.DiffResponse.DiffChanges.DIFF_NONE ? "none" : "some",
                replaces: response.getReplacesList(),
                deleteBeforeReplace: response.getDeletebeforereplace(),
                detailed,
            };
        },
        async create(urn, inputs, preview = false) {
            const request = new provider.CreateRequest().setUrn(urn).setProperties(struct(inputs)).setPreview(preview);
            const response = await call<provider.CreateResponse>("create", request);
            return { id: response.getId(), outputs: plain(response.getProperties()) };
        },
        async read(urn, id, inputs = {}) {
            const request = new provider.ReadRequest().setUrn(urn).setId(id).setInputs(struct(inputs));
            const response = await call<provider.ReadResponse>("read", request);
            if (!response.getId()) return undefined;
            return {
                id: response.getId(),
                outputs: plain(response.getProperties()),
                inputs: plain(response.getInputs()),
            };
        },
        async update(urn, id, old, inputs, preview = false) {
            const request = new provider.UpdateRequest().setUrn(urn).setId(id).setOldInputs(struct(old));
            request.setNews(struct(inputs)).setPreview(preview);
            return plain((await call<provider.UpdateResponse>("update", request)).getProperties());
        },
        async delete(urn, id) {
            await call("delete", new provider.DeleteRequest().setUrn(urn).setId(id));
        },
        async invoke(token, args) {
            const request = new provider.InvokeRequest().setTok(token).setArgs(struct(args));
            return plain((await call<provider.InvokeResponse>("invoke", request)).getReturn());
        },
        list: (token) =>
            new Promise((resolve, reject) => {
                const answer = client.list(new provider.ListRequest().setToken(token));
                answer.on("error", reject).on("end", resolve).resume();
            }),
        close: () => client.close(),
    };
}

/** Properties as a message carries them. */
export function struct(properties: Properties): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));
}

function plain(properties: Struct | undefined): Properties {
    return (properties?.toJavaScript() ?? {}) as Properties;
}

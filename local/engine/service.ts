import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isServiceError, LOCAL_UNSUPPORTED, unsupported } from "../errors";
import { nameOf, type Provider } from "../provider";
import type { OwnedResource } from "../resource-table";
import type { Properties } from "../resources";
import { comparableOf, hasUnknown, plainOf, UNKNOWN, wireOf } from "./values";

/** Version that the provider tells the engine: the one of @pulumi/aws whose resources it knows. */
const VERSION = "7.48.0";

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/**
 * Pulumi's `ResourceProvider` protocol over the local provider of one region. The engine calls in parallel; what changes something is carried
 * out one after the other, as by the other door.
 * https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */
export function providerService(local: Provider, region: string): grpc.UntypedServiceImplementation {
    let last: Promise<unknown> = Promise.resolve();
    const inTurn =
        <Request, Response>(handler: Handler<Request, Response>): Handler<Request, Response> =>
        (request) => {
            const turn = last.then(() => handler(request));
            last = turn.catch(() => undefined);
            return turn;
        };

    const resourceOf = async (request: { getId(): string; getUrn(): string; getType(): string }) => {
        const found = await local.read(typeOf(request), request.getId());
        if (!found)
            throw new Error(
                `${typeOf(request)} ${request.getId()} is gone. Run \`pulumi refresh\` to see what is left.`,
            );
        return found;
    };

    const check: Handler<provider.CheckRequest, provider.CheckResponse> = (request) => {
        const wire = fields(request.getNews());
        const old = request.getOlds()?.getFieldsMap().getLength()
            ? (comparableOf(fields(request.getOlds())) as Properties)
            : undefined;
        const digits = Buffer.from(request.getRandomseed_asU8()).toString("hex").slice(0, 7);
        const given = plainOf(wire) as Properties;
        const [type, name] = [typeOf(request), nameOf(request.getUrn())];
        const { inputs, problems } = local.check(type, name, given, digits, old, !hasUnknown(given));
        const response = new provider.CheckResponse();
        response.setInputs(struct({ ...wire, ...onlyNew(inputs, given) }));
        response.setFailuresList(problems.map((reason) => failure(reason)));
        return response;
    };

    const diff: Handler<provider.DiffRequest, provider.DiffResponse> = (request) => {
        const before = fields(request.getOldInputs());
        const after = fields(request.getNews());
        const [type, name] = [typeOf(request), nameOf(request.getUrn())];
        const [old, inputs] = [comparableOf(before) as Properties, comparableOf(after) as Properties];
        const { changes, replaces } = local.diff(type, old, inputs);
        const response = new provider.DiffResponse();
        const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
        response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
        response.setDiffsList([...new Set(changes.map(topLevel))]);
        response.setReplacesList([...new Set(replaces.map(topLevel))]);
        response.setDeletebeforereplace(replaces.length > 0 && local.keepsName(type, name, old, inputs));
        response.setHasdetaileddiff(true);
        for (const path of changes)
            response.getDetaileddiffMap().set(path, propertyDiff(before, after, path, replaces.includes(path)));
        return response;
    };

    const create: Handler<provider.CreateRequest, provider.CreateResponse> = async (request) => {
        const wire = fields(request.getProperties());
        const response = new provider.CreateResponse();
        if (request.getPreview()) {
            response.setProperties(struct(wire));
            return response;
        }
        const made = await local.create(request.getUrn(), typeOf(request), plainOf(wire) as Properties);
        response.setId(made.id);
        response.setProperties(struct(wireOf(made.outputs, wire)));
        return response;
    };

    const update: Handler<provider.UpdateRequest, provider.UpdateResponse> = async (request) => {
        const wire = fields(request.getNews());
        const response = new provider.UpdateResponse();
        const old = await resourceOf(request);
        const outputs = request.getPreview()
            ? { ...old.outputs, ...wire }
            : (await local.update(old, plainOf(wire) as Properties)).outputs;
        response.setProperties(struct(wireOf(outputs, wire)));
        return response;
    };

    const read: Handler<provider.ReadRequest, provider.ReadResponse> = async (request) => {
        const found = await local.read(typeOf(request), request.getId());
        const response = new provider.ReadResponse();
        if (!found) return response;
        const wire = fields(request.getInputs());
        response.setId(found.id);
        response.setProperties(struct(wireOf(found.outputs, wire)));
        response.setInputs(struct(wireOf(found.inputs, wire)));
        return response;
    };

    const remove: Handler<provider.DeleteRequest, Empty> = async (request) => {
        // Deleting what is gone already is no error: an earlier delete may have been cut short behind the deed.
        const found = await local.read(typeOf(request), request.getId());
        if (found) await local.delete(found as OwnedResource);
        return new Empty();
    };

    const invoke: Handler<provider.InvokeRequest, provider.InvokeResponse> = (request) => {
        const response = new provider.InvokeResponse();
        const args = plainOf(fields(request.getArgs())) as Properties;
        response.setReturn(struct(hasUnknown(args) ? {} : local.invoke(request.getTok(), args)));
        return response;
    };

    return {
        handshake: unary(() => {
            const response = new provider.ProviderHandshakeResponse();
            // What goes for the engine is this answer, not the one to `configure`.
            response.setAcceptSecrets(true);
            return response;
        }),
        getPluginInfo: unary(() => {
            const info = new plugin.PluginInfo();
            info.setVersion(VERSION);
            return info;
        }),
        attach: unary(() => new Empty()),
        cancel: unary(() => new Empty()),
        getSchema: unary(() => {
            const response = new provider.GetSchemaResponse();
            response.setSchema(JSON.stringify({ name: "aws", version: VERSION }));
            return response;
        }),
        checkConfig: unary((request: provider.CheckRequest) => {
            const response = new provider.CheckResponse();
            const asked = fields(request.getNews()).region ?? region;
            response.setInputs(request.getNews());
            if (asked !== region && asked !== UNKNOWN) response.setFailuresList([failure(otherRegion(asked, region))]);
            return response;
        }),
        diffConfig: unary(() => new provider.DiffResponse()),
        configure: unary(() => {
            const response = new provider.ConfigureResponse();
            response.setSupportspreview(true);
            response.setAcceptsecrets(true);
            return response;
        }),
        check: unary(check),
        diff: unary(diff),
        create: unary(inTurn(create)),
        update: unary(inTurn(update)),
        read: unary(read),
        delete: unary(inTurn(remove)),
        invoke: unary(invoke),
        call: unary((request: provider.CallRequest) => lacking(`The method ${request.getTok()}`)),
        // Components that are programs of their own, such as those of awsx.
        construct: unary((request: provider.ConstructRequest) =>
            lacking(`The component ${request.getType()} "${request.getName()}"`),
        ),
        parameterize: unary(() => lacking("A provider with parameters")),
        getMapping: unary(() => new provider.GetMappingResponse()),
        getMappings: unary(() => new provider.GetMappingsResponse()),
        list: (call: grpc.ServerWritableStream<provider.ListRequest, provider.ListResponse>) =>
            void call.emit("error", failed(unsupported(`A list of ${call.request.getToken()}`))),
    };
}

function unary<Request, Response>(handler: Handler<Request, Response>): grpc.handleUnaryCall<Request, Response> {
    return (call, done) => {
        Promise.resolve()
            .then(() => handler(call.request))
            .then((response) => done(null, response))
            .catch((error: Error) => done(failed(error)));
    };
}

function failed(error: Error): Pick<grpc.ServiceError, "code" | "message" | "details"> {
    // Half of a surrogate pair, which a message may quote from the inputs, would end the process when the message is sent.
    const message = Buffer.from(error.message).toString();
    return { code: codeOf(error), message, details: message };
}

/** UNKNOWN would tell the engine that the call may have done something all the same, and leave the resource in doubt. */
function codeOf(error: Error): grpc.status {
    return isServiceError(error) && error.code === LOCAL_UNSUPPORTED
        ? grpc.status.UNIMPLEMENTED
        : grpc.status.FAILED_PRECONDITION;
}

function otherRegion(asked: unknown, region: string): string {
    return (
        `The stack asks for the region ${asked}, but this local runtime is in ${region}, as what is in its folder. ` +
        "Start another one with --data and --port."
    );
}

function lacking(what: string): never {
    throw unsupported(what);
}

function fields(properties: Struct | undefined): Properties {
    return (properties?.toJavaScript() ?? {}) as Properties;
}

function struct(properties: Properties): Struct {
    // Through JSON, because a Struct has no place for `undefined`.
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));
}

function typeOf(request: { getUrn(): string }): string {
    // urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>
    return request.getUrn().split("::")[2]?.split("$").pop() ?? "";
}

/** What `check` filled in: names that the program left to Pulumi. */
function onlyNew(inputs: Properties, given: Properties): Properties {
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => given[name] === undefined));
}

function topLevel(path: string): string {
    return path.split(/[.[]/)[0] ?? path;
}

function propertyDiff(before: Properties, after: Properties, path: string, replaces: boolean): provider.PropertyDiff {
    const diff = new provider.PropertyDiff();
    const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = provider.PropertyDiff.Kind;
    const [had, has] = [valueAt(before, path) !== undefined, valueAt(after, path) !== undefined];
    if (!had) diff.setKind(replaces ? ADD_REPLACE : ADD);
    else if (!has) diff.setKind(replaces ? DELETE_REPLACE : DELETE);
    else diff.setKind(replaces ? UPDATE_REPLACE : UPDATE);
    diff.setInputdiff(true);
    return diff;
}

function valueAt(properties: Properties, path: string): unknown {
    const names = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|[^.[\]]+/g)].map(([name, quoted]) =>
        quoted === undefined ? name : JSON.parse(`"${quoted}"`),
    );
    return names.reduce<unknown>((value, name) => (value as Properties | undefined)?.[name], properties);
}

function failure(reason: string): provider.CheckFailure {
    const found = new provider.CheckFailure();
    found.setReason(reason);
    return found;
}

import { NormalizedSchema } from "@smithy/core/schema";
import { isServiceError, type ServiceError, serviceError, unsupported } from "../errors";
import type { Caller, Gateway, JsonService } from "../services";
import { isComplete, missing, type Read, reader, type Write, writer } from "./shapes";

/** The answer of a JSON service. */
export interface WireAnswer {
    readonly status: number;
    readonly body: string;
    /** AWS's error code, which also travels in the header `x-amzn-errortype`. */
    readonly errorType?: string;
}

/** The JSON services behind one door: text in, text out, as on AWS. */
export interface Wire {
    /** The service whose operations `X-Amz-Target` names before its dot, or undefined. */
    byTarget(target: string): JsonService | undefined;
    /** The service with this name, such as `firehose`, or undefined. */
    byName(name: string): JsonService | undefined;
    /** Runs an operation. Never throws: what goes wrong is an answer. */
    call(caller: Caller, service: JsonService, operation: string, body: string): Promise<WireAnswer>;
    /** An error as a JSON service answers it; a defect of ours becomes InternalFailure and is reported. */
    refusal(error: unknown, service?: JsonService): WireAnswer;
    /** The same services, as other services call them. */
    readonly gateway: Gateway;
}

/** One operation of a client package, ready to use. */
interface Shape {
    readonly input: NormalizedSchema;
    readonly read: Read;
    readonly write: Write | undefined;
}

/** A client package as the wire sees it: what is exported with a `$` at the end of its name is a schema. */
type ClientModule = Readonly<Record<string, unknown>>;

/** Which error a service answers when a request lacks a member, where it is not ValidationException. */
const VALIDATION_CODES: Readonly<Record<string, string>> = {
    athena: "InvalidRequestException",
    "cognito-idp": "InvalidParameterException",
    glue: "InvalidInputException",
    logs: "InvalidParameterException",
};

/** The kind of a static schema that stands for an operation. */
const OPERATION = 9;

/**
 * Puts JSON services on the wire, in the format that their SDK clients' own schemas give. `services` is asked at the first call, so the
 * services may be made later. Defects are given to `report`, which writes them to standard error by default.
 */
export function createWire(
    services: () => readonly JsonService[],
    report: (defect: unknown) => void = console.error,
): Wire {
    const shapes = new Map<string, Shape | undefined>();

    function shape(service: JsonService, operation: string): Shape | undefined {
        const key = `${service.client}#${operation}`;
        if (!shapes.has(key)) shapes.set(key, compile(client(service), operation));
        return shapes.get(key);
    }

    /** What waits for the operation does not hold the request's text, which may be large. */
    function call(caller: Caller, service: JsonService, operation: string, body: string): Promise<WireAnswer> {
        return answer(service, operation, run(caller, service, operation, body));
    }

    async function run(caller: Caller, service: JsonService, operation: string, body: string): Promise<unknown> {
        if (!Object.hasOwn(service.operations, operation)) throw unknown(service, operation);
        const known = shape(service, operation) ?? fail(unknown(service, operation));
        const start = service.operations[operation] as (input: unknown, caller: Caller) => unknown;
        return start(service.readers?.[operation]?.(body) ?? decode(known, body, service), caller);
    }

    async function answer(service: JsonService, operation: string, running: Promise<unknown>): Promise<WireAnswer> {
        try {
            const output = await running;
            const write = shape(service, operation)?.write;
            return { status: 200, body: write ? JSON.stringify(write(output ?? {})) : "" };
        } catch (error) {
            return refusal(error, service);
        }
    }

    /** An operation that AWS has and we lack is told apart from one that nobody has. */
    function unknown(service: JsonService, operation: string): ServiceError {
        if (/^[A-Za-z0-9]+$/.test(operation) && shape(service, operation))
            return unsupported(`${service.name}:${operation}`);
        return serviceError("UnknownOperationException", "");
    }

    function refusal(error: unknown, service?: JsonService): WireAnswer {
        if (!isServiceError(error)) {
            report(error);
            return refusal(serviceError("InternalFailure", "The local runtime failed; its own output says why.", 500));
        }
        const { status, code, message, stack: _stack, name: _name, ...more } = { ...error, message: error.message };
        const schema = service && client(service)[`${code}$`];
        const capital = code === "SerializationException" || (Array.isArray(schema) && schema[4]?.includes("Message"));
        const body = { __type: code, ...(message && { [capital ? "Message" : "message"]: message }), ...more };
        return { status, body: JSON.stringify(body), errorType: code };
    }

    const byName = (name: string) => services().find((each) => each.name === name);
    const gateway: Gateway = {
        async call(caller, name, operation, body) {
            const service = byName(name);
            if (!service) return refusal(unsupported(`The service "${name}"`));
            return call(caller, service, operation, body);
        },
    };

    return { byTarget: (target) => services().find((each) => each.target === target), byName, call, refusal, gateway };
}

function fail(error: Error): never {
    throw error;
}

/** Loaded when a service is first called: a client package takes up to 30 MB. */
function client(service: JsonService): ClientModule {
    return require(service.client) as ClientModule;
}

function compile(module: ClientModule, operation: string): Shape | undefined {
    const schema = module[`${operation}$`];
    if (!Array.isArray(schema) || schema[0] !== OPERATION) return undefined;
    const [input, output] = [NormalizedSchema.of(schema[4]), NormalizedSchema.of(schema[5])];
    return { input, read: reader(input), write: output.isStructSchema() ? writer(output) : undefined };
}

function decode(shape: Shape, body: string, service: JsonService): unknown {
    const value = parse(body);
    if (!shape.input.isStructSchema()) return {};
    const input = shape.read(value);
    if (isComplete(shape.input, input)) return input;
    const problems = missing(shape.input, input);
    const count = `${problems.length} validation error${problems.length > 1 ? "s" : ""} detected`;
    const error = serviceError(
        VALIDATION_CODES[service.name] ?? "ValidationException",
        `${count}: ${problems.join("; ")}`,
    );
    throw service.name === "athena" ? Object.assign(error, { AthenaErrorCode: "INVALID_INPUT" }) : error;
}

/** AWS's answer to text that is not a JSON document has no message. */
function parse(body: string): unknown {
    let value: unknown;
    try {
        value = JSON.parse(body);
    } catch {
        throw serviceError("SerializationException", "");
    }
    if (Array.isArray(value)) throw serviceError("SerializationException", "Start of list found where not expected");
    if (typeof value !== "object" || value === null) throw serviceError("SerializationException", "");
    return value;
}

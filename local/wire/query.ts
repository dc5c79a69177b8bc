import { serviceError, unsupported } from "../errors";
import type { Caller } from "../services";

/** A service of the query protocol (form in, XML out), such as STS. */
export interface QueryService {
    /** The name in SigV4 scopes, such as `sts`. */
    readonly name: string;
    /** Such as `https://sts.amazonaws.com/doc/2011-06-15/`. */
    readonly namespace: string;
    /** Such as `2011-06-15`. */
    readonly version: string;
    /** Every action that AWS has, so that what is missing here is told apart from what nobody has. */
    readonly actions: readonly string[];
    /** Actions by name: parameters in, the XML inside `<XResult>` out. */
    readonly operations: Readonly<Record<string, (parameters: URLSearchParams, caller: Caller) => string>>;
}

/** Runs the action that the parameters name and gives the response document. */
export function callQuery(
    service: QueryService,
    parameters: URLSearchParams,
    caller: Caller,
    requestId: string,
): string {
    const action = parameters.get("Action") ?? "";
    if (!Object.hasOwn(service.operations, action)) {
        if (service.actions.includes(action)) throw unsupported(`${service.name}:${action}`);
        throw serviceError("InvalidAction", `Could not find operation ${action} for version ${service.version}`);
    }
    const result = service.operations[action]?.(parameters, caller);
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    const body = `<${action}Result>${result}</${action}Result>${metadata}`;
    return `<${action}Response xmlns="${service.namespace}">${body}</${action}Response>`;
}

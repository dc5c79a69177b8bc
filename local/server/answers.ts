import { isServiceError, serviceError } from "../errors";
import type { HttpResponse } from "../services";
import type { Wire, WireAnswer } from "../wire";
import { queryError, s3Error } from "../wire/xml";
import type { Dialect } from "./refusals";

/** What S3 and the query services say when they fail. */
const INTERNAL = serviceError("InternalError", "We encountered an internal error. Please try again.", 500);

/** What becomes of a percent sign that starts no escape, and of bytes that are no UTF-8, wherever a handler comes upon them. */
const BAD_REQUEST = serviceError("BadRequestException", "Bad Request");
const INVALID_URI = serviceError("InvalidURI", "Couldn't parse the specified URI.");

/** The namespace of STS, the one query service there is. */
const QUERY_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Makes the answers to what was thrown, in the dialect of the service. `report` is told of what no service threw on purpose. */
export function createErrorAnswers(wire: Wire, report: (defect: unknown) => void) {
    function xml(error: unknown, requestId: string, write: typeof s3Error): HttpResponse {
        if (!isServiceError(error)) report(error);
        const { code, message, status } = isServiceError(error) ? error : INTERNAL;
        const headers = { "content-type": "application/xml", "x-amz-request-id": requestId };
        return { status, headers, body: write(code, message, requestId) };
    }

    const answers: Record<Dialect, (error: unknown, requestId: string) => HttpResponse> = {
        json: (error, requestId) => jsonAnswer(wire.refusal(error), requestId),
        rest: (error, requestId) =>
            restAnswer(wire.refusal(error instanceof URIError ? BAD_REQUEST : error), requestId),
        s3: (error, requestId) => xml(error instanceof URIError ? INVALID_URI : error, requestId, s3Error),
        query: (error, requestId) =>
            xml(error, requestId, (code, message, id) => queryError(QUERY_NAMESPACE, code, message, id)),
    };
    return answers;
}

/** An answer of a JSON service, of either version of the protocol. */
export function jsonAnswer({ status, body, errorType }: WireAnswer, requestId: string, version = "1.1"): HttpResponse {
    const headers = { "content-type": `application/x-amz-json-${version}`, "x-amzn-requestid": requestId };
    return { status, headers: { ...headers, ...(errorType && { "x-amzn-errortype": errorType }) }, body };
}

/** An error of Lambda or of a deployed API: its code is in a header, its message in the body. */
function restAnswer({ status, body, errorType = "" }: WireAnswer, requestId: string): HttpResponse {
    const { __type: _type, ...rest } = JSON.parse(body) as Record<string, unknown>;
    const headers = {
        "content-type": "application/json",
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": errorType,
    };
    return { status, headers, body: JSON.stringify(rest) };
}

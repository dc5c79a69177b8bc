import type { JsonSchema } from "../../schema/json-schema";
import { apiDocument, call, type Json, mock, operation, type ServiceApiInputs } from "../blocks/api-document";
import { accepted, describeRequest, type FirehoseAction, failed, recordRequest, recordsRequest } from "./templates";

/** What {@link openApi} makes a document from. */
export interface OpenApiInputs extends ServiceApiInputs {
    /** Physical name of the one stream that the API writes to. */
    readonly stream: string;
    /** Model of one event, for the API that takes one at a time. */
    readonly model: JsonSchema;
}

/**
 * The whole API. The stream's name stands in the paths, so that no name that a client sends ever reaches a template; every other name is
 * answered 404.
 */
export function openApi(inputs: OpenApiInputs): Json {
    const { stream } = inputs;
    const own = `/streams/${stream}`;
    const write = (action: FirehoseAction, template: string, model: string) => ({
        put: operation(inputs, firehose(inputs, action, template), { model }),
        post: operation(inputs, firehose(inputs, action, template), { model }),
    });
    const paths = {
        "/streams": { get: operation(inputs, mock(inputs, 200, listed(stream))) },
        [own]: { get: operation(inputs, firehose(inputs, "DescribeDeliveryStream", describeRequest(stream))) },
        [`${own}/record`]: write("PutRecord", recordRequest(stream), "Record"),
        [`${own}/records`]: write("PutRecordBatch", recordsRequest(stream), "Records"),
        "/streams/{stream-name}": {
            parameters: [STREAM_NAME],
            get: operation(inputs, mock(inputs, 404, NOT_FOUND)),
        },
        "/streams/{stream-name}/record": otherStream(inputs),
        "/streams/{stream-name}/records": otherStream(inputs),
    };
    return apiDocument(inputs, paths, models(inputs.model));
}

const STREAM_NAME = { name: "stream-name", in: "path", required: true, schema: { type: "string" } };

const NOT_FOUND = {
    message: "This API has no stream of that name. GET /streams gives the name of the one that it has.",
};

function listed(stream: string): Json {
    return { DeliveryStreamNames: [stream], HasMoreDeliveryStreams: false };
}

function otherStream(inputs: OpenApiInputs): Json {
    const notFound = operation(inputs, mock(inputs, 404, NOT_FOUND));
    return { parameters: [STREAM_NAME], put: notFound, post: notFound };
}

function firehose(inputs: OpenApiInputs, action: FirehoseAction, request: string): Json {
    return call(inputs, `firehose:action/${action}`, { request, accepted: accepted(action), failed });
}

/** An event given as text has no schema here: the check function looks into it. */
function models(event: JsonSchema): Readonly<Record<string, JsonSchema>> {
    // Without a type, a schema's other keywords say nothing about a value that is not an object.
    const { type: _object, ...eventOrText } = event;
    return {
        Record: { type: "object", properties: { Data: eventOrText, data: eventOrText } },
        Records: {
            type: "object",
            required: ["records"],
            properties: { records: { type: "array", items: { type: "object" } } },
        },
    };
}

/** Why a record, or a whole batch, was not transformed: what its error object says. */
export interface Failure {
    readonly code: string;
    readonly message: string;
}

/** Where an Iceberg destination is to put a record: `metadata.otfMetadata` in the function's answer. */
export interface Route {
    readonly destinationDatabaseName?: string;
    readonly destinationTableName?: string;
    readonly operation?: string;
}

/** What became of one record in the function. `data` is base64. */
export type Outcome =
    | { readonly result: "Ok"; readonly data: string; readonly route?: Route }
    | { readonly result: "Dropped" }
    | { readonly result: "Failed"; readonly failure: Failure };

/** Bytes that a function may answer: 6 MiB and a little. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_ANSWER_BYTES = 6_291_556;

// Codes and sentences as captured on AWS: floci-io/floci#3393 (September 2026), and
// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html for what nobody captured.
const PROCESSING_FAILED: Failure = {
    code: "Lambda.ProcessingFailedStatus",
    message: "ProcessingFailed status set for record",
};
const MISSING_ID: Failure = {
    code: "Lambda.MissingRecordId",
    message:
        "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
};
const DUPLICATED_ID: Failure = {
    code: "Lambda.DuplicatedRecordId",
    message:
        "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.",
};
const NO_DATA: Failure = {
    code: "Lambda.InvalidReturnFormat",
    message:
        "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok.",
};
const NOT_JSON: Failure = {
    code: "Lambda.JsonProcessingException",
    message:
        "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the status model required by Amazon Data Firehose.",
};
const WRONG_FORMAT: Failure = {
    code: "Lambda.FunctionError",
    message:
        "Check your function and make sure the output is in required format. In addition to that, make sure the processed records contain valid result status of Dropped, Ok, or ProcessingFailed",
};

interface Returned {
    readonly recordId?: unknown;
    readonly result?: unknown;
    readonly data?: unknown;
    readonly metadata?: { readonly otfMetadata?: Route };
}

/**
 * What a function's answer says of each of the records with these ids, or the failure of all of them. An id that nobody asked for is
 * ignored; one that is missing or comes twice costs its own record only; an answer that breaks the format costs the batch.
 */
export function outcomesIn(answer: string, ids: readonly string[]): readonly Outcome[] | Failure {
    const returned = recordsIn(answer);
    if (!Array.isArray(returned)) return returned as Failure;
    if (returned.some((record) => !isWellFormed(record))) return WRONG_FORMAT;
    // Functions answer in the order of the event, as a rule.
    const inOrder = returned.length === ids.length && returned.every(({ recordId }, index) => recordId === ids[index]);
    return inOrder ? returned.map(outcomeOf) : ids.map(lookup(returned));
}

function recordsIn(answer: string): Returned[] | Failure {
    try {
        const { records } = JSON.parse(answer) as { records?: unknown };
        return Array.isArray(records) ? (records as Returned[]) : WRONG_FORMAT;
    } catch {
        return NOT_JSON;
    }
}

/** Data must be base64 and the result one of three; captured on AWS, either costs the whole batch. */
function isWellFormed(record: Returned | null): boolean {
    if (typeof record !== "object" || record === null) return false;
    if (record.result !== "Ok") return record.result === "Dropped" || record.result === "ProcessingFailed";
    const { data } = record;
    if (data === undefined || data === null) return true;
    return typeof data === "string" && data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data);
}

function outcomeOf({ result, data, metadata }: Returned): Outcome {
    if (result === "Dropped") return { result };
    if (result === "ProcessingFailed") return { result: "Failed", failure: PROCESSING_FAILED };
    if (typeof data !== "string") return { result: "Failed", failure: NO_DATA };
    const route = metadata?.otfMetadata;
    return { result: "Ok", data, ...(route && { route }) };
}

function lookup(returned: readonly Returned[]): (id: string) => Outcome {
    const byId = new Map<unknown, Returned | "twice">();
    for (const record of returned) byId.set(record.recordId, byId.has(record.recordId) ? "twice" : record);
    return (id) => {
        const record = byId.get(id);
        if (record === undefined) return { result: "Failed", failure: MISSING_ID };
        return record === "twice" ? { result: "Failed", failure: DUPLICATED_ID } : outcomeOf(record);
    };
}

/** Why a record, or a whole batch, was not transformed: what its error object says. */
export interface Failure {
    readonly code: string;
    readonly message: string;
}

/** Whether something is a {@link Failure}. */
export function isFailure(value: unknown): value is Failure {
    return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** Where an Iceberg destination is to put a record: `metadata.otfMetadata` in the function's answer. */
export interface Route {
    readonly destinationDatabaseName?: string;
    readonly destinationTableName?: string;
    readonly operation?: string;
}

/** What a record is partitioned by: `metadata.partitionKeys` in the function's answer. */
export type PartitionKeys = Readonly<Record<string, string>>;

/** A record as the function gave it back. */
export interface Accepted {
    readonly result: "Ok";
    readonly data: Buffer;
    readonly route?: Route;
    readonly partitionKeys?: PartitionKeys;
}

/** What became of one record in the function. */
export type Outcome =
    | Accepted
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
    readonly metadata?: { readonly otfMetadata?: Route; readonly partitionKeys?: unknown };
}

/**
 * What a function's answer says of each of the records with these ids, or the failure of all of them. An id that nobody asked for is
 * ignored; one that is missing or comes twice costs its own record only; an answer that breaks the format costs the batch.
 */
export function outcomesIn(answer: string, ids: readonly string[]): readonly Outcome[] | Failure {
    const returned = recordsIn(answer);
    if (!Array.isArray(returned)) return returned as Failure;
    const outcomes: Outcome[] = [];
    for (const record of returned) {
        const outcome = outcomeOf(record);
        if (!outcome) return WRONG_FORMAT;
        outcomes.push(outcome);
    }
    // Functions answer in the order of the event, as a rule.
    const inOrder = returned.length === ids.length && returned.every(({ recordId }, index) => recordId === ids[index]);
    return inOrder ? outcomes : ids.map(lookup(returned, outcomes));
}

function recordsIn(answer: string): Returned[] | Failure {
    try {
        const { records } = JSON.parse(answer) as { records?: unknown };
        return Array.isArray(records) ? (records as Returned[]) : WRONG_FORMAT;
    } catch {
        return NOT_JSON;
    }
}

/** Undefined for a record that breaks the format: captured on AWS, a result but the three or data but base64 costs the whole batch. */
function outcomeOf(record: Returned | null): Outcome | undefined {
    if (typeof record !== "object" || record === null) return undefined;
    const { result, data, metadata } = record;
    if (result === "Dropped") return { result };
    if (result === "ProcessingFailed") return { result: "Failed", failure: PROCESSING_FAILED };
    if (result !== "Ok") return undefined;
    if (data === undefined || data === null) return { result: "Failed", failure: NO_DATA };
    const bytes = typeof data === "string" ? decoded(data) : undefined;
    const route = metadata?.otfMetadata;
    const partitionKeys = textsIn(metadata?.partitionKeys);
    return bytes && { result, data: bytes, ...(route && { route }), ...(partitionKeys && { partitionKeys }) };
}

/** The keys that are texts, or numbers and booleans as texts. */
function textsIn(partitionKeys: unknown): PartitionKeys | undefined {
    if (typeof partitionKeys !== "object" || partitionKeys === null) return undefined;
    const keys: Record<string, string> = {};
    for (const [name, value] of Object.entries(partitionKeys))
        if (["string", "number", "boolean"].includes(typeof value)) keys[name] = String(value);
    return keys;
}

/** Decodes base64, or gives undefined. Node skips what is none, which shows in the length, and takes base64url too, which AWS does not. */
function decoded(base64: string): Buffer | undefined {
    const { length } = base64;
    const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
    const bytes = Buffer.from(base64, "base64");
    if (length % 4 !== 0 || bytes.length !== (length / 4) * 3 - padding) return undefined;
    return base64.includes("-") || base64.includes("_") ? undefined : bytes;
}

function lookup(returned: readonly Returned[], outcomes: readonly Outcome[]): (id: string) => Outcome {
    const byId = new Map<unknown, Outcome>();
    returned.forEach(({ recordId }, index) => {
        const outcome = outcomes[index] as Outcome;
        byId.set(recordId, byId.has(recordId) ? { result: "Failed", failure: DUPLICATED_ID } : outcome);
    });
    return (id) => byId.get(id) ?? { result: "Failed", failure: MISSING_ID };
}

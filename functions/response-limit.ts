import type { Metadata, TransformOutcome } from "./firehose-events";

/** Bytes of JSON that Lambda takes as an answer: 6 MB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const RESPONSE_LIMIT = 6 * 1024 * 1024;

/** `{"records":[]}`, without the commas: each is counted with the outcome before it. */
const FRAME = 14;

/** More than an outcome takes beside its strings: `{"recordId":"","result":"ProcessingFailed","data":"","metadata":{"otfMetadata":{…}}},`. */
const OUTCOME = 200;

/** The most bytes that JSON takes for one unit of a string: `\ud800`. */
const WIDEST = 6;

/**
 * Makes an answer fit into `limit` bytes. What does not fit becomes `ProcessingFailed` without its data, and `overflow` is told its id:
 * it goes to the error prefix as it came. An answer that is too large would send all of its batch there.
 */
export function withinLimit<M extends Metadata>(
    outcomes: readonly TransformOutcome<M>[],
    overflow: (recordId: string) => void,
    limit = RESPONSE_LIMIT,
): readonly TransformOutcome<M>[] {
    return sizeAtMost(outcomes) <= limit ? outcomes : shrink(outcomes, overflow, limit);
}

/** A bound that costs next to nothing, so that only a batch that comes near the limit is measured. */
function sizeAtMost(outcomes: readonly TransformOutcome<Metadata>[]): number {
    let size = FRAME;
    for (const { recordId, result, data, metadata } of outcomes) {
        size += OUTCOME + WIDEST * recordId.length;
        // The data of an `Ok` is base64, which JSON writes as it is. Of any other it is what came, whatever that was.
        if (data !== undefined) size += result === "Ok" ? data.length : WIDEST * data.length;
        if (metadata !== undefined) size += WIDEST * namesIn(metadata);
    }
    return size;
}

/** Units of what the metadata names, and of what it is named where that may be anything. */
function namesIn(metadata: Metadata): number {
    if ("otfMetadata" in metadata) {
        return metadata.otfMetadata.destinationDatabaseName.length + metadata.otfMetadata.destinationTableName.length;
    }
    let units = 0;
    for (const key in metadata.partitionKeys) units += 3 + key.length + (metadata.partitionKeys[key] ?? "").length;
    return units;
}

/** Room for the shortest outcome of every record is kept first, so that the last ones have an outcome too. */
function shrink<M extends Metadata>(
    outcomes: readonly TransformOutcome<M>[],
    overflow: (recordId: string) => void,
    limit: number,
): readonly TransformOutcome<M>[] {
    const shortest = outcomes.map(({ recordId }): TransformOutcome<M> => ({ recordId, result: "ProcessingFailed" }));
    let room = limit - FRAME - shortest.reduce((sum, outcome) => sum + sizeOf(outcome), 0);
    return outcomes.map((outcome, index) => {
        const more = sizeOf(outcome) - sizeOf(shortest[index]);
        if (more <= room) {
            room -= more;
            return outcome;
        }
        if (outcome.result !== "ProcessingFailed") overflow(outcome.recordId);
        return shortest[index];
    });
}

/** Bytes of an outcome with a comma. */
function sizeOf(outcome: TransformOutcome<Metadata>): number {
    return Buffer.byteLength(JSON.stringify(outcome)) + 1;
}

import { bodyIn, type Frame, placesAt, type RecordPlaces } from "../records/frame";
import type { RecordIds } from "./record";
import type { SourcePositions } from "./source-positions";

/** Where a record stood in the Kinesis stream that it was read from. */
export interface Origin {
    readonly shardId: string;
    readonly sequenceNumber: string;
}

/** Records that arrived together and stand one behind the other in memory, which threads may share. */
export interface Run {
    readonly body: Uint8Array;
    readonly count: number;
    /** Position of the first. */
    readonly first: number;
    readonly arrival: number;
    /** Where the first came from, if they came from a Kinesis stream. The sequence numbers of the others follow one by one. */
    readonly origin?: Origin;
}

/** What is noted in the log with records from a Kinesis stream. */
export interface SourceNote extends SourcePositions {
    readonly origin: Origin;
}

/** The records that a batch is of. */
export interface Records {
    /** What tells the delivery stream from others of its name: their ids follow from it. */
    readonly incarnation: string;
    readonly runs: readonly Run[];
}

/** A record of a {@link Run}. */
export interface FirehoseRecord {
    readonly position: number;
    readonly data: Buffer;
    readonly run: Run;
}

/** Number of records in some runs. */
export function countIn(runs: readonly Pick<Run, "count">[]): number {
    return runs.reduce((sum, { count }) => sum + count, 0);
}

/** Bytes of data in some runs. */
export function dataBytesIn(runs: readonly Pick<Run, "body" | "count">[]): number {
    let sum = 0;
    for (const run of runs)
        walk(run, (_bytes, { data, end }) => {
            sum += end - data;
        });
    return sum;
}

/** Goes through the records of a run, each with its number in it. */
export function walk(
    { body, count }: Pick<Run, "body" | "count">,
    each: (bytes: Buffer, places: RecordPlaces, index: number) => void,
): void {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    let at = 0;
    for (let index = 0; index < count; index++) {
        const places = placesAt(bytes, at);
        each(bytes, places, index);
        at = places.end;
    }
}

/** The records of some runs. */
export function recordsOf(runs: readonly Run[]): FirehoseRecord[] {
    const records: FirehoseRecord[] = [];
    for (const run of runs)
        walk(run, (bytes, { data, end }, index) => {
            records.push({ position: run.first + index, data: bytes.subarray(data, end), run });
        });
    return records;
}

/** Cuts a run in two, the first with so many records, of so many bytes. */
export function cut({ body, count, first, arrival, origin }: Run, records: number, bytes: number): [Run, Run] {
    const head = { body: body.subarray(0, bytes), count: records, first, arrival };
    const rest = { body: body.subarray(bytes), count: count - records, first: first + records, arrival };
    if (!origin) return [head, rest];
    return [
        { ...head, origin },
        { ...rest, origin: originAfter(origin, records) },
    ];
}

/** The records of a frame of the log from a position on. */
export function runOf(frame: Frame, from: number): Run {
    const skipped = Math.max(0, from - frame.first);
    const { body, note } = bodyIn(frame, skipped);
    const run = { body, count: frame.header.count - skipped, first: frame.first + skipped };
    const { origin } = (note === "" ? {} : JSON.parse(note)) as Partial<SourceNote>;
    return { ...run, arrival: frame.header.arrival, ...(origin && { origin: originAfter(origin, skipped) }) };
}

/** The sequence number of a record: that of the Kinesis stream, or Firehose's own for what was put. */
export function sequenceNumberOf({ first, origin }: Run, position: number, ids: RecordIds): string {
    if (!origin) return ids.transform(position).slice(0, -6);
    return originAfter(origin, position - first).sequenceNumber;
}

function originAfter({ shardId, sequenceNumber }: Origin, records: number): Origin {
    return { shardId, sequenceNumber: plus(sequenceNumber, records) };
}

/** Digits of a number that JavaScript counts with. */
const SMALL_DIGITS = 15;

/** Adds to a number of any length. As a rule its last digits alone change, which is much faster. */
function plus(digits: string, more: number): string {
    if (more === 0) return digits;
    const last = String(Number(digits.slice(-SMALL_DIGITS)) + more);
    if (last.length > SMALL_DIGITS || digits.length <= SMALL_DIGITS) return String(BigInt(digits) + BigInt(more));
    return digits.slice(0, -SMALL_DIGITS) + last.padStart(SMALL_DIGITS, "0");
}

import * as path from "node:path";
import type { KinesisReader } from "../kinesis";
import type { RecordLog } from "../records/log";
import type { StreamInputs } from "./config";
import { readJson, writeJson } from "./files";

/** How far a delivery stream has read the shards of its Kinesis stream. */
export interface SourcePositions {
    /** Tells the Kinesis stream from a former one of the same name, where positions mean nothing. */
    readonly incarnation: string;
    /** The next position by shard. A shard that is not named is read from its beginning. */
    readonly shards: Readonly<Record<string, number>>;
}

/**
 * Decides that a delivery stream that is being made reads what comes into its Kinesis stream from now on, and keeps the decision. Throws
 * when there is no such stream. https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
 */
export async function beginSource(kinesis: KinesisReader, folder: string, inputs: StreamInputs): Promise<void> {
    const arn = inputs.kinesisSourceConfiguration?.kinesisStreamArn;
    if (arn !== undefined) writeJson(beginningFile(folder), await endsOf(kinesis, arn));
}

/** Positions after everything that a Kinesis stream holds. Throws when there is no such stream. */
export async function endsOf(kinesis: KinesisReader, arn: string): Promise<SourcePositions> {
    const ends: Record<string, number> = {};
    for (const { id } of kinesis.shards(arn)) ends[id] = await kinesis.positionOf(arn, id, "LATEST");
    return { incarnation: kinesis.incarnation(arn) ?? "", shards: ends };
}

/**
 * The positions of a delivery stream: those that came into its log with the last records, or those where it began. What another incarnation
 * of the Kinesis stream holds is new.
 */
export function positionsIn(log: Pick<RecordLog, "note">, folder: string, incarnation: string): SourcePositions {
    const note = log.note();
    const known = note === undefined ? readJson<SourcePositions>(beginningFile(folder)) : JSON.parse(note);
    return known?.incarnation === incarnation ? known : { incarnation, shards: {} };
}

function beginningFile(folder: string): string {
    return path.join(folder, "source.json");
}

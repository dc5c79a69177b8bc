import { serviceError } from "../errors";
import { constraint, refuse } from "../firehose/validation";
import type { LoggedRecord } from "../records/frame";
import type { Caller } from "../services";
import { enter, type KinesisAccess, nameIn, notFound, rangeConstraints, type StreamReference } from "./access";
import type { KinesisReader } from "./reader";
import { shardIdOf } from "./shards";

/** How long a shard iterator is good, in milliseconds: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html */
const ITERATOR_MS = 300_000;

/** Most records that GetRecords gives: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
const MAX_RECORDS = 10_000;

/** What the operations that read records need. */
export interface ReadServices extends KinesisAccess {
    readonly reader: KinesisReader;
}

interface IteratorRequest extends StreamReference {
    readonly ShardId: string;
    readonly ShardIteratorType: string;
    readonly StartingSequenceNumber?: string;
    readonly Timestamp?: Date;
}

/** Where an iterator stands. */
interface Iterator {
    readonly name: string;
    readonly incarnation: string;
    readonly shard: string;
    readonly position: number;
    /** When it was made. */
    readonly at: number;
}

const TYPES = ["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"];

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html */
export const getShardIterator = (read: ReadServices) => async (input: IteratorRequest, caller: Caller) => {
    const { ShardIteratorType: type, StartingSequenceNumber: sequence, ShardId } = input;
    if (!TYPES.includes(type))
        refuse([constraint("shardIteratorType", type, `satisfy enum value set: [${TYPES.join(", ")}]`)]);
    const { stream, config } = enter(read, caller, "GetShardIterator", input);
    if (!stream.shard(ShardId)) throw shardNotFound(read, config.name, ShardId);
    const hasSequence = sequence !== undefined;
    if (hasSequence !== type.endsWith("_SEQUENCE_NUMBER")) throw mismatch(type, hasSequence);
    if (type === "AT_TIMESTAMP" && !input.Timestamp)
        throw serviceError(
            "InvalidArgumentException",
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.",
        );
    const position = await positionOf(read, config, input);
    const { now } = read.services.clock;
    const made: Iterator = { name: config.name, incarnation: stream.incarnation, shard: ShardId, position, at: now() };
    return { ShardIterator: encode(made) };
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
export const getRecords =
    (read: ReadServices) =>
    async (
        input: { readonly ShardIterator: string; readonly Limit?: number; readonly StreamARN?: string },
        caller: Caller,
    ) => {
        refuse(rangeConstraints("limit", input.Limit, 1, MAX_RECORDS));
        const iterator = decode(input.ShardIterator);
        const now = read.services.clock.now();
        if (now - iterator.at > ITERATOR_MS) throw expired(iterator.at, now);
        const { stream, config } = enter(read, caller, "GetRecords", {
            StreamName: iterator.name,
            ...(input.StreamARN && { StreamARN: input.StreamARN }),
        });
        if (stream.incarnation !== iterator.incarnation || !stream.shard(iterator.shard))
            throw shardNotFound(read, iterator.name, iterator.shard);
        const limits = { records: input.Limit ?? MAX_RECORDS };
        const { records, sequenceNumber, next, millisBehindLatest, isDrained } = await read.reader.read(
            caller,
            config.arn,
            iterator.shard,
            iterator.position,
            limits,
        );
        const children = read.reader.shards(config.arn).filter(({ parents }) => parents.includes(iterator.shard));
        return {
            Records: records.map((record) => recordOut(record, sequenceNumber(record.position), config.encryption)),
            MillisBehindLatest: millisBehindLatest,
            ...(isDrained
                ? {
                      ChildShards: children.map(({ id, parents, hashKeyRange }) => ({
                          ShardId: id,
                          ParentShards: parents,
                          HashKeyRange: hashKeyRange,
                      })),
                  }
                : { NextShardIterator: encode({ ...iterator, position: next, at: now }) }),
        };
    };

function recordOut({ arrival, data, partitionKey }: LoggedRecord, SequenceNumber: string, encryption: string) {
    return {
        SequenceNumber,
        ApproximateArrivalTimestamp: new Date(arrival),
        Data: data,
        PartitionKey: partitionKey,
        ...(encryption === "KMS" && { EncryptionType: encryption }),
    };
}

async function positionOf(
    read: ReadServices,
    { name, arn }: { readonly name: string; readonly arn: string },
    { ShardId, ShardIteratorType: type, StartingSequenceNumber: sequence, Timestamp: time }: IteratorRequest,
): Promise<number> {
    if (sequence === undefined) {
        const start =
            time && type === "AT_TIMESTAMP" ? { atTimestamp: time.getTime() } : (type as "LATEST" | "TRIM_HORIZON");
        return read.reader.positionOf(arn, ShardId, start);
    }
    const stream = read.find(name)?.stream;
    const said = stream?.parse(sequence);
    const where = `used in GetShardIterator on shard ${ShardId} in stream ${name} under account ${read.services.place.account}`;
    if (!said)
        throw serviceError(
            "InvalidArgumentException",
            `StartingSequenceNumber ${sequence} ${where} is invalid because it did not come from this stream.`,
        );
    const own = stream?.shard(ShardId)?.state.index;
    if (said.shard !== own)
        throw serviceError(
            "InvalidArgumentException",
            `Invalid StartingSequenceNumber. It encodes ${shardIdOf(said.shard)}, while it was used in a call to a shard with ${ShardId}`,
        );
    return said.position + (type === "AFTER_SEQUENCE_NUMBER" ? 1 : 0);
}

function shardNotFound({ services }: ReadServices, name: string, shardId: string): Error {
    return notFound(`Shard ${shardId} in stream ${name} under account ${services.place.account} does not exist`);
}

function mismatch(type: string, hasSequence: boolean): Error {
    return serviceError(
        "InvalidArgumentException",
        `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ${hasSequence ? "also a" : "no"} StartingSequenceNumber.`,
    );
}

function expired(made: number, now: number): Error {
    return serviceError(
        "ExpiredIteratorException",
        `Iterator expired. The iterator was created at time ${javaDate(made)} while right now it is ${javaDate(now)} which is further in the future than the tolerated delay of ${ITERATOR_MS} milliseconds.`,
    );
}

/** As Java prints a date: `Thu Jan 22 01:22:02 UTC 2015`. */
function javaDate(time: number): string {
    const [, week, day, month, year, clock] =
        /^(.+), (.+) (.+) (.+) (.+) GMT$/.exec(new Date(time).toUTCString()) ?? [];
    return `${week} ${month} ${day} ${clock} UTC ${year}`;
}

function encode({ name, incarnation, shard, position, at }: Iterator): string {
    return Buffer.from(JSON.stringify([name, incarnation, shard, position, at])).toString("base64");
}

function decode(text: string): Iterator {
    try {
        const [name, incarnation, shard, position, at] = JSON.parse(Buffer.from(text, "base64").toString()) as [
            string,
            string,
            string,
            number,
            number,
        ];
        nameIn({ StreamName: name });
        if (Number.isSafeInteger(position) && position >= 0 && Number.isFinite(at))
            return { name, incarnation, shard, position, at };
    } catch {
        // Whatever is wrong with it, AWS has one sentence.
    }
    throw serviceError("InvalidArgumentException", "Invalid ShardIterator.");
}

import { serviceError } from "../errors";
import { refuse } from "../firehose/validation";
import type { Caller } from "../services";
import { enter, type KinesisAccess, type OpenedStream, rangeConstraints, type StreamReference } from "./access";
import type { Shard } from "./stream";

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html */
export const describeStream =
    (access: KinesisAccess) =>
    (input: StreamReference & { readonly Limit?: number; readonly ExclusiveStartShardId?: string }, caller: Caller) => {
        refuse(rangeConstraints("limit", input.Limit, 1, 10_000));
        const opened = enter(access, caller, "DescribeStream", input);
        const { Limit: limit = 100, ExclusiveStartShardId: after = "" } = input;
        const shards = opened.stream.shards().filter(({ state }) => state.id > after);
        return {
            StreamDescription: {
                ...common(opened),
                HasMoreShards: shards.length > limit,
                Shards: shards.slice(0, limit).map(shardOut),
            },
        };
    };

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html */
export const describeStreamSummary = (access: KinesisAccess) => (input: StreamReference, caller: Caller) => {
    const opened = enter(access, caller, "DescribeStreamSummary", input);
    const isOpen = ({ state }: Shard) => state.closed === undefined;
    return {
        StreamDescriptionSummary: {
            ...common(opened),
            OpenShardCount: opened.stream.shards().filter(isOpen).length,
            ConsumerCount: 0,
            MaxRecordSizeInKiB: opened.config.maxRecordBytes / 1024,
        },
    };
};

interface ShardFilter {
    readonly Type: string;
    readonly ShardId?: string;
    readonly Timestamp?: Date;
}

interface ListShardsRequest extends StreamReference {
    readonly NextToken?: string;
    readonly ExclusiveStartShardId?: string;
    readonly MaxResults?: number;
    readonly ShardFilter?: ShardFilter;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */
export const listShards = (access: KinesisAccess) => (input: ListShardsRequest, caller: Caller) => {
    refuse(rangeConstraints("maxResults", input.MaxResults, 1, 10_000));
    const { NextToken: token, MaxResults: most = 1000 } = input;
    if (token !== undefined && (input.StreamName ?? input.ExclusiveStartShardId) !== undefined)
        throw serviceError("InvalidArgumentException", "NextToken and StreamName cannot be provided together.");
    const from = token === undefined ? input : fromToken(token);
    const opened = enter(access, caller, "ListShards", from.StreamName ? { StreamName: from.StreamName } : input);
    const { ExclusiveStartShardId: after = "", ShardFilter: filter } = from;
    const shards = opened.stream
        .shards()
        .filter((shard) => shard.state.id > after && passes(filter, shard, access.services.clock.now(), opened));
    const page = shards.slice(0, most);
    const last = page.at(-1)?.state.id;
    return {
        Shards: page.map(shardOut),
        ...(shards.length > most && {
            NextToken: Buffer.from(JSON.stringify([opened.config.name, last, filter ?? null])).toString("base64"),
        }),
    };
};

function fromToken(token: string): Pick<ListShardsRequest, "StreamName" | "ExclusiveStartShardId" | "ShardFilter"> {
    try {
        const [StreamName, ExclusiveStartShardId, filter] = JSON.parse(Buffer.from(token, "base64").toString()) as [
            string,
            string,
            (ShardFilter & { Timestamp?: string }) | null,
        ];
        if (typeof StreamName !== "string" || typeof ExclusiveStartShardId !== "string") throw new Error(token);
        if (!filter) return { StreamName, ExclusiveStartShardId };
        const time = filter.Timestamp === undefined ? {} : { Timestamp: new Date(filter.Timestamp) };
        return { StreamName, ExclusiveStartShardId, ShardFilter: { ...filter, ...time } };
    } catch {
        throw serviceError("InvalidArgumentException", "Invalid NextToken.");
    }
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function passes(filter: ShardFilter | undefined, { state }: Shard, now: number, { config }: OpenedStream): boolean {
    const closed = state.closed ?? Number.POSITIVE_INFINITY;
    const horizon = now - config.retentionMs;
    const time = filter?.Timestamp?.getTime() ?? horizon;
    switch (filter?.Type) {
        case undefined:
        case "FROM_TRIM_HORIZON":
            return closed >= horizon;
        case "AFTER_SHARD_ID":
            return state.id > (filter.ShardId ?? "");
        case "AT_LATEST":
            return state.closed === undefined;
        case "FROM_TIMESTAMP":
            return closed >= time;
        case "AT_TRIM_HORIZON":
        case "AT_TIMESTAMP":
            return closed > time && (state.created <= time || state.parents.length === 0);
        default:
            throw serviceError("InvalidArgumentException", `Invalid shard filter type ${filter?.Type}.`);
    }
}

function common({ stream, config }: OpenedStream) {
    return {
        StreamName: config.name,
        StreamARN: config.arn,
        StreamStatus: "ACTIVE",
        StreamModeDetails: { StreamMode: config.mode },
        RetentionPeriodHours: config.retentionMs / 3_600_000,
        StreamCreationTimestamp: new Date(stream.created),
        EnhancedMonitoring: [{ ShardLevelMetrics: config.shardLevelMetrics }],
        EncryptionType: config.encryption,
        ...(config.encryption === "KMS" && { KeyId: config.kmsKeyId }),
    };
}

function shardOut({ state, log, sequenceNumber }: Shard) {
    const [parent, adjacent] = state.parents;
    const last = state.closed === undefined ? undefined : sequenceNumber(log.next());
    return {
        ShardId: state.id,
        ...(parent !== undefined && { ParentShardId: parent }),
        ...(adjacent !== undefined && { AdjacentParentShardId: adjacent }),
        HashKeyRange: { StartingHashKey: state.start, EndingHashKey: state.end },
        SequenceNumberRange: {
            StartingSequenceNumber: sequenceNumber(0),
            ...(last !== undefined && { EndingSequenceNumber: last }),
        },
    };
}

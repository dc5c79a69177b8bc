import { refuse } from "../firehose/validation";
import type { Caller } from "../services";
import { enter, type KinesisAccess, rangeConstraints, type StreamReference } from "./access";

interface ListStreamsRequest {
    readonly Limit?: number;
    readonly ExclusiveStartStreamName?: string;
    readonly NextToken?: string;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html */
export const listStreams =
    (access: KinesisAccess, names: () => readonly string[]) => (input: ListStreamsRequest, caller: Caller) => {
        refuse(rangeConstraints("limit", input.Limit, 1, 10_000));
        access.services.iam.authorize(caller, "kinesis:ListStreams", "*");
        const after = input.NextToken ?? input.ExclusiveStartStreamName ?? "";
        const all = [...names()].sort().filter((name) => name > after);
        const page = all.slice(0, input.Limit ?? 100);
        const hasMore = all.length > page.length;
        return {
            StreamNames: page,
            HasMoreStreams: hasMore,
            ...(hasMore && { NextToken: page.at(-1) }),
            StreamSummaries: page.flatMap((name) => {
                const found = access.find(name);
                if (!found) return [];
                const { config, stream } = found;
                return {
                    StreamName: name,
                    StreamARN: config.arn,
                    StreamStatus: "ACTIVE",
                    StreamModeDetails: { StreamMode: config.mode },
                    StreamCreationTimestamp: new Date(stream.created),
                };
            }),
        };
    };

interface ListTagsRequest extends StreamReference {
    readonly ExclusiveStartTagKey?: string;
    readonly Limit?: number;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html */
export const listTagsForStream = (access: KinesisAccess) => (input: ListTagsRequest, caller: Caller) => {
    refuse(rangeConstraints("limit", input.Limit, 1, 50));
    const { config } = enter(access, caller, "ListTagsForStream", input);
    const { ExclusiveStartTagKey: after = "", Limit: limit = 50 } = input;
    const keys = Object.keys(config.tags)
        .sort()
        .filter((key) => key > after);
    return {
        Tags: keys.slice(0, limit).map((key) => ({ Key: key, Value: config.tags[key] })),
        HasMoreTags: keys.length > limit,
    };
};

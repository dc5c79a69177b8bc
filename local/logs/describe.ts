import type { Resource } from "../resources";
import type { Caller } from "../services";
import { first, type Groups, type InGroup, invalid } from "./groups";
import type { StoredStream } from "./store";

interface Paged {
    readonly limit?: number;
    readonly nextToken?: string;
}

/** Most groups or streams of one page. */
const MOST = 50;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export const describeLogGroups =
    (groups: Groups) =>
    (input: Paged & { logGroupNamePrefix?: string; logGroupNamePattern?: string }, caller: Caller) => {
        groups.authorize(caller, "logs:DescribeLogGroups", "");
        const part = input.logGroupNamePattern?.toLowerCase() ?? "";
        const found = groups
            .all()
            .filter(({ id }) => id.startsWith(input.logGroupNamePrefix ?? "") && id.toLowerCase().includes(part))
            .sort((a, b) => (a.id < b.id ? -1 : 1));
        const { items, nextToken } = page(found, input);
        return { logGroups: items.map((group) => describedGroup(groups, group)), nextToken };
    };

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export const describeLogStreams =
    (groups: Groups) =>
    (
        input: InGroup & Paged & { logStreamNamePrefix?: string; orderBy?: string; descending?: boolean },
        caller: Caller,
    ) => {
        const group = groups.of(input).id;
        groups.authorize(caller, "logs:DescribeLogStreams", group);
        const isByTime = input.orderBy === "LastEventTime";
        if (isByTime && input.logStreamNamePrefix)
            throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        const found = groups.store
            .streams(group)
            .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""))
            .map((stream) => describedStream(groups, group, stream));
        if (isByTime) found.sort((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
        if (input.descending) found.reverse();
        const { items, nextToken } = page(found, input);
        return { logStreams: items, nextToken };
    };

function describedGroup({ store }: Groups, { id, inputs, outputs }: Resource) {
    return {
        logGroupName: id,
        creationTime: store.groupCreated(id),
        retentionInDays: Number(inputs.retentionInDays ?? 0) || undefined,
        metricFilterCount: 0,
        arn: `${outputs.arn}:*`,
        logGroupArn: outputs.arn,
        storedBytes: 0,
        logGroupClass: outputs.logGroupClass,
    };
}

function describedStream({ store, arn }: Groups, group: string, stream: StoredStream) {
    const [oldest, newest] = [first(store.forward(stream)), first(store.backward(stream))];
    return {
        logStreamName: stream.name,
        creationTime: stream.created,
        firstEventTimestamp: oldest?.timestamp,
        lastEventTimestamp: newest?.timestamp,
        lastIngestionTime: newest?.ingested,
        uploadSequenceToken: "0",
        arn: arn(group, stream.name),
        storedBytes: 0,
    };
}

/** One page of a list; its token is the number of items before the next one. */
function page<T>(all: readonly T[], { limit = MOST, nextToken = "0" }: Paged) {
    if (!/^\d{1,9}$/.test(nextToken)) throw invalid("The specified nextToken is invalid.");
    const start = Number(nextToken);
    const end = start + Math.min(limit, MOST);
    return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}

import { createHash } from "node:crypto";
import { serviceError, unsupported } from "../errors";
import type { Resource } from "../resources";
import type { Caller, JsonService, Logs, Services } from "../services";
import { filterPattern } from "./pattern";
import { createLogStore, type StoredEvent, type StoredStream } from "./store";

/** The type whose resources are the log groups. */
export const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

const DAY = 24 * 60 * 60 * 1000;

/** Most events of one page, and most bytes of them. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
const PAGE = { events: 10_000, bytes: 1024 * 1024 } as const;

/** What AWS counts for each event beside its message. */
const EVENT_OVERHEAD = 26;

interface Range {
    readonly startTime?: number;
    readonly endTime?: number;
    readonly limit?: number;
    readonly nextToken?: string;
}

interface InGroup {
    readonly logGroupName?: string;
    /** Name or ARN. */
    readonly logGroupIdentifier?: string;
}

/**
 * CloudWatch Logs: groups are those of the program, streams lie on disk. Events older than the group's retention are not given out, and a
 * stream that has only such events is removed when the group gets its next stream.
 */
export function createLogs({
    clock,
    place,
    resources,
    iam,
}: Pick<Services, "clock" | "place" | "resources" | "iam">): Logs & {
    readonly service: JsonService;
} {
    const store = createLogStore(place.data);
    const arn = (group: string, stream = "") =>
        `arn:aws:logs:${place.region}:${place.account}:log-group:${group}:log-stream:${stream}`;

    function groupOf(given: InGroup): Resource {
        const name = (given.logGroupName ?? given.logGroupIdentifier ?? "").replace(
            /^arn:[^/]*?:log-group:([^:]+).*$/,
            "$1",
        );
        if (name === "") throw invalid("Either logGroupName or logGroupIdentifier must be given.");
        return existing(name);
    }

    function existing(name: string): Resource {
        const group = resources.get(LOG_GROUP, name);
        if (!group) throw serviceError("ResourceNotFoundException", "The specified log group does not exist.");
        return group;
    }

    function streamOf(group: string, name: string): StoredStream {
        const stream = store.stream(group, name);
        if (!stream) throw serviceError("ResourceNotFoundException", "The specified log stream does not exist.");
        return stream;
    }

    /** The earliest time whose events are still kept. */
    function keptSince({ inputs }: Resource): number {
        const days = Number(inputs.retentionInDays ?? 0);
        return days > 0 ? clock.now() - days * DAY : 0;
    }

    function createStream(caller: Caller, group: Resource, name: string): void {
        iam.authorize(caller, "logs:CreateLogStream", arn(group.id, name));
        const since = keptSince(group);
        for (const stream of store.streams(group.id)) {
            const last = lastOf(stream)?.timestamp ?? stream.created;
            if (last < since) store.remove(group.id, stream.name);
        }
        store.create(group.id, name, clock.now());
    }

    function putLogEvents(caller: Caller, name: string, stream: string, messages: readonly string[]): void {
        const group = existing(name);
        if (!store.stream(name, stream)) createStream(caller, group, stream);
        iam.authorize(caller, "logs:PutLogEvents", arn(name, stream));
        const now = clock.now();
        store.append(
            name,
            stream,
            messages.map((message) => ({ timestamp: now, ingested: now, message })),
        );
    }

    function lastOf(stream: StoredStream): StoredEvent | undefined {
        for (const event of store.backward(stream)) return event;
        return undefined;
    }

    function firstOf(stream: StoredStream): StoredEvent | undefined {
        for (const event of store.forward(stream)) return event;
        return undefined;
    }

    function described(group: string, stream: StoredStream) {
        const [first, last] = [firstOf(stream), lastOf(stream)];
        return {
            logStreamName: stream.name,
            creationTime: stream.created,
            firstEventTimestamp: first?.timestamp,
            lastEventTimestamp: last?.timestamp,
            lastIngestionTime: last?.ingested,
            uploadSequenceToken: "0",
            arn: arn(group, stream.name),
            storedBytes: 0,
        };
    }

    const operations = {
        CreateLogGroup(): never {
            throw unsupported("logs:CreateLogGroup (log groups are made by the program)");
        },

        DescribeLogGroups(
            input: { logGroupNamePrefix?: string; logGroupNamePattern?: string; limit?: number; nextToken?: string },
            caller: Caller,
        ) {
            iam.authorize(caller, "logs:DescribeLogGroups", arn(""));
            const all = resources
                .all(LOG_GROUP)
                .filter(({ id }) => id.startsWith(input.logGroupNamePrefix ?? ""))
                .filter(({ id }) => id.toLowerCase().includes((input.logGroupNamePattern ?? "").toLowerCase()))
                .sort((a, b) => (a.id < b.id ? -1 : 1))
                .map(({ id, inputs, outputs }) => ({
                    logGroupName: id,
                    creationTime: store.groupCreated(id),
                    retentionInDays: Number(inputs.retentionInDays ?? 0) || undefined,
                    metricFilterCount: 0,
                    arn: `${outputs.arn}:*`,
                    logGroupArn: outputs.arn,
                    storedBytes: 0,
                    logGroupClass: "STANDARD",
                }));
            const page = paged(all, input, 50);
            return { logGroups: page.items, nextToken: page.nextToken };
        },

        DescribeLogStreams(
            input: InGroup & {
                logStreamNamePrefix?: string;
                orderBy?: string;
                descending?: boolean;
                limit?: number;
                nextToken?: string;
            },
            caller: Caller,
        ) {
            const group = groupOf(input).id;
            iam.authorize(caller, "logs:DescribeLogStreams", arn(group));
            if (input.orderBy === "LastEventTime" && input.logStreamNamePrefix)
                throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
            const all = store
                .streams(group)
                .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""))
                .map((stream) => described(group, stream));
            if (input.orderBy === "LastEventTime")
                all.sort((a, b) => (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0));
            if (input.descending) all.reverse();
            const page = paged(all, input, 50);
            return { logStreams: page.items, nextToken: page.nextToken };
        },

        CreateLogStream(input: { logGroupName: string; logStreamName: string }, caller: Caller): void {
            const group = existing(input.logGroupName);
            if (!/^[^:*]{1,512}$/.test(input.logStreamName))
                throw invalid(
                    `1 validation error detected: Value '${input.logStreamName}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
                );
            if (store.stream(group.id, input.logStreamName))
                throw serviceError("ResourceAlreadyExistsException", "The specified log stream already exists");
            createStream(caller, group, input.logStreamName);
        },

        PutLogEvents(
            input: { logGroupName: string; logStreamName: string; logEvents: { timestamp: number; message: string }[] },
            caller: Caller,
        ) {
            const group = existing(input.logGroupName);
            iam.authorize(caller, "logs:PutLogEvents", arn(group.id, input.logStreamName));
            streamOf(group.id, input.logStreamName);
            const { logEvents } = input;
            if (logEvents.some((event, i) => i > 0 && event.timestamp < (logEvents[i - 1]?.timestamp ?? 0)))
                throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
            const size = logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD, 0);
            if (logEvents.length > PAGE.events || size > PAGE.bytes)
                throw invalid(`Upload too large: ${size} bytes exceeds limit of ${PAGE.bytes}`);
            const now = clock.now();
            const late = logEvents.filter(
                ({ timestamp }) => timestamp < Math.max(now - 14 * DAY, keptSince(group)),
            ).length;
            const early = logEvents.findIndex(({ timestamp }) => timestamp > now + DAY / 12);
            const taken = logEvents.slice(late, early < 0 ? undefined : early);
            store.append(
                group.id,
                input.logStreamName,
                taken.map((event) => ({ ...event, ingested: now })),
            );
            const rejected = {
                ...(late > 0 && { tooOldLogEventEndIndex: late }),
                ...(early >= 0 && { tooNewLogEventStartIndex: early }),
            };
            return {
                nextSequenceToken: "0",
                ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
            };
        },

        GetLogEvents(input: InGroup & Range & { logStreamName: string; startFromHead?: boolean }, caller: Caller) {
            const group = groupOf(input);
            iam.authorize(caller, "logs:GetLogEvents", arn(group.id, input.logStreamName));
            const stream = streamOf(group.id, input.logStreamName);
            const [, way, position] = /^([fb])\/(\d{1,15})$/.exec(input.nextToken ?? "") ?? [];
            if (input.nextToken !== undefined && way === undefined)
                throw invalid("The specified nextToken is invalid.");
            const isForward = way === undefined ? input.startFromHead === true : way === "f";
            const from = position === undefined ? undefined : Number(position);
            const source = isForward ? store.forward(stream, from) : store.backward(stream, from);
            const events = taken(within(source, input, keptSince(group)), input.limit);
            if (!isForward) events.reverse();
            const [first, last] = [events[0], events.at(-1)];
            // Without events there is nothing further that way: the position stays.
            const start = first?.start ?? from ?? 0;
            const end = last?.end ?? from ?? 0;
            return {
                events: events.map(({ timestamp, message, ingested }) => ({
                    timestamp,
                    message,
                    ingestionTime: ingested,
                })),
                nextForwardToken: `f/${end}`,
                nextBackwardToken: `b/${start}`,
            };
        },

        FilterLogEvents(
            input: InGroup &
                Range & { logStreamNames?: string[]; logStreamNamePrefix?: string; filterPattern?: string },
            caller: Caller,
        ) {
            const group = groupOf(input);
            iam.authorize(caller, "logs:FilterLogEvents", arn(group.id));
            if (input.logStreamNames && input.logStreamNamePrefix)
                throw invalid("Only one of the logStreamNames and logStreamNamePrefix parameters can be specified.");
            const isWanted = filterPattern(input.filterPattern);
            const chosen = input.logStreamNames
                ? input.logStreamNames.map((name) => streamOf(group.id, name))
                : store.streams(group.id).filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""));
            const positions = positionsIn(input.nextToken);
            const sources = chosen.map((stream) => ({
                stream,
                events: within(store.forward(stream, positions[stream.name]), input, keptSince(group)),
            }));
            const next = { ...positions };
            const events: (StoredEvent & { stream: string })[] = [];
            const merged = merge(sources);
            let bytes = 0;
            let isMore = false;
            for (const event of merged) {
                if (isWanted(event.message)) {
                    bytes += Buffer.byteLength(event.message) + EVENT_OVERHEAD;
                    if (
                        events.length >= Math.min(input.limit ?? PAGE.events, PAGE.events) ||
                        (events.length > 0 && bytes > PAGE.bytes)
                    ) {
                        isMore = true;
                        break;
                    }
                    events.push(event);
                }
                next[event.stream] = event.end;
            }
            return {
                events: events.map((event) => ({
                    logStreamName: event.stream,
                    timestamp: event.timestamp,
                    message: event.message,
                    ingestionTime: event.ingested,
                    eventId: eventId(event),
                })),
                searchedLogStreams: [],
                ...(isMore && { nextToken: Buffer.from(JSON.stringify(next)).toString("base64url") }),
            };
        },
    };

    return {
        putLogEvents,
        service: {
            target: "Logs_20140328",
            name: "logs",
            client: "@aws-sdk/client-cloudwatch-logs",
            operations,
        },
    };
}

function invalid(message: string) {
    return serviceError("InvalidParameterException", message);
}

/** Events of a time span: its end is not part of it. */
function* within(
    events: Iterable<StoredEvent>,
    { startTime = 0, endTime }: Range,
    since: number,
): Generator<StoredEvent> {
    for (const event of events) {
        if (event.timestamp < Math.max(startTime, since)) continue;
        if (endTime === undefined || event.timestamp < endTime) yield event;
    }
}

/** As many events as one answer holds. */
function taken(events: Iterable<StoredEvent>, limit: number = PAGE.events): StoredEvent[] {
    const page: StoredEvent[] = [];
    let bytes = 0;
    for (const event of events) {
        bytes += Buffer.byteLength(event.message) + EVENT_OVERHEAD;
        if (page.length > 0 && bytes > PAGE.bytes) break;
        page.push(event);
        if (page.length >= Math.min(limit, PAGE.events)) break;
    }
    return page;
}

/** The events of several streams in the order of time; those of one stream keep their order. */
function* merge(sources: readonly { stream: StoredStream; events: Generator<StoredEvent> }[]) {
    let heads = sources.flatMap(({ stream, events }) => {
        const first = events.next();
        return first.done ? [] : [{ stream, events, event: first.value }];
    });
    try {
        while (heads.length > 0) {
            const next = heads.reduce((a, b) => (b.event.timestamp < a.event.timestamp ? b : a));
            yield { ...next.event, stream: next.stream.name };
            const following = next.events.next();
            if (following.done) heads = heads.filter((head) => head !== next);
            else next.event = following.value;
        }
    } finally {
        for (const { events } of heads) events.return(undefined);
    }
}

/** AWS's event ids are 56 digits; these are unique in their group. */
function eventId({ timestamp, stream, start }: StoredEvent & { stream: string }): string {
    const digits = BigInt(`0x${createHash("sha256").update(stream).digest("hex").slice(0, 24)}`);
    return `${timestamp}`.padStart(14, "0") + `${digits}`.padStart(29, "0") + `${start}`.padStart(13, "0");
}

function positionsIn(token: string | undefined): Record<string, number> {
    if (token === undefined) return {};
    try {
        const given = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Record<string, number>;
        if (Object.values(given).every((position) => Number.isSafeInteger(position) && position >= 0)) return given;
    } catch {}
    throw invalid("The specified nextToken is invalid.");
}

/** One page of a list that fits in memory; the token is the number of items before the next page. */
function paged<T>(all: readonly T[], { limit, nextToken }: { limit?: number; nextToken?: string }, most: number) {
    if (nextToken !== undefined && !/^\d{1,9}$/.test(nextToken)) throw invalid("The specified nextToken is invalid.");
    const start = Number(nextToken ?? 0);
    const end = start + Math.min(limit ?? most, most);
    return { items: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}

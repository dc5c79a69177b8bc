import { createHash } from "node:crypto";
import type { Caller } from "../services";
import { bytesOf, type Groups, type InGroup, invalid, PAGE } from "./groups";
import { filterPattern } from "./pattern";
import type { StoredEvent, StoredStream } from "./store";

interface Range {
    readonly startTime?: number;
    readonly endTime?: number;
    readonly limit?: number;
    readonly nextToken?: string;
}

interface InStream extends StoredEvent {
    readonly stream: string;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
export const getLogEvents =
    (groups: Groups) =>
    (input: InGroup & Range & { logStreamName: string; startFromHead?: boolean }, caller: Caller) => {
        const group = groups.of(input);
        groups.authorize(caller, "logs:GetLogEvents", group.id, input.logStreamName);
        const stream = groups.stream(group, input.logStreamName);
        const { isForward, from } = directionOf(input);
        const source = isForward ? groups.store.forward(stream, from) : groups.store.backward(stream, from);
        const { events } = page(within(source, input, groups.keptSince(group)), input.limit);
        if (!isForward) events.reverse();
        // Without events there is nothing further that way: the position stays.
        return {
            events: events.map(({ timestamp, message, ingested }) => ({ timestamp, message, ingestionTime: ingested })),
            nextForwardToken: `f/${events.at(-1)?.end ?? from ?? 0}`,
            nextBackwardToken: `b/${events[0]?.start ?? from ?? 0}`,
        };
    };

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export const filterLogEvents =
    (groups: Groups) =>
    (
        input: InGroup &
            Range & { logStreamNames?: readonly string[]; logStreamNamePrefix?: string; filterPattern?: string },
        caller: Caller,
    ) => {
        const group = groups.of(input);
        groups.authorize(caller, "logs:FilterLogEvents", group.id);
        if (input.logStreamNames && input.logStreamNamePrefix)
            throw invalid("Only one of the logStreamNames and logStreamNamePrefix parameters can be specified.");
        const streams = input.logStreamNames
            ? input.logStreamNames.map((name) => groups.stream(group, name))
            : groups.store.streams(group.id).filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""));
        const isWanted = filterPattern(input.filterPattern);
        const positions = positionsIn(input.nextToken);
        const sources = streams.map((stream) => ({
            stream,
            events: within(groups.store.forward(stream, positions.get(stream.name)), input, groups.keptSince(group)),
        }));
        const pass = ({ stream, end }: InStream) => positions.set(stream, end);
        const { events, isMore } = page(only(merged(sources), isWanted, pass), input.limit);
        events.forEach(pass);
        return {
            events: events.map((event) => ({
                logStreamName: event.stream,
                timestamp: event.timestamp,
                message: event.message,
                ingestionTime: event.ingested,
                eventId: eventId(event),
            })),
            searchedLogStreams: [],
            ...(isMore && { nextToken: Buffer.from(JSON.stringify([...positions])).toString("base64url") }),
        };
    };

function directionOf(input: Range & { startFromHead?: boolean }): { isForward: boolean; from: number | undefined } {
    if (input.nextToken === undefined) return { isForward: input.startFromHead === true, from: undefined };
    const [, way, position] = /^([fb])\/(\d{1,15})$/.exec(input.nextToken) ?? [];
    if (way === undefined) throw invalid("The specified nextToken is invalid.");
    return { isForward: way === "f", from: Number(position) };
}

/** Where each stream goes on, by its name. */
function positionsIn(token: string | undefined): Map<string, number> {
    if (token === undefined) return new Map();
    try {
        const given = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as [string, number][];
        const positions = new Map(given);
        if ([...positions.values()].every((position) => Number.isSafeInteger(position) && position >= 0))
            return positions;
    } catch {
        // Not a token of ours, as said below.
    }
    throw invalid("The specified nextToken is invalid.");
}

/** Events of a time span, whose end is not part of it, that are still kept. */
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

/** Events that pass a test; `skip` is told of the others. */
function* only<T extends StoredEvent>(
    events: Iterable<T>,
    test: (message: string) => boolean,
    skip: (event: T) => void,
) {
    for (const event of events) {
        if (test(event.message)) yield event;
        else skip(event);
    }
}

/** As many events as one answer holds, and whether there are more. */
function page<T extends StoredEvent>(events: Iterable<T>, limit: number = PAGE.events) {
    const taken: T[] = [];
    let bytes = 0;
    for (const event of events) {
        bytes += bytesOf(event);
        if (taken.length >= Math.min(limit, PAGE.events) || (taken.length > 0 && bytes > PAGE.bytes))
            return { events: taken, isMore: true };
        taken.push(event);
    }
    return { events: taken, isMore: false };
}

/** The events of several streams in the order of time; those of one stream keep their order. */
function* merged(sources: readonly { stream: StoredStream; events: Generator<StoredEvent> }[]): Generator<InStream> {
    let heads = sources.flatMap(({ stream, events }) => {
        const head = events.next();
        return head.done ? [] : [{ name: stream.name, events, event: head.value }];
    });
    try {
        while (heads.length > 0) {
            const next = heads.reduce((a, b) => (b.event.timestamp < a.event.timestamp ? b : a));
            yield { ...next.event, stream: next.name };
            const following = next.events.next();
            if (following.done) heads = heads.filter((head) => head !== next);
            else next.event = following.value;
        }
    } finally {
        // Each holds its file open until it has come to its end.
        for (const { events } of heads) events.return(undefined);
    }
}

/** AWS's event ids are 56 digits; these are unique in their group. */
function eventId({ timestamp, stream, start }: InStream): string {
    const digits = BigInt(`0x${createHash("sha256").update(stream).digest("hex").slice(0, 24)}`);
    return `${timestamp}`.padStart(14, "0") + `${digits}`.padStart(29, "0") + `${start}`.padStart(13, "0");
}
